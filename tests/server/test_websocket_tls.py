"""The same over TLS, where bytes may wait above the socket and sending may want to read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gevent
import pytest
from gevent import ssl

from lona_sync.server.sockets.websocket import WebSocket
from tests.server.pairs import Received, fill, pair, tcp_pair, wait_until
from tests.server.raw_client import PONG, TEXT, RawClient, close_frame, frame

#: A certificate of nobody, good for a hundred years, with its key.
CERTIFICATE = Path(__file__).with_name("certificate.pem")


@contextmanager
def tls_pair(**options: Any) -> Iterator[tuple[WebSocket, RawClient]]:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(CERTIFICATE)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    ours, theirs = tcp_pair()
    shaking = gevent.spawn(server.wrap_socket, ours, server_side=True)
    theirs = client.wrap_socket(theirs)
    with pair((shaking.get(timeout=10), theirs), **options) as ends:
        yield ends


def test_many_messages_in_one_record_are_all_delivered():
    with tls_pair() as (websocket, client):
        received = Received(websocket)

        client.send(frame(TEXT, b"x" * 10) * 900 + close_frame(1000))

        assert received.wait() == ["x" * 10] * 900
        assert client.receive_close() == 1000


def test_a_message_of_many_records_arrives():
    with tls_pair() as (websocket, client):
        received = Received(websocket)

        client.send_text("ä" * 200_000)
        client.send(close_frame(1000))

        assert received.wait() == ["ä" * 200_000]


def test_what_was_unsent_arrives_in_order_when_the_peer_reads():
    with tls_pair() as (websocket, client):
        drained = []
        websocket.on_drained = lambda: drained.append(True)
        for number in range(500):
            websocket.send(f"{number} " + "x" * 1000)
        assert websocket.unsent

        numbers = [int(client.receive_text().split()[0]) for _ in range(500)]

        assert numbers == list(range(500))
        wait_until(lambda: drained)


def test_both_directions_at_once():
    with tls_pair() as (websocket, client):
        received = Received(websocket)
        count = fill(websocket)

        sending = gevent.spawn(client.send, frame(TEXT, b"y" * 50_000) * 20)
        sent = [client.receive() for _ in range(count)]
        sending.get(timeout=10)
        client.send(close_frame(1000))

        assert received.wait() == ["y" * 50_000] * 20
        assert sent == [(TEXT, b"x" * 1000)] * count


def test_a_violation_ends_the_connection_with_its_code():
    with tls_pair() as (websocket, client):
        received = Received(websocket)

        client.send(frame(TEXT, b"x", masked=False))

        assert client.receive_close() == 1002
        client.sock.close()
        assert received.wait() == []


def test_a_peer_that_takes_nothing_is_let_go():
    with tls_pair(send_timeout=0.05) as (websocket, _):
        received = Received(websocket)

        fill(websocket)

        assert received.wait() == []
        assert websocket.close_code == 4000


def test_a_silent_peer_is_pinged_and_its_answer_heard():
    with tls_pair(ping_interval=0.02) as (websocket, client):
        Received(websocket)
        for _ in range(3):
            assert client.receive() == (9, b"")
            client.send(frame(PONG))

        assert not websocket.closed


def test_a_peer_that_vanishes_ends_receive():
    with tls_pair() as (websocket, client):
        received = Received(websocket)

        client.sock.close()

        assert received.wait() == []
        assert not websocket.clean


def test_abort_ends_receive():
    with tls_pair() as (websocket, client):
        received = Received(websocket)
        gevent.idle()

        websocket.abort()

        assert received.wait() == []
        with pytest.raises((ConnectionError, ssl.SSLError)):
            client.receive()


