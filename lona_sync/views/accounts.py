"""Whose views, or connections, are whose, so that one visitor does not take all there is room for.

A user is known by his cookie. Guests have another key each time, and without `SESSIONS` all have the same one: they are counted by
address. Nobody with a cookie is: a university, or a mobile network, is one address.
"""

from __future__ import annotations

import functools
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from ..settings import Settings
from .request import AnonymousUser


@dataclass(frozen=True, slots=True)
class _Address:
    """The account of all who have no cookie of their own and come from the same address."""
    text: str


T = TypeVar("T", bound=Hashable)


class Accounts(Generic[T]):
    """Views by their names, or connections, by account.

    At most `times` as many as `MAX_VIEWS_PER_USER`, or `MAX_VIEWS_PER_ADDRESS`, may be on one; who enters them sees to that.
    """

    def __init__(self, settings: Settings, times: int = 1) -> None:
        self._settings = settings
        self._times = times
        self._names: dict[Hashable, dict[T, None]] = {}
        self._accounts: dict[T, Hashable] = {}           # by name

    def is_full(self, user: Hashable) -> bool:
        """Whether no other one may be on the account of `user`."""
        account = account_of(user)
        limit = self._settings.MAX_VIEWS_PER_ADDRESS if isinstance(account, _Address) else self._settings.MAX_VIEWS_PER_USER
        return len(self._names.get(account, ())) >= self._times * limit

    def own(self, user: Hashable) -> Iterable[T]:
        """Those that are nobody's but this user's, the oldest first. Of guests none: others of their address may be them."""
        account = account_of(user)
        return () if isinstance(account, _Address) else tuple(self._names.get(account, ()))

    def enter(self, user: Hashable, name: T) -> None:
        account = account_of(user)
        self._names.setdefault(account, {})[name] = None
        self._accounts[name] = account

    def strike_off(self, name: T) -> None:
        """It does not count any more. Any number of times."""
        account = self._accounts.pop(name, None)
        names = self._names.get(account)
        if names is not None:
            names.pop(name, None)
            if not names:
                del self._names[account]

    def __len__(self) -> int:
        """How many have one, or several."""
        return len(self._names)


def account_of(user: Hashable) -> Hashable:
    """On whose account is what `user` has: his own, or his address's."""
    return _address(user.address) if isinstance(user, AnonymousUser) and not user.has_own_key else user


@functools.lru_cache(maxsize=1000)
def _address(text: str) -> _Address:
    """The same object each time, as it is kept for each view."""
    return _Address(text)
