"""Running views by whose they are and what they are."""

from __future__ import annotations

from collections.abc import Hashable

from .index import Index
from .request import Request
from .runtime import ViewRuntime
from .users import same_person
from .view import View


class Crowd:
    """A view is found by its `request.user` and by who has opened it, by the session it was opened in, and by its class."""

    def __init__(self) -> None:
        self._index: Index[ViewRuntime] = Index()

    def user_changed(self, request: Request) -> None:
        """A running view has another user."""
        if isinstance(request.runs_in, ViewRuntime):
            self.enter(request.runs_in)

    def enter(self, runtime: ViewRuntime) -> None:
        request = runtime.request
        request.heed = self
        keys: list[Hashable] = [
            ("user", same_person(request.user)), ("user", same_person(request.opened_by)), ("class", type(runtime.view)),
        ]
        if request.session.key:
            keys.append(("session", request.session.key))
        self._index.put(runtime.id, runtime, keys)

    def leave(self, runtime: ViewRuntime) -> None:
        """Any number of times."""
        runtime.request.heed = None
        self._index.remove(runtime.id)

    def of_user(self, user: Hashable) -> list[ViewRuntime]:
        """Those whose `request.user` this is, and those that he has opened."""
        return self._index.find(("user", same_person(user)))

    def of_identity(self, identity: str) -> list[ViewRuntime]:
        """The same, by `users.identity_of`."""
        return self._index.find(("user", identity))

    def of_session(self, key: str) -> list[ViewRuntime]:
        """Those that were opened in this session."""
        return self._index.find(("session", key))

    def of_class(self, view_class: type[View]) -> list[ViewRuntime]:
        """Those of this class; not of classes that are made of it."""
        return self._index.find(("class", view_class))
