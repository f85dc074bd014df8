"""The tree that a view shows: elements, texts, inputs."""

from importlib import import_module
from typing import TYPE_CHECKING

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
from .inputs.field_list import FieldList
from .inputs.files import DropZone, FileInput, UploadProgress
from .inputs.option import Option
from .inputs.radio import RadioButton, RadioChoice, RadioGroup
from .mutations import TreeNode
from .node import Node
from .node_list import NodeList
from .raw import RawHTML
from .rendering import render
from .state import State
from .stream import Stream
from .submissions import Submissions
from .tags import *  # noqa: F403 (a class for each tag)
from .text import Text, TextNode

if TYPE_CHECKING:
    from .inputs.color import ColorInput
    from .inputs.dates import DateInput, DateTimeInput, MonthInput, TimeInput, WeekInput
    from .inputs.numbers import NumberInput, RangeInput
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
    from .measures import Meter, Output, Progress
    from .node_classes import INPUT_NODE_CLASSES, NODE_CLASSES
    from .parsing import parse_html
    from .syntax import ParseError
    from .virtual_list import VirtualList
    from .virtual_table import Column, VirtualTable
    from .widget import Widget

#: What many programs do without is loaded when it is asked for: each of them would wait for it when it starts.
_LATER = {
    "inputs.color": "ColorInput",
    "inputs.dates": "DateInput DateTimeInput MonthInput TimeInput WeekInput",
    "inputs.numbers": "NumberInput RangeInput",
    "inputs.select": "Option2 Select Select2",
    "inputs.text": "EmailInput HiddenInput PasswordInput SearchInput TelInput TextArea TextInput URLInput",
    "live_region": "LiveRegion",
    "measures": "Meter Output Progress",
    "node_classes": "INPUT_NODE_CLASSES NODE_CLASSES",
    "parsing": "parse_html",
    "syntax": "ParseError",
    "virtual_list": "VirtualList",
    "virtual_table": "Column VirtualTable",
    "widget": "Widget",
}

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
    "INPUT_NODE_CLASSES",
    "KEY_DOWN",
    "KEY_UP",
    "NODE_CLASSES",
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
    "Meter",
    "MonthInput",
    "Node",
    "NodeList",
    "NumberInput",
    "Option",
    "Option2",
    "Output",
    "ParseError",
    "PasswordInput",
    "PointerData",
    "Progress",
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

if not TYPE_CHECKING:                # else every name would be one of ours to type checkers

    def __getattr__(name: str) -> object:
        for module, names in _LATER.items():
            if name in names.split():
                found = globals()[name] = getattr(import_module(f".{module}", __name__), name)
                return found
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
