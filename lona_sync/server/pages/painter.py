"""The first paint: the view of a page is started by the request for the page, and shown in it.

    GET ─ view starts ─ shows something, waits or ends ─→ page with its tree, its id and a secret
                                                            ⇒ scripts, WebSocket, RESUME with that secret: the window joins
    (nobody comes: UserAbort after UNJOINED_SECONDS)

To the view its page is a window whose socket is lost: it has a cursor and a secret, and is waited for. So joining is a resume, with
all that belongs to it: another process hands the socket over, calls into the browser wait for it, what was redirected meanwhile is
told, and a view that has gone is opened anew.

Whoever can send requests can start views that nobody joins. Besides the limits that all views have, there are some for those.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from typing import Any, NamedTuple, Protocol

from markupsafe import Markup
from werkzeug.wrappers import Request as HTTPRequest

from ...html.painting import paint
from ...settings import Settings
from ...views.client import Redirect
from ...views.clock import Clock
from ...views.pages import status_of
from ...views.registry import Full
from ...views.runtime import ViewRuntime
from ...views.users import AnonymousUser
from ...views.visitor import Visitor
from ..entry import Elsewhere, PageLoad
from .template_names import Page

#: Modules that not all pages need, by what they are about. The client knows better (`NEEDED` in lona.js); this saves a round trip.
_MODULES = {
    "painted.js": re.compile("."), "forms.js": re.compile("<form"), "changes.js": re.compile("<(?:input|select|textarea)"),
    "widgets.js": re.compile('type="file"'), "uploads.js": re.compile('type="file"'),
}
#: Nodes and characters of a tree that is painted: it is sent twice, as markup and for scripts. 10,000 nodes take some 10 ms.
MAX_NODES = 20_000
MAX_CHARACTERS = 1_000_000
#: Where a browser shows what it has loaded (`Sec-Fetch-Dest`).
_LOOKED_AT = frozenset(["document", "embed", "fencedframe", "frame", "iframe", "object"])


class Painting(NamedTuple):
    """What a page shows until it has joined the view. `body` may be empty. `join`: the view's id, and the secret.

    `modules`: of the client, which the page is going to need for what it shows.
    """
    body: Markup
    title: str | None
    status: int
    join: tuple[str, str]
    modules: tuple[str, ...]

    def on(self, page: Page) -> Page:
        """The page with it."""
        return page._replace(
            title=self.title, body=self.body, modules=self.modules, config={**page.config, "join": self.join},
        )


class Entry(Protocol):
    """Who starts views: `entry.Entry`."""

    def open(
        self, url: str, post: Mapping[str, Any] | None, visitor: Visitor, kept: str | None = None, base: str = "",
    ) -> ViewRuntime | PageLoad | Elsewhere: ...

    def on_clock(self, clock: Clock) -> Entry: ...


class Painter:
    """Starts views for pages. What it counts as unjoined is a view, or a window of one that runs already."""

    def __init__(self, *, entry: Entry, settings: Settings, counters: Counter[str]) -> None:
        self._entry = entry
        self._settings = settings
        self._counters = counters
        self._unjoined: Counter[Hashable] = Counter()        # by user, and by address
        self._count = 0
        headers = {str(name).lower(): str(value) for name, value in settings.SECURITY_HEADERS.items()}
        self._styles = lets_styles_in(headers.get("content-security-policy", settings.CONTENT_SECURITY_POLICY))

    def paint(
        self, url: str, post: Mapping[str, Any] | None, visitor: Visitor, clock: Clock | None = None,
    ) -> Painting | Redirect | None:
        """What the page of `url` is to show, or where to go instead. Waits for the view, at most `FIRST_PAINT_SECONDS`.

        None: there is no first paint, and the page has to ask for its view. That is so when this process may start none, when a
        daemon view of another process is joined, and when too many wait for their pages. `clock`: what its view is to live by.
        """
        if not self._has_room(visitor):
            self._counters["paints.refused"] += 1
            return None
        try:
            opened = (self._entry if clock is None else self._entry.on_clock(clock)).open(
                url, post, visitor, None, visitor.base,
            )
        except (Full, ValueError):                           # the page's own request is told why
            return None
        if not isinstance(opened, ViewRuntime):
            return None
        accounts = visitor.owner, visitor.address             # now: a view may say that he is somebody else
        self._count_unjoined(accounts, 1)
        client = opened.clients.expect(
            visitor, self._settings.UNJOINED_SECONDS, lambda: self._count_unjoined(accounts, -1),
        )
        self._counters["paints"] += 1
        try:
            if not opened.first_sign.await_for(self._settings.FIRST_PAINT_SECONDS):
                self._counters["paints.late"] += 1
            if client.redirect is not None:
                opened.clients.send_away(client)
                return client.redirect
            if opened.leaving:
                return None
            return self._painting(opened, client.secret)
        except BaseException:
            opened.clients.detach(client)
            raise

    def _painting(self, runtime: ViewRuntime, secret: str) -> Painting:
        document = runtime.document
        body = ""
        room = document.room
        if room.nodes > MAX_NODES or room.characters > MAX_CHARACTERS:
            self._counters["paints.failed"] += 1
        elif document.root is not None and not document.locked:
            try:
                body = paint(document.root, styles=self._styles)
            except ValueError:                               # a tree that scripts can make, and markup cannot say
                self._counters["paints.failed"] += 1
        status = 200 if runtime.failure is None else status_of(runtime.failure)
        modules = tuple(name for name, needed in _MODULES.items() if needed.search(body))
        return Painting(Markup(body), document.title, status, (runtime.id, secret), modules)

    def _has_room(self, visitor: Visitor) -> bool:
        settings, user = self._settings, visitor.owner
        own = not isinstance(user, AnonymousUser) or user.has_own_key
        return (
            self._count < settings.MAX_UNJOINED
            and self._unjoined[visitor.address] < settings.MAX_UNJOINED_PER_ADDRESS
            and not (own and self._unjoined[user] >= settings.MAX_UNJOINED_PER_USER)
        )

    def _count_unjoined(self, accounts: Iterable[Hashable], change: int) -> None:
        self._count += change
        for account in accounts:
            self._unjoined[account] += change
            if not self._unjoined[account]:
                del self._unjoined[account]


def lets_styles_in(policy: str) -> bool:
    """Whether attributes called `style` do something in markup under this Content-Security-Policy."""
    directives = {name: words for name, *words in (part.split() for part in policy.lower().split(";") if part.split())}
    for name in ("style-src-attr", "style-src", "default-src"):
        if name in directives:
            words = directives[name]
            return "'unsafe-inline'" in words and not any(word.startswith(("'nonce-", "'sha")) for word in words)
    return True


def is_looked_at(request: HTTPRequest) -> bool:
    """Whether somebody is about to see the page: no HEAD, no browser that loads it in case that it is wanted, no script."""
    headers = request.headers
    ahead = ",".join(headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Moz", "X-Purpose")).lower()
    shown_as = headers.get("Sec-Fetch-Dest", "document").lower()
    return request.method == "GET" and "prefetch" not in ahead and "preview" not in ahead and shown_as in _LOOKED_AT
