"""What an operator wants to know of a running view: who, where, since when, and what has piled up.

Nothing is written down for it while a view runs, but two words and a time at each wait (`greenlets.Work`): the rest is read off the
suspended stacks when somebody asks.
"""

from __future__ import annotations

import hashlib
import itertools
import sys
import time
from collections.abc import Hashable
from dataclasses import dataclass
from types import FrameType

import greenlet

from ..channels.subscription import name_of
from ..errors import ViewCrashed
from ..html.node import Node
from ..html.text import Text
from .choice import AnyOf
from .greenlets import Work
from .places import Place, sight
from .request import AnonymousUser
from .runtime import ViewRuntime
from .tasks import Task
from .waits import ANY, Wait

#: In the order in which they are looked for: the first that is true of a view is its state.
STATES = ("stopping", "crashed", "suspended", "finished", "waiting", "running")

_FOREIGN = "code that is not ours"      # and of which there is no stack: compiled code of gevent, or of a driver
_LONGEST_TEXT = 40               # characters of a node's text
_LONGEST_NAME = 200              # characters of a user, or a URL
_NODES_LOOKED_AT = 20            # a view may wait for a click into a table of thousands
_NODES_NAMED = 3
_MAX_OTHERS = 100


@dataclass(frozen=True, slots=True)
class Activity:
    """One greenlet of a view.

    `kind`: 'procedure' (`handle_request`), 'handler', 'spawned' (`View.spawn`), or 'messages' (a channel's handler). `place`: the
    user's source line where it is; None: it has not begun, or nothing there is the user's. `waits_for`: words; None: it runs.
    `since`: POSIX time, when it began to wait for that. In code that is not ours it is when ours was left: it waits no longer.
    """
    kind: str
    place: Place | None
    waits_for: str | None
    since: float


@dataclass(frozen=True, slots=True)
class RunningView:
    """One view that runs in this process. Times are POSIX seconds.

    `state`: 'running' (its procedure works, or waits in code that is not ours), 'waiting', 'finished' (`handle_request` has
    returned), 'crashed', 'suspended' (it has lost all its browsers and waits for one), or 'stopping'.
    """
    id: str
    view: str                        # module and class
    user: str
    route: str                       # its pattern; '' when none matched
    url: str
    state: str
    is_daemon: bool
    started: float
    procedure: Activity | None       # None: it has ended
    others: tuple[Activity, ...]     # handlers at work, what it spawned; the one that began first is the first; at most 100
    greenlets: int                   # all of them
    clients: int                     # windows that show it now
    lost: int                        # windows that may come back
    queued: int                      # events that wait for their handlers, by the measure of `EVENT_QUEUE`
    kept: int                        # events that wait for the procedure, by the same measure
    messages: int                    # of channels, that wait for it
    calls: int                       # of `call_soon`, that wait for it
    log_frames: int
    log_bytes: int


def report(runtime: ViewRuntime) -> RunningView:
    """How this view is now. In the hub's thread; never waits. Costs a dozen microseconds."""
    view, load = type(runtime.view), runtime.load
    epoch = time.time() - runtime.now                    # its clock's zero
    works, procedure = runtime.work(), None
    others: list[Activity] = []
    for each, work in works:
        if work.kind == "procedure":
            procedure = _activity(each, work, view.__module__, epoch)
        elif len(others) < _MAX_OTHERS:
            others.append(_activity(each, work, view.__module__, epoch))
    pattern = getattr(runtime.request.route, "pattern", "")          # a route is an object of a layer above
    route, lost = pattern if isinstance(pattern, str) else "MATCH_ALL", runtime.clients.lost
    return RunningView(
        id=runtime.id,
        view=f"{view.__module__}.{view.__qualname__}",
        user=user_name(runtime.request.user),
        route=route,
        url=runtime.request.url.geturl()[:_LONGEST_NAME],
        state=state_of(runtime),
        is_daemon=runtime.is_daemon,
        started=epoch + runtime.started,
        procedure=procedure,
        others=tuple(others),
        greenlets=len(works),
        clients=len(runtime.clients) - lost,
        lost=lost,
        **load._asdict(),
    )


def state_of(runtime: ViewRuntime) -> str:
    """One of `STATES`."""
    if runtime.stopped:
        return "crashed" if isinstance(runtime.stop_reason, ViewCrashed) and not runtime.leaving else "stopping"
    if runtime.clients.all_lost and not runtime.is_daemon:
        return "suspended"
    if runtime.finished:
        return "finished"
    return "waiting" if runtime.waits_for is not None else "running"


def user_name(user: Hashable) -> str:
    """Words for a user. Of one who is known by his cookie alone a hash of it: who reads it can tell visitors apart, not be one."""
    if isinstance(user, AnonymousUser):
        return f"anonymous-{hashlib.blake2s(user.session_key.encode(), digest_size=4).hexdigest()}"
    try:
        return str(user)[:_LONGEST_NAME]
    except Exception as error:                           # somebody else's class; a table of all views must not fail for one of them
        return f"<{type(user).__name__}, whose str() raised {type(error).__name__}>"


def words(what: object) -> str:
    """What a wait was noted with, for people to read."""
    if isinstance(what, Wait):
        name = "any event" if what.name == ANY else what.name
        return f"{name} of {_nodes(what.nodes)}" if what.nodes else name
    if isinstance(what, (int, float)):
        return f"sleep of {what:g} s"
    if isinstance(what, AnyOf):
        named = " or ".join(map(words, what.parts[:_NODES_NAMED]))
        return named if len(what.parts) <= _NODES_NAMED else f"{named} or {len(what.parts) - _NODES_NAMED} more"
    if isinstance(what, Task):
        return f"end of {what.what}"
    if callable(what):
        return f"{name_of(what)} in a thread"
    return str(what)


def _activity(each: greenlet.greenlet, work: Work, module: str, epoch: float) -> Activity:
    since = epoch + work.since
    frame: FrameType | None = sys._getframe() if each is greenlet.getcurrent() else each.gr_frame
    if frame is None:
        return Activity(work.kind, None, "its start", since)
    seen = sight(frame, module)
    if work.waits_for is not None:
        return Activity(work.kind, seen.place, words(work.waits_for), since)
    return Activity(work.kind, seen.place, None if each is greenlet.getcurrent() else seen.call or _FOREIGN, since)


def _nodes(nodes: tuple[Node, ...]) -> str:
    named = ", ".join(map(_node, nodes[:_NODES_NAMED]))
    return named if len(nodes) <= _NODES_NAMED else f"{named} and {len(nodes) - _NODES_NAMED} more"


def _node(node: Node) -> str:
    """`Button 'Pay'`: what the user of the page calls it."""
    texts = [each.data.strip() for each in itertools.islice(node.iter_nodes(), _NODES_LOOKED_AT) if isinstance(each, Text)]
    text = " ".join(filter(None, texts)) or str(node.attributes.get("name") or next(iter(node.id_list), ""))
    name = type(node).__name__
    return f"{name} {text if len(text) <= _LONGEST_TEXT else text[:_LONGEST_TEXT] + '…'!r}" if text else name
