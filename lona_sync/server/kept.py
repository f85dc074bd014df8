"""What views keep beyond their process: signed, in the hands of their browsers."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Hashable
from typing import Any

from itsdangerous import BadData, URLSafeTimedSerializer

from ..settings import Settings
from ..views.request import AnonymousUser, Request


class KeptStates:
    """Seals the state of a view for its browsers, and reads what they bring. `key()` is asked when the first one is needed.

    A browser may read what it keeps, but neither change it nor bring it to another address or as another user.
    """

    def __init__(self, settings: Settings, key: Callable[[], str], counters: Counter[str]) -> None:
        self._settings = settings
        self._key = key
        self._counters = counters
        self._serializer: URLSafeTimedSerializer | None = None

    def seal(self, request: Request, state: dict[str, Any]) -> str:         # Any: JSON
        """A token of URL-safe characters."""
        return str(self._signer().dumps([_whose(request.opened_by, request.url.path), state]))

    def unseal(self, token: str, user: Hashable, path: str) -> dict[str, Any] | None:
        """The state that was sealed for this user at this path; None for anything else. Either way it is counted."""
        try:
            whose, state = self._signer().loads(token, max_age=int(self._settings.KEPT_SECONDS))
        except (BadData, ValueError, TypeError):
            whose = state = None
        if whose != _whose(user, path) or not isinstance(state, dict):
            self._counters["states.refused"] += 1
            return None
        self._counters["states.restored"] += 1
        return state

    def _signer(self) -> URLSafeTimedSerializer:
        if self._serializer is None:
            self._serializer = URLSafeTimedSerializer(self._key(), salt="lona_sync.kept")
        return self._serializer


def _whose(user: Hashable, path: str) -> str:
    """Guests have no key of their own that lasts: for them the token alone must do."""
    key = user.session_key if isinstance(user, AnonymousUser) and user.has_own_key else ""
    return hashlib.sha256(f"{key}\0{path}".encode()).hexdigest()[:32]
