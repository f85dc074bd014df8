"""A browser that reads nothing any more is let go, and one that reads slowly is not."""

from __future__ import annotations

from typing import Any

import pytest

from lona_sync.server.sockets.websocket import WebSocket
from lona_sync.testing import Client, VirtualClock
from lona_sync.wire.protocol import Down
from tests.server.pairs import pair
from tests.server.test_connection import Talker, Wire, app_of, resume

LIMIT = 30.0


class Stalled(Wire):
    """A browser that confirms nothing, and takes off its line as many bytes as it is told to."""

    def __init__(self, client: Client, **settings: Any) -> None:
        super().__init__(client, acknowledging=False, **settings)

    def confirm(self) -> None:
        self.say([5, 1, self.connection._windows[1][1].cursor.sent])


@pytest.fixture
def clock() -> VirtualClock:
    clock = VirtualClock()
    clock.stop()
    return clock


@pytest.fixture
def client(clock: VirtualClock) -> Client:
    return Client(app_of(Talker, SEND_TIMEOUT=LIMIT), clock=clock)


def test_who_confirms_nothing_for_the_time_is_let_go_and_may_come_back(client: Client, clock: VirtualClock):
    wire = Stalled(client)
    started = wire.open()

    clock.advance(LIMIT - 0.01)
    before = wire.closed
    clock.advance(0.01)
    again = Wire(client)
    again.say(resume(started, 0))

    assert (before, wire.closed) == (None, 4000)
    assert client.app.stats()["connections.stalled"] == 1
    assert again.of(Down.STARTED)[0][2] == started[2] and again.of(Down.SNAPSHOT)


def test_who_has_confirmed_all_may_be_silent_for_ever(client: Client, clock: VirtualClock):
    wire = Stalled(client)
    wire.open()
    wire.confirm()

    clock.advance(hours=1)

    assert wire.closed is None


def test_who_confirms_a_part_goes_on(client: Client, clock: VirtualClock):
    wire = Stalled(client)
    wire.open()
    seen: list[int | None] = []

    for _ in range(5):
        clock.advance(LIMIT * 0.9)
        Talker.current.say("more")
        wire.say([5, 1, wire.connection._windows[1][1].cursor.sent - 1])       # never the last one
        seen.append(wire.closed)
    clock.advance(2 * LIMIT)

    assert seen == [None] * 5
    assert wire.closed == 4000


def test_who_has_confirmed_while_the_process_was_busy_is_heard_first(client: Client, clock: VirtualClock):
    wire = Stalled(client)
    wire.open()
    looked = wire.connection._out._watch.look
    clock.advance(LIMIT - 1)

    looked()                                               # late, as after a long computation; the answer lies in the socket
    first = wire.closed
    wire.confirm()
    clock.advance(LIMIT * 3)

    assert (first, wire.closed) == (None, None)


def test_who_takes_a_large_frame_slowly_is_not_let_go(client: Client, clock: VirtualClock):
    wire = Stalled(client)
    wire.backlog = 200_000
    wire.open()
    wire.confirm()
    Talker.current.say("x" * 200_000)
    seen = []

    for backlog in range(160_000, -1, -40_000):
        clock.advance(LIMIT - 1)
        wire.backlog = backlog
        clock.advance(1)
        seen.append(wire.closed)
    clock.advance(LIMIT)

    assert seen == [None] * 5
    assert wire.closed == 4000                             # it has all of it, and has not confirmed it


def test_who_takes_no_byte_of_it_is(client: Client, clock: VirtualClock):
    wire = Stalled(client)
    wire.open()
    wire.confirm()
    wire.backlog = 200_000
    Talker.current.say("x" * 200_000)

    clock.advance(2 * LIMIT)

    assert wire.closed == 4000


def test_where_nobody_knows_what_has_been_taken_nobody_is_let_go(client: Client, clock: VirtualClock):
    wire = Stalled(client)
    wire.backlog = None
    wire.open()

    clock.advance(hours=1)

    assert wire.closed is None


def test_nothing_looks_after_a_connection_that_has_ended(client: Client, clock: VirtualClock):
    wire = Stalled(client)
    wire.open()

    wire.connection.ended(clean=False)
    clock.advance(hours=1)

    assert wire.closed is None and client.app.stats().get("connections.stalled", 0) == 0


def test_a_socket_knows_what_its_peer_has_not_taken() -> None:
    with pair(send_timeout=60) as (websocket, peer):
        assert isinstance(websocket, WebSocket)
        empty = websocket.backlog
        while not websocket.unsent:
            websocket.send("x" * 100_000)
        full = websocket.backlog

        peer.sock.close()
        websocket.abort()
        websocket._socket.close()

        assert empty == 0
        assert full is not None and full > websocket.unsent
        assert websocket.backlog is None
