"""How a WebSocket ends."""

from __future__ import annotations

import gc

import gevent
import pytest
from gevent import socket
from gevent.event import Event

from lona_sync.server.sockets import websocket as module
from tests.server.pairs import Received, fill, pair, wait_until
from tests.server.raw_client import CLOSE, TEXT, close_frame, frame


@pytest.mark.parametrize("code", [1000, 1001, 1012, 3000, 4999])
def test_the_peers_goodbye_is_answered_with_its_own_code(code):
    with pair() as (websocket, client):
        received = Received(websocket)

        client.send(close_frame(code, "with a reason ä".encode()))

        assert client.receive_close() == code
        assert client.at_end()
        assert received.wait() == []
        assert (websocket.close_code, websocket.clean) == (code, True)


def test_a_goodbye_without_a_code_is_answered_without_a_code():
    with pair() as (websocket, client):
        received = Received(websocket)

        client.send(frame(CLOSE))

        assert client.receive_close() is None
        assert client.at_end()
        received.wait()
        assert (websocket.close_code, websocket.clean) == (1005, True)


def test_what_follows_a_goodbye_is_not_read():
    with pair() as (websocket, client):
        received = Received(websocket)

        client.send(frame(TEXT, b"before") + close_frame(1000) + frame(TEXT, b"after"))

        assert received.wait() == ["before"]


def test_close_sends_its_code_and_reason():
    with pair() as (websocket, client):
        websocket.close(4500, "because")

        assert client.receive() == (CLOSE, (4500).to_bytes(2, "big") + b"because")
        assert (websocket.closed, websocket.close_code, websocket.clean) == (True, 4500, False)


def test_close_of_another_greenlet_ends_receive_when_the_peer_answers():
    with pair() as (websocket, client):
        received = Received(websocket)
        gevent.idle()

        websocket.close(1012)
        assert client.receive_close() == 1012
        client.send(frame(TEXT, b"dropped") + close_frame(1012))

        assert client.at_end()
        assert received.wait() == []
        assert (websocket.close_code, websocket.clean) == (1012, False)


def test_close_ends_receive_soon_when_the_peer_does_not_answer(monkeypatch):
    monkeypatch.setattr(module, "LINGER", 0.02)
    with pair() as (websocket, client):
        received = Received(websocket)
        gevent.idle()

        websocket.close(1012)

        assert received.wait() == []
        assert client.receive_close() == 1012
        assert client.at_end()


def test_a_peer_in_the_middle_of_sending_sees_the_code():
    with pair() as (websocket, client):
        received = Received(websocket)
        sender = gevent.spawn(client.send, frame(TEXT, b"x" * 900_000) + close_frame(1000))
        gevent.sleep(0)

        websocket.close(1012)

        assert client.receive_close() == 1012
        sender.get(timeout=10)
        assert received.wait() == []


def test_close_goes_behind_what_is_unsent():
    with pair() as (websocket, client):
        received = Received(websocket)
        count = fill(websocket)

        websocket.close(1000)

        for _ in range(count):
            assert client.receive_text() == "x" * 1000
        assert client.receive_close() == 1000
        client.send(close_frame(1000))
        received.wait()


def test_close_does_not_wait_for_a_peer_that_does_not_read(monkeypatch):
    monkeypatch.setattr(module, "LINGER", 0.02)
    with pair() as (websocket, _):
        received = Received(websocket)
        fill(websocket)

        websocket.close(1000)

        assert received.wait() == []
        assert websocket.unsent == 0
        wait_until(lambda: websocket._writer is None)


def test_closing_twice_keeps_the_first_code():
    with pair() as (websocket, client):
        websocket.close(4001)
        websocket.close(4002)

        assert client.receive_close() == 4001
        client.send(close_frame(4001))
        assert Received(websocket).wait() == []
        assert client.at_end()
        assert websocket.close_code == 4001


def test_closing_after_the_peer_has_vanished_is_no_error():
    with pair() as (websocket, client):
        client.sock.close()
        assert Received(websocket).wait() == []

        websocket.close(1000)
        websocket.abort()

        assert websocket.close_code is None


def test_both_ends_may_say_goodbye_at_once():
    with pair() as (websocket, client):
        client.send(close_frame(1001))
        websocket.close(1012)

        assert Received(websocket).wait() == []

        assert client.receive_close() == 1012
        assert client.at_end()
        assert (websocket.close_code, websocket.clean) == (1012, False)


def test_abort_ends_receive_without_a_goodbye():
    with pair() as (websocket, client):
        received = Received(websocket)
        gevent.idle()

        websocket.abort()

        assert received.wait() == []
        assert client.at_end()


def test_abort_before_receive_ends_it_too():
    with pair() as (websocket, _):
        websocket.abort()

        assert Received(websocket).wait() == []


def test_abort_drops_what_is_unsent_and_ends_the_writer():
    with pair() as (websocket, _):
        fill(websocket)

        websocket.abort()

        assert websocket.unsent == 0
        wait_until(lambda: websocket._writer is None)


def test_waiting_for_the_end_waits_for_the_peers_answer():
    with pair() as (websocket, client):
        websocket.close()
        websocket.start()
        waiting = gevent.spawn(websocket.wait)
        assert client.receive_close() == 1000
        gevent.idle()
        assert not waiting.ready()

        client.send(close_frame(1000))

        waiting.get(timeout=10)
        websocket.wait()                        # at once
        assert client.at_end()


def test_a_listener_that_waits_is_told_the_end_when_it_has_dealt_with_its_message():
    told = []

    class Slow:
        def heard(self, message):
            go_on.wait()
            told.append(message)

        def ended(self):
            told.append("ended")

    with pair() as (websocket, client):
        go_on = Event()
        websocket.listen(Slow())
        websocket.start()
        client.send_text("a message")
        wait_until(lambda: websocket._busy)

        websocket.abort()
        gevent.idle()
        assert told == []
        go_on.set()

        websocket.wait()
        assert told == ["a message", "ended"]


@pytest.mark.parametrize("over", [False, True])
def test_a_listener_that_is_cut_off_is_told_the_end(over):
    heard, ended = [], Event()

    class CutOff:
        def heard(self, message):
            heard.append(message)
            if over:
                websocket.abort()
            raise gevent.GreenletExit

        def ended(self):
            ended.set()

    with pair() as (websocket, client):
        websocket.listen(CutOff())
        websocket.start()

        client.send(frame(TEXT, b"one") + frame(TEXT, b"two"))
        if not over:
            assert client.receive_close() == 1012
            client.send(close_frame(1012))

        assert ended.wait(10)
        assert heard == ["one"]


def test_the_socket_is_closed_when_the_connection_is_over():
    with pair() as (websocket, client):
        received = Received(websocket)
        client.send(close_frame(1000))

        received.wait()
        websocket.wait()

        assert websocket.socket.fileno() == -1


def test_a_connection_that_is_forgotten_says_nothing():
    with pair() as (websocket, client):
        websocket._silent.drop(websocket)
        del websocket
        gc.collect()

        client.sock.settimeout(0.05)
        with pytest.raises(TimeoutError):
            client.receive()


def test_a_server_that_closes_the_socket_ends_receive():
    ours, theirs = socket.socketpair()
    with pair((ours, theirs)) as (websocket, _):
        received = Received(websocket)
        gevent.idle()

        ours.close()

        assert received.wait() == []
