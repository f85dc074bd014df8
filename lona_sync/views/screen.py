"""What a view shows to its windows, and what it tells the pages that they stand in."""

from __future__ import annotations

from typing import Any, Protocol

from ..html.node import Node
from ..html.raw import as_tree
from ..wire.document import Document
from .audience import Audience
from .first_sign import FirstSign
from .keeping import Kept
from .place import Place
from .request import Request


class Host(Protocol):
    """What the screen needs of the runtime that shows."""
    request: Request

    @property
    def kept(self) -> Kept: ...

    @property
    def place(self) -> Place: ...

    @property
    def is_interactive(self) -> bool: ...

    def check(self) -> None: ...

    def shown(self) -> None:
        """What the running greenlet has changed is on its way to the browsers."""


class Screen:
    """Changes `document`, and wakes `clients`. Each of its methods raises what `Host.check` raises, `show_last` excepted."""

    __slots__ = ("_clients", "_document", "_host", "_sign")

    def __init__(self, *, host: Host, document: Document, clients: Audience, sign: FirstSign) -> None:
        self._host = host
        self._document = document
        self._clients = clients
        self._sign = sign

    def show(self, html: Node | str | None, title: str | None) -> None:
        """See `View.show`."""
        self._host.check()
        if not self._host.is_interactive:
            raise RuntimeError("show() needs a browser to show to; this route is not interactive. Return the HTML instead.")
        if self._document.locked:
            with self._document.lock:
                self._show(html, title)
            self._host.check()
        else:
            self._show(html, title)

    def show_changes(self) -> None:
        """The `show()` that follows a handler of a running view that has a window. Most calls of most programs."""
        if self._document.locked:
            self.show(None, None)
        else:
            self._send()

    def _show(self, html: Node | str | None, title: str | None) -> None:
        if title is not None and not isinstance(title, str):
            raise TypeError(f"a title is a str, not {type(title).__name__}: {title!r}. Several nodes are shown by HTML(a, b).")
        if html is not None:
            self._document.show(as_tree(html))
        if title is not None:
            self._document.set_title(title)
        self._send()

    def _send(self) -> None:
        self._document.close_frame()
        self._clients.wake()              # also when nothing is new: a snapshot for one client closes the frame for all
        if self._document.root is not None:
            self._sign.give()
        self._host.shown()

    def show_last(self, page: Node) -> None:
        """The page of a view that has failed. Never waits."""
        self._document.show_last(page)
        self._document.close_frame()
        self._clients.wake()
        self._sign.give()

    def go(self, url: str, *, replace: bool) -> None:
        """See `View.push_url`."""
        self.check_browser("push_url() and replace_url() need")
        self._host.place.go(url, replace=replace)
        self._host.kept.sign_anew()                                    # it is for this address
        self._show_what_is_there()

    def tell(self, method: str, *args: object) -> None:
        """Have the page itself do something, soon, in every window of the view."""
        self.check_browser(f"{method}() needs")
        self._document.tell(None, method, args)
        self._show_what_is_there()

    def ask(self, method: str, *args: object, timeout: float | None) -> Any:
        """Have the page itself do something, and wait for what the first one answers."""
        self.check_browser(f"{method}() needs")
        return self._document.call(None, method, args, timeout)

    def check(self) -> None:
        """Raise what every call of a stopped view raises."""
        self._host.check()

    def check_browser(self, what: str) -> None:
        """Raise RuntimeError for `what`, as in "notify() needs", when no browser shows the view, nor ever will."""
        self._host.check()
        if not self._host.request.interactive:
            raise RuntimeError(f"{what} a browser, and this route is not interactive")

    def _show_what_is_there(self) -> None:
        """When nothing is shown yet, what the page is told goes with the first tree: not with an empty page before it."""
        if self._document.root is not None:
            self.show(None, None)
