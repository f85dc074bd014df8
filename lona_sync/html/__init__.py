"""The tree that a view shows: elements, texts, inputs."""

from . import tags
from .attributes import Attributes
from .children import Child
from .event_types import BLUR, CHANGE, CLICK, FOCUS, ChangeEventType, EventType
from .html import HTML
from .inputs.buttons import Button, Submit
from .inputs.checkbox import CheckBox
from .inputs.color import ColorInput
from .inputs.dates import DateInput, DateTimeInput, MonthInput, TimeInput, WeekInput
from .inputs.numbers import NumberInput, RangeInput
from .inputs.radio import RadioButton, RadioGroup
from .inputs.text import (
    EmailInput,
    HiddenInput,
    PasswordInput,
    SearchInput,
    TelInput,
    TextArea,
    TextInput,
    URLInput,
)
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
    "ColorInput",
    "DateInput",
    "DateTimeInput",
    "EmailInput",
    "EventType",
    "HiddenInput",
    "MonthInput",
    "Node",
    "NodeList",
    "NumberInput",
    "Option",
    "Option2",
    "ParseError",
    "PasswordInput",
    "RadioButton",
    "RadioGroup",
    "RangeInput",
    "RawHTML",
    "SearchInput",
    "Select",
    "Select2",
    "Submit",
    "TelInput",
    "Text",
    "TextArea",
    "TextInput",
    "TextNode",
    "TimeInput",
    "TreeNode",
    "URLInput",
    "WeekInput",
    "parse_html",
    "render",
]
__all__ += tags.__all__
