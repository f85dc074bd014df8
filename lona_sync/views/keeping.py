"""What a view keeps beyond its process: `View.state_to_keep`. Its browsers have it, signed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Protocol

from ..html.widget_data import as_json
from ..wire import protocol
from ..wire.document import Document
from .request import Request

#: Signs what a view keeps, so that its browsers can have it: `seal(request, view_id, state)` is a token.
Seal = Callable[[Request, str, dict[str, Any]], str]           # Any: JSON


class Host(Protocol):
    """What it needs of the runtime whose state is kept."""

    @property
    def is_interactive(self) -> bool: ...

    def check(self) -> None: ...

    def show_changes(self) -> None: ...


class Kept:
    """The state of one view. `sign(state)`: a token of it for browsers, for the address where the view is at the moment.

    `limit`: characters of it as JSON.
    """

    __slots__ = ("_document", "_host", "_limit", "_sign", "_state")

    def __init__(self, *, host: Host, document: Document, sign: Callable[[dict[str, Any]], str], limit: int) -> None:
        self._host = host
        self._document = document
        self._sign = sign
        self._limit = limit
        self._state: dict[str, Any] | None = None                 # Any: JSON

    def restore(self, state: dict[str, Any]) -> None:
        """The view begins with what a browser has brought."""
        self._state = as_json(state)                              # the view may change its own
        self._document.keep(self._sign(state))                    # the next one to be started anew has it, too

    def sign_anew(self) -> None:
        """The view is at another address now. With the next frame."""
        if self._state is not None:
            self._document.keep(self._sign(self._state))

    @property
    def state(self) -> dict[str, Any] | None:
        """See `View.state_to_keep`."""
        return None if self._state is None else as_json(self._state)

    @state.setter
    def state(self, state: dict[str, Any] | None) -> None:
        self._host.check()
        if not self._host.is_interactive:
            raise RuntimeError("a view that is not interactive keeps nothing: it has no browser to keep it")
        if state is None:
            self._keep("")
            self._state = None
            return
        if not isinstance(state, dict):
            raise TypeError(f"state_to_keep is a dict of what JSON can say, or None, not {type(state).__name__}: {state!r:.200}")
        state = as_json(state)
        size = len(json.dumps(state))
        if size > self._limit:
            raise ValueError(
                f"state_to_keep has {size:,} characters as JSON; KEPT_SIZE allows {self._limit:,}. Keep the name or "
                "number of what is larger, and the thing itself where it survives."
            )
        token = self._sign(state)
        if len(token) > protocol.MAX_KEPT:
            raise ValueError(
                f"state_to_keep has {len(token):,} characters when it is signed; no browser may bring back more than "
                f"{protocol.MAX_KEPT:,}, whatever KEPT_SIZE allows. Keep the name or number of what is larger."
            )
        self._keep(token)
        self._state = state

    def _keep(self, token: str) -> None:
        """With the next `show()`, like any change; at once when the page shows all that there is."""
        document = self._document
        all_shown = document.root is not None and not document.changed and not document.locked
        document.keep(token)
        if all_shown:
            self._host.show_changes()
