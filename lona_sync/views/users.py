"""Who somebody is: an anonymous browser, or a user who has logged in."""

from __future__ import annotations

import uuid
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..tokens import new_token

#: Where the application's own user objects have what tells them apart: Flask-Login's, Django's, everybody else's.
_ID_NAMES = ("get_id", "pk", "id")


@dataclass(frozen=True, slots=True)
class AnonymousUser:
    """Whoever has this session cookie. Equal and hashable by `session_key`, which is a secret: never show it.

    `guest`: somebody without a cookie, made for one connection and equal to nobody. `address`: where the request came from, IPv6 as
    its /64 network; '': unknown.
    """
    session_key: str
    guest: bool = False
    address: str = field(default="", compare=False)
    is_authenticated: ClassVar[bool] = False

    @classmethod
    def make_guest(cls, address: str = "") -> AnonymousUser:
        return cls(new_token(), guest=True, address=address)

    @property
    def has_own_key(self) -> bool:
        """False: guests, who have another key each time, and without `SESSIONS` everybody, who all have the same one."""
        return not self.guest and self.session_key != ""

    def __repr__(self) -> str:
        return "<AnonymousUser>"


@dataclass(frozen=True, slots=True)
class User:
    """Whoever has logged in as `id`, in an application that loads no users of its own (`App.load_user`)."""
    id: str | int
    is_authenticated: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.id)


def id_of(user: Any) -> str | int:                  # Any: whatever the application has for users
    """What `login` writes down of a user: himself if that is a str or an int, else his `get_id()`, `pk` or `id`.

    Raises TypeError for what has none, and for anonymous users.
    """
    found = user
    if not isinstance(user, (str, int, AnonymousUser)):
        found = next((getattr(user, name) for name in _ID_NAMES if hasattr(user, name)), None)
        if callable(found):
            found = found()
    if isinstance(found, uuid.UUID):
        found = str(found)
    if isinstance(found, bool) or not isinstance(found, (str, int)) or found == "":
        raise TypeError(f"a user to log in is a str, an int, or an object whose get_id(), pk or id is one, not {user!r}")
    return found


def identity_of(user: Hashable) -> str:
    """The name by which all processes know this user; '': he is known in this one only, as guests are.

    Of an anonymous one it holds his secret key: never show it.
    """
    if isinstance(user, AnonymousUser):
        return f"session {user.session_key}" if user.has_own_key else ""
    try:
        return f"user {id_of(user)}"
    except TypeError:
        return ""


def is_guest(user: Hashable) -> bool:
    """Whether nothing is known by which he could be recognised."""
    return isinstance(user, AnonymousUser) and user.guest


def same_person(user: Hashable) -> Hashable:
    """What is equal for all objects that stand for this user: his identity, or himself. For who looks for somebody by his id."""
    return identity_of(user) or user


def owner_key(user: Hashable) -> str:
    """As `identity_of`, for what is somebody's own: of two classes of users, or of 1 and '1', each is another one."""
    identity = identity_of(user)
    if not identity or isinstance(user, AnonymousUser):
        return identity
    kind = user.__class__                            # not type(): Django's may be an object in front of another one
    return f"{kind.__module__}.{kind.__qualname__} {id_of(user)!r}"


def same_owner(user: Hashable) -> Hashable:
    """What is equal for all objects that stand for this user and nobody else."""
    return owner_key(user) or user
