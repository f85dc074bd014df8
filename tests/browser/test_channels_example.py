"""examples/channels.py as it is, in real browsers, under each way to serve it."""

from __future__ import annotations

import base64
import json
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from lona_sync.wire.protocol import VERSION
from tests.browser.servers import RunningServer, serving

Open = Callable[[str], Page]


@pytest.mark.parametrize("kind", ["run", "script", "gunicorn", "gunicorn-websocket"])
def test_a_click_in_one_browser_is_seen_in_another(kind: str, visitor: Callable[[], BrowserContext], tmp_path: Path) -> None:
    with serving(kind, "examples.channels", tmp_path / "log") as server:
        receiver, sender = visitor().new_page(), visitor().new_page()
        receiver.goto(server.url + "/receiver")
        sender.goto(server.url + "/sender")
        expect(receiver.locator("p")).to_have_text("Waiting for messages...")
        sender.locator("button").click()

        expect(receiver.locator("p")).to_have_text("Received: Hello from sender!")
        receiver.close()
        sender.close()

    assert "Traceback" not in (tmp_path / "log").read_text()


@pytest.mark.parametrize(("kind", "visits"), [("run", 200), ("gunicorn", 2000)])
def test_a_crash_and_a_closed_page_disturb_nobody_and_many_visits_leave_nothing(
    kind: str, visits: int, visitor: Callable[[], BrowserContext], tmp_path: Path,
) -> None:
    with serving(kind, "tests.browser.apps.notifications", tmp_path / "log") as server:
        pages = [visitor().new_page() for _ in range(6)]
        first, second, closed, fragile, *senders = pages
        for page in (first, second, closed):
            page.goto(server.url + "/receiver")
            expect(page.locator("p")).to_have_text("Waiting for messages...")
        fragile.goto(server.url + "/fragile")
        expect(fragile.locator("h1")).to_have_text("Fragile")
        for page in senders:
            page.goto(server.url + "/sender")
        closed.close()
        senders[0].locator("button").click()
        expect(fragile.locator("h1")).to_have_text("500 Internal Error")
        before = json.loads(server.get("/census"))

        _open_and_close(server, visits)
        senders[1].locator("button").click()

        for page in (first, second):
            expect(page.locator("p")).to_have_text("Received: Hello from sender!")
        assert before["views"] == 5 + 1            # the pages that are open, and the census itself
        _expect_census(server, before)
        for page in (first, second, fragile, *senders):
            page.close()


def _expect_census(server: RunningServer, before: dict[str, int]) -> None:
    for _ in range(100):
        census = json.loads(server.get("/census"))
        grown = {name: (before[name], count) for name, count in census.items() if count > before[name]}
        if not grown:
            return
    raise AssertionError(f"more than before: {grown}")


def _open_and_close(server: RunningServer, visits: int) -> None:
    """A receiver each, twenty at a time; half of them close their window first."""
    host, _, port = server.url.removeprefix("http://").partition(":")
    for _ in range(visits // 20):
        sockets = [_open_receiver(host, int(port)) for _ in range(20)]
        for number, connection in enumerate(sockets):
            with connection:
                if number % 2:
                    _send(connection, 1, b"[3,1]")
                _send(connection, 8, b"\x03\xe8")
                while connection.recv(4096):
                    continue


def _open_receiver(host: str, port: int) -> socket.socket:
    connection = socket.create_connection((host, port), timeout=10)
    key = base64.b64encode(os.urandom(16)).decode()
    connection.sendall(
        f"GET /_lona_sync/socket HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
    )
    _send(connection, 1, b"[0,%d]" % VERSION)
    _send(connection, 1, b'[1,1,"/receiver",null]')
    received = b""
    while b"Waiting for messages" not in received:
        chunk = connection.recv(4096)
        assert chunk, f"the server has closed the connection: {received!r}"
        received += chunk
    return connection


def _send(connection: socket.socket, opcode: int, payload: bytes) -> None:
    connection.sendall(bytes([0x80 | opcode, 0x80 | len(payload), 0, 0, 0, 0]) + payload)      # masked with zeros
