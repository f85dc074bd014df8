"""Cuts text into tags, texts and comments, exactly where browsers do, in time proportional to its length."""

from __future__ import annotations

import re
from string import ascii_lowercase, ascii_uppercase

from .references import decode
from .source import Source
from .tokens import Comment, EndTag, StartTag, Text, Token

# Any other "<" is text: in `a < b`, `<3`, and at the very end in `</`. `</>` is nothing at all.
_MARKUP = re.compile(r"<(?:[A-Za-z!?]|/(?!\Z|>))")
_TAG = re.compile(r"<(/?)([A-Za-z][^\t\n\f />]*)")
_BETWEEN = re.compile(r"[\t\n\f /]*")
_ATTRIBUTE_NAME = re.compile(r"=?[^\t\n\f />=]*")
_EQUALS = re.compile(r"[\t\n\f ]*=[\t\n\f ]*")
_BARE_VALUE = re.compile(r"[^\t\n\f >]*")
# What is wrong in a name, and in a value without quotes, although browsers take it.
_ODD_NAME = re.compile("[\"'<]|=")
_ODD_VALUE = re.compile("[\"'<=`]")
_DOCTYPE = re.compile(r"<!doctype[\t\n\f ]+html[\t\n\f ]*>", re.IGNORECASE)
_COMMENT_END = re.compile(r"--!?>")
# Not str.lower(): that makes `k` of the Kelvin sign.
_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)

# A script may contain its own end tag inside of `<!-- <script> … </script> -->`: which patterns end each state, and
# the state that they lead to.
_SCRIPT_STATES = {
    "script": re.compile(r"<!--|</script(?=[\t\n\f />])", re.IGNORECASE | re.ASCII),
    "escaped": re.compile(r"-->|<script(?=[\t\n\f />])|</script(?=[\t\n\f />])", re.IGNORECASE | re.ASCII),
    "double escaped": re.compile(r"-->|</script(?=[\t\n\f />])", re.IGNORECASE | re.ASCII),
}


class Tokenizer:
    """Call `next` until it returns None, and `read_raw` after the start tag of an element that holds nothing but text."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._text = source.text
        self._position = 0

    def next(self, *, foreign: bool) -> Token | None:
        """The next token; None at the end. `foreign`: inside of SVG or MathML, where `<![CDATA[…]]>` is text."""
        text, start = self._text, self._position
        while start < len(text):
            found = _MARKUP.search(text, start)
            end = found.start() if found else len(text)
            if start < end:
                self._position = end
                return Text(self._data(start, end), start)
            tag = _TAG.match(text, start)
            token = self._tag(tag) if tag else self._declaration(start, foreign)
            if token is not None:
                return token
            start = self._position
        return None

    def read_raw(self, name: str, *, references: bool) -> Text:
        """All up to `</name>`, which is skipped; without one, all there is."""
        text, start = self._text, self._position
        end = self._raw_end(name, start)
        tag = _TAG.match(text, end)
        data = decode(self._source, start, end) if references else text[start:end]
        if tag is None:
            self._source.mistake(start, f"missing end tag </{name}>")
            self._position = len(text)
        else:
            self._tag(tag)
        return Text(data.replace("\0", "\ufffd"), start)

    def read_rest(self) -> Text:
        """All to the very end, as text."""
        start, self._position = self._position, len(self._text)
        return Text(self._text[start:].replace("\0", "\ufffd"), start)

    def _data(self, start: int, end: int) -> str:
        """The text in between, without the `</>` in it."""
        parts = []
        while True:
            gap = self._text.find("</>", start, end)
            stop = end if gap < 0 else gap
            stray = self._text.find("<", start, stop)
            if stray >= 0 or gap >= 0:
                self._source.mistake(gap if stray < 0 else stray, "a '<' that begins no tag is written '&lt;'")
            parts.append(decode(self._source, start, stop))
            if gap < 0:
                return "".join(parts)
            start = gap + 3

    def _declaration(self, start: int, foreign: bool) -> Token:
        """A comment, a doctype, `<![CDATA[`, or what browsers take for a comment: `<?xml …>`, `</3>`."""
        text, source = self._text, self._source
        if foreign and text.startswith("<![CDATA[", start):
            end = text.find("]]>", start)
            if end < 0:
                source.mistake(start, "']]>' is missing")
                end = len(text)
            self._position = end + 3
            return Text(text[start + 9:end], start)
        if not text.startswith("<!--", start):
            if text[start:start + 9].lower() != "<!doctype":
                source.mistake(start, f"{text[start:start + 9]!r} begins no tag. For the character '<' write '&lt;'.")
            elif start or not _DOCTYPE.match(text):
                source.mistake(start, "a doctype is '<!doctype html>' at the very beginning, if there is one")
            end = text.find(">", start)
            self._position = len(text) if end < 0 else end + 1
            return Comment(start)
        if text.startswith((">", "->"), start + 4):
            self._position = text.index(">", start) + 1
            source.mistake(start, "a comment is written <!-- like this -->")
            return Comment(start)
        found = _COMMENT_END.search(text, start + 4)
        self._position = found.end() if found else len(text)
        if found is None or found[0] != "-->":
            source.mistake(start, "this comment has no '-->' at its end")
        nested = text.find("<!--", start + 4, found.start() if found else len(text))
        if nested >= 0:
            source.mistake(nested, "a comment in a comment: the first '-->' ends both")
        return Comment(start)

    def _tag(self, tag: re.Match[str]) -> StartTag | EndTag | None:
        """None when the text ends before the tag does: browsers drop it, too."""
        text, source, offset = self._text, self._source, tag.start()
        attributes: dict[str, str] = {}
        places: dict[str, int] = {}
        position, self_closing, quoted = tag.end(), False, False
        while True:
            between = _BETWEEN.match(text, position)
            assert between is not None
            position = between.end()
            if source.strict:
                self._check_between(between, quoted, bool(tag[1]))
            if text.startswith(">", position):
                self_closing = between[0].endswith("/")
                break
            found = _ATTRIBUTE_NAME.match(text, position)
            assert found is not None
            equals = _EQUALS.match(text, found.end())
            position = equals.end() if equals else found.end()
            if position >= len(text):
                break
            start = end = position
            quoted = bool(equals) and text[position] in "\"'"
            if source.strict:
                self._check_attribute(found, bool(equals), position, bool(tag[1]))
            if equals:
                if quoted:
                    start += 1
                    end = text.find(text[position], start)
                    position = end + 1 or len(text)
                else:
                    bare = _BARE_VALUE.match(text, position)
                    assert bare is not None
                    position = end = bare.end()
                if position >= len(text):
                    break
            name = _clean(found[0])
            if name in attributes:
                source.mistake(found.start(), f"attribute {name!r} is there twice; browsers take the first one")
            elif not tag[1]:
                attributes[name] = decode(source, start, end, attribute=True).replace("\0", "\ufffd")
                places[name] = found.start()
        if position >= len(text):
            self._position = len(text)
            source.mistake(offset, f"{tag[0]!r} has no '>' at its end")
            return None
        self._position = position + 1
        name = _clean(tag[2])
        return EndTag(name, offset) if tag[1] else StartTag(name, attributes, self_closing, offset, places)

    def _check_between(self, between: re.Match[str], quoted: bool, is_end_tag: bool) -> None:
        """What stands between two attributes, or before the end of the tag."""
        ends = self._text.startswith(">", between.end())
        if quoted and not between[0] and not ends:
            self._source.mistake(between.end(), "a blank is missing between two attributes")
        if "/" in between[0].removesuffix("/" if ends and not is_end_tag else ""):
            self._source.mistake(between.start() + between[0].index("/"), "'/' has no place here")

    def _check_attribute(self, name: re.Match[str], has_value: bool, position: int, is_end_tag: bool) -> None:
        if is_end_tag:
            self._source.mistake(name.start(), "an end tag has no attributes")
        odd = _ODD_NAME.search(name[0])
        if odd is not None:
            self._source.mistake(name.start() + odd.start(), f"{odd[0]!r} has no place in the name of an attribute")
        if not has_value or self._text[position] in "\"'":
            return
        value = _BARE_VALUE.match(self._text, position)
        assert value is not None
        if not value[0]:
            self._source.mistake(position, f"the value of attribute {name[0]!r} is missing")
        odd = _ODD_VALUE.search(value[0])
        if odd is not None:
            self._source.mistake(position + odd.start(), f"{odd[0]!r} in a value needs quotes around the value")

    def _raw_end(self, name: str, start: int) -> int:
        """Where the end tag begins, or the end of all."""
        if name == "script":
            return self._script_end(start)
        found = re.compile(rf"</{name}(?=[\t\n\f />])", re.IGNORECASE | re.ASCII).search(self._text, start)
        return found.start() if found else len(self._text)

    def _script_end(self, start: int) -> int:
        state = "script"
        while found := _SCRIPT_STATES[state].search(self._text, start):
            what = found[0].lower()
            if what == "</script" and state != "double escaped":
                return found.start()
            # `<!-->` is a whole comment: its second "--" may already be the one of the end.
            start = found.start() + 2 if what == "<!--" else found.end()
            state = {"<!--": "escaped", "-->": "script", "<script": "double escaped", "</script": "escaped"}[what]
        return len(self._text)


def _clean(name: str) -> str:
    name = name.lower() if name.isascii() else name.translate(_LOWER)
    return name.replace("\0", "\ufffd")
