"""The handshake, under our own server."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import gevent
import pytest

from lona_sync.server.http.serving import Server
from tests.server.apps import echo
from tests.server.pairs import wait_until
from tests.server.raw_client import ACCEPT, HANDSHAKE, TEXT, RawClient, close_frame, connect, frame


@pytest.fixture
def client() -> Iterator[RawClient]:
    server = Server(echo.app, "127.0.0.1", 0)
    server.start()
    with RawClient(connect(("127.0.0.1", server.port))) as client:
        yield client
    server.stop()


def test_a_right_handshake_is_answered_as_the_standard_wants(client):
    answer = client.request()

    assert answer.status == 101
    assert answer.headers["upgrade"] == "websocket"
    assert answer.headers["connection"].lower() == "upgrade"
    assert answer.headers["sec-websocket-accept"] == ACCEPT
    assert not {"content-length", "transfer-encoding", "sec-websocket-protocol", "server"} & set(answer.headers)


@pytest.mark.parametrize("headers", [
    {"Connection": "keep-alive, Upgrade"},
    {"Upgrade": "WebSocket"},
    {"Upgrade": "h2c, websocket", "Connection": "upgrade"},
    {"Origin": "http://example.org"},
    {"Sec_WebSocket_Protocol": "chat", "Sec_WebSocket_Extensions": "permessage-deflate"},
    {"Content_Length": "0"},
])
def test_other_right_handshakes_are_understood(client, headers):
    answer = client.request(**headers)
    client.send_text("x")

    assert answer.status == 101
    assert client.receive_text() == "x"


def test_frames_that_come_with_the_handshake_are_not_lost(client):
    client.request(then=frame(TEXT, b"early") + frame(TEXT, b"x" * 20_000))

    assert client.receive_text() == "early"
    assert client.receive_text() == "x" * 20_000


@pytest.mark.parametrize(("headers", "status"), [
    ({"Sec_WebSocket_Key": None}, 400),
    ({"Sec_WebSocket_Key": ""}, 400),
    ({"Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ"}, 400),            # not padded
    ({"Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25j"}, 400),              # 15 bytes
    ({"Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==x"}, 400),
    ({"Sec_WebSocket_Key": "?GhlIHNhbXBsZSBub25jZQ=="}, 400),
    ({"Sec_WebSocket_Key": "ähn"}, 400),
    ({"Sec_WebSocket_Version": None}, 426),
    ({"Sec_WebSocket_Version": "8"}, 426),
    ({"Sec_WebSocket_Version": "13, 8"}, 426),
    ({"Upgrade": None}, 426),
    ({"Upgrade": "h2c"}, 426),
    ({"Connection": None}, 426),
    ({"Connection": "keep-alive"}, 426),
    ({"Content_Length": "5", "then": b"hello"}, 400),
    ({"method": "POST", "Content_Length": "0"}, 405),
    ({"version": "1.0"}, 400),
    ({"Origin": "http://evil.org"}, 403),
    ({"Origin": "null"}, 403),
])
def test_a_wrong_handshake_is_refused_with_one_sentence(client, headers, status):
    answer = client.request(**headers)

    assert answer.status == status
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert client.body(answer).endswith(".\n")


def test_another_version_is_told_which_one_is_spoken(client):
    answer = client.request(Sec_WebSocket_Version="8")

    assert answer.headers["sec-websocket-version"] == "13"


def test_a_server_that_gives_no_socket_says_what_to_do():
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": "/", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http",
        **{"HTTP_" + name.upper().replace("-", "_"): value for name, value in HANDSHAKE.items()},
    }
    answers = []

    body = echo.app(environ, lambda status, headers: answers.append(status))

    assert answers == ["501 Not Implemented"]
    assert b"gunicorn -k gevent" in b"".join(body)


def test_serve_that_fails_closes_with_1011_and_is_logged_with_its_traceback(client, caplog):
    client.request(path="/fail")

    assert client.receive_close() == 1011
    client.send(close_frame(1011))
    assert client.at_end()
    wait_until(lambda: caplog.records)
    [record] = caplog.records
    assert (record.name, record.levelno) == ("lona_sync.server.http", logging.ERROR)
    assert "the application failed" in record.exc_text


def test_a_listener_that_fails_closes_with_1011_and_is_logged_with_its_traceback(client, caplog):
    client.request()

    client.send_text("fail")

    assert client.receive_close() == 1011
    client.send(close_frame(1011))
    assert client.at_end()
    wait_until(lambda: caplog.records)
    [record] = caplog.records
    assert (record.name, record.levelno) == ("lona_sync.server.http", logging.ERROR)
    assert "the application failed" in record.exc_text


def test_what_follows_the_goodbye_is_not_taken_for_a_request(client, caplog):
    caplog.set_level(logging.INFO)
    client.request()

    client.send(close_frame(1000) + frame(TEXT, b"GET /plain HTTP/1.1\r\n\r\n") * 100)

    assert client.receive_close() == 1000
    assert client.at_end()
    gevent.sleep(0.01)
    assert caplog.records == []


def test_a_client_that_leaves_is_not_logged(client, caplog):
    caplog.set_level(logging.INFO)
    client.request()
    client.send_text("x")
    client.receive()

    client.sock.close()
    gevent.sleep(0.01)

    assert caplog.records == []


def test_a_connection_is_none_of_the_servers_any_more():
    server = Server(echo.app, "127.0.0.1", 0)
    server.start()
    with RawClient(connect(("127.0.0.1", server.port))) as client:
        client.request()

        server.stop(timeout=0)

        client.send_text("still there")
        assert client.receive_text() == "still there"


def test_a_refused_client_may_try_again_on_the_same_connection(client):
    refused = client.request(Sec_WebSocket_Version="8")
    client.body(refused)

    answer = client.request()

    assert answer.status == 101
