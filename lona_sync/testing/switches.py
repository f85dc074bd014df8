"""Where a greenlet may switch is a part of the contract, and so it is tested.

`greenlet.settrace` holds one function for each thread. Two blocks in two greenlets need not end in reverse order of
their beginning; "put the former function back" would then leave a dead one there or take a living one out. Therefore
the first block installs a tracer, all blocks of the thread share it, and the last one to end takes it out. What was
installed before is still called. A function that somebody else puts on top and keeps there stays; ours only passes on.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

import greenlet

TraceEvent = Literal["switch", "throw"]
TraceFunction = Callable[[TraceEvent, tuple[greenlet.greenlet, greenlet.greenlet]], object]

_STACK_FRAMES = 12               # of the switching greenlet in the error message: the innermost ones


@contextmanager
def assert_no_switch() -> Iterator[None]:
    """Fails (`AssertionError`) at its end if the greenlet that runs it has given way to another inside of the block.

    The message names who ran next, with the stack that gave way. An exception of the block goes out unchanged.
    """
    watch = _Watch()
    with _traced(watch):
        yield
    if watch.switches:
        raise AssertionError(
            f"no switch was expected here, but {watch.greenlet!r} switched {watch.switches} time(s), "
            f"first to {watch.first_target}:\n{watch.first_stack}"
        )


@contextmanager
def assert_switches() -> Iterator[None]:
    """Fails (`AssertionError`) at its end if the greenlet that runs it has kept the thread all through the block."""
    watch = _Watch()
    with _traced(watch):
        yield
    if not watch.switches:
        raise AssertionError(f"a switch was expected here, but {watch.greenlet!r} ran through: nothing waited")


class _Watch:
    """What one block sees: how its own greenlet gave way."""

    def __init__(self) -> None:
        self.greenlet = greenlet.getcurrent()
        self.switches = 0
        self.first_target = ""
        self.first_stack = ""

    def note(self, origin: greenlet.greenlet, target: greenlet.greenlet) -> None:
        if origin is not self.greenlet:
            return
        self.switches += 1
        if self.switches == 1:
            # Now, in the target: the origin is suspended just where it gave way. Afterwards its frames have gone on.
            frames = traceback.extract_stack(origin.gr_frame, limit=_STACK_FRAMES)
            self.first_stack = "".join(traceback.format_list(frames)).rstrip()
            self.first_target = repr(target)     # not the greenlet itself: it would live longer than without us


class _Tracer:
    """The trace function of a thread: tells each watch, and then whoever was installed before."""

    def __init__(self, former: TraceFunction | None) -> None:
        self.former = former
        self.watches: list[_Watch] = []

    def __call__(self, event: TraceEvent, pair: tuple[greenlet.greenlet, greenlet.greenlet]) -> None:
        if event in ("switch", "throw"):         # other events may have other arguments, greenlet says
            for watch in self.watches:
                watch.note(*pair)
        if self.former is not None:
            self.former(event, pair)


@contextmanager
def _traced(watch: _Watch) -> Iterator[None]:
    installed = greenlet.gettrace()
    if isinstance(installed, _Tracer):
        tracer = installed
    else:
        tracer = _Tracer(installed)
        greenlet.settrace(tracer)
    tracer.watches.append(watch)
    try:
        yield
    finally:
        tracer.watches.remove(watch)
        if not tracer.watches and greenlet.gettrace() is tracer:
            greenlet.settrace(tracer.former)
