"""A browser that does not read, over a real socket."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import gevent
import pytest

from lona_sync import App, View
from lona_sync.html import P
from lona_sync.server.http import SOCKET
from lona_sync.server.serving import Server
from lona_sync.testing import assert_no_switch
from tests.server.raw_client import TEXT, RawClient, connect

SHOWS = 20_000


class Ticker(View):
    """Shows when the test says so."""

    last: Ticker

    def handle_request(self, request: object) -> None:
        type(self).last = self
        self.text = P("0")
        self.show(self.text)
        self.sleep(1000)


@pytest.fixture
def address() -> Iterator[tuple[str, int]]:
    app = App(__file__)
    app.settings.update({"SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.2})
    app.route("/")(Ticker)

    def socket_only(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        return app({**environ, "PATH_INFO": SOCKET}, start_response)

    server = Server(socket_only, "127.0.0.1", 0)
    server.start()
    yield "127.0.0.1", server.port
    app.stop()
    server.stop()


def test_a_browser_that_does_not_read_neither_blocks_its_view_nor_fills_anything(address: tuple[str, int]) -> None:
    with RawClient(connect(address)) as client:
        client.request()
        client.send_text("[0,1]")
        client.send_text('[1,1,"/",null]')
        shown = [client.receive() for _ in range(3)]
        log = Ticker.last._runtime.document.log      # type: ignore[attr-defined]
        with assert_no_switch():
            for number in range(1, SHOWS + 1):
                Ticker.last.text.set_text(f"{number} " + "x" * 1000)
                Ticker.last.show()
        under_way = _read_what_came(client)
        client.send_text(f"[5,1,{json.loads(under_way[-1])[2]}]")
        last = client.receive()[1]

    assert [json.loads(payload)[0] for _, payload in shown] == [0, 1, 2]
    assert sum(map(len, under_way)) <= 64 * 1024
    assert log.bytes <= 8 * 1024 * 1024
    assert json.loads(last)[0] == 2           # twenty megabytes behind: a snapshot, not twenty megabytes
    assert f'"{SHOWS} xxx'.encode() in last


def _read_what_came(client: RawClient) -> list[bytes]:
    """All messages until nothing more comes without an acknowledgement."""
    messages = []
    while True:
        message = None
        with gevent.Timeout(0.3, False):      # how long silence has to be, not how fast anything is
            message = client.receive()
        if message is None:
            return messages
        assert message[0] == TEXT
        messages.append(message[1])
