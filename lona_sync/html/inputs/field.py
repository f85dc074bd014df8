"""`Field`: an input that knows whether its value will do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

from ...errors import ReadOnlyError
from ..children import Child, take_along
from ..event_types import CHANGE, EventType
from ..mutations import AttributeValue, SetAttribute
from ..node import Node
from ..properties import Value
from .control import Control
from .label import refer

# Any: it takes the value of the field it is given to. A sentence: what is wrong; None: nothing.
Validator = Callable[[Any], str | None]

REQUIRED = "This field is required."


class Field(Control):
    """A control with a value. Subclasses say what HTML demands of it; `check` and `validators` are for demands of your own."""

    __slots__ = ("_refusal", "_validators")

    #: Whether browsers heed `readonly` of this type.
    HTML_HAS_READONLY: ClassVar[bool] = True

    def __init__(
        self, *nodes: Child, required: bool = False, validators: Iterable[Validator] = (), **kwargs: Any
    ) -> None:                                                # Any: as for Node
        super().__init__(*nodes, **kwargs)
        self._refusal = ""                                    # why what the user entered cannot be the value
        self._validators: tuple[Validator, ...] = ()
        if required is not False:
            self.required = required
        if validators:
            self.validators = tuple(validators)

    @property
    def value(self) -> Any:                                   # Any: a subclass says it
        """The value, as an object of Python."""
        raise NotImplementedError

    @value.setter
    def value(self, value: Any) -> None:
        raise NotImplementedError

    @property
    def name(self) -> str:
        """What a form calls its value; '' when it has no name, and then no form knows it."""
        return self._raw("name")

    @name.setter
    def name(self, name: str) -> None:
        self._set_name(name)

    def _set_name(self, name: str) -> None:
        if not isinstance(name, str):
            raise TypeError(f"name must be a str, not {type(name).__name__}: {name!r}")
        self.attributes["name"] = name

    @property
    def required(self) -> bool:
        """True: it must not be left empty."""
        return self._flag("required")

    @required.setter
    def required(self, value: bool) -> None:
        self._set_flag("required", value)

    @property
    def validators(self) -> tuple[Validator, ...]:
        """Functions that are given the value after HTML and `check` had nothing against it; the first complaint counts."""
        return self._validators

    @validators.setter
    def validators(self, validators: Iterable[Validator]) -> None:
        validators = tuple(validators)
        for validator in validators:
            if not callable(validator):
                raise TypeError(f"a validator must be a function that takes a value, not {validator!r}")
        self._validators = validators

    def check(self, value: Any) -> str | None:                # Any: the value, whose type a subclass knows
        """What is wrong with a value that HTML allows, as a sentence; None: nothing. To be overridden."""
        return None

    @property
    def error(self) -> str:
        """What is wrong with the value, as a sentence to be shown beside the input; '' when nothing is.

        As in a browser, an input that its user cannot change is never wrong: one that is disabled or read-only.
        """
        if self.is_disabled or self.is_readonly:
            return ""
        refusal = self._get_refusal()
        if refusal:
            return refusal
        value = self.value
        return self._problem() or self._complaint(self.check(value)) or next(
            filter(None, [self._complaint(validator(value)) for validator in self._validators]), ""
        )

    @property
    def valid(self) -> bool:
        """Whether the value will do: there is no `error`."""
        return not self.error

    @property
    def controls(self) -> Sequence[Node]:
        """The nodes that a form marks when the value will not do."""
        return (self,)

    def fill(self, texts: Sequence[str]) -> None:
        """Take over what a browser has posted under this input's name: no text, one, or several.

        What cannot be the value is remembered as the `error`. As in a browser, what its user cannot change keeps its value.
        Raises nothing for what was posted, but `ValueError` for choices of which no post could tell which one was made.
        """
        if not self.is_disabled and not self.is_readonly:
            self._refusal = ""
            self._refusal = self._fill(texts)

    def _fill(self, texts: Sequence[str]) -> str:
        """Returns why `texts` cannot be the value; '' when they are it now."""
        raise NotImplementedError

    @property
    def is_readonly(self) -> bool:
        """Whether it is read-only, by itself or by what it belongs to."""
        return self.readonly

    def markup_attributes(self) -> dict[str, AttributeValue]:
        attributes = super().markup_attributes()
        if self.is_readonly and not self.HTML_HAS_READONLY:
            attributes["disabled"] = True
        return attributes

    def _defend(self) -> None:
        """Raise `ReadOnlyError` when the user cannot change the value, after all browsers were told it again."""
        if not self.is_readonly:
            return
        if self.owner is not None:
            for node, name in self._shown_state():
                self.owner.record(SetAttribute(node, name, node.attributes.wire(name)))
        raise ReadOnlyError(f"{self!r} is read-only")

    def _shown_state(self) -> Iterable[tuple[Node, str]]:
        """The properties that a user changes in his browser, in the order in which they can be set back."""
        return [(self, "value")]

    def _get_refusal(self) -> str:
        return self._refusal

    def _problem(self) -> str:
        """What HTML has against the value."""
        raise NotImplementedError

    def _complaint(self, answer: object) -> str:
        if answer is not None and not isinstance(answer, str):
            raise TypeError(f"a check returns a sentence or None, not {type(answer).__name__}: {answer!r}")
        return answer or ""

    def _whole_number(self, name: str) -> int | None:
        """The attribute as a number from 0; None: absent, or nothing that a browser would heed."""
        text = self._raw(name)
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None

    def _set_whole_number(self, name: str, value: int | None) -> None:
        if value is None:
            del self.attributes[name]
        elif type(value) is not int:
            raise TypeError(f"{name} must be a whole number or None, not {type(value).__name__}: {value!r}")
        elif not 0 <= value < 10**9:
            raise ValueError(f"{name} must be from 0 to 999999999, not {value!r}")
        else:
            self.attributes[name] = value

    def _raw(self, name: str) -> str:
        return "" if self._attributes is None else str(self._attributes.get(name, ""))


class StringField(Field):
    """A field whose value is a string for the browser.

    `input_delay`: a change is reported after so many milliseconds without typing; 0: when the user leaves the input.
    `datalist`: a `DataList`, whose options are suggested. One that stands nowhere yet goes along inside of the input, where nobody
    sees it; it may be put elsewhere in the tree later, and serve several inputs.
    """

    __slots__ = ()
    TAG_NAME = "input"
    EVENTS: ClassVar[Sequence[EventType]] = (CHANGE(300),)

    #: What is longer cannot be meant: the browser's message is dropped. None: as long as a message may be.
    LONGEST: ClassVar[int | None] = 1000
    #: What is said of a text that is no value.
    NOT_VALID: ClassVar[str] = "This is too long."
    #: Whether browsers suggest anything for this type.
    HAS_SUGGESTIONS: ClassVar[bool] = True
    #: Whether the browser's control can hold a text that is no value, as half a date, and then reports none.
    CAN_BE_HALF_TYPED: ClassVar[bool] = False

    def __init__(
        self, *, input_delay: int = 300, events: Iterable[EventType] = (), datalist: Node | None = None, **kwargs: Any,
    ) -> None:                                                # Any: as for Node
        if "_value" in kwargs:
            raise TypeError("the value of an input is an argument and no attribute: write value=…, without the underscore")
        super().__init__(**kwargs)
        if input_delay != 300:
            self.events.append(CHANGE(input_delay) if input_delay else CHANGE)
        if events:
            self.events.extend(events)
        if datalist is not None:
            self._suggest(datalist)

    @property
    def raw_value(self) -> str:
        """The value as the browser has it, whatever it is. '' also while the user has typed what is none yet."""
        return self._raw("value")

    def receive(self, data: object, client: int) -> None:
        if data is None and (self.CAN_BE_HALF_TYPED or self.LONGEST is None):        # or it is too long for any message
            text, refusal = "", self.NOT_VALID
        elif isinstance(data, str):
            text, refusal = self._clean(data), ""
        else:
            raise ValueError(f"the value of a text input must be a string, not {type(data).__name__}")
        self._defend()
        if self.LONGEST is not None and len(text) > self.LONGEST:
            raise ValueError(f"the value has {len(text)} characters; {self.LONGEST} are the limit")
        self.attributes.receive("value", text, client)
        self._refusal = refusal

    def _set_text(self, text: Value) -> None:
        """Set the value as the browser has it, in place of what the user has typed."""
        if self._refusal and text == self.raw_value and self.owner is not None:
            # Half a date is '' for the server, and setting '' would be no change; but the browser has to clear it.
            self.owner.record(SetAttribute(self, "value", str(text)))
        self.attributes["value"] = text
        self._refusal = ""

    def _fill(self, texts: Sequence[str]) -> str:
        text = self._clean(texts[-1]) if texts else ""
        too_long = self.LONGEST is not None and len(text) > self.LONGEST
        self._set_text("" if too_long else text)
        return self.NOT_VALID if too_long else ""

    def _suggest(self, datalist: Node) -> None:
        if not self.HAS_SUGGESTIONS:
            raise TypeError(f"browsers suggest nothing for a {type(self).__name__}; datalist= is for inputs of one line of text")
        if not isinstance(datalist, Node) or datalist.tag_name != "datalist":
            raise TypeError(f"datalist must be a DataList, not {type(datalist).__name__}: {datalist!r}")
        refer(self, "list", datalist)
        # The markup of an <input> has no place for it, so it is written behind it; the DOM has, and shows none of it.
        take_along(self, datalist)

    def _get_refusal(self) -> str:
        return "" if self.raw_value else self._refusal        # there is a value again: somebody has set the attribute

    def _clean(self, text: str) -> str:
        """What a browser makes of `text`."""
        return text
