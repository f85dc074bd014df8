"""The tree that a view shows: elements, texts, inputs."""

from . import tags
from .attributes import Attributes
from .children import Child
from .event_types import BLUR, CHANGE, CLICK, FOCUS, ChangeEventType, EventType
from .html import HTML
from .inputs import Button, CheckBox, Submit, TextArea, TextInput
from .mutations import TreeNode
from .node import Node
from .node_list import NodeList
from .parsing import parse_html
from .raw import RawHTML
from .rendering import render
from .select import Option, Option2, Select, Select2
from .syntax import ParseError
from .tags import *  # noqa: F403 (a class for each tag)
from .text import Text, TextNode

__all__ = [
    "BLUR",
    "CHANGE",
    "CLICK",
    "FOCUS",
    "HTML",
    "Attributes",
    "Button",
    "ChangeEventType",
    "CheckBox",
    "Child",
    "EventType",
    "Node",
    "NodeList",
    "Option",
    "Option2",
    "ParseError",
    "RawHTML",
    "Select",
    "Select2",
    "Submit",
    "Text",
    "TextArea",
    "TextInput",
    "TextNode",
    "TreeNode",
    "parse_html",
    "render",
]
__all__ += tags.__all__
