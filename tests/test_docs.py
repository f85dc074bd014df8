"""What the documentation shows is what happens."""

from __future__ import annotations

import doctest
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

DOCS = Path(__file__).parent.parent / "docs"


def test_the_examples_of_the_page_on_html_are_true():
    options = doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL

    failed, tried = doctest.testfile(str(DOCS / "html.md"), module_relative=False, optionflags=options)

    assert tried > 20
    assert failed == 0


@pytest.mark.parametrize("name", re.findall(r"^def (test_\w+)", (DOCS / "testing.md").read_text(), re.MULTILINE))
def test_the_tests_on_the_page_on_testing_pass(name: str, monkeypatch: pytest.MonkeyPatch):
    program, *tests = re.findall(r"```python\n(.*?)```", (DOCS / "testing.md").read_text(), re.DOTALL)
    shop = ModuleType("shop")
    shop.__file__ = str(DOCS / "shop.py")
    exec(compile(program, "testing.md", "exec"), shop.__dict__)
    shop.app.settings.SECRET_KEY = "k" * 32
    monkeypatch.setitem(sys.modules, "shop", shop)
    names: dict[str, Any] = {}

    for test in tests:
        exec(compile(test, "testing.md", "exec"), names)

    names[name]()
