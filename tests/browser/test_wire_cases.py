"""Patches that Python encodes, applied by the browser's side."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.js

CASES = sorted((Path(__file__).resolve().parents[1] / "wire" / "cases").glob("*.json"))
CHECK = """async (wireCase) => {
    const {check} = await import("/tests/client/cases.test.js");
    return check(wireCase);
}"""


def test_there_are_cases() -> None:
    assert CASES


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_patches_make_of_the_tree_before_the_tree_after(page: Page, file: Path) -> None:
    case = json.loads(file.read_text())

    difference = page.evaluate(CHECK, case)

    assert difference is None, f"{case['name']}: {difference}"
