"""Which class an element of markup gets, by its tag, or as `<input>` by its type."""

from __future__ import annotations

from . import tags
from .inputs.buttons import Button, ImageSubmit, Submit
from .inputs.checkbox import CheckBox
from .inputs.color import ColorInput
from .inputs.dates import DateInput, DateTimeInput, MonthInput, TimeInput, WeekInput
from .inputs.files import FileInput
from .inputs.numbers import NumberInput, RangeInput
from .inputs.option import Option
from .inputs.radio import RadioButton
from .inputs.select import Select
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
from .measures import Meter, Output, Progress
from .node import Node

#: The class of each tag.
NODE_CLASSES: dict[str, type[Node]] = {
    node_class.TAG_NAME: node_class
    for node_class in [
        *(getattr(tags, name) for name in tags.__all__ if name != "SELF_CLOSING_TAGS"),
        Button, Meter, Option, Output, Progress, Select, TextArea,
    ]
}

#: The class of `<input>` by its type.
INPUT_NODE_CLASSES: dict[str, type[Node]] = {
    str(node_class.ATTRIBUTES["type"]): node_class
    for node_class in (
        CheckBox, ColorInput, DateInput, DateTimeInput, EmailInput, FileInput, HiddenInput, ImageSubmit, MonthInput, NumberInput,
        PasswordInput, RadioButton, RangeInput, SearchInput, Submit, TelInput, TextInput, TimeInput, URLInput, WeekInput,
    )
}
