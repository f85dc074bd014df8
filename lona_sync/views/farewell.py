"""What a view hears of its end: `on_stop` and `on_cleanup`, each behind what middlewares have to say to it."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from typing import Protocol

import greenlet

from ..channels.owner import current_owner
from ..errors import StopReason
from .clock import Clock, time_limit
from .exits import is_of_process
from .greenlets import Greenlets
from .hooks import Hooks
from .ownership import Ownership
from .request import Request
from .view import View

logger = logging.getLogger("lona_sync.views")


class Host(Protocol):
    """The runtime whose view ends."""
    request: Request
    view: View


class Farewell:
    """Calls the hooks of one view. An error of one is logged; one that takes over `patience` seconds is abandoned and counted.

    What they subscribe is the view's: `ownership`. `greenlets`: in one of these a hook may be broken into when the view is stopped.
    """

    __slots__ = ("_cleaned_up", "_clock", "_counters", "_greenlets", "_hooks", "_host", "_ownership", "_patience", "_told")

    def __init__(
        self, *, host: Host, hooks: Hooks, ownership: Ownership, greenlets: Greenlets, clock: Clock, patience: float,
        counters: Counter[str],
    ) -> None:
        self._host = host
        self._hooks = hooks
        self._ownership = ownership
        self._greenlets = greenlets
        self._clock = clock
        self._patience = patience
        self._counters = counters
        self._told = False                                        # on_stop has been called
        self._cleaned_up = False                                  # and on_cleanup

    def tell_stop(self, reason: BaseException | None) -> None:
        """`on_stop`; nothing if it was called before. Waits for it."""
        if not self._told:
            self._told = True
            if self._hooks.see_ends:
                self._run(self._hooks.view_stops, self._host.request, self._host.view, reason)
            if _is_own(self._host.view.on_stop, View.on_stop):
                self._run(self._host.view.on_stop, reason)

    def clean_up(self) -> None:
        """`on_cleanup`; nothing if it was called before. Waits for it."""
        if self._cleaned_up:
            return
        self._cleaned_up = True
        if self._hooks.see_ends:
            self._run(self._hooks.view_leaves, self._host.request, self._host.view)
        if _is_own(self._host.view.on_cleanup, View.on_cleanup):
            self._run(self._host.view.on_cleanup)

    @property
    def is_over(self) -> bool:
        """Whether nobody is to hear anything any more: `on_stop` was called, and `on_cleanup` does nothing."""
        return self._told and not self._hooks.see_ends and not _is_own(self._host.view.on_cleanup, View.on_cleanup)

    def begin_again(self) -> None:
        """Another view stands in: it has heard nothing yet."""
        self._told = self._cleaned_up = False

    def _run(self, hook: Callable[..., None], *args: object) -> None:
        token = current_owner.set(self._ownership)
        limit = None
        try:
            with time_limit(self._clock, self._patience) as limit:
                hook(*args)
        except StopReason:
            if greenlet.getcurrent() in self._greenlets:          # the view was stopped during on_stop(None)
                raise
        except KeyboardInterrupt:
            raise
        except BaseException as error:                            # not only Exception: what follows the hook must run
            if isinstance(error, SystemExit) and is_of_process(error):
                raise
            if error is not limit:
                logger.exception("%r: error in %s", self._host, hook.__name__)
                return
            self._counters["hooks.abandoned"] += 1
            logger.error("%r: %s took longer than %s s", self._host, hook.__name__, self._patience)
        finally:
            current_owner.reset(token)


def _is_own(hook: object, default: object) -> bool:
    """Whether it is the application's own: to call `default`, which does nothing, would cost a time limit."""
    return getattr(hook, "__func__", None) is not default
