"""werkzeug's interactive traceback, for views that have crashed, however they are shown.

Its consoles run whatever is typed, in the server's process: that is what they are for, and why everything here asks four times.

* There is none but in debug mode: outside of it this object is not even made.
* It is for this machine: the other end of the connection is a loopback address, no header tells of a proxy in between, and the
  browser has asked for a host that is this machine by its name (a page of evil.example whose name leads to 127.0.0.1 has not).
* Each traceback has an address that nobody can guess, which only who has crashed the view gets to know, and it holds werkzeug's
  secret, which each command must bring along. Its frame is of this site alone.
* The console has a PIN. It is made at random for each process, not of the machine's data, which more can be read of than should be;
  it stands in the log. After ten wrong ones the console is locked until the server is started again.

What a traceback holds, the local variables of its frames, stays in memory, so only the last ten are kept.
"""

from __future__ import annotations

import ipaddress
import logging
import secrets
import traceback
from collections import OrderedDict
from typing import TYPE_CHECKING

from werkzeug.debug import DebuggedApplication
from werkzeug.debug.tbtools import DebugTraceback
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Request as WSGIRequest
from werkzeug.wrappers import Response

from ...html import Details, Div, IFrame, Pre, Summary
from ...html.node import Node
from ...views.request import Request

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

logger = logging.getLogger("lona_sync.server.debugger")

#: Where tracebacks are, below where the application is mounted.
PATH = "/_lona_sync/debugger/"
_KEPT = 10
_FORWARDED = ("X-Forwarded-For", "X-Real-Ip", "Forwarded", "Via")
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self' 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
}


class Debugger:
    """The tracebacks of one process in debug mode."""

    path = PATH

    def __init__(self) -> None:
        self._tracebacks: OrderedDict[str, DebugTraceback] = OrderedDict()
        self._console = _Console(NotFound())

    def explain(self, error: Exception, request: Request) -> Node | None:
        """What is shown of `error` to who has sent `request`; None: nothing that could be used, he is not at this machine."""
        if not _is_loopback(request.remote_addr):
            return None
        name = secrets.token_urlsafe(16)
        self._tracebacks[name] = found = DebugTraceback(error)
        for frame in found.all_frames:
            self._console.frames[id(frame)] = frame
        if len(self._tracebacks) > _KEPT:
            for frame in self._tracebacks.popitem(last=False)[1].all_frames:
                del self._console.frames[id(frame)]
        logger.warning("the PIN of the consoles in the traceback is %s", self._console.pin)
        text = "".join(traceback.format_exception(error))
        return Div(
            IFrame(src=f"{request.base}{PATH}{name}", title="Traceback"), Details(Summary("The traceback as text"), Pre(text)),
        )

    def respond(self, request: WSGIRequest) -> Response | None:
        """A traceback, what belongs to its page, or what a console has answered; None: there is nothing for who has asked."""
        found = self._tracebacks.get(request.path.removeprefix(PATH))
        if found is None or not self._is_allowed(request):
            return None
        if request.args.get("__debugger__") == "yes":
            response = Response.from_app(self._console, request.environ)
        else:
            trusted = bool(self._console.check_pin_trust(request.environ))
            page = found.render_debugger_html(evalex=True, secret=self._console.secret, evalex_trusted=trusted)
            response = Response(page, content_type="text/html; charset=utf-8")
        response.headers.update(_HEADERS)
        return response

    def _is_allowed(self, request: WSGIRequest) -> bool:
        return (
            _is_loopback(request.environ.get("REMOTE_ADDR", "")) and not any(name in request.headers for name in _FORWARDED)
            and self._console.check_host_trust(request.environ)
        )


class _Console(DebuggedApplication):
    """werkzeug's, with a PIN that nobody can work out."""

    def __init__(self, app: WSGIApplication) -> None:
        super().__init__(app, evalex=True, pin_logging=False)
        self.trusted_hosts = ["localhost", ".localhost", "127.0.0.1", "[::1]"]
        # Set together: werkzeug makes both anew, of the machine's data, when one of them is missing.
        self._pin = "-".join(f"{secrets.randbelow(1000):03}" for _ in range(3))
        self._pin_cookie = f"lona_sync_debugger_{secrets.token_hex(8)}"


def _is_loopback(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:                                                 # a unix socket: there is a proxy
        return False
    mapped = getattr(found, "ipv4_mapped", None)                       # how a socket that listens on "::" sees 127.0.0.1
    return bool((mapped or found).is_loopback)
