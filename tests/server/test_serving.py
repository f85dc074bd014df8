"""Our own HTTP server."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress

import gevent
import pytest
from gevent import socket

from lona_sync.server.http import serving
from lona_sync.server.http.serving import CannotListen, Server
from tests.server.pairs import wait_until
from tests.server.raw_client import PATIENCE, RawClient, connect

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def hello(environ, start_response):
    start_response("200 OK", [("Content-Length", "5")])
    return [b"hello"]


@pytest.fixture
def serve() -> Iterator[Callable[..., RawClient]]:
    """Serves an application, and returns a client that is connected to it."""
    servers, clients = [], []

    def start(application=hello) -> RawClient:
        servers.append(Server(application, "127.0.0.1", 0))
        servers[-1].start()
        clients.append(RawClient(connect(("127.0.0.1", servers[-1].port))))
        return clients[-1]

    yield start
    for client in clients:
        client.sock.close()
    for server in servers:
        server.stop()


def test_requests_on_one_connection_are_answered(serve):
    client = serve()

    for _ in range(3):
        client.send(GET)
        answer = client.answer()

        assert answer.status == 200
        assert client.body(answer) == "hello"
        assert "server" not in answer.headers


@pytest.mark.parametrize(("body", "sends"), [([b"hello"], 1), ([b""], 1), ([b"hello", b"you"], 2), ([b"x" * 100_000], 2)])
def test_a_small_answer_goes_out_in_one_piece(serve, monkeypatch, body, sends):
    pieces = []
    send = serving.Handler._sendall
    monkeypatch.setattr(serving.Handler, "_sendall", lambda handler, data: (pieces.append(bytes(data)), send(handler, data))[1])

    def say(environ, start_response):
        start_response("200 OK", [("X-Own", "own")])
        return body

    client = serve(say)
    client.send(GET)
    answer = client.answer()

    assert client.body(answer) == b"".join(body).decode()
    assert (answer.headers["x-own"], answer.headers["content-length"]) == ("own", str(sum(map(len, body))))
    assert len(pieces) == sends


def test_an_answer_that_is_cut_off_has_nothing_in_place_of_its_rest():
    """The reader may be missing no more bytes than an error's text has."""
    def large(environ, start_response):
        start_response("200 OK", [("Content-Length", "60000")])
        return [b"x" * 60_000]

    listener = serving.listen("127.0.0.1", 0)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    server = Server(large, "127.0.0.1", 0, listener=listener)
    server.start()
    with RawClient(socket.socket()) as client:
        client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sock.settimeout(PATIENCE)
        client.sock.connect(("127.0.0.1", server.port))
        client.send(GET)
        client.answer()                                    # the rest waits for us to read it
        server.stop(0)

        rest = b"".join(iter(lambda: client.sock.recv(65_536), b""))

    assert set(rest) == set(b"x")


def test_an_answer_in_chunks_is_whole(serve):
    def pour(environ, start_response):
        start_response("200 OK", [])
        yield from (b"one", b"", b"two")

    client = serve(pour)
    client.send(GET)
    answer = client.answer()

    assert answer.headers["transfer-encoding"] == "chunked"
    assert [client.chunk() for _ in range(3)] == [b"one", b"two", b""]


def test_an_answer_says_when_it_was_made_unless_the_application_does(serve, monkeypatch):
    monkeypatch.setattr("lona_sync.server.http.serving.time.time", lambda: 1_000_000_000.7)
    own: list[tuple[str, str]] = []

    def say(environ, start_response):
        start_response("200 OK", [("Content-Length", "0"), *own])
        return []

    client = serve(say)
    client.send(GET)
    first = client.answer()
    own.append(("Date", "Mon, 30 Nov 2026 21:00:00 GMT"))
    client.send(GET)
    second = client.answer()

    assert first.headers["date"] == "Sun, 09 Sep 2001 01:46:40 GMT"
    assert second.headers["date"] == "Mon, 30 Nov 2026 21:00:00 GMT"


def test_accepted_connections_send_small_answers_at_once(serve):
    options = []

    def look(environ, start_response):
        options.append(environ["lona_sync.socket"].getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        return hello(environ, start_response)

    client = serve(look)
    client.send(GET)
    client.answer()

    assert options == [1]


def test_the_server_is_named_as_its_user_named_it(serve):
    names = []

    def look(environ, start_response):
        names.append((environ["SERVER_NAME"], int(environ["SERVER_PORT"]), environ["wsgi.url_scheme"]))
        return hello(environ, start_response)

    client = serve(look)
    client.send(GET)
    client.answer()

    assert names == [("127.0.0.1", client.sock.getpeername()[1], "http")]


def test_no_answer_tells_what_serves_it(serve):
    client = serve()

    client.send(GET)

    assert not {"server", "x-powered-by"} & {name.lower() for name in client.answer().headers}


def test_localhost_is_served():
    server = Server(hello, "localhost", 0)
    server.start()
    with RawClient(connect(("127.0.0.1", server.port))) as client:
        client.send(GET)

        assert client.answer().status == 200
    server.stop()


def test_a_port_in_use_is_one_clear_line():
    first = Server(hello, "127.0.0.1", 0)
    first.start()

    with pytest.raises(CannotListen) as caught:
        Server(hello, "127.0.0.1", first.port).start()

    first.stop()
    assert str(caught.value) == (
        f"cannot listen on '127.0.0.1', port {first.port}: something else listens there already; "
        "stop it or choose another port"
    )


@pytest.mark.parametrize(("host", "port", "reason"), [
    ("no-such-host.invalid", 8080, "there is no such host"),
    ("x" * 300, 8080, "there is no such host"),
    ("192.0.2.1", 8080, "this machine does not have that address"),
    ("127.0.0.1", 70_000, "a port is a number from 0 to 65535"),
])
def test_an_address_that_cannot_be_used_is_one_clear_line(host, port, reason):
    with pytest.raises(CannotListen) as caught:
        Server(hello, host, port).start()

    assert str(caught.value) == f"cannot listen on {host!r}, port {port}: {reason}"


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\n"])
def test_a_client_that_does_not_finish_its_head_is_let_go(serve, monkeypatch, caplog, sent):
    monkeypatch.setattr(serving, "HEAD_TIMEOUT", 0.05)
    client = serve()

    client.send(sent)

    assert client.at_end()
    assert caplog.records == []


def test_a_client_that_drips_is_let_go(serve, monkeypatch):
    monkeypatch.setattr(serving, "HEAD_TIMEOUT", 0.05)
    client = serve()

    def drip():
        while True:
            client.send(b"x")
            gevent.sleep(0.01)

    dripping = gevent.spawn(drip)

    with pytest.raises(OSError):
        dripping.get(timeout=10)


def test_an_application_may_take_longer_than_the_head(serve, monkeypatch):
    monkeypatch.setattr(serving, "HEAD_TIMEOUT", 0.05)

    def slow(environ, start_response):
        gevent.sleep(0.1)
        return hello(environ, start_response)

    client = serve(slow)

    client.send(GET)

    assert client.answer().status == 200


def test_a_failing_application_is_logged_with_its_traceback(serve, caplog):
    def fail(environ, start_response):
        raise RuntimeError("no luck")

    client = serve(fail)
    client.send(GET)

    assert client.answer().status == 500
    [record] = caplog.records
    assert (record.name, record.levelno, record.getMessage()) == ("lona_sync.server.http", logging.ERROR, "GET / failed")
    assert "no luck" in record.exc_text


def test_requests_are_logged_for_debugging_only(serve, caplog):
    client = serve()

    client.send(GET)
    client.body(client.answer())
    caplog.set_level(logging.DEBUG)
    client.send(GET)
    client.body(client.answer())

    wait_until(lambda: caplog.records)
    [record] = caplog.records
    assert (record.name, record.levelno) == ("lona_sync.server.http", logging.DEBUG)
    assert '"GET / HTTP/1.1" 200' in record.getMessage()


def test_nonsense_is_refused_and_no_error_of_ours(serve, caplog):
    caplog.set_level(logging.INFO)
    client = serve()

    client.send(b"\x16\x03\x01 100% nonsense\r\n\r\n")

    assert client.answer().status == 400
    assert [record.levelno for record in caplog.records] == [logging.INFO]


@pytest.mark.parametrize("lines", [
    b"Host: a\r\n X: folded\r\n", b"Host: a\r\nX: 1\r\n\tfolded\r\n", b" Host: a\r\n", b"Host : a\r\n", b"Host: a\r\nHost: b\r\n",
    b"Host: a\r\nno header\r\nContent-Length: 5\r\n", b"Host: a\r\nX: a\rContent-Length: 5\r\n", b"Host: a\r\nX: a\x00b\r\n",
])
def test_headers_that_others_read_otherwise_are_refused(serve, lines):
    client = serve(hello)

    client.send(b"GET / HTTP/1.1\r\n" + lines + b"\r\nhello")

    assert client.answer().status == 400


def test_a_broken_body_that_the_application_does_not_mind_is_a_bad_request(serve):
    def read(environ, start_response):
        environ["wsgi.input"].read()

    client = serve(read)

    client.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")

    assert client.answer().status == 400
    assert client.at_end()


@pytest.mark.parametrize("body", [["text"], [None]])
def test_what_is_no_body_is_a_failure_of_the_application(serve, caplog, body):
    def say(environ, start_response):
        start_response("200 OK", [])
        return body

    client = serve(say)

    client.send(GET)

    assert client.answer().status == 500
    assert [record.getMessage() for record in caplog.records] == ["GET / failed"]


def test_what_follows_a_broken_body_is_no_request(serve):
    asked = []

    def careless(environ, start_response):
        asked.append(environ["PATH_INFO"])
        with suppress(OSError):
            environ["wsgi.input"].read()
        return hello(environ, start_response)

    client = serve(careless)

    client.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzGET /next HTTP/1.1\r\nHost: a\r\n\r\n")
    client.body(client.answer())

    assert client.at_end()
    assert asked == ["/"]


def test_a_client_that_leaves_early_is_not_logged(serve, caplog):
    started, done = [], []

    def large(environ, start_response):
        start_response("200 OK", [])
        started.append(True)
        try:
            while True:
                yield b"x" * 100_000
        finally:
            done.append(True)

    client = serve(large)
    client.send(GET)
    wait_until(lambda: started)

    client.sock.close()

    wait_until(lambda: done)
    gevent.sleep(0.01)
    assert caplog.records == []


def test_a_server_that_stops_accepting_finishes_what_runs():
    going_on = gevent.event.Event()

    def slow(environ, start_response):
        going_on.wait()
        return hello(environ, start_response)

    server = Server(slow, "127.0.0.1", 0)
    server.start()
    with RawClient(connect(("127.0.0.1", server.port))) as client:
        client.send(GET)
        gevent.sleep(0.01)

        server.stop_accepting()
        with pytest.raises(ConnectionRefusedError):
            connect(("127.0.0.1", server.port))
        going_on.set()

        assert client.answer().status == 200
    server.stop()


def test_a_stopped_server_cuts_off_what_does_not_end():
    server = Server(lambda environ, start_response: gevent.sleep(1000), "127.0.0.1", 0)
    server.start()
    with RawClient(connect(("127.0.0.1", server.port))) as client:
        client.send(GET)
        gevent.sleep(0.01)

        server.stop(timeout=0.01)

        assert client.at_end() or client.answer().status == 500


def test_stopping_what_was_not_started_is_no_error():
    server = Server(hello, "127.0.0.1", 0)

    server.stop_accepting()
    server.stop()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_waiting(number):
    server = Server(hello, "127.0.0.1", 0)
    before = signal.getsignal(number)
    waiting = gevent.spawn(server.wait_for_signal)
    gevent.sleep(0.01)

    os.kill(os.getpid(), number)

    waiting.get(timeout=10)
    signal.signal(number, before)
