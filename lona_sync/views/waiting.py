"""The waits of one view: `await_event`, `await_message`, `await_any`. Checks what is asked for, and knows where it comes from."""

from __future__ import annotations

from typing import Protocol, cast

from ..channels import Message
from ..html.event_types import CHANGE, SUBMIT, KeyEventType
from ..html.form import Form
from ..html.inputs.files import FileInput
from ..html.node import Node
from ..uploads import UploadedFile
from .choice import AnyOf, Awaited, Came, Choices, Postbox, Source
from .clock import Clock
from .dispatch import Dispatcher
from .events import InputEvent
from .group import Group
from .mailboxes import Mailboxes, Messages
from .sources import awaited, check_file_input
from .tasks import Task
from .timeouts import check_timeout
from .turn import Turn
from .waits import UploadWait, Wait


class Host(Protocol):
    """What the waits need of the runtime they are in."""

    @property
    def stopped(self) -> bool: ...

    @property
    def is_interactive(self) -> bool: ...

    def check(self) -> None: ...

    def check_waits(self, what: str) -> None:
        """Raise unless the running greenlet may wait for `what`."""

    def note(self, waits_for: object) -> None:
        """The running greenlet is about to wait for this; None: it goes on."""


class Display(Protocol):
    """What is shown before a wait begins."""

    def show(self, html: Node | str | None, title: str | None) -> None: ...


class Waiting:
    """`Place` of what is waited for. Events come by way of `dispatcher`, which is told when some that were kept may be gone."""

    __slots__ = ("_choices", "_dispatcher", "_host", "_mailboxes", "_screen", "_turn", "_waits", "clock")

    def __init__(self, *, host: Host, turn: Turn, clock: Clock, dispatcher: Dispatcher, screen: Display) -> None:
        self._host = host
        self._turn = turn
        self._dispatcher = dispatcher
        self._waits = dispatcher.waits
        self._screen = screen
        self.clock = clock
        self._choices: Choices | None = None             # made when they are first needed, both
        self._mailboxes: Mailboxes | None = None

    @property
    def choices(self) -> Choices:
        if self._choices is None:
            self._choices = Choices(host=self._host, turn=self._turn, clock=self.clock)
        return self._choices

    @property
    def mailboxes(self) -> Postbox:
        if self._mailboxes is None:
            self._mailboxes = Mailboxes(self._host)
        return self._mailboxes

    def await_event(self, wait: Wait, html: Node | str | None, timeout: float | None) -> InputEvent:
        """See `View.await_input_event`."""
        self._prepare([wait], html, timeout)
        event = self._waits.begin(wait)
        self._dispatcher.make_room()
        if event is not None:
            return event
        if self._turn.mine:
            return self._turn.outside(wait, lambda: self._waits.receive(timeout), self._waits.give_back)
        # The same without a turn to give away, and without functions made for it: many thousands sleep here at the same time.
        self._host.note(wait)
        try:
            return self._waits.receive(timeout)
        finally:
            self._host.note(None)

    def await_files(self, node: FileInput, html: Node | str | None, timeout: float | None) -> tuple[UploadedFile, ...]:
        """See `View.await_uploads`."""
        check_file_input(node)
        check_timeout(timeout)
        deadline = None if timeout is None else self.clock.now() + timeout
        self._host.check()
        node.send_at_once()
        self._screen.show(html, None)
        while True:
            left = None if deadline is None else max(0.0, deadline - self.clock.now())
            self.await_event(Wait(CHANGE.name, (node,)), None, left)
            if node.files:                                    # else its user has taken back what he had chosen
                return cast("tuple[UploadedFile, ...]", node.files)

    def await_message(self, messages: Messages, timeout: float | None) -> Message:
        """See `View.await_message`."""
        self._host.check_waits("messages")
        check_timeout(timeout)
        self._waits.nothing()
        message: Message = self.choices.choose([messages.open(self)], messages, timeout).value
        return message

    def await_any(
        self, given: tuple[Awaited | Task[object], ...], html: Node | str | None, timeout: float | None,
    ) -> Came:
        """See `View.await_any`."""
        if not given:
            raise TypeError("await_any() takes what to wait for, as in await_any(click(ok), message('jobs.*'), timeout=5)")
        parts = tuple(awaited(each) for each in given)
        events = tuple(part for part in parts if isinstance(part, Wait))
        self._prepare(events, html, timeout)
        sources: list[Source] = []
        if events:
            sources.append(self._waits.source(events, self._dispatcher.make_room))
        else:
            self._waits.nothing()
        sources += [part.open(self) for part in parts if not isinstance(part, Wait)]
        came = self.choices.choose(sources, AnyOf(parts), timeout)
        source = next(one for one, part in zip(given, parts, strict=True) if part is came.source)
        return came if source is came.source else came._replace(source=source)       # a task by itself

    def _prepare(self, events: list[Wait] | tuple[Wait, ...], html: Node | str | None, timeout: float | None) -> None:
        """Raise for what cannot be waited for; then show `html`."""
        self._host.check_waits("events" if events else "messages")
        if events and not self._host.is_interactive:
            raise RuntimeError("there is no browser whose events could be awaited: this route is not interactive")
        check_timeout(timeout)
        changed = html is not None
        for wait in events:
            if wait.name == SUBMIT.name or isinstance(wait, UploadWait):
                changed = _have_issued(wait) or changed
            _check_issued(wait)
        if changed:
            self._screen.show(html, None)


def rests(waits_for: object) -> bool:
    """Whether who was noted to wait for this has nothing under way itself."""
    return isinstance(waits_for, (Task, Group)) or (isinstance(waits_for, (Wait, Messages, AnyOf)) and waits_for.rests)


def awaits_somebody(waits_for: object) -> bool:
    """Whether who was noted to wait for this does so for a user or a message."""
    return isinstance(waits_for, (Wait, Messages, AnyOf))


def _have_issued(wait: Wait) -> bool:
    """Have its forms and file inputs do what makes the browser report what is awaited. Whether something may have changed."""
    changed = False
    for node in wait.nodes:
        if isinstance(wait, UploadWait) and isinstance(node, FileInput):
            node.send_at_once()
            changed = True
        elif wait.name == SUBMIT.name and isinstance(node, Form) and not node.issues(SUBMIT.name):
            node.issue_submit()
            changed = True
    return changed


def _check_issued(wait: Wait) -> None:
    for node in wait.nodes:
        if wait.name and not node.issues(wait.name):
            raise ValueError(
                f"{node!r} issues no {wait.name} events, so this would wait for ever. "
                f"Make it with events=[{wait.name.upper()}]."
            )
        if isinstance(wait.only, KeyEventType):
            _check_keys(node, wait.only)


def _check_keys(node: Node, awaited: KeyEventType) -> None:
    issued = node.issued(awaited.name)
    if isinstance(issued, KeyEventType) and issued.keys:
        missing = [str(key) for key in awaited.keys if key not in issued.keys]
        if missing:
            raise ValueError(
                f"{node!r} does not issue {awaited!r}: it sends {', '.join(map(str, issued.keys))} only. "
                f"Give it {', '.join(missing)}, too."
            )
