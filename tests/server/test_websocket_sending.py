"""What a WebSocket gives to its peer."""

from __future__ import annotations

import gc
import weakref

import gevent
import pytest
from gevent import socket

from lona_sync.testing.switches import assert_no_switch
from tests.server.pairs import OPTIONS, Received, fill, made, pair, tcp_pair, wait_until
from tests.server.raw_client import PONG, TEXT, RawClient, close_frame, frame


@pytest.mark.parametrize("message", ["", "ä", b"bytes are UTF-8 already", "x" * 125, "x" * 126, "x" * 65_536])
def test_a_message_is_sent_as_text(message):
    with pair() as (websocket, client):
        websocket.send(message)

        expected = message if isinstance(message, bytes) else message.encode()
        assert client.receive() == (TEXT, expected)


def test_what_the_kernel_takes_is_never_unsent():
    with pair() as (websocket, _):
        websocket.send("x")

        assert websocket.unsent == 0


def test_sending_does_not_switch_even_when_the_peer_does_not_read():
    with pair() as (websocket, _), assert_no_switch():
        for _ in range(1000):
            websocket.send("x" * 10_000)


def test_unsent_counts_the_bytes_that_wait():
    with pair() as (websocket, _):
        fill(websocket)
        before = websocket.unsent

        websocket.send("x" * 100)

        assert websocket.unsent == before + 2 + 100


def test_what_was_unsent_arrives_in_order_when_the_peer_reads():
    with pair() as (websocket, client):
        for number in range(5000):
            websocket.send(f"{number} " + "x" * 1000)

        numbers = [int(client.receive_text().split()[0]) for _ in range(5000)]

        assert numbers == list(range(5000))
        assert websocket.unsent == 0


def test_messages_of_many_greenlets_stay_whole_and_in_their_order():
    def send(sender):
        for number in range(100):
            websocket.send(f"{sender} {number} " + "x" * (sender * 700))
            if number % 7 == sender:
                gevent.sleep(0)

    with pair() as (websocket, client):
        senders = [gevent.spawn(send, sender) for sender in range(7)]
        arrived = {sender: [] for sender in range(7)}
        for _ in range(700):
            sender, number, filling = client.receive_text().split(" ")
            arrived[int(sender)].append(int(number))
            assert len(filling) == int(sender) * 700

        gevent.joinall(senders, raise_error=True)
        assert all(numbers == list(range(100)) for numbers in arrived.values())


def test_the_owner_is_told_when_all_is_sent_again():
    with pair() as (websocket, client):
        told = []
        websocket.on_drained = lambda: told.append(websocket.unsent)
        count = fill(websocket)

        for _ in range(count):
            client.receive()
        wait_until(lambda: told)

        assert told == [0]


def test_the_owner_is_not_told_when_nothing_waited():
    with pair() as (websocket, client):
        told = []
        websocket.on_drained = lambda: told.append(websocket.unsent)

        websocket.send("x")
        client.receive()

        assert told == []


def test_the_owner_may_send_when_it_is_told():
    with pair() as (websocket, client):
        rounds = []

        def again():
            rounds.append(websocket.unsent)
            if len(rounds) < 4:
                fill(websocket)

        websocket.on_drained = again
        fill(websocket)

        while len(rounds) < 4:
            assert client.receive_text() == "x" * 1000

        assert rounds == [0] * 4


def test_a_mistake_of_the_owner_does_not_end_sending():
    with pair() as (websocket, client):
        def fail():
            fill(websocket)
            websocket.on_drained = None
            raise RuntimeError("the owner's mistake, which is reported on stderr")

        websocket.on_drained = fail
        count = fill(websocket)
        for _ in range(count):
            client.receive()
        wait_until(lambda: websocket.on_drained is None)

        websocket.send("the end")
        while client.receive_text() != "the end":
            pass

        assert websocket.unsent == 0


def test_there_is_a_writer_only_while_something_is_unsent():
    with pair() as (websocket, client):
        count = fill(websocket)
        assert websocket._writer is not None

        for _ in range(count):
            client.receive()
        wait_until(lambda: websocket._writer is None)

        assert websocket.unsent == 0


def test_a_peer_that_takes_nothing_is_let_go():
    with pair(send_timeout=0.05) as (websocket, _):
        received = Received(websocket)

        fill(websocket)

        assert received.wait() == []
        assert (websocket.close_code, websocket.clean, websocket.unsent) == (4000, False, 0)
        wait_until(lambda: websocket._writer is None)


def test_a_peer_that_reads_slowly_stays():
    with pair(send_timeout=0.2) as (websocket, client):
        for _ in range(100):
            websocket.send("x" * 1000)

        client.sock.settimeout(5)
        for _ in range(100):
            gevent.sleep(0.01)          # in all five times the limit
            assert client.receive() == (TEXT, b"x" * 1000)

        assert not websocket.closed


def test_sending_on_a_closed_connection_does_nothing():
    with pair() as (websocket, client):
        received = Received(websocket)
        websocket.close()
        websocket.send("too late")
        assert client.receive_close() == 1000
        client.send(close_frame(1000))

        received.wait()
        websocket.send("too late")

        assert client.at_end()
        assert websocket.unsent == 0


def test_sending_to_a_peer_that_has_reset_the_connection_ends_it():
    with pair() as (websocket, client):
        client.sock.close()

        wait_until(lambda: websocket.send("x") or websocket.closed)

        assert Received(websocket).wait() == []


def test_a_lone_surrogate_fails_where_it_is_sent():
    with pair() as (websocket, client):
        with pytest.raises(UnicodeEncodeError):
            websocket.send("\ud800")

        websocket.send("fine")
        assert client.receive_text() == "fine"


def test_reading_goes_on_while_the_peer_does_not_read():
    with pair() as (websocket, client):
        received = Received(websocket)
        fill(websocket)

        client.send(frame(TEXT, b"one") + frame(PONG) + frame(TEXT, b"two"))

        wait_until(lambda: len(received.messages) == 2)
        assert received.messages == ["one", "two"]


def test_a_connection_that_is_over_holds_neither_its_owner_nor_its_socket():
    from lona_sync.server.sockets.websocket import WebSocket

    class Owner:
        def __init__(self, sock):
            self.websocket = WebSocket(sock, **made(OPTIONS))
            self.websocket.on_drained = self.drained

        def drained(self):
            """Not called here."""

    ours, theirs = tcp_pair()
    owner = Owner(ours)
    gc.disable()
    try:
        with RawClient(theirs):
            alive = weakref.ref(owner)
            owner.websocket.abort()

            del owner

            assert alive() is None
            assert sys_refs(ours) == 1
    finally:
        gc.enable()
        ours.close()


def sys_refs(sock: socket.socket) -> int:
    """How many objects beside the frames of functions hold `sock`."""
    return sum(1 for holder in gc.get_referrers(sock) if not hasattr(holder, "f_code")) + 1
