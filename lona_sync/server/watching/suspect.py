"""Whose code a stack shows: for who finds it running when nothing should run for so long."""

from __future__ import annotations

from collections.abc import Iterable
from types import FrameType
from typing import NamedTuple

from ...views.places import innermost, sight
from ...views.report import user_name
from ...views.runtime import ViewRuntime


class Suspect(NamedTuple):
    """The line that ran, and whose view that was."""
    function: str                    # file and function
    place: str                       # file, line and function
    view: str                        # words; '': no view's


def suspect(frame: FrameType, runtimes: Iterable[ViewRuntime]) -> Suspect:
    """Who runs in this stack, of which it is the innermost frame: one of these views, or nobody's code.

    May be asked by another thread than the one of the stack, which goes on meanwhile, if no garbage is looked for (`Watchdog`).
    Looks at each view: a millisecond or two for each thousand.
    """
    # Not by the frames' `f_locals`, in which a `self` would tell: CPython writes all locals into a dict for that, which may be the
    # end of an object, whose finalizer lets the other thread run on. Then the frame is gone in the middle of it (3.11: a crash).
    runtime = next((each for each in runtimes if each.computes), None)
    place = sight(frame, "" if runtime is None else type(runtime.view).__module__).place or innermost(frame)
    view = ""
    if runtime is not None and runtime.computes:         # else another one runs by now, and whose the frame was is unknown
        view = f"{type(runtime.view).__name__} at {runtime.request.url.path!r} of {user_name(runtime.request.user)}"
    return Suspect(f"{place.file} {place.function}", str(place), view)
