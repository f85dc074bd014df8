"""What the documentation shows is what happens."""

from __future__ import annotations

import doctest
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"


def test_the_examples_of_the_page_on_html_are_true():
    options = doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL

    failed, tried = doctest.testfile(str(DOCS / "html.md"), module_relative=False, optionflags=options)

    assert tried > 20
    assert failed == 0
