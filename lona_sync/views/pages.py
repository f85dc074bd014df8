"""The pages that stand in for a view that cannot be shown."""

from __future__ import annotations

import traceback

from werkzeug.exceptions import HTTPException

from ..errors import ForbiddenError, NotFoundError
from ..html import H1, Div, P, Pre
from ..html.node import Node


def error_page(error: Exception, *, debug: bool) -> tuple[Node, bool]:
    """The page for what a view raised, and whether that was meant as an answer rather than a failure.

    The traceback is shown in debug mode only: it tells source code.
    """
    if isinstance(error, NotFoundError):
        return not_found_page(), True
    if isinstance(error, ForbiddenError):
        return _page("403", "Forbidden", "You may not see this page."), True
    if isinstance(error, HTTPException) and error.code is not None and error.code < 500:
        return _page(str(error.code), error.name, "This request cannot be answered."), True
    page = _page("500", "Internal Error", "This page has failed. The error was noted.")
    if debug:
        page.append(Pre("".join(traceback.format_exception(error))))
    return page, False


def not_found_page() -> Node:
    return _page("404", "Not Found", "There is no page at this address.")


def status_of(error: Exception) -> int:
    """The HTTP status that goes with `error_page`."""
    return 404 if isinstance(error, NotFoundError) else 403 if isinstance(error, ForbiddenError) else 500


def _page(code: str, title: str, text: str) -> Node:
    return Div(H1(f"{code} {title}"), P(text), _class="lona-sync-error", data_status=code)
