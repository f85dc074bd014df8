"""Plain HTTP: pages, non-interactive views, the client's files; and the door to the WebSocket."""

from __future__ import annotations

import logging
import re
import string
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, HTTPException, RequestEntityTooLarge
from werkzeug.wrappers import Request as WSGIRequest
from werkzeug.wrappers import Response

from ..errors import NotFoundError, StopReason, UserAbort
from ..html.node import Node
from ..settings import Settings
from ..views import responses
from ..views.pages import ErrorPages, status_of
from ..views.registry import Full, Registry, TooMany
from ..views.request import Request, parse_url
from ..views.view import View
from ..views.visitor import Visitor
from ..wire.protocol import MAX_FIELDS
from .client_files import ClientFiles
from .debugger import PATH as DEBUGGER
from .debugger import Debugger
from .frontends import Frontends
from .metrics import Metrics
from .origin import as_sent
from .page import Pages
from .routing import Match, Route, Router
from .session_store import StoreUnavailable
from .sign_in import SignIn
from .static import StaticFiles
from .status_texts import StatusTexts
from .template_names import Page
from .tickets import SESSION
from .visitors import Visitors

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

logger = logging.getLogger("lona_sync.server.http")

OWN = "/_lona_sync/"
SOCKET = OWN + "socket"
CLIENT = OWN + "client/"
_PLAIN = "/:@!$&'()*+,;=~"            # what stands in a path as it is
_FORM = "application/x-www-form-urlencoded"
_HEADER_NAME = re.compile(r"[-!#$%&'*+.^_`|~0-9A-Za-z]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
}


class HTTP:
    """Answers every request of the application that is not a WebSocket; those go to `socket`."""

    def __init__(
        self, *, settings: Settings, router: Router, registry: Registry, visitors: Visitors, counters: Counter[str],
        sign_in: SignIn,
        socket: Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]], static: StaticFiles, client: ClientFiles,
        pages: Pages, errors: ErrorPages, frontends: Frontends, metrics: Metrics, debugger: Debugger | None,
    ) -> None:
        self._settings = settings
        self._router = router
        self._registry = registry
        self._visitors = visitors
        self._counters = counters
        self._sign_in = sign_in
        self._socket = socket
        self._client = client
        self._texts = StatusTexts(settings.STATUS_TEXTS)       # made now: a wrong name in it is to be told at the start
        self._static = static
        self._pages = pages
        self._errors = errors
        self._frontends = frontends
        self._metrics = metrics
        self._debugger = debugger

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO") == SOCKET:
            return self._socket(environ, start_response)
        self._counters["requests"] += 1
        request = WSGIRequest(environ)
        try:
            response = self._respond(request)
        except HTTPException as error:
            response = _with_headers(_response_of(error, environ))
        except StoreUnavailable as error:
            self._counters["sessions.unavailable"] += 1
            logger.error("a request was refused: %s", error)
            response = _busy()
        finally:
            request.close()
        return response(environ, start_response)

    def _respond(self, request: WSGIRequest) -> Response:
        path = request.path
        numbers = self._metrics.respond(request)
        if numbers is not None:
            return numbers
        if path.startswith(SESSION):
            return _with_headers(self._sign_in.respond(path.removeprefix(SESSION), request))
        if path.startswith(OWN):
            return self._own_file(path, request)
        if path.startswith(self._static.prefix):
            file = self._static.respond(path.removeprefix(self._static.prefix), request)
            if file is not None:
                return file
        found = self._router.resolve(path)
        if found.route is None:
            return self._not_found(request)
        if not found.route.is_page:
            return self._run(found.route, found, request)
        base = request.root_path.rstrip("/")
        texts = self._texts.choose(request.accept_languages)
        page = Page(base=base, config={"texts": dict(texts)} if texts else {})
        visitor = self._visitors.of(request.environ)
        self._visitors.host(visitor)
        try:
            answer = self._frontends.answer(found.route.frontend_view, self._request(found, request, visitor), page)
        except Full:
            return _busy()
        response = _checked(self._as_response(answer), request.environ)
        self._visitors.answer(visitor, response)
        return _with_headers(response)

    def _own_file(self, path: str, request: WSGIRequest) -> Response:
        if path.startswith(CLIENT):
            version, _, name = path.removeprefix(CLIENT).partition("/")
            response = self._client.respond(version, name, request)
            if response is not None:
                return response
        if path.startswith(DEBUGGER) and self._debugger is not None:
            response = self._debugger.respond(request)
            if response is not None:
                return response
        return self._not_found(request)

    def _run(self, route: Route, found: Match, wsgi: WSGIRequest) -> Response:
        """Run a view that is not interactive to its end, in this greenlet's time."""
        visitor = self._visitors.of(wsgi.environ)
        wsgi = self._limited(WSGIRequest(as_sent(wsgi.environ, self._settings.TRUSTED_PROXIES)))
        request = self._request(found, wsgi, visitor, self._form(wsgi))
        try:
            runtime = self._registry.start(route.view_class, request)
        except TooMany:
            return _busy(429)
        except Full:
            return _busy()
        try:
            response = _checked(self._as_response(runtime.wait_for_answer()), wsgi.environ)
            self._visitors.answer(visitor, response)
            return response
        except StopReason:
            return _busy()
        except HTTPException:
            raise
        except Exception as error:
            if not runtime.stopped:                                # else the runtime has logged it
                logger.exception("%s returned what cannot be sent", type(runtime.view).__name__)
            return self._error(error, request)
        finally:
            runtime.stop(UserAbort())
            wsgi.close()                                           # the files of its form

    def _request(
        self, found: Match, wsgi: WSGIRequest, visitor: Visitor, form: MultiDict[str, str] | None = None,
    ) -> Request:
        """The visit, as views know it. Raises 400 for a URL that is none."""
        try:
            # Quoted again, as browsers quote it for a window: of '/a%3Fb' it is not the path '/a' with a query.
            url, query = parse_url(quote(wsgi.path, safe=_PLAIN) + "?" + quote(wsgi.query_string, safe=string.punctuation))
        except ValueError:
            raise BadRequest from None
        visitor.http_request = wsgi
        return Request(
            url=url, GET=query, POST=MultiDict() if form is None else form, user=visitor.user, interactive=False, route=found.route,
            match_info=found.match_info, match_texts=found.texts, base=visitor.base, original=wsgi, envelope=visitor.envelope,
            connection=visitor,
        )

    def _not_found(self, wsgi: WSGIRequest) -> Response:
        return self._error(NotFoundError(wsgi.path), self._request(Match(None, {}), wsgi, self._visitors.of(wsgi.environ)))

    def _limited(self, request: WSGIRequest) -> WSGIRequest:
        request.max_form_memory_size = self._settings.FORM_BYTES
        request.max_content_length = self._settings.FORM_BYTES + 1         # of what is longer and has no length, that much is read
        return request

    def _form(self, wsgi: WSGIRequest) -> MultiDict[str, str]:
        """The fields that were posted. Raises 413 for more than `FORM_BYTES` or `MAX_FIELDS` of them."""
        limit = self._settings.FORM_BYTES
        if wsgi.content_length is not None and wsgi.content_length > limit:
            raise RequestEntityTooLarge
        if wsgi.mimetype != _FORM:
            return wsgi.form
        body = wsgi.get_data()
        if len(body) > limit:
            raise RequestEntityTooLarge
        try:
            return MultiDict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True, max_num_fields=MAX_FIELDS))
        except ValueError:
            raise RequestEntityTooLarge from None

    def _as_response(self, answer: object) -> Response:
        if isinstance(answer, (responses.RedirectResponse, responses.HttpRedirectResponse)):
            return _with_headers(Response(status=302, headers={"Location": answer.url}))
        if answer is None or isinstance(answer, (str, Node)):
            answer = responses.HtmlResponse("" if answer is None else answer)
        if isinstance(answer, responses.Response):
            body = answer.render() if isinstance(answer, responses.HtmlResponse) else answer.body
            response = Response(body, answer.status, content_type=answer.content_type)
            response.headers.update(answer.headers)
            return _with_headers(response)
        raise RuntimeError(f"expected string, Node or response object. Got {answer!r}")

    def _error(self, error: Exception, request: Request) -> Response:
        """The page of an error, with its status: the application's own, or else ours. Waits for the application's view."""
        status = status_of(error)
        view_class = self._errors.view_for(error)
        if view_class is not None and request.exception is None:
            response = self._own_error(view_class, request.for_error(error))
            if response is not None:
                if response.status_code == 200:
                    response.status_code = status                  # unless the view says otherwise
                return response
        html = self._pages.plain(str(status), self._errors.html(error, request), request)
        return _with_headers(Response(html, status, content_type="text/html; charset=utf-8"))

    def _own_error(self, view_class: type[View], request: Request) -> Response | None:
        try:
            runtime = self._registry.start(view_class, request)
        except Full:
            return None
        try:
            response = self._as_response(runtime.wait_for_answer())
            return _checked(response, request.http_request.environ)
        except (Exception, StopReason):
            logger.exception("the error view %s has failed; the template is shown", view_class.__name__)
            return None
        finally:
            runtime.stop(UserAbort())


def _response_of(error: HTTPException, environ: WSGIEnvironment) -> Response:
    """What answers it: the code and its name, as text; or the response that it was made with."""
    if isinstance(error.response, Response):
        return error.response
    headers = [(name, value) for name, value in error.get_headers(environ) if name != "Content-Type"]
    return Response(f"{error.code} {error.name}\n", error.code, headers, content_type="text/plain; charset=utf-8")


def _busy(status: int = 503) -> Response:
    return _with_headers(Response("busy, try again\n", status, {"Retry-After": "5"}))


def _checked(response: Response, environ: WSGIEnvironment) -> Response:
    """`response`. Raises ValueError for what a server could not send: a redirect to no address, a header with a line break."""
    for name, value in response.get_wsgi_headers(environ):
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            raise ValueError(f"a header must be of Latin-1 without control characters, not {name!r}: {value!r}")
    return response


def _with_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response
