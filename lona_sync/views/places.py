"""Where in the user's source a greenlet is: the innermost line that is not the framework's, gevent's, or a library's."""

from __future__ import annotations

import functools
import os
import site
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NamedTuple

_PACKAGE = Path(__file__).parents[1]


def _library_folders() -> tuple[str, ...]:
    # Not by sysconfig, which would name the same and reads for it how Python was built.
    folders = {os.path.dirname(os.__file__), *site.getsitepackages(), site.getusersitepackages(), str(_PACKAGE)}
    return tuple(os.path.join(each, "") for folder in folders for each in {folder, os.path.realpath(folder)})


@dataclass(frozen=True, slots=True)
class Place:
    """A line of somebody's source."""
    file: str
    line: int
    function: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} in {self.function}"


class Sight(NamedTuple):
    """What a stack shows. `place`: None when nothing of it is the user's. `call`: what that line has called, if it has."""
    place: Place | None
    call: str | None


_LIBRARIES = _library_folders()


def sight(frame: FrameType | None, module: str) -> Sight:
    """Look at the stack whose innermost frame this is. `module`: the view's own; it is the user's wherever it is installed."""
    callee: FrameType | None = None
    for each in outwards(frame):
        if each.f_globals.get("__name__") == module or not _is_library(each.f_code.co_filename):
            return Sight(innermost(each), None if callee is None else f"{callee.f_globals.get('__name__', '?')}.{_name(callee)}()")
        callee = each
    return Sight(None, None)


def innermost(frame: FrameType) -> Place:
    """Where it is, whoever's line that is."""
    return Place(_full(frame.f_code.co_filename), frame.f_lineno, _name(frame))


def outwards(frame: FrameType | None) -> Iterator[FrameType]:
    """This frame, its caller, and so on."""
    while frame is not None:
        yield frame
        frame = frame.f_back


def is_ours(frame: FrameType) -> bool:
    """True for a frame of this package."""
    return frame.f_code.co_filename.startswith(_LIBRARY_OF_OURS)


_LIBRARY_OF_OURS = os.path.join(str(_PACKAGE), "")


@functools.lru_cache(maxsize=4096)
def _is_library(file: str) -> bool:
    return file.startswith(("<frozen ", *_LIBRARIES))


@functools.lru_cache(maxsize=4096)
def _full(file: str) -> str:
    """`python shop.py` knows itself as 'shop.py', which says nothing in another folder."""
    return file if file.startswith("<") else os.path.abspath(file)


def _name(frame: FrameType) -> str:
    # 3.10 knows the bare name only. "<locals>." tells nobody anything.
    name: str = getattr(frame.f_code, "co_qualname", frame.f_code.co_name)
    return name.rpartition("<locals>.")[2]
