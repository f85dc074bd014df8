"""The WebSockets that are open in this process, by who is at the other end."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Protocol

from ...views.index import Index
from ...views.users import same_person
from ...views.visitor import Visitor


class Dismissed(Protocol):
    """What can be told to go: a `connection.Connection`."""

    def dismiss(self) -> None:
        """End it, and its views with it. The browser comes back at once, and is who he is by then."""


class Presence:
    """Counts users, and finds their connections. A visitor's `user` may change while he is here."""

    def __init__(self) -> None:
        self._by_user: Index[Dismissed] = Index()
        self._by_session: Index[Dismissed] = Index()

    def arrange(self, visitor: Visitor, connection: Dismissed) -> None:
        """He is here, and may be somebody else than before."""
        self._by_user.put(id(visitor), connection, [same_person(visitor.owner)])

    def enter(self, visitor: Visitor, connection: Dismissed) -> None:
        self.arrange(visitor, connection)
        if visitor.session.key:
            self._by_session.put(id(visitor), connection, [visitor.session.key])

    def leave(self, visitor: Visitor) -> None:
        """Any number of times."""
        self._by_user.remove(id(visitor))
        self._by_session.remove(id(visitor))

    def count(self, user: Hashable) -> int:
        """How many connections this user has."""
        return self._by_user.count(same_person(user))

    @property
    def users(self) -> int:
        """How many users have one, or several. Each guest is one."""
        return self._by_user.keys

    def of_user(self, user: Hashable) -> list[Dismissed]:
        return self._by_user.find(same_person(user))

    def of_identity(self, identity: str) -> list[Dismissed]:
        """As `of_user`, by `users.identity_of`."""
        return self._by_user.find(identity)

    def of_session(self, key: str) -> list[Dismissed]:
        return self._by_session.find(key)
