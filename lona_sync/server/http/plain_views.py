"""Views that are not interactive: a request over plain HTTP, a view that runs to its end, a response."""

from __future__ import annotations

import logging
import string
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, ClientDisconnected, HTTPException, RequestEntityTooLarge, RequestTimeout
from werkzeug.wrappers import Request as HTTPRequest
from werkzeug.wrappers import Response

from ...errors import StopReason, UserAbort
from ...settings import Settings
from ...views.registry import Full, Registry, TooMany
from ...views.request import Request, parse_url
from ...views.runtime import ViewRuntime
from ...views.view import View
from ...views.visitor import Visitor
from ...wire.protocol import MAX_FIELDS
from ..people.session_store import StoreUnavailable
from ..people.visitors import Visitors
from ..routing.patterns import PLAIN
from ..routing.routes import Match
from .forgery import ForgeryGuard
from .origin import as_sent
from .patient_input import PatientInput
from .security import Security, check_headers
from .sending import Ready, as_ready, as_response, busy, has_left, in_pieces, socket_of

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

logger = logging.getLogger("lona_sync.server.http")

_FORM = "application/x-www-form-urlencoded"


def url_of(http: HTTPRequest) -> str:
    """Path, below where we are mounted, and query. Quoted again, as browsers do for a window: '/a%3Fb' is not '/a' with a query."""
    query = quote(http.query_string, safe=string.punctuation)
    return quote(http.path, safe=PLAIN) + ("?" + query if query else "")


#: Makes the page for what a view has raised, or has forgotten to return.
OnError = Callable[[Exception, Request], Response]


def _has_body(environ: WSGIEnvironment) -> bool:
    return environ.get("CONTENT_LENGTH", "") not in ("", "0") or "HTTP_TRANSFER_ENCODING" in environ


class PlainViews:
    """Runs them."""

    def __init__(
        self, *, settings: Settings, registry: Registry, visitors: Visitors, security: Security, guard: ForgeryGuard,
    ) -> None:
        self._settings = settings
        self._registry = registry
        self._visitors = visitors
        self._security = security
        self._guard = guard

    def respond(self, found: Match, http: HTTPRequest, visitor: Visitor, on_error: OnError) -> Response | Ready:
        """Run the view of this match, in this greenlet's time. `http`: as `read` gives it.

        Raises HTTPException for a request that makes no sense, or that the view has raised one for.
        """
        assert found.route is not None
        passed_through = found.route.http_pass_through
        fields = self.fields(http)
        if not (found.route.csrf_exempt or passed_through):
            self._guard.check(http, visitor.session.key, lambda: fields)
        request = self.request(found, http, visitor, fields)
        try:
            runtime = self._registry.start(found.route.view_class, request)
        except TooMany:
            return self._security.add_headers(busy(429))
        except Full:
            return self._security.add_headers(busy(503))
        response: Response | Ready
        goes_on = False                                            # the view still makes its answer when this returns
        try:
            response = self._answer(runtime, http.environ)
            self._visitors.answer(visitor, response)
            goes_on = runtime.plain.is_in_pieces
        except StopReason:
            response = busy(503)
        except (HTTPException, StoreUnavailable):
            raise
        except Exception as error:
            if not runtime.stopped:                                # else the runtime has logged it
                logger.exception("%s returned what cannot be sent", type(runtime.view).__name__)
            response = on_error(error, request)
        finally:
            if not goes_on:
                runtime.stop(UserAbort())
        if passed_through:
            return response
        if isinstance(response, Ready):
            response.headers += self._security.missing(response.headers, request.asked_nonce)
            return response
        # What is still to be made may ask for the nonce when the headers have gone.
        return self._security.add_headers(response, request.nonce if response.is_streamed else request.asked_nonce)

    def run(self, view_class: type[View], request: Request) -> Response | None:
        """What this view answers, as a whole; None: it has failed, which is logged."""
        try:
            runtime = self._registry.start(view_class, request)
        except Full:
            return None
        try:
            answer = runtime.plain.await_answer()
            if runtime.plain.is_in_pieces:
                raise RuntimeError("the page of an error is returned as a whole, not in pieces")
            response = as_response(answer, request.http_request.environ)
            check_headers(response, request.http_request.environ)
            return self._security.add_headers(response, request.asked_nonce)
        except (Exception, StopReason):
            logger.exception("the view %s has failed", view_class.__qualname__)
            return None
        finally:
            runtime.stop(UserAbort())

    def request(
        self, found: Match, http: HTTPRequest, visitor: Visitor, fields: MultiDict[str, str] | None = None,
    ) -> Request:
        """The visit, as views know it. Raises 400 for a URL that is none."""
        try:
            url, query = parse_url(url_of(http))
        except ValueError:
            raise BadRequest from None
        visitor.http_request = http
        return Request(
            url=url, GET=query, POST=MultiDict() if fields is None else fields, user=visitor.user, interactive=False,
            route=found.route, match_info=found.match_info, match_texts=found.texts, base=visitor.base, original=http,
            envelope=visitor.envelope, connection=visitor, make_token=lambda: self._guard.token(visitor.session.key),
        )

    def read(self, environ: WSGIEnvironment) -> HTTPRequest:
        """werkzeug's request, as the browser has sent it. How much of its body is read is limited."""
        environ = as_sent(environ, self._settings.TRUSTED_PROXIES)
        if "lona_sync.socket" not in environ:                      # our own server has patience of its own
            environ["wsgi.input"] = PatientInput(environ["wsgi.input"], socket_of(environ))
        http = HTTPRequest(environ, populate_request=False)        # else it would be a circle, for Python to find and take apart
        http.max_form_memory_size = self._settings.FORM_BYTES
        http.max_content_length = self._settings.FORM_BYTES + 1          # of what is longer and has no length, that much is read
        return http

    def check_length(self, http: HTTPRequest) -> None:
        """Raise 413 for a body that says that it is longer than `FORM_BYTES`."""
        if http.content_length is not None and http.content_length > self._settings.FORM_BYTES:
            raise RequestEntityTooLarge

    def fields(self, http: HTTPRequest) -> MultiDict[str, str]:
        """The fields that were posted. Raises 413 for more than `FORM_BYTES` or `MAX_FIELDS` of them, 408 when they do not come."""
        if not _has_body(http.environ):
            return MultiDict()
        self.check_length(http)
        try:
            if http.mimetype != _FORM or "form" in vars(http):     # a middleware has read it already
                return http.form
            body = http.get_data()
        except ClientDisconnected as error:
            if isinstance(error.__context__, TimeoutError):
                raise RequestTimeout from None
            raise
        if len(body) > self._settings.FORM_BYTES:
            raise RequestEntityTooLarge
        try:
            return MultiDict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True, max_num_fields=MAX_FIELDS))
        except ValueError:
            raise RequestEntityTooLarge from None

    def _answer(self, runtime: ViewRuntime, environ: WSGIEnvironment) -> Response | Ready:
        answer = runtime.plain.await_answer()
        if runtime.plain.is_in_pieces:
            response = in_pieces(answer, runtime.plain.pieces(partial(has_left, environ)), environ)
            response.call_on_close(lambda: runtime.stop(UserAbort()))
        else:
            ready = as_ready(answer)
            if ready is not None:
                check_headers(ready, environ)
                return ready
            response = as_response(answer, environ)
        check_headers(response, environ)
        response.direct_passthrough = False                        # else nobody hears of its end
        return response
