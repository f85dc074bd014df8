"""The pattern of a route: which paths it takes, with which values, and the path that belongs to values.

    /about(/)                     with or without the slash at its end
    /user/<name>                  one part of the path: anything but '/'
    /page/<number:[0-9]+>         what a regular expression matches
    /page/<int:number>            what a converter takes, as its type
    /page/<int(min=1):number>     a converter with arguments
    /files/<path:rest>            what may hold '/'

Between '<' and ':' stands a name, or a converter. It is a converter when it has arguments, or when there is a converter of that
name and an identifier follows: `<path:rest>` is the converter 'path'. A part that is called like a converter, and takes one word
alone, is written `<path:(?:rest)>`.

A regular expression ends at the first '>' at which it is a whole one, so `<x:(?P<y>a)b>` and `<x:[^>]+>` may hold some.

Everything else is literal text. A path matches as a whole; a line break at its end is a part of it like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from werkzeug.routing import BaseConverter, Map
from werkzeug.routing.converters import DEFAULT_CONVERTERS
from werkzeug.routing.rules import parse_converter_args

#: Converters by their names: a class as werkzeug's `BaseConverter`, with `regex`, `to_python` and `to_url`.
Converters = Mapping[str, type[BaseConverter]]

#: Those that are always there: werkzeug's, and 'str', as Django calls the one that is meant by nothing.
KNOWN: Converters = {**DEFAULT_CONVERTERS, "str": DEFAULT_CONVERTERS["string"]}

#: What stands in the path of a URL as it is.
PLAIN = "/:@!$&'()*+,;=~"

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPENING = re.compile(r"<([A-Za-z_][A-Za-z0-9_]*)(?=[(:>])")
_ARGUMENTS = re.compile(r"\(((?:[^()\"']|\"[^\"]*\"|'[^']*')*)\):([A-Za-z_][A-Za-z0-9_]*)>")
_OPTIONAL_SLASH = "(/)"
_ANYTHING = "[^/]+"
_MAP = Map()                                     # werkzeug's converters are made for one, and use nothing of it


class UnknownConverter(ValueError):
    """A pattern names a converter that is not there. It may be the application's own, where its patterns are read."""


class Part(NamedTuple):
    """A named part: `regex` of its text; `converter`: what makes a value of the text; None: it is the text."""
    name: str
    regex: str
    converter: BaseConverter | None = None

    def text_of(self, value: object) -> str:
        """`value` as it stands in a URL, quoted. Raises ValueError for one that cannot."""
        if self.converter is None:
            return quote(str(value), safe=PLAIN)                   # UnicodeEncodeError is a ValueError
        try:
            return quote(self.converter.to_url(value), safe=PLAIN + "%")       # quoted already, as far as its author thought of it
        except (ValueError, TypeError, AttributeError) as error:
            raise ValueError(f"URL arg {self.name}: {value!r} is no value of its converter: {error}") from None


class Pattern:
    """A pattern, read. Raises ValueError for one that cannot work."""

    def __init__(self, text: str, converters: Converters = KNOWN) -> None:
        self.text = text
        body = text.removesuffix(_OPTIONAL_SLASH)
        self._pieces = list(_pieces(text, body, converters))
        self.parts = {piece.name: piece for piece in self._pieces if isinstance(piece, Part)}
        #: The paths that it takes when it has no parts: one, or with an optional slash two.
        self.literal_paths: tuple[str, ...] = ()
        if not self.parts:
            self.literal_paths = (body,) if body == text else (body, body + "/")
        ending = "" if body == text else "/?"
        source = "".join(
            f"(?P<{piece.name}>{piece.regex})" if isinstance(piece, Part) else re.escape(piece) for piece in self._pieces
        )
        try:
            self._regex = re.compile(source + ending)
        except re.error as error:
            raise ValueError(f"the pattern {text!r} cannot work: {error}") from None

    @property
    def shape(self) -> str:
        """Equal for two patterns that take the same paths, whatever they call the parts of them."""
        pieces = [f"({piece.regex})" if isinstance(piece, Part) else re.escape(piece) for piece in self._pieces]
        return "".join(pieces) + ("(/)" if self.text.endswith(_OPTIONAL_SLASH) else "")

    @property
    def literal_text(self) -> str:
        """What is no named part."""
        return "".join(piece for piece in self._pieces if isinstance(piece, str))

    def match(self, path: str) -> tuple[dict[str, Any], tuple[str, ...]] | None:
        """The values of the named parts of `path`, and the same as texts; None: it is not taken."""
        if self.literal_paths:
            return ({}, ()) if path in self.literal_paths else None
        found = self._regex.fullmatch(path)
        if found is None:
            return None
        texts = tuple(found[name] for name in self.parts)
        values: dict[str, Any] = {}
        for (name, part), text in zip(self.parts.items(), texts, strict=True):
            try:
                values[name] = text if part.converter is None else part.converter.to_python(text)
            except ValueError:                             # werkzeug's ValidationError; of `int`, more digits than Python reads
                return None
        return values, texts

    def build(self, values: Mapping[str, object]) -> str:
        """The path, quoted, that is taken with these values; more of them than are needed may be there.

        Raises ValueError when one is missing, when the pattern does not take the path, or takes it with other values.
        """
        texts: dict[str, str] = {}
        for name, part in self.parts.items():
            if name not in values:
                raise ValueError(f"missing URL arg: {name}")
            texts[name] = part.text_of(values[name])
        built = "".join(
            texts[piece.name] if isinstance(piece, Part) else quote(piece, safe=PLAIN) for piece in self._pieces
        )
        path = unquote(built)
        found = self.match(path)
        if found is None:
            raise ValueError(f"{self.text!r} does not take {self._culprit(texts, values)}")
        for (name, text), read in zip(texts.items(), found[1], strict=True):
            if read != unquote(text):
                raise ValueError(
                    f"{built!r} has more than one meaning: {self.text!r} would read {name} as {read!r}, not as {values[name]!r}"
                )
        if path.startswith("//"):
            raise ValueError(f"{built!r} is no path of this site: browsers read '//host' as the address of another one")
        if any(step in (".", "..") for step in path.split("/")):
            raise ValueError(f"no browser asks for {built!r}: to it, '.' and '..' are steps from folder to folder")
        return built

    def _culprit(self, texts: Mapping[str, str], values: Mapping[str, object]) -> str:
        for name, text in texts.items():
            if not re.fullmatch(self.parts[name].regex, unquote(text)):
                return f"{values[name]!r} as {name}"
        return f"{dict(values)!r}"


def _pieces(pattern: str, body: str, converters: Converters) -> Iterator[str | Part]:
    """Literal texts and named parts, in turn."""
    end = 0
    for opening in _OPENING.finditer(body):
        if opening.start() < end:
            continue                                       # it stands inside of a regular expression
        part, close = _part(pattern, body, opening, converters)
        if opening.start() > end:
            yield body[end:opening.start()]
        yield part
        end = close
    if end < len(body):
        yield body[end:]


def _part(pattern: str, body: str, opening: re.Match[str], converters: Converters) -> tuple[Part, int]:
    """The part that begins there, and where it ends."""
    name, place = opening[1], opening.end()
    if body[place] == ">":
        return Part(name, _ANYTHING), place + 1
    arguments = _ARGUMENTS.match(body, place)
    if arguments is not None:
        if name not in converters:
            raise UnknownConverter(
                f"the pattern {pattern!r} cannot work: there is no converter {name!r}, only {', '.join(converters)}. "
                "Put yours into app.converters."
            )
        return _converted(pattern, name, arguments[1], arguments[2], converters), arguments.end()
    if body[place] == "(":
        raise ValueError(f"the pattern {pattern!r} cannot work: after {opening[0]!r}, '(…)' is to be followed by ':NAME>'")
    close = body.find(">", place)
    if close > 0 and name in converters and _NAME.fullmatch(body, place + 1, close):
        return _converted(pattern, name, "", body[place + 1:close], converters), close + 1
    problem = "it has no end"
    while close > 0:
        regex = body[place + 1:close]
        try:
            re.compile(regex)
        except re.error as error:
            problem = str(error)
            close = body.find(">", close + 1)
            continue
        return Part(name, regex or _ANYTHING), close + 1
    raise ValueError(f"the pattern {pattern!r} cannot work: {opening[0]}: {problem}")


def _converted(pattern: str, converter: str, arguments: str, name: str, converters: Converters) -> Part:
    try:
        positional, named = parse_converter_args(arguments) if arguments.strip() else ((), {})
        made = converters[converter](_MAP, *positional, **named)
    except (TypeError, ValueError) as error:
        raise ValueError(f"the pattern {pattern!r} cannot work: {converter}({arguments}): {error}") from None
    return Part(name, made.regex, made)
