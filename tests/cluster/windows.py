"""Browsers without a screen for tests of several processes: they count clicks, resume, and know which worker has them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from gevent import ssl

from lona_sync.wire.protocol import VERSION
from tests.cluster.processes import wait_until
from tests.server.raw_client import TEXT, RawClient, connect, frame


def text_frame(message: list[Any]) -> bytes:
    return frame(TEXT, json.dumps(message).encode())


def over_tls(port: int) -> RawClient:
    """A connection to a server with any certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return RawClient(context.wrap_socket(connect(("127.0.0.1", port))))


class Browser:
    """One connection, of the user of `cookie`. Windows show views whose button is '+1' and whose title names their worker.

    It is lost when nobody holds it any more.
    """

    def __init__(
        self, port: int, cookie: str = "", then: bytes = b"", path: str = "/_lona_sync/socket", tls: bool = False,
    ) -> None:
        self.raw = over_tls(port) if tls else RawClient(connect(("127.0.0.1", port)))
        answer = self.raw.request(path=path, Cookie=cookie or None, then=text_frame([0, VERSION]) + then)
        if answer.status != 101:
            self.raw.sock.close()
            raise ConnectionError(f"{answer}")
        assert self.hear()[0] == 0

    def __del__(self) -> None:
        if hasattr(self, "raw"):
            self.raw.sock.close()

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        self.raw.sock.close()

    def say(self, *message: Any) -> None:
        self.raw.send(text_frame(list(message)))

    def hear(self) -> list[Any]:
        """The next message for a window."""
        message: list[Any] = json.loads(self.raw.receive_text())
        return message

    def hear_kind(self, kind: int, window: int = 1) -> list[Any]:
        """The next message of this kind for this window; others of other windows may come before."""
        while True:
            message = self.hear()
            if message[0] == kind and message[1] == window:
                return message
            assert message[1] != window or message[0] in (2, 3, 5), f"expected {kind}, not {message}"

    def open(self, url: str, window: int = 1) -> View:
        self.say(1, window, url, None)
        return View.shown(self, window)

    def close_code(self) -> int | None:
        """The code with which the server ends it; what comes before is left out. None: it ended without one."""
        try:
            return self.raw.see_off()
        except (ConnectionError, OSError):
            return None


class View:
    """One client of one view, in a window; it outlives the connection."""

    def __init__(self, browser: Browser, window: int, id: str, secret: str) -> None:
        self.browser = browser
        self.window = window
        self.id = id
        self.secret = secret
        self.events = 0
        self.frame = 0
        self.worker = ""
        self.button = 0
        self.text = ""

    @classmethod
    def shown(cls, browser: Browser, window: int) -> View:
        _, _, id, secret, _, event = browser.hear_kind(1, window)
        view = cls(browser, window, id, secret)
        view.events = event
        view._take(browser.hear_kind(2, window))
        return view

    @property
    def tag(self) -> str:
        return self.id.partition(".")[0]

    def _take(self, snapshot: list[Any]) -> None:
        self.frame, self.worker, first, stream = snapshot[2], snapshot[4], snapshot[5], snapshot[7]
        nodes = [item for item in stream if item != 0 and not isinstance(item, dict)]
        self.button = first + nodes.index("+1") - 1
        self.text = next(item for item in nodes if isinstance(item, str) and item != "+1")

    def click_frame(self) -> bytes:
        self.events += 1
        data = [1, 1, 10, 10, 0, self.button]
        return text_frame([4, self.window, self.events, self.frame, 1, self.button, data])

    def click(self) -> str:
        """Click once; the text that the view shows then."""
        self.browser.raw.send(self.click_frame())
        return self.changed()

    def changed(self) -> str:
        """What the next frame sets as text."""
        message = self.browser.hear_kind(3, self.window)
        self.frame = message[2]
        self.text = message[4][-1][2]
        return self.text

    def resume_frame(self, window: int | None = None) -> bytes:
        return text_frame([2, window or self.window, self.id, self.secret, self.frame])

    def resume(self, browser: Browser) -> list[Any]:
        """Ask for it on another connection; the answer."""
        self.browser = browser
        browser.raw.send(self.resume_frame())
        message = browser.hear()
        while message[1] != self.window:
            message = browser.hear()
        return message


@dataclass(frozen=True)
class Painted:
    """A page that shows its view. `join` is None when it has to ask for it; `worker`: its title."""
    cookie: str
    join: tuple[str, str] | None
    worker: str

    def ask(self, browser: Browser, window: int = 1) -> None:
        """Join the view."""
        assert self.join is not None
        browser.say(2, window, *self.join, 0)


def page_of(port: int, path: str = "/", cookie: str = "", tls: bool = False, headers: str = "") -> Painted:
    """Load a page. `cookie`: of who loads it; else he is new. `headers`: lines."""
    with over_tls(port) if tls else RawClient(connect(("127.0.0.1", port))) as client:
        sent = f"Cookie: {cookie}\r\n" if cookie else ""
        client.send(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{sent}{headers}\r\n".encode())
        answer = b"".join(iter(lambda: client.sock.recv(65_536), b"")).decode()
    cookies = re.findall("^set-cookie: ([^;\r]+)", answer, re.IGNORECASE | re.MULTILINE) or [cookie]
    assert cookies[0], f"this is not a page of a view, and gives no cookie:\n{answer}"
    config = re.search('id="lona-sync">(.*?)</script>', answer)
    join = json.loads(config[1]).get("join") if config else None
    title = re.search("<title>(.*?)</title>", answer)
    return Painted("; ".join(cookies), join and tuple(join), title[1] if title else "")


def cookie_of(port: int, tls: bool = False, path: str = "/") -> str:
    """The cookies of a new user: who he is, and, behind a balancer, where he has been sent. No view is started."""
    return page_of(port, path, tls=tls, headers="Sec-Purpose: prefetch\r\n").cookie


def elsewhere(port: int, than: str, cookie: str = "", tls: bool = False) -> Browser:
    """A connection that another worker than `than` has accepted."""
    def attempt() -> Browser | None:
        browser = Browser(port, cookie, tls=tls)
        probe = browser.open("/", window=999)
        browser.say(3, 999)
        if probe.worker != than:
            return browser
        browser.raw.sock.close()
        return None

    return wait_until(attempt)
