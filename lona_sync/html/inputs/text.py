"""Inputs for text of one line or more."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlsplit

from ..properties import Value
from .field import REQUIRED, StringField
from .patterns import compile_pattern

#: Characters that a pattern is compared with at most: many patterns need the square of the length in steps.
LONGEST_MATCH = 10_000

_LINE_BREAKS = re.compile("[\r\n]")
_BLANKS = "\t\n\f\r "

# Word for word from the HTML standard, which says itself that this is not what the RFC means.
_LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_EMAIL = re.compile(rf"[a-zA-Z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_LABEL}(?:\.{_LABEL})*")
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):(?=.)")
_NOT_IN_HOST = re.compile(r"[\x00-\x20#/<>?@\\^|%\x7f]")
_WITH_HOST = frozenset({"http", "https", "ws", "wss", "ftp"})


class TextField(StringField):
    """`value` is a `str`, as a browser shows it; `raw_value` what was set. None stands for ''."""

    __slots__ = ()
    LONGEST = None

    def __init__(
        self,
        value: str | int | float | None = "",
        *,
        minlength: int | None = None,
        maxlength: int | None = None,
        **kwargs: Any,                                        # Any: as for Node
    ) -> None:
        super().__init__(**kwargs)
        if minlength is not None:
            self.minlength = minlength
        if maxlength is not None:
            self.maxlength = maxlength
        self.value = value

    @property
    def value(self) -> str:
        return self._clean(self.raw_value)

    @value.setter
    def value(self, value: str | int | float | None) -> None:
        self._set_text("" if value is None else value)

    @property
    def minlength(self) -> int | None:
        """As few UTF-16 units (so JavaScript counts) there must be, unless it is empty."""
        return self._whole_number("minlength")

    @minlength.setter
    def minlength(self, value: int | None) -> None:
        self._set_whole_number("minlength", value)

    @property
    def maxlength(self) -> int | None:
        """As many UTF-16 units there may be."""
        return self._whole_number("maxlength")

    @maxlength.setter
    def maxlength(self, value: int | None) -> None:
        self._set_whole_number("maxlength", value)

    def _problem(self) -> str:
        if not self.value:
            return REQUIRED if self.required else ""
        return self._length_problem() or self._text_problem(self.value)

    def _length_problem(self) -> str:
        length = len(self.value.encode("utf-16-le", "surrogatepass")) // 2
        least, most = self.minlength, self.maxlength
        if least is not None and length < least:
            return f"At least {least} characters are needed; there are {length}."
        if most is not None and length > most:
            return f"At most {most} characters are allowed; there are {length}."
        return ""

    def _text_problem(self, text: str) -> str:
        """What is wrong with a text that is not empty."""
        return ""


class TextArea(TextField):
    __slots__ = ()
    TAG_NAME = "textarea"
    HAS_SUGGESTIONS = False

    def _clean(self, text: str) -> str:
        return text.replace("\r\n", "\n").replace("\r", "\n")


class TextInput(TextField):
    """One line of text."""

    __slots__ = ()
    ATTRIBUTES: ClassVar[Mapping[str, Value]] = {"type": "text"}

    def __init__(
        self,
        value: str | int | float | None = "",
        *,
        pattern: str | None = None,
        **kwargs: Any,                                        # Any: as for Node
    ) -> None:
        super().__init__(value, **kwargs)
        if pattern is not None:
            self.pattern = pattern

    @property
    def pattern(self) -> str | None:
        """The regular expression, as JavaScript writes it, that must match all of the value; see `patterns.py`.

        Setting one that cannot be checked here raises `ValueError`. One that came as an attribute is ignored then, as a
        browser does with those that it does not understand.
        """
        return self._raw("pattern") if "pattern" in self.attributes else None

    @pattern.setter
    def pattern(self, pattern: str | None) -> None:
        if pattern is None:
            del self.attributes["pattern"]
            return
        if not isinstance(pattern, str):
            raise TypeError(f"pattern must be a str or None, not {type(pattern).__name__}: {pattern!r}")
        compile_pattern(pattern)
        self.attributes["pattern"] = pattern

    def _clean(self, text: str) -> str:
        return _LINE_BREAKS.sub("", text)

    def _problem(self) -> str:
        return super()._problem() or (self._pattern_problem() if self.value and self.pattern is not None else "")

    def _pattern_problem(self) -> str:
        try:
            pattern = compile_pattern(self.pattern or "")
        except ValueError:
            return ""
        if len(self.value) > LONGEST_MATCH:
            return f"At most {LONGEST_MATCH} characters are allowed; there are {len(self.value)}."
        if all(pattern.fullmatch(part) for part in self._parts()):
            return ""
        # A browser shows the title beside its own words, so it is where a page explains its pattern.
        hint = self._raw("title")
        return f"The format is not the requested one: {hint}" if hint else "The format is not the requested one."

    def _parts(self) -> tuple[str, ...]:
        """What the pattern is compared with."""
        return (self.value,)


class PasswordInput(TextInput):
    """What is typed is not shown. The value is in the tree like any other: do not set it, and clear it after use."""

    __slots__ = ()
    ATTRIBUTES: ClassVar[Mapping[str, Value]] = {"type": "password"}
    HAS_SUGGESTIONS = False


class SearchInput(TextInput):
    __slots__ = ()
    ATTRIBUTES: ClassVar[Mapping[str, Value]] = {"type": "search"}


class TelInput(TextInput):
    """A phone number; HTML has no rule for these, so use `pattern`."""

    __slots__ = ()
    ATTRIBUTES: ClassVar[Mapping[str, Value]] = {"type": "tel"}


class EmailInput(TextInput):
    """An address, or several with `multiple`: `value` has commas between them then, `addresses` has them apart."""

    __slots__ = ()
    ATTRIBUTES: ClassVar[Mapping[str, Value]] = {"type": "email"}
    NOT_VALID = "This is no email address."
    CAN_BE_HALF_TYPED = True                                  # with a domain that has no form in ASCII

    def __init__(self, value: str | None = "", *, multiple: bool = False, **kwargs: Any) -> None:   # Any: as for Node
        super().__init__(**kwargs)
        if multiple is not False:
            self.multiple = multiple
        self.value = value

    @property
    def multiple(self) -> bool:
        return self._flag("multiple")

    @multiple.setter
    def multiple(self, value: bool) -> None:
        self._set_flag("multiple", value)

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses, checked or not."""
        text = self.value
        return tuple([part.strip(_BLANKS) for part in text.split(",")] if self.multiple else [text]) if text else ()

    def _clean(self, text: str) -> str:
        text = _LINE_BREAKS.sub("", text)
        return ",".join([part.strip(_BLANKS) for part in text.split(",")]) if self.multiple else text.strip(_BLANKS)

    def _parts(self) -> tuple[str, ...]:
        return self.addresses

    def _text_problem(self, text: str) -> str:
        for address in self.addresses:
            if not _EMAIL.fullmatch(address):
                return f"{address[:100]!r} is no email address." if self.multiple else self.NOT_VALID
        return ""


class URLInput(TextInput):
    """An absolute URL. Of any scheme, as in a browser: whoever wants `https` only says so by `pattern` or a validator."""

    __slots__ = ()
    ATTRIBUTES: ClassVar[Mapping[str, Value]] = {"type": "url"}

    def _clean(self, text: str) -> str:
        return _LINE_BREAKS.sub("", text).strip(_BLANKS)

    def _text_problem(self, text: str) -> str:
        return "" if _is_url(text) else "This is no absolute URL, such as https://example.org."


class HiddenInput(StringField):
    """A value that no user sees, for forms. `value` is a `str`, of which HTML demands nothing.

    No browser changes it in an interactive view. Of a posted form it has the text that was posted, which may be any.
    """

    __slots__ = ()
    ATTRIBUTES: ClassVar[Mapping[str, Value]] = {"type": "hidden"}
    EVENTS = ()
    HAS_SUGGESTIONS = False

    def __init__(self, value: str | int | float | None = "", **kwargs: Any) -> None:       # Any: as for Node
        super().__init__(**kwargs)
        self.value = value

    @property
    def value(self) -> str:
        return self.raw_value

    @value.setter
    def value(self, value: str | int | float | None) -> None:
        self._set_text("" if value is None else value)

    def receive(self, data: object, client: int) -> None:
        raise ValueError("nobody can change a hidden input")

    def _problem(self) -> str:
        return ""


def _is_url(text: str) -> bool:
    """Whether a browser would take `text` for a URL without knowing the page's own."""
    scheme = _SCHEME.match(text)
    if scheme is None or any(character <= " " or character == "\x7f" for character in text):
        return False
    if scheme[1].lower() not in _WITH_HOST:
        return True
    if not text[scheme.end():].startswith("//"):
        return False
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port                  # the port is read when it is asked for
    except ValueError:
        return False
    return bool(host) and not _NOT_IN_HOST.search(host or "")
