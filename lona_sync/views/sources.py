"""What a view can wait for, as users write it down: `click(button)`, `message("jobs.*")`, `ended(task)`, `after(5)`.

Each is named as the method of `View` that waits for it alone. `lona_sync.waits` has the same names for users.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from typing import Any

from ..channels import Channel
from ..html.event_types import BLUR, CHANGE, CLICK, EVENT_TYPES, FOCUS, SUBMIT, EventType, KeyEventType, name_of
from ..html.inputs.files import FileInput
from ..html.node import Node
from .choice import Awaited, Came, Place, Source, Wake
from .clock import Timer
from .mailboxes import Messages
from .tasks import Task
from .waits import ANY, UploadWait, Wait


def click(*nodes: Node | Iterable[Node]) -> Wait:
    """A click on one of `nodes`; none given: on any node that issues clicks."""
    return Wait(CLICK.name, flat(nodes))


def change(*nodes: Node | Iterable[Node]) -> Wait:
    """The user has changed one of the inputs; its `value` is the new one already."""
    return Wait(CHANGE.name, flat(nodes))


def focus(*nodes: Node | Iterable[Node]) -> Wait:
    """One of `nodes` gets the focus."""
    return Wait(FOCUS.name, flat(nodes))


def blur(*nodes: Node | Iterable[Node]) -> Wait:
    """One of `nodes` loses the focus."""
    return Wait(BLUR.name, flat(nodes))


def submit(*forms: Node | Iterable[Node]) -> Wait:
    """One of the forms is submitted; its inputs have the new values already. See `View.await_submit`."""
    return Wait(SUBMIT.name, flat(forms))


def input_event(*nodes: Node | Iterable[Node]) -> Wait:
    """An event of any kind, custom ones included."""
    return Wait(ANY, flat(nodes))


def event(event: EventType | str, *nodes: Node | Iterable[Node]) -> Wait:
    """An event of this type, or of this name: `event(KEY_DOWN("Enter"), field)`. See `View.await_event`."""
    named = name_of(event)
    wait = Wait(named, flat(nodes))
    if not isinstance(event, EventType) or EVENT_TYPES.get(named, event) == event:
        return wait
    if isinstance(event, KeyEventType) and event.keys:
        return Wait(named, wait.nodes, event)
    for node in wait.nodes:
        if node.issued(named) != event:
            raise ValueError(
                f"{node!r} does not issue {event!r}, so this cannot wait for it. Give the node this event, or wait for "
                f"{named.upper()} and look at event.data."
            )
    if not wait.nodes:
        raise ValueError(
            f"whether a node issues {event!r} is not known here: name the nodes, or wait for {named.upper()} "
            "and look at event.data"
        )
    return wait


def upload(file_input: FileInput) -> Wait:
    """The user has chosen files in this input, and all of them have come. The value is the file, of one with `multiple` a tuple.

    See `View.await_upload`.
    """
    check_file_input(file_input)
    return UploadWait(CHANGE.name, (file_input,))


def check_file_input(node: object) -> None:
    if not isinstance(node, FileInput):
        raise TypeError(f"what is uploaded is chosen in a FileInput, not in {type(node).__name__}: {node!r}")


def message(*topics: str | Channel | Iterable[str | Channel]) -> Messages:
    """A message on one of `topics`, or the one that waits already. See `View.await_message`."""
    channels = tuple(_channels(topics).values())
    if not channels:
        raise TypeError("expected the topics or channels to wait for, as in await_message('chat', timeout=5) or message('chat')")
    return Messages(channels)


def ended(*tasks: Task[Any]) -> Ended:                       # Any: whatever they return
    """The first of `tasks` that has ended; what it returned. What it raised is raised, `gevent.GreenletExit` if it was killed.

    One that has ended goes on to be one: to wait for the next, leave it out. A task by itself may stand for `ended(task)`.
    """
    if not tasks:
        raise TypeError("expected the tasks to wait for, as in ended(self.spawn(work))")
    for each in tasks:
        if not isinstance(each, Task):
            raise TypeError(f"a task is what self.spawn(function) returns, not {type(each).__name__}: {each!r}")
    return Ended(tasks)


def after(seconds: float) -> After:
    """So many seconds are over; each call of `await_any` begins to count anew. Unlike `timeout=` it raises nothing."""
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        raise TypeError(f"a time to wait is a number of seconds, not {type(seconds).__name__}: {seconds!r}")
    if not math.isfinite(seconds):
        raise ValueError(f"a time to wait must be finite, not {seconds!r}. To wait for ever, leave it out.")
    return After(seconds)


def awaited(what: Awaited | Task[Any]) -> Awaited:           # Any: whatever it returns
    """A task as what waits for it; all else as it is. Raises TypeError for what cannot be waited for."""
    if isinstance(what, Task):
        return Ended((what,))
    if not hasattr(what, "open") or not hasattr(what, "kind"):
        raise TypeError(
            f"await_any() takes what lona_sync.waits makes, as click(button) or message('chat'), and tasks, "
            f"not {type(what).__name__}: {what!r}"
        )
    return what


class Ended:
    """The end of one of these tasks."""

    __slots__ = ("tasks",)
    kind = "ended"
    rests = True                             # it is the tasks that are at work, or are not

    def __init__(self, tasks: tuple[Task[Any], ...]) -> None:          # Any: whatever they return
        self.tasks = tasks

    def open(self, place: Place) -> Source:
        return _TaskSource(self)

    def __str__(self) -> str:
        return " or ".join(f"end of {each.what}" for each in self.tasks)


class _TaskSource:
    """Some tasks, during one wait."""

    __slots__ = ("_ended", "_link")

    def __init__(self, ended: Ended) -> None:
        self._ended = ended

    def begin(self, wake: Wake) -> None:
        def link(task: object) -> None:
            wake.wake()

        self._link = link
        for each in self._ended.tasks:
            each.rawlink(link)

    def came(self) -> float | None:
        return min((each.ended_at for each in self._ended.tasks if each.ready()), default=None)

    def take(self) -> Came | None:
        first = min((each for each in self._ended.tasks if each.ready()), key=lambda each: each.ended_at)
        return Came("ended", first.get(block=False), self._ended, first)

    def end(self) -> None:
        for each in self._ended.tasks:
            each.unlink(self._link)


class After:
    """Some time."""

    __slots__ = ("seconds",)
    kind = "after"
    rests = False

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def open(self, place: Place) -> Source:
        return _TimeSource(self, place)

    def __str__(self) -> str:
        return f"end of {self.seconds:g} seconds"


class _TimeSource:
    """A time, during one wait."""

    __slots__ = ("_after", "_over", "_place", "_timer")

    def __init__(self, after: After, place: Place) -> None:
        self._after = after
        self._place = place
        self._over: float | None = None
        self._timer: Timer | None = None

    def begin(self, wake: Wake) -> None:
        def end() -> None:
            self._over = time.time()
            wake.wake()

        self._timer = self._place.clock.timer(self._after.seconds, end)

    def came(self) -> float | None:
        return self._over

    def take(self) -> Came | None:
        return Came("after", None, self._after)

    def end(self) -> None:
        if self._timer is not None:
            self._timer.close()


def flat(nodes: Iterable[Node | Iterable[Node]]) -> tuple[Node, ...]:
    """The nodes, out of their lists."""
    found: list[Node] = []
    for node in nodes:
        if isinstance(node, Node):
            found.append(node)
        elif isinstance(node, (list, tuple, set, frozenset)):
            found.extend(flat(node))
        else:
            raise TypeError(f"a node to wait for must be a Node or a list of them, not {type(node).__name__}: {node!r}")
    return tuple(found)


def _channels(topics: Iterable[str | Channel | Iterable[str | Channel]]) -> dict[str, Channel]:
    """By topic, so each one once."""
    found: dict[str, Channel] = {}
    for topic in topics:
        if isinstance(topic, str):
            found.setdefault(topic, Channel(topic))
        elif isinstance(topic, Channel):
            found.setdefault(topic.topic, topic)
        elif isinstance(topic, (list, tuple, set, frozenset)):
            for name, channel in _channels(topic).items():
                found.setdefault(name, channel)
        else:
            kind = type(topic).__name__
            raise TypeError(f"a topic to wait for must be a str, a Channel or a list of them, not {kind}: {topic!r}")
    return found
