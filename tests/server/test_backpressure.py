"""Browsers that do not read, or slowly, over real sockets."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import gevent
import pytest

from lona_sync import App, View
from lona_sync.html import Div, P
from lona_sync.server.http.application import SOCKET
from lona_sync.server.http.serving import Server
from lona_sync.testing import assert_no_switch
from lona_sync.testing.dom import structure_of
from lona_sync.wire.protocol import VERSION
from tests.server.pairs import wait_until
from tests.server.raw_client import TEXT, RawClient, connect
from tests.server.slow_client import SlowClient

SHOWS = 20_000
WINDOW = 64 * 1024


class Ticker(View):
    """Shows when the test says so."""

    last: Ticker

    def handle_request(self, request: object) -> None:
        type(self).last = self
        self.text = P("0")
        self.show(self.text)
        self.sleep(1000)


class Board(View):
    """Two hundred cells, of which one changes with each show, as long as the test says so. A daemon: several watch the same one."""

    last: Board

    def handle_request(self, request: object) -> None:
        type(self).last = self
        self.is_daemon = True
        self.cells = [P("-") for _ in range(200)]
        self.shows = 0
        self.box = Div(self.cells)
        self.show(self.box)
        self.sleep(1000)

    def update(self, size: int = 200) -> None:
        self.shows += 1
        self.cells[self.shows % len(self.cells)].set_text(f"{self.shows} " + "x" * size)
        self.show()


@dataclass
class Served:
    app: App
    address: tuple[str, int]

    def most(self, measure: str) -> int:
        """The largest of all connections."""
        connections = list(self.app.parts.socket._open)
        if measure == "unsent":
            return max((each._transport.unsent for each in connections), default=0)
        return max((each.in_flight for each in connections), default=0)


@pytest.fixture
def served() -> Iterator[Served]:
    app = App(__file__)
    app.settings.update({"SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.2})
    app.route("/")(Ticker)
    app.route("/board")(Board)

    def socket_only(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        return app({**environ, "PATH_INFO": SOCKET}, start_response)

    server = Server(socket_only, "127.0.0.1", 0)
    server.start()
    yield Served(app, ("127.0.0.1", server.port))
    app.stop()
    server.stop()


@pytest.fixture
def address(served: Served) -> tuple[str, int]:
    return served.address


def test_a_browser_that_does_not_read_neither_blocks_its_view_nor_fills_anything(address: tuple[str, int]) -> None:
    with RawClient(connect(address)) as client:
        client.request()
        client.send_text(f"[0,{VERSION}]")
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


def test_a_slow_browser_lags_by_a_window_and_the_fast_one_beside_it_by_nothing(served: Served) -> None:
    served.app.settings.SESSIONS = False                  # one user: both watch the same view
    with SlowClient(served.address) as slow, SlowClient(served.address, chunk=None) as fast:
        _show_first(slow), _show_first(fast)
        board = Board.last
        log = board._runtime.document.log
        most = {"log": 0, "unsent": 0, "in_flight": 0}
        for number in range(3000):
            board.update()
            if number % 10 == 0:
                slow.step()                               # less than half of what there is
            while fast.frame < log.last:                  # it sees each of them, whatever the other one does
                fast.step()
            most["log"] = max(most["log"], log.bytes)
            most["unsent"] = max(most["unsent"], served.most("unsent"))
            most["in_flight"] = max(most["in_flight"], served.most("in_flight"))
        before, behind = slow.bytes, log.last - slow.frame
        while slow.frame < log.last:
            slow.step()
        rest = slow.bytes - before

        frame = slow.largest + 100                        # with its head, and what is no frame
        assert behind > 100, "it was not slow"
        assert slow.bytes < fast.bytes * 2 / 3, "it was sent what it need not see"
        assert rest <= WINDOW + 2 * frame                 # what was under way, and then the truth
        assert most["in_flight"] <= WINDOW + frame
        assert most["unsent"] <= WINDOW + frame
        assert most["log"] <= served.app.settings.LOG_BYTES
        assert slow.dom.to_structure() == fast.dom.to_structure() == structure_of(board.box)


def test_who_stops_reading_is_let_go_and_gets_the_truth_when_he_comes_back(served: Served) -> None:
    served.app.settings.SEND_TIMEOUT = 0.3
    with SlowClient(served.address) as client:
        _show_first(client)
        board = Board.last
        board.update()                                    # little enough for the buffers of the kernels
        wait_until(lambda: served.app.stats()["connections"] == 0)
        suspended = len(board._runtime.clients), board._runtime.clients.all_lost
        board.update()

        with SlowClient(served.address) as again:
            again.resume(client)
            while again.frame < board._runtime.document.log.last:
                again.step()

    assert suspended == (1, True)
    assert served.app.stats()["connections.stalled"] == 1
    assert (again.snapshots, served.app.stats()["resumes"]) == (0, 1)
    assert again.dom.to_structure() == structure_of(board.box)


def test_who_stops_in_the_middle_of_a_large_page_is_let_go_and_gets_all_of_it_when_he_comes_back(served: Served) -> None:
    served.app.settings.SEND_TIMEOUT = 0.3
    with SlowClient(served.address) as client:
        _show_first(client)
        board = Board.last
        board.update(size=8_000_000)                      # more than any kernel keeps
        wait_until(lambda: served.most("unsent") > 0)
        wait_until(lambda: served.app.stats()["connections"] == 0)

        with SlowClient(served.address, chunk=1_000_000) as again:
            again.resume(client)
            while again.frame < board._runtime.document.log.last:
                again.step()

    assert again.dom.to_structure() == structure_of(board.box)


def test_what_a_view_keeps_for_who_was_let_go_is_a_window_of_frames(served: Served) -> None:
    served.app.settings.SEND_TIMEOUT = 0.3
    with SlowClient(served.address) as client:
        _show_first(client)
        board = Board.last
        log = board._runtime.document.log
        board.update()
        wait_until(lambda: served.app.stats()["connections"] == 0)

        for _ in range(2000):
            board.update()

    assert 0 < log.bytes <= WINDOW


def _show_first(client: SlowClient) -> None:
    """Open the board, and confirm its first frame."""
    client.open("/board")
    while not client.snapshots:
        client.step()
    client.acknowledge()


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
