"""Both sides of the wire have the same numbers."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from lona_sync.wire import protocol

pytestmark = pytest.mark.js

TABLES = """async () => {
    const {VERSION, CLIENT, SERVER, VERB, DATA, EVENT} = await import("/lona_sync/client/protocol.js");
    return {VERSION, CLIENT, SERVER, VERB, DATA, EVENT};
}"""


def numbers(names: type) -> dict[str, Any]:
    return {name: number for name, number in vars(names).items() if name.isupper()}


def test_the_browser_has_the_numbers_of_the_server(page: Page) -> None:
    tables = page.evaluate(TABLES)

    assert tables == {
        "VERSION": protocol.VERSION,
        "CLIENT": numbers(protocol.Up),
        "SERVER": {**numbers(protocol.Down), "": 4},                  # there is none with this number
        "VERB": numbers(protocol.Verb),
        "DATA": numbers(protocol.DataOperation),
        "EVENT": {name.upper().removeprefix("@"): number for name, number in protocol.EVENT_NUMBERS.items()},
    }


def test_an_event_that_the_browser_sends_is_one_that_the_server_reads(page: Page) -> None:
    limits = 'async () => { const {DEEPEST, MOST} = await import("/lona_sync/client/protocol.js"); return [DEEPEST, MOST]; }'
    deepest, most = page.evaluate(limits)
    data = "[" * deepest + "[],[]" + ",[]" * (most - deepest - 2) + "]" * deepest

    message = protocol.decode(f'[4,1,1,1,"x",0,{data[1:-1]}]')

    assert isinstance(message, protocol.Event)
    assert deepest > 50                       # what widget data may have
