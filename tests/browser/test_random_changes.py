"""Random changes of all kinds: Chromium shows the nodes and the controls as the server has them, patched or fresh."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from lona_sync.html import Node
from tests.browser.test_wire_cases import CHECK
from tests.wire.everything import change, make_page
from tests.wire.scenarios import record_case

pytestmark = pytest.mark.js

CASES = 100
AT_ONCE = 25                     # cases in one test
FRAMES = 8
CHANGES = 12                     # in each frame


def make_changes(chance: random.Random) -> Callable[[Node], None]:
    """Makes the changes of one frame after the other."""
    detached: list[Node] = []

    def make(root: Node) -> None:
        for _ in range(CHANGES):
            change(root, chance, detached)

    return make


@pytest.mark.parametrize("first", range(0, CASES, AT_ONCE))
def test_chromium_shows_what_the_server_has(page: Page, first: int) -> None:
    for seed in range(first, first + AT_ONCE):
        chance = random.Random(seed)
        case = record_case(f"seed {seed}", make_page(chance), *[make_changes(chance)] * FRAMES)

        difference = page.evaluate(CHECK, case)

        assert difference is None, f"{case['name']}: {difference}"
