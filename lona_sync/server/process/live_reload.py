"""What a server does for pages that are to follow the source: `lona-sync run --live-reload`.

    supervisor (cli/supervisor.py)           this process                     a page (live_reload.js)
    watches the files
      a .py    ends it, starts another   →   views at rest let go             its socket is lost; it comes back by itself, and the
                                                                              view goes on from what it keeps
      a .css   {"styles": 4}             →   answers who waits           →    names its style sheets anew
      other    {"page": 7}               →   answers who waits           →    loads itself again

A page asks what the numbers are, and is answered when they differ from its own. While the program does not start, the supervisor
itself answers at the same socket, with the error; the page shows that on top of itself until it is gone.

Only browsers on `LIVE_RELOAD_NETWORKS` are told anything: an error shows source code.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from gevent.event import Event
from markupsafe import escape
from werkzeug.wrappers import Request, Response

from ..http.networks import is_own_browser

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

logger = logging.getLogger("lona_sync.live_reload")

PATH = "/_lona_sync/live-reload"
SCRIPT = f"{PATH}.js"
_FILE = Path(__file__).parents[2] / "client" / "live_reload.js"
#: Seconds that a page is let wait; proxies and browsers cut what is silent for longer.
_PATIENCE = 25.0
_NONCE = re.compile(r"'nonce-([A-Za-z0-9+/=_-]+)'")


class Numbers(NamedTuple):
    """What there is now. A page with another `page` loads itself again, one with other `styles` its style sheets."""
    run: int = 1
    page: int = 1
    styles: int = 1


class LiveReload:
    """In front of `application`: adds a script to each HTML page, and answers that. `error`: why there is no real application."""

    def __init__(self, application: WSGIApplication, *, numbers: Numbers, networks: Iterable[str], error: str = "") -> None:
        self._application = application
        self._numbers = numbers
        self._networks = tuple(networks)
        is_own_browser({}, self._networks, "LIVE_RELOAD_NETWORKS")         # one that cannot be understood fails here
        self._error = error
        self._changed = Event()
        self._over = False

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not is_own_browser(environ, self._networks, "LIVE_RELOAD_NETWORKS"):
            return self._application(environ, start_response)
        path = environ.get("PATH_INFO")
        if path == PATH:
            return self._tell(Request(environ))(environ, start_response)
        if path == SCRIPT:
            script = Response(_FILE.read_bytes(), content_type="text/javascript; charset=utf-8")
            script.headers["Cache-Control"] = "no-store"
            return script(environ, start_response)
        if environ["REQUEST_METHOD"] != "GET" or environ.get("HTTP_UPGRADE"):
            return self._application(environ, start_response)
        return self._extended(environ, start_response)

    def now(self, numbers: Numbers) -> None:
        """These are the numbers from now on; whoever waits is told."""
        self._numbers = numbers
        self._wake()

    def end(self) -> None:
        """Nobody is let wait any more."""
        self._over = True
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = Event()

    def _tell(self, request: Request) -> Response:
        if self._present() == {name: request.args.get(name) for name in self._present()} and not self._over:
            self._changed.wait(_PATIENCE)
        told: dict[str, Any] = {**self._present(), "error": self._error or None}         # Any: numbers and texts
        response = Response(json.dumps(told), content_type="application/json")
        response.headers["Cache-Control"] = "no-store"
        response.headers["Connection"] = "close"         # the next process is to hear the next question
        return response

    def _present(self) -> dict[str, str]:
        present = {name: str(value) for name, value in self._numbers._asdict().items()}
        return {**present, "broken": "1" if self._error else "0"}

    def _extended(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        tag = b""

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:  # Any: WSGI's
            nonlocal tag
            told = {name.lower(): value for name, value in headers}
            if told.get("content-type", "").startswith("text/html") and "content-encoding" not in told and status[:3] != "304":
                tag = self._tag(told.get("content-security-policy", ""))
                headers = [(name, value) for name, value in headers if name.lower() != "content-length"]
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

        body = self._application(environ, start)
        try:
            yield from body
            if tag:
                yield tag
        finally:
            close = getattr(body, "close", None)
            if close is not None:
                close()

    def _tag(self, policy: str) -> bytes:
        nonce = _NONCE.search(policy)
        attribute = f' nonce="{nonce[1]}"' if nonce else ""
        return f'<script type="module" src="{SCRIPT}?{escape(urlencode(self._present()))}"{attribute}></script>\n'.encode()
