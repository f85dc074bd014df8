"""Plain HTTP: pages, non-interactive views, the client's files; and the door to the WebSocket."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Request as WSGIRequest
from werkzeug.wrappers import Response

from ...errors import ForbiddenError, NotFoundError
from ...settings import Settings
from ...views.client import Redirect
from ...views.downloads import DOWNLOADS
from ...views.files import FILES
from ...views.hooks import GO_ON
from ...views.pages import ErrorPages, is_expected, status_of
from ...views.registry import Full
from ...views.request import Request
from ...views.server import Server
from ...views.view import View
from ...views.visitor import Visitor
from ..files.addresses import Files
from ..middlewares import Middlewares
from ..pages.frontends import Frontends
from ..pages.pages import Pages
from ..pages.painter import Painter, Painting, is_looked_at
from ..pages.status_texts import StatusTexts
from ..pages.template_names import Page
from ..people.session_store import StoreUnavailable
from ..people.sign_in import SignIn
from ..people.tickets import SESSION
from ..people.visitors import Visitors
from ..routing.routes import Match, Route, Router
from ..static.client_files import ClientFiles
from ..static.files import StaticFiles
from ..watching.metrics import Metrics
from .forgery import ForgeryGuard
from .origin import as_sent
from .pass_through import call, handler_of, mounted
from .plain_views import PlainViews, url_of
from .security import Security, check_headers
from .sending import as_response, busy, exception_response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from ..pages.debugger import Debugger

logger = logging.getLogger("lona_sync.server.http")

OWN = "/_lona_sync/"
#: Name, in the WSGI environment, of the clock that a view lives by which the request starts. A test in this process puts it there.
CLOCK = "lona_sync.clock"
SOCKET = OWN + "socket"
CLIENT = OWN + "client/"
_METHODS = ("GET", "HEAD", "POST")           # of the page of an interactive route


class HTTP:
    """Answers every request of the application that is not a WebSocket; those go to `socket`."""

    def __init__(
        self, *, settings: Settings, router: Router, visitors: Visitors, counters: Counter[str], sign_in: SignIn,
        middlewares: Middlewares, server: Server,
        socket: Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]], static: StaticFiles, client: ClientFiles,
        pages: Pages, errors: ErrorPages, frontends: Frontends, metrics: Metrics, debugger: Debugger | None, plain: PlainViews,
        security: Security, guard: ForgeryGuard, files: Files, painter: Painter,
    ) -> None:
        self._settings = settings
        self._router = router
        self._visitors = visitors
        self._counters = counters
        self._sign_in = sign_in
        self._middlewares = middlewares
        self._server = server
        self._socket = socket
        self._client = client
        self._texts = StatusTexts(settings.STATUS_TEXTS)       # made now: a wrong name in it is to be told at the start
        self._static = static
        self._pages = pages
        self._errors = errors
        self._frontends = frontends
        self._metrics = metrics
        self._debugger = debugger
        self._plain = plain
        self._security = security
        self._guard = guard
        self._files = files
        self._painter = painter

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not self._security.is_our_host(environ):
            self._counters["requests.foreign_host"] += 1
            refused = Response("This is another host, by which ALLOWED_HOSTS does not let us be called.\n", 400)
            return self._security.add_headers(refused)(environ, start_response)
        self._middlewares.start(self._server)
        if environ.get("PATH_INFO") == SOCKET:
            if self._middlewares.see_http:
                handled = self._handled(self._plain.read(environ))
                if handled is not None:
                    return handled(environ, start_response)
            return self._socket(environ, start_response)
        self._counters["requests"] += 1
        answer: WSGIApplication
        try:
            answer = self._respond(environ)
        except HTTPException as error:
            answer = self._security.add_headers(exception_response(error, environ))
        except StoreUnavailable as error:
            self._counters["sessions.unavailable"] += 1
            logger.error("a request was refused: %s", error)
            answer = self._security.add_headers(busy(503))
        return answer(environ, start_response)

    def _respond(self, environ: WSGIEnvironment) -> WSGIApplication:
        path = path_of(environ)
        if self._metrics.owns(path):
            return self._metrics.respond(WSGIRequest(environ))
        if path.startswith(OWN) and not path.startswith((FILES, DOWNLOADS)):
            module = self._client_file(path, environ)
            if module is not None:
                return module
            request = WSGIRequest(environ)
            try:
                return self._own(path, request)
            finally:
                _close(request)
        if path.startswith(self._static.prefix):
            file = self._static.respond(path.removeprefix(self._static.prefix), environ)
            if file is not None:
                return file
        read = self._plain.read(environ)                       # one for all, since a body can be read once
        try:
            answer = self._answer(path, environ, read)
        except BaseException:
            _close(read)
            raise
        if isinstance(answer, Response) and answer.is_streamed:
            answer.call_on_close(read.close)                   # what is sent may still read them
        else:
            _close(read)
        return answer

    def _answer(self, path: str, environ: WSGIEnvironment, read: WSGIRequest) -> WSGIApplication:
        """What middlewares, files or views answer. `read`: the request as `PlainViews.read` gives it.

        `path`: which was asked for. Middlewares have `read`, and may have put another one there.
        """
        handled = self._handled(read)
        if handled is not None:
            return handled
        visitor = self._visitors.of(environ)
        visitor.http_request = read
        handled = self._answer_of(lambda: self._middlewares.handle_connection(visitor), read)
        if handled is not None:
            self._visitors.answer(visitor, handled)
            return handled
        if self._files.own(path):
            return self._security.add_headers(self._files.respond(WSGIRequest(environ), visitor))
        found = self._router.resolve(path)
        if found.route is None:
            return self._not_found(read)
        if found.route.http_pass_through and not (isinstance(found.route.view, type) and issubclass(found.route.view, View)):
            return self._pass_through(found, environ, read)
        if not found.route.is_page:
            return self._plain.respond(found, read, visitor, self._error)
        return self._page(found, read, visitor)

    def _page(self, found: Match, request: WSGIRequest, visitor: Visitor) -> Response:
        """The page of an interactive route."""
        assert found.route is not None
        if request.method not in _METHODS:
            raise MethodNotAllowed(_METHODS)
        if not found.route.csrf_exempt:
            self._guard.check(request, visitor.session.key, lambda: self._plain.fields(request))
        nonce = self._security.nonce()
        texts = self._texts.choose(request.accept_languages)
        page = Page(base=visitor.base, nonce=nonce, config={"texts": dict(texts)} if texts else {})
        self._visitors.host(visitor)
        painted = self._first_paint(found.route, request, visitor)
        if isinstance(painted, Redirect):
            response = Response(status=302, headers={"Location": painted.url})
            response.autocorrect_location_header = False
        elif painted is None and request.method == "POST":
            return self._security.add_headers(busy(503))           # a page without its view would lose what was posted
        else:
            if painted is not None:
                page = painted.on(page)
            try:
                answer = self._frontends.answer(found.route.frontend_view, self._plain.request(found, request, visitor), page)
            except Full:
                return self._security.add_headers(busy(503))
            except (ForbiddenError, NotFoundError) as error:
                return self._error(error, self._plain.request(found, request, visitor))
            response = as_response(answer, request.environ)
            if painted is not None and response.status_code == 200:
                response.status_code = painted.status
        check_headers(response, request.environ)
        self._visitors.answer(visitor, response)
        return self._security.add_headers(response, nonce)

    def _first_paint(self, route: Route, request: WSGIRequest, visitor: Visitor) -> Painting | Redirect | None:
        """What the page shows of its view; a form that was posted always starts it."""
        posted = request.method == "POST"
        wanted = self._settings.FIRST_PAINT if route.first_paint is None else route.first_paint
        if not posted and not (wanted and is_looked_at(request)):
            return None
        try:
            fields = self._plain.fields(request).to_dict(flat=False) if posted else None
            return self._painter.paint(url_of(request), fields, visitor, request.environ.get(CLOCK))
        finally:
            request.close()                                        # its files: who wants them has `Request.uploads`

    def _session(self, ticket: str, request: WSGIRequest) -> Response:
        answer = self._sign_in.respond(ticket, request)
        if isinstance(answer, Response):
            return self._security.add_headers(answer)
        visit = self._plain.request(Match(None, {}), request, self._visitors.of(request.environ))
        html = self._pages.plain("Not signed in", answer, visit)
        return self._security.add_headers(Response(html, 403, content_type="text/html; charset=utf-8"), visit.nonce)

    def _client_file(self, path: str, environ: WSGIEnvironment) -> WSGIApplication | None:
        if not path.startswith(CLIENT):
            return None
        version, _, name = path.removeprefix(CLIENT).partition("/")
        return self._client.respond(version, name, environ)

    def _own(self, path: str, request: WSGIRequest) -> Response:
        if path.startswith(SESSION):
            return self._session(path.removeprefix(SESSION), request)
        if self._debugger is not None and path.startswith(self._debugger.path):
            response = self._debugger.respond(request)
            if response is not None:
                return response
        return self._not_found(request)

    def _handled(self, request: WSGIRequest) -> Response | None:
        """What a middleware answers in place of everybody else."""
        return self._answer_of(lambda: self._middlewares.handle_http_request(self._server, request), request)

    def _answer_of(self, hook: Callable[[], object], request: WSGIRequest) -> Response | None:
        """What `hook` answers, or the page of what it raises; None: it lets the request go on."""
        try:
            answer = hook()
            if answer is GO_ON:
                return None
            response = busy(503) if answer is None else as_response(answer, request.environ)
            check_headers(response, request.environ)
            return self._security.add_headers(response)
        except HTTPException:
            raise
        except Exception as error:
            if not is_expected(error):
                logger.exception("error in a middleware")
            return self._error(error, self._plain.request(Match(None, {}), request, self._visitors.of(request.environ)))

    def _pass_through(self, found: Match, environ: WSGIEnvironment, read: WSGIRequest) -> WSGIApplication:
        """What answers it: the view with the request untouched."""
        assert found.route is not None
        handler = handler_of(found.route.view)
        if handler is None:
            return mounted(found.route.view, found, as_sent(environ, self._settings.TRUSTED_PROXIES))
        try:
            self._plain.check_length(read)
            return call(handler, read)
        except HTTPException:
            raise
        except Exception as error:
            if not is_expected(error):
                logger.exception("what answers %r has failed", found.route.pattern)
            return self._error(error, self._plain.request(found, read, self._visitors.of(environ)))

    def _not_found(self, request: WSGIRequest) -> Response:
        visit = self._plain.request(Match(None, {}), request, self._visitors.of(request.environ))
        return self._error(NotFoundError(request.path), visit)

    def _error(self, error: Exception, request: Request) -> Response:
        """The page of an error, with its status: the application's own, or else ours. Waits for the application's view."""
        status = status_of(error)
        view_class = self._errors.view_for(error)
        if view_class is not None and request.exception is None:
            response = self._plain.run(view_class, request.for_error(error))
            if response is not None:
                if response.status_code == 200:
                    response.status_code = status                  # unless the view says otherwise
                return response
        html = self._pages.plain(str(status), self._errors.html(error, request), request)
        return self._security.add_headers(Response(html, status, content_type="text/html; charset=utf-8"), request.nonce)


def path_of(environ: WSGIEnvironment) -> str:
    """Below where we are mounted, unquoted, as werkzeug's requests have it."""
    path: str = environ.get("PATH_INFO") or ""
    if not path.isascii():
        path = path.encode("latin-1").decode(errors="replace")
    return path if path[:1] == "/" != path[1:2] else "/" + path.lstrip("/")


def _close(request: WSGIRequest) -> None:
    """Nothing but the files of its form is open, if it was read."""
    if "files" in vars(request):
        request.close()
