"""What views keep beyond their process: signed, in the hands of their browsers."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from typing import Any

from itsdangerous import BadData, URLSafeTimedSerializer

from ...settings import Settings
from ...views.request import Request
from ...views.users import owner_key
from ...wire.protocol import MAX_KEPT
from ..routing.routes import Route


class KeptStates:
    """Seals the state of a view for its browsers, and reads what they bring. `key()` is asked when the first one is needed.

    A browser may read what it keeps, but neither change it nor bring it to another address, to another view, or as another user. It
    may bring an older state, and as often as it likes. Not while the view that has sealed it runs in this process: but there are
    others, and none remembers which views have been.
    """

    def __init__(self, settings: Settings, key: Callable[[], str], counters: Counter[str]) -> None:
        self._settings = settings
        self._key = key
        self._counters = counters
        self._serializer: URLSafeTimedSerializer | None = None

    def seal(self, request: Request, view_id: str, state: dict[str, Any]) -> str:         # Any: JSON
        """A token of URL-safe characters."""
        return str(self._signer().dumps([_place(request), view_id, state]))

    def unseal(self, token: str, request: Request, lives: Callable[[str], bool]) -> dict[str, Any] | None:
        """The state that was sealed for such a request by a view that does not live any more; None for anything else. Counted."""
        try:
            place, view_id, state = self._read(token)
        except (BadData, ValueError, TypeError):
            place = view_id = state = None
        if place != _place(request) or not isinstance(state, dict) or lives(view_id):
            self._counters["states.refused"] += 1
            return None
        self._counters["states.restored"] += 1
        return state

    def _read(self, token: str) -> Any:
        if len(token) > MAX_KEPT:
            raise ValueError("nothing so long was sealed")
        return self._signer().loads(token, max_age=int(self._settings.KEPT_SECONDS))

    def _signer(self) -> URLSafeTimedSerializer:
        if self._serializer is None:
            self._serializer = URLSafeTimedSerializer(self._key(), salt="lona_sync.kept")
        return self._serializer


def _place(request: Request) -> str:
    """Whose view it is, where, and which one. Guests have no key of their own that lasts: for them the token alone must do.

    Its class, too: after a deploy another one may stand at the address, to which the state says nothing, or something else.
    """
    route, key = request.route, owner_key(request.opened_by)
    view = (route.view_class.__module__, route.view_class.__qualname__) if isinstance(route, Route) else ("", "")
    names = repr((key, request.base, request.url.path, request.url.query, *view))
    return hashlib.sha256(names.encode(errors="surrogatepass")).hexdigest()[:32]
