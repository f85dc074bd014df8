"""Routes with `http_pass_through`: other applications, and functions that take werkzeug's request."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request as HTTPRequest
from werkzeug.wrappers import Response

from ..routing.routes import Match
from .security import check_headers
from .sending import as_response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def handler_of(view: Any) -> Callable[..., Any] | None:
    """What takes werkzeug's request: a function of one argument, or `handle_request` of a new object. None: a WSGI application.

    Any: whatever stands in a route.
    """
    if isinstance(view, type) and hasattr(view, "handle_request"):
        handler: Callable[..., Any] = view().handle_request
        return handler
    return view if _takes_one(view) else None


def call(handler: Callable[..., Any], request: HTTPRequest) -> Response:
    """The response that `handler` makes of the request. Raises what it raises, RuntimeError when it returns no answer."""
    response = as_response(handler(request), request.environ)
    check_headers(response, request.environ)
    response.direct_passthrough = False
    return response


def mounted(application: WSGIApplication, found: Match, environ: WSGIEnvironment) -> WSGIApplication:
    """`application`, for this request: it sees the whole path, and what the route has found in it as `wsgiorg.routing_args`."""
    def run(_: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return application({**environ, "wsgiorg.routing_args": ((), dict(found.match_info))}, start_response)

    return run


def _takes_one(view: Callable[..., Any]) -> bool:
    """Whether it asks for one argument, where a WSGI application asks for two."""
    try:
        parameters = inspect.signature(view).parameters.values()
    except (TypeError, ValueError):                  # written in C
        return False
    positional = [each for each in parameters if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
    return len([each for each in positional if each.default is each.empty]) == 1
