"""A tree as a part of a page that a browser reads before any script runs: what a view shows, painted by the server.

What comes later, when the client has joined the view, is the same tree made by scripts; that is what this has to agree with.
A page is read by a parser, though, and a script makes elements. So:

* scripts are left out: they would run now, and once more when the client makes them;
* raw HTML is what `innerHTML` would make of it: read, repaired and written anew. As it is it could end the element around it, or
  begin a comment that swallows the rest of the page; and its scripts, which `innerHTML` does not run, would run. What
  `parse_html` refuses is left out, and so is what takes too long to read.
"""

from __future__ import annotations

from functools import lru_cache

from .mutations import TreeNode
from .rendering import render

#: Characters of raw HTML that are read for one page, in some thirty milliseconds; of more the client makes all.
MARKUP_LIMIT = 20_000
#: Texts of which the last reading is remembered: a template says the same to most of its visitors.
_REMEMBERED = 32

_LEFT_OUT = frozenset(["script"])


def paint(root: TreeNode, *, styles: bool = True) -> str:
    """`root` as markup for the inside of an element of a page. Raises `ValueError` for what HTML cannot say.

    `styles`: whether the page's policy lets attributes of this name do something; else they are left out, and scripts set them.

    While another greenlet holds `root.lock`, it waits.
    """
    left = MARKUP_LIMIT

    def repair(markup: str) -> str:
        nonlocal left
        left -= len(markup)
        return _repaired(markup, styles) if left >= 0 else ""

    return render(root, without=_LEFT_OUT, markup=repair, styles=styles)


@lru_cache(maxsize=_REMEMBERED)
def _repaired(markup: str, styles: bool) -> str:
    from .parsing import parse_html  # only few trees have raw HTML

    try:
        nodes = parse_html(markup, use_high_level_nodes=False, flat=False)
    except ValueError:
        return ""
    return "".join(render(node, without=_LEFT_OUT, styles=styles) for node in nodes)
