"""The tree that a view shows: elements, texts, inputs."""

from . import tags
from .attributes import Attributes
from .children import Child
from .event_data import (
    ClickData,
    DragData,
    DragEndData,
    DropData,
    KeyData,
    PointerData,
    ResizeData,
    ScrollData,
    SubmitData,
    VisibleData,
)
from .event_types import (
    BLUR,
    CHANGE,
    CLICK,
    CUSTOM,
    DOUBLE_CLICK,
    DRAG_END,
    DRAG_ENTER,
    DRAG_LEAVE,
    DRAG_START,
    DROP,
    FOCUS,
    KEY_DOWN,
    KEY_UP,
    POINTER_ENTER,
    POINTER_LEAVE,
    RESIZE,
    SCROLL_END,
    SUBMIT,
    THROTTLE,
    VISIBLE,
    ChangeEventType,
    EventType,
)
from .form import FormError
from .html import HTML
from .inputs.buttons import Button, ImageSubmit, Submit
from .inputs.checkbox import CheckBox
from .inputs.color import ColorInput
from .inputs.dates import DateInput, DateTimeInput, MonthInput, TimeInput, WeekInput
from .inputs.field_list import FieldList
from .inputs.files import DropZone, FileInput, UploadProgress
from .inputs.numbers import NumberInput, RangeInput
from .inputs.option import Option
from .inputs.radio import RadioButton, RadioChoice, RadioGroup
from .inputs.select import Option2, Select, Select2
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
from .live_region import LiveRegion
from .mutations import TreeNode
from .node import Node
from .node_list import NodeList
from .parsing import parse_html
from .raw import RawHTML
from .rendering import render
from .state import State
from .stream import Stream
from .submissions import Submissions
from .syntax import ParseError
from .tags import *  # noqa: F403 (a class for each tag)
from .text import Text, TextNode
from .virtual_list import VirtualList
from .virtual_table import Column, VirtualTable
from .widget import Widget

__all__ = [
    "BLUR",
    "CHANGE",
    "CLICK",
    "CUSTOM",
    "DOUBLE_CLICK",
    "DRAG_END",
    "DRAG_ENTER",
    "DRAG_LEAVE",
    "DRAG_START",
    "DROP",
    "FOCUS",
    "HTML",
    "KEY_DOWN",
    "KEY_UP",
    "POINTER_ENTER",
    "POINTER_LEAVE",
    "RESIZE",
    "SCROLL_END",
    "SUBMIT",
    "THROTTLE",
    "VISIBLE",
    "Attributes",
    "Button",
    "ChangeEventType",
    "CheckBox",
    "Child",
    "ClickData",
    "ColorInput",
    "Column",
    "DateInput",
    "DateTimeInput",
    "DragData",
    "DragEndData",
    "DropData",
    "DropZone",
    "EmailInput",
    "EventType",
    "FieldList",
    "FileInput",
    "FormError",
    "HiddenInput",
    "ImageSubmit",
    "KeyData",
    "LiveRegion",
    "MonthInput",
    "Node",
    "NodeList",
    "NumberInput",
    "Option",
    "Option2",
    "ParseError",
    "PasswordInput",
    "PointerData",
    "RadioButton",
    "RadioChoice",
    "RadioGroup",
    "RangeInput",
    "RawHTML",
    "ResizeData",
    "ScrollData",
    "SearchInput",
    "Select",
    "Select2",
    "State",
    "Stream",
    "Submissions",
    "Submit",
    "SubmitData",
    "TelInput",
    "Text",
    "TextArea",
    "TextInput",
    "TextNode",
    "TimeInput",
    "TreeNode",
    "URLInput",
    "UploadProgress",
    "VirtualList",
    "VirtualTable",
    "VisibleData",
    "WeekInput",
    "Widget",
    "parse_html",
    "render",
]
__all__ += tags.__all__
