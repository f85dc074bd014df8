"""Both sides of the wire have the same numbers."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from lona_sync.wire import protocol

pytestmark = pytest.mark.js

TABLES = """async () => {
    const {VERSION, CLIENT, SERVER, VERB, EVENT} = await import("/lona_sync/client/protocol.js");
    return {VERSION, CLIENT, SERVER, VERB, EVENT};
}"""


def numbers(names: type) -> dict[str, Any]:
    return {name: number for name, number in vars(names).items() if name.isupper()}


def test_the_browser_has_the_numbers_of_the_server(page: Page) -> None:
    tables = page.evaluate(TABLES)

    assert tables == {
        "VERSION": protocol.VERSION,
        "CLIENT": numbers(protocol.Up),
        "SERVER": numbers(protocol.Down),
        "VERB": numbers(protocol.Verb),
        "EVENT": {name.upper().removeprefix("@"): number for name, number in protocol.EVENT_NUMBERS.items()},
    }
