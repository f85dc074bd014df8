"""What is known of one browser from visit to visit."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, MutableMapping
from typing import Any, Protocol

from ..html.widget_data import as_json
from .responses import HttpRedirectResponse, local_url
from .users import id_of

#: Names of ours among the data of a session.
USER, SINCE = "_user", "_since"


#: The data of a session that has none; it is replaced, never changed.
_NOTHING: dict[str, Any] = {}                      # Any: JSON


class Keeper(Protocol):
    """The server's part. It may wait for a database."""

    def check(self, data: dict[str, Any], *, live: bool) -> None:
        """Raise ValueError for more data than a session may have; RuntimeError where only a cookie can keep it, and no answer
        follows that could carry one (`live`).
        """

    def save(self, key: str, data: dict[str, Any]) -> None:
        """Keep the data of a session that has the same key as before."""

    def hand_over(self, key: str, data: dict[str, Any], path: str) -> str:
        """The address that gives the browser of this session a new one, with this data, and sends it on to `path`."""

    def revoke(self, key: str, *, had_user: bool) -> None:
        """The session is worth nothing from now on, in no process; soon the live views that came with it end.

        `had_user`: somebody had logged in.
        """


class Session(MutableMapping[str, Any]):           # Any: JSON
    """A dict of what JSON can say, for one browser: `request.session`.

    `key` is a secret, and changes with each login and logout: who knew it before knows nothing of the session after it. '': the
    browser has none yet, and gets one as soon as something is put in.

    Values are copied, both ways: set one again after a change of it. Over a WebSocket nothing can be put into a cookie, so there a
    session is writable only with a `SESSION_STORE`; what others have changed meanwhile is not seen. `login` and `logout` work in
    every view.
    """

    __slots__ = ("_base", "_came_since", "_data", "_keeper", "changed", "ends_views", "former", "had_user", "is_old", "key", "live")

    def __init__(
        self, key: str = "", data: dict[str, Any] | None = None, keeper: Keeper | None = None, *, live: bool = False,
        base: str = "",
    ) -> None:
        self.key = key
        self._data = data or _NOTHING
        self._keeper = keeper
        self._base = base
        self._came_since = self.since
        #: Whether a WebSocket, or a view for one, has it: no HTTP answer follows.
        self.live = live
        #: Whether the answer has to tell the browser or the store.
        self.changed = False
        #: Whether the cookie is to be signed anew, so that it does not expire while it is used.
        self.is_old = False
        #: The key that it had when the request came, if that was another one…
        self.former = ""
        #: … whether somebody had logged in with it…
        self.had_user = False
        #: … and whether his live views are to end.
        self.ends_views = False

    def __getitem__(self, name: str) -> Any:
        value = self._data[name]
        return as_json(value) if isinstance(value, (dict, list)) else value

    def __setitem__(self, name: str, value: Any) -> None:
        if not isinstance(name, str) or name.startswith("_"):
            raise ValueError(f"a name in a session is a str that does not begin with '_', not {name!r}")
        self._become_in_place({**self._data, name: as_json(value)})

    def __delitem__(self, name: str) -> None:
        if name not in self._data or name.startswith("_"):
            raise KeyError(name)
        self._become_in_place({key: value for key, value in self._data.items() if key != name})

    def __iter__(self) -> Iterator[str]:
        return iter([name for name in self._data if not name.startswith("_")])

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __repr__(self) -> str:
        return f"<Session {list(self)}>"

    @property
    def data(self) -> dict[str, Any]:
        """A copy of all of it, our own entries included."""
        return dict(self._data)

    @property
    def user_id(self) -> str | int | None:
        """Who has logged in; None: nobody."""
        found = self._data.get(USER)
        return found if isinstance(found, (str, int)) else None

    @property
    def since(self) -> float:
        """POSIX time of the login; 0: nobody has."""
        found = self._data.get(SINCE)
        return float(found) if isinstance(found, (int, float)) else 0.0

    @property
    def is_same_login(self) -> bool:
        """Whether somebody had logged in when the request came, and nobody has since."""
        return 0 < self._came_since == self.since

    def rotate(self) -> None:
        """Another key for the same data; the former one is worth nothing any more. In a view over a WebSocket: RuntimeError."""
        self._kept()
        if self.live:
            raise RuntimeError("a browser gets another key with an HTTP answer only: return what login() or logout() return")
        self._rotate()

    def login(self, user: Any, next: str = "/") -> HttpRedirectResponse:
        """From its next request on this browser is `user`'s. Return what this returns: it leads the browser to the page `next`.

        `user`: see `users.id_of`; he is written down by that and loaded by it (`App.load_user`). Whether he may come in is yours to
        find out before. `next`: a path of this application, and query; it may come from a link (`?next=/orders`): what is no such
        path counts as '/'. The data of the session stays, its key changes.

        In a view over a WebSocket the browser is led there by way of an address of ours, which works once, for a minute, and in
        this browser only. Raises RuntimeError without `SESSIONS`. May wait for the session store.
        """
        return self._become({**self._data, USER: id_of(user), SINCE: time.time()}, next)

    def logout(self, next: str = "/") -> HttpRedirectResponse:
        """From now on this browser is nobody's, its session has ended, and so have the user's views that it shows, in all its tabs.

        Return what this returns, as for `login`. Daemon views of his go on: they wait for him. May wait for the session store.
        """
        return self._become({}, next)

    def _become(self, data: dict[str, Any], path: str) -> HttpRedirectResponse:
        keeper = self._kept()
        keeper.check(data, live=False)
        path = local_url(path)
        if self.live:
            if not data and self.key:
                keeper.revoke(self.key, had_user=self.user_id is not None)
            return HttpRedirectResponse(keeper.hand_over(self.key, data, path))
        self.ends_views = self.ends_views or self.user_id is not None
        self._rotate()
        self._data = data
        return HttpRedirectResponse(self._base + path)

    def _become_in_place(self, data: dict[str, Any]) -> None:
        keeper = self._kept()
        keeper.check(data, live=self.live)
        if self.live:
            keeper.save(self.key, data)
        else:
            self.key = self.key or new_key()
            self.changed = True
        self._data = data

    def _rotate(self) -> None:
        self.former = self.former or self.key
        self.had_user = self.had_user or self.user_id is not None
        self.key = new_key()
        self.changed = True

    def _kept(self) -> Keeper:
        if self._keeper is None:
            raise RuntimeError("nothing is kept of a browser here: the setting SESSIONS is False")
        return self._keeper


def new_key() -> str:
    return secrets.token_urlsafe(24)
