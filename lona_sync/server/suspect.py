"""Whose code a stack shows: for who finds it running when nothing should run for so long."""

from __future__ import annotations

from dataclasses import dataclass
from types import FrameType

from ..views.ownership import Ownership
from ..views.places import innermost, is_ours, outwards, sight
from ..views.report import user_name
from ..views.runtime import ViewRuntime
from ..views.tasks import Task


@dataclass(frozen=True, slots=True)
class Suspect:
    """The line that ran, and whose view that was."""
    function: str                    # file and function
    place: str                       # file, line and function
    view: str                        # words; '': no view's


def suspect(frame: FrameType) -> Suspect:
    """Who runs in this stack, of which it is the innermost frame. May be asked by any thread, while the stack goes on."""
    try:
        runtime = _runtime(frame)
    except AttributeError:                               # it is looked at in its own `__init__`, and has not come to that yet
        runtime = None
    module = "" if runtime is None else type(runtime.view).__module__
    place = sight(frame, module).place or innermost(frame)
    view = ""
    if runtime is not None:
        view = f"{type(runtime.view).__name__} at {runtime.request.url.path!r} of {user_name(runtime.request.user)}"
    return Suspect(f"{place.file} {place.function}", str(place), view)


def _runtime(frame: FrameType) -> ViewRuntime | None:
    """The view for which this stack works; None: for none, or nobody can tell."""
    for each in outwards(frame):
        if is_ours(each):
            for name in "self", "runtime":               # as our methods call what they work for
                found = each.f_locals.get(name)
                if isinstance(found, Task):
                    found = found.owner
                if isinstance(found, Ownership):
                    found = found.host
                if isinstance(found, ViewRuntime) and hasattr(found, "view"):
                    return found
    return None
