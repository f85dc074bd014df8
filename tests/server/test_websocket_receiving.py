"""What a WebSocket takes from its peer."""

from __future__ import annotations

import struct

import gevent
import pytest
from gevent import socket
from gevent.event import Event

from lona_sync.server.sockets import websocket as module
from tests.server.pairs import Received, fill, pair, wait_until
from tests.server.raw_client import BINARY, CONTINUATION, PING, PONG, TEXT, RawClient, close_frame, frame


def test_messages_arrive_in_order():
    with pair() as (websocket, client):
        received = Received(websocket)

        for number in range(100):
            client.send_text(f"{number} ä")
        client.send(close_frame(1000))

        assert received.wait() == [f"{number} ä" for number in range(100)]


def test_a_large_message_arrives_in_many_pieces():
    with pair() as (websocket, client):
        received = Received(websocket)

        client.send_text("ä" * 400_000)
        client.send(close_frame(1000))

        assert received.wait() == ["ä" * 400_000]


def test_a_fragmented_message_is_put_together_around_control_frames():
    with pair() as (websocket, client):
        received = Received(websocket)

        client.send(frame(TEXT, b"one ", final=False) + frame(PING, b"?") + frame(CONTINUATION, b"two ", final=False))
        client.send(frame(CONTINUATION, b"three") + close_frame(1000))

        assert received.wait() == ["one two three"]
        assert client.receive() == (PONG, b"?")


def test_what_the_server_has_read_ahead_comes_first():
    early = frame(TEXT, b"early") + frame(TEXT, b"cut in two")
    with pair(leftover=early[:-3]) as (websocket, client):
        received = Received(websocket)

        client.send(early[-3:] + frame(TEXT, b"late") + close_frame(1000))

        assert received.wait() == ["early", "cut in two", "late"]


def test_a_unix_socket_will_do():
    with pair(socket.socketpair()) as (websocket, client):
        received = Received(websocket)

        client.send_text("x")
        client.send(close_frame(1000))

        assert received.wait() == ["x"]


def test_tcp_sends_small_messages_at_once():
    with pair() as (websocket, _):
        sock = websocket._socket

        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.parametrize(("data", "code"), [
    (frame(TEXT, b"x", masked=False), 1002),
    (frame(TEXT, b"x", reserved=4), 1002),
    (frame(3, b"x"), 1002),
    (frame(PING, b"x" * 126), 1002),
    (frame(PING, final=False), 1002),
    (frame(CONTINUATION, b"x"), 1002),
    (frame(TEXT, b"x", final=False) + frame(TEXT, b"x"), 1002),
    (frame(BINARY, b"x"), 1003),
    (frame(TEXT, b"\xff"), 1007),
    (close_frame(1005), 1002),
    (close_frame(999), 1002),
    (frame(8, b"\x03"), 1002),
    (close_frame(1000, b"\xff"), 1007),
])
def test_a_violation_ends_the_connection_with_its_code(data, code):
    with pair() as (websocket, client):
        received = Received(websocket)

        client.send(data + frame(TEXT, b"not read any more"))

        assert client.receive_close() == code
        assert client.at_end()
        client.sock.close()
        assert received.wait() == []
        assert (websocket.close_code, websocket.clean) == (code, False)


def test_the_peer_sees_why_its_message_is_too_long_although_it_is_still_sending_it():
    with pair(message_bytes=1000) as (websocket, client):
        received = Received(websocket)
        sender = gevent.spawn(client.send, frame(TEXT, b"x" * 5_000_000))

        assert client.receive_close() == 1009

        sender.get(timeout=10)
        client.sock.close()
        assert received.wait() == []


def test_a_message_that_is_too_long_is_refused_by_its_header():
    with pair(message_bytes=1000) as (websocket, client):
        received = Received(websocket)

        client.send(struct.pack("!BBH", 0x81, 0x80 | 126, 1001))
        client.send(b"mask")

        assert client.receive_close() == 1009
        client.sock.close()
        assert received.wait() == []


def test_fragments_are_limited_in_their_sum():
    with pair(message_bytes=1000) as (websocket, client):
        received = Received(websocket)

        client.send(frame(TEXT, b"x" * 600, final=False) + frame(CONTINUATION, b"x" * 401))

        assert client.receive_close() == 1009
        client.sock.close()
        assert received.wait() == []


def test_a_peer_that_is_refused_and_goes_on_sending_is_cut_off(monkeypatch):
    monkeypatch.setattr(module, "LINGER", 0.05)
    with pair() as (websocket, client):
        received = Received(websocket)

        def flood():
            while True:
                client.send(b"\xff" * 1000)

        flooding = gevent.spawn(flood)

        assert received.wait() == []
        websocket._socket.close()           # as the server does then
        with pytest.raises(OSError):
            flooding.get(timeout=10)


def test_a_ping_is_answered():
    with pair() as (websocket, client):
        Received(websocket)

        client.send(frame(PING, b"are you there?"))

        assert client.receive() == (PONG, b"are you there?")


def test_a_flood_of_pings_from_a_peer_that_does_not_read_leaves_one_pong_and_the_latest():
    with pair() as (websocket, client):
        received = Received(websocket)
        messages = fill(websocket)
        before = websocket.unsent

        for number in range(1000):
            client.send(frame(PING, b"%d" % number))
        client.send_text("all pinged")
        wait_until(lambda: received.messages)

        assert websocket.unsent <= before + 10
        for _ in range(messages):
            assert client.receive()[0] == TEXT
        assert client.receive() == (PONG, b"0")
        assert client.receive() == (PONG, b"999")


def test_others_get_their_turn_while_messages_wait():
    with pair(read_budget=10) as (websocket, client):
        client.send(frame(TEXT, b"x") * 100)
        wait_until(lambda: websocket.socket.recv(1, socket.MSG_PEEK))
        turns = []

        def take_turns():
            while True:
                turns.append(len(received.messages))
                gevent.sleep(0)

        received = Received(websocket)
        other = gevent.spawn(take_turns)
        wait_until(lambda: len(received.messages) == 100)
        other.kill()

        assert max(b - a for a, b in zip([0, *turns], [*turns, 100], strict=True)) <= 11


def test_nothing_is_read_while_the_listener_waits():
    class Slow:
        def __init__(self):
            self.messages = []
            self.go_on = Event()

        def heard(self, message):
            self.messages.append(message)
            self.go_on.wait()

        def ended(self):
            """It is enough to hear."""

    with pair() as (websocket, client):
        slow = Slow()
        websocket.listen(slow)
        websocket.start()
        client.send_text("one")
        wait_until(lambda: slow.messages)

        client.send_text("two")
        gevent.idle()
        gevent.sleep(0.01)
        unread = websocket.socket.recv(100, socket.MSG_PEEK)
        slow.go_on.set()

        assert frame(TEXT, b"two")[:2] == unread[:2]
        wait_until(lambda: slow.messages == ["one", "two"])


def test_a_silent_peer_is_pinged():
    with pair(ping_interval=0.02) as (websocket, client):
        Received(websocket)

        assert client.receive() == (PING, b"")


def test_a_peer_that_answers_pings_stays():
    with pair(ping_interval=0.02, ping_timeout=5.0) as (websocket, client):
        received = Received(websocket)

        for _ in range(5):
            assert client.receive() == (PING, b"")
            client.send(frame(PONG))

        client.send(close_frame(1000))
        received.wait()
        assert websocket.close_code == 1000


def test_a_peer_that_does_not_answer_a_ping_is_let_go():
    with pair(ping_interval=0.02, ping_timeout=0.02) as (websocket, client):
        received = Received(websocket)

        assert client.receive() == (PING, b"")
        assert client.receive_close() == 4000

        client.sock.close()
        received.wait()
        assert (websocket.close_code, websocket.clean) == (4000, False)


def test_a_pong_that_waits_while_the_process_is_busy_still_counts():
    with pair(ping_interval=0.02, ping_timeout=0.05) as (websocket, client):
        received = Received(websocket)
        assert client.receive() == (PING, b"")
        client.send(frame(PONG))

        busy_until = gevent.get_hub().loop.now() + 0.2
        while gevent.get_hub().loop.now() < busy_until:         # nobody else runs, as in a long computation
            gevent.get_hub().loop.update_now()

        assert client.receive() == (PING, b"")
        client.send(close_frame(1000))
        received.wait()
        assert websocket.close_code == 1000


def test_silence_is_not_the_peers_fault_while_nobody_reads():
    with pair(ping_interval=0.01, ping_timeout=0.01) as (websocket, client):
        client.send_text("here")

        gevent.sleep(0.1)           # ten intervals

        assert not websocket.closed
        received = Received(websocket)
        wait_until(lambda: received.messages == ["here"])


def test_a_peer_that_vanishes_ends_receive_without_a_code():
    with pair() as (websocket, client):
        received = Received(websocket)

        client.sock.close()

        assert received.wait() == []
        assert (websocket.close_code, websocket.clean) == (None, False)


def test_a_reset_ends_receive_without_a_code():
    with pair() as (websocket, client):
        received = Received(websocket)

        client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.sock.close()

        assert received.wait() == []
        assert (websocket.close_code, websocket.clean) == (None, False)


def test_a_message_that_is_cut_off_is_not_delivered():
    with pair() as (websocket, client):
        received = Received(websocket)

        client.send(frame(TEXT, b"cut off")[:-1])
        client.sock.close()

        assert received.wait() == []


def test_the_helper_refuses_what_is_no_frame_of_a_server():
    ours, theirs = socket.socketpair()
    with ours, RawClient(theirs) as client:
        ours.sendall(frame(TEXT, b"x"))

        with pytest.raises(AssertionError, match="masked"):
            client.receive()
