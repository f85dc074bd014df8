"""Reads a text and builds its tree: token by token, each by the rules of the mode that the tree is in."""

from __future__ import annotations

from . import foreign
from .elements import Element
from .in_body import IN_BODY, IN_TEMPLATE
from .in_table import IN_CAPTION, IN_CELL, IN_COLUMN_GROUP, IN_ROW, IN_TABLE, IN_TABLE_BODY
from .source import Source
from .tokens import StartTag, Text, Token
from .tree import IMPLIED_END_IN_TABLES, Tree

_MODES = {
    "in body": IN_BODY,
    "in template": IN_TEMPLATE,
    "in table": IN_TABLE,
    "in caption": IN_CAPTION,
    "in column group": IN_COLUMN_GROUP,
    "in table body": IN_TABLE_BODY,
    "in row": IN_ROW,
    "in cell": IN_CELL,
}


def parse_fragment(source: Source) -> Element:
    """An element with the roots as children: what `template.innerHTML = source` gives in a browser without scripts.

    Raises `ParseError` when a limit is exceeded, and for every mistake if `source` is strict.
    """
    tree = Tree(source, _apply)
    while (token := tree.tokenizer.next(foreign=bool(tree.current.namespace))) is not None:
        source.count(token.offset, 1 + len(token.attributes) if isinstance(token, StartTag) else 1)
        if tree.skip_line_break:
            tree.skip_line_break = False
            if isinstance(token, Text):
                token.data = token.data.removeprefix("\n")
        if foreign.is_foreign(tree.current, token):
            foreign.apply(tree, token)
        else:
            _apply(tree, tree.mode, token)
        if isinstance(token, StartTag) and token.self_closing:
            source.mistake(token.offset, f"<{token.name}/> has content; its end tag </{token.name}> is missing")
    for element in tree.open[:0:-1]:
        if element.kind not in IMPLIED_END_IN_TABLES:
            source.mistake(element.offset, f"missing end tag </{element.name}>")
    return tree.root


def _apply(tree: Tree, mode: str, token: Token) -> None:
    _MODES[mode].apply(tree, token)
