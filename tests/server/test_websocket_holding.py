"""What a WebSocket is given while a message is heard: it goes out with what follows at once, and never later than that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import gevent
import pytest
from gevent import socket
from gevent.event import Event

from lona_sync.server.sockets.websocket import WebSocket
from tests.server.pairs import Received, fill, pair, tcp_pair, wait_until
from tests.server.raw_client import TEXT, RawClient, frame


class Counting(socket.socket):
    """Counts what its kernel is given."""

    sent: list[bytes]

    def send(self, data: bytes, flags: int = 0) -> int:
        self.sent.append(bytes(data))
        return super().send(data, flags)


class Answering(Received):
    """Does something with each message."""

    def __init__(self, websocket: WebSocket, answer: Callable[[], object]) -> None:
        self.answer = answer
        super().__init__(websocket)

    def heard(self, message: str) -> None:
        super().heard(message)
        self.answer()


@contextmanager
def counted() -> Iterator[tuple[WebSocket, RawClient, list[bytes]]]:
    ours, theirs = tcp_pair()
    counting = Counting(fileno=ours.detach())
    counting.sent = []
    with pair((counting, theirs)) as (websocket, client):
        yield websocket, client, counting.sent


def text(payload: bytes) -> bytes:
    return frame(TEXT, payload, masked=False)


def test_it_goes_out_in_one_piece_with_what_those_say_who_were_woken_by_it() -> None:
    with counted() as (websocket, client, sent):
        def answer() -> None:
            websocket.send("one")
            gevent.spawn(websocket.send, "three")
            websocket.send("two")

        Answering(websocket, answer)
        client.send(frame(TEXT, b"?"))

        assert [client.receive_text() for _ in range(3)] == ["one", "two", "three"]
        assert sent == [text(b"one") + text(b"two") + text(b"three")]


def test_it_goes_out_by_itself_when_nobody_says_more() -> None:
    with counted() as (websocket, client, sent):
        Answering(websocket, lambda: websocket.send("one"))
        client.send(frame(TEXT, b"?"))

        assert client.receive_text() == "one"
        client.send(frame(TEXT, b"?"))
        assert client.receive_text() == "one"
        assert sent == [text(b"one")] * 2


def test_it_does_not_wait_for_a_listener_who_waits() -> None:
    go_on = Event()
    with counted() as (websocket, client, _):
        def answer() -> None:
            websocket.send("one")
            go_on.wait()

        received = Answering(websocket, answer)
        client.send(frame(TEXT, b"?"))

        assert client.receive_text() == "one"
        assert received.messages == ["?"]
        websocket.send("two")
        assert client.receive_text() == "two"
        go_on.set()


@pytest.mark.parametrize("end", ["close", "abort"])
def test_it_goes_out_before_the_end(end: str) -> None:
    with counted() as (websocket, client, _):
        def answer() -> None:
            websocket.send("one")
            getattr(websocket, end)()

        Answering(websocket, answer)
        client.send(frame(TEXT, b"?"))

        assert client.receive_text() == "one"


def test_a_large_message_is_not_copied_for_it_and_comes_behind_it() -> None:
    with counted() as (websocket, client, sent):
        def answer() -> None:
            websocket.send("one")
            websocket.send("x" * 5000)
            sent.append(b"heard")

        Answering(websocket, answer)
        client.send(frame(TEXT, b"?"))

        assert client.receive_text() == "one"
        assert client.receive_text() == "x" * 5000
        assert sent.index(b"heard") == 1


def test_it_goes_along_to_whoever_the_socket_is_released_to() -> None:
    released: list[tuple[bytes, bytes]] = []
    with counted() as (websocket, client, sent):
        def answer() -> None:
            websocket.send("one")
            released.append(websocket.release())

        Answering(websocket, answer)
        client.send(frame(TEXT, b"?"))

        wait_until(lambda: released)
        gevent.sleep(0)
        assert released == [(b"", text(b"one"))]
        assert sent == []


def test_whoever_says_much_sees_that_it_is_not_sent() -> None:
    unsent: list[int] = []
    with counted() as (websocket, client, _):
        def answer() -> None:
            for _ in range(2000):
                websocket.send("x" * 1000)
            unsent.append(websocket.unsent)

        Answering(websocket, answer)
        client.send(frame(TEXT, b"?"))

        wait_until(lambda: unsent)
        assert unsent[0] > 200_000
        assert [client.receive_text() for _ in range(2000)] == ["x" * 1000] * 2000


def test_it_is_nothing_that_the_peer_has_taken() -> None:
    backlog: list[int | None] = []
    with counted() as (websocket, client, _):
        def answer() -> None:
            websocket.send("one")
            backlog.append(websocket.backlog)

        Answering(websocket, answer)
        client.send(frame(TEXT, b"?"))

        assert client.receive_text() == "one"
        assert backlog == [len(text(b"one"))]


def test_a_peer_that_leaves_while_bytes_are_unsent_gets_no_error_for_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    errors: list[tuple[object, ...]] = []
    monkeypatch.setattr(gevent.get_hub(), "handle_error", lambda *error: errors.append(error))
    with pair(socket.socketpair()) as (websocket, client):
        received = Answering(websocket, lambda: websocket.send("one"))
        fill(websocket)
        gevent.sleep(0)                                 # the writer was started, and waits for the peer
        client.send(frame(TEXT, b"?"))
        client.sock.close()

        assert received.wait() == ["?"]
        assert errors == []
