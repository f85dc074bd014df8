"""What all views of one registry have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from ..settings import Settings
from ..uploads import Store
from .clock import Clock
from .coroutines import Coroutines
from .hooks import Hooks
from .keeping import Seal
from .pages import ErrorPages
from .raw_messages import Listener
from .templates import Renderer


class Surroundings(NamedTuple):
    """One reference of a running view, instead of one to each. Only the runtime knows it: its parts get what they use.

    `connections`: all of this process.
    """
    settings: Settings
    clock: Clock
    counters: Counter[str]
    seal: Seal
    renderer: Renderer
    coroutines: Coroutines
    error_pages: ErrorPages
    hooks: Hooks
    store: Store
    connections: Iterable[Listener] = ()
