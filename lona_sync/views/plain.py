"""What a view that is not interactive answers: as a whole, or in pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import gevent

from ..errors import StopReason, ViewCrashed
from .outcomes import Outcomes
from .pour import Pour, stream_of
from .responses import response_of


class Host(Protocol):
    """The runtime of the view that answers."""
    stop_reason: StopReason | None

    def await_end(self) -> gevent.GreenletExit | None:
        """Wait until the procedure has ended. What ended it alone, while the view lives on, if anything has."""


class PlainAnswer:
    """One answer. What is in pieces goes through `pour`."""

    __slots__ = ("_host", "_outcomes", "_pour", "_whole")

    def __init__(self, *, host: Host, outcomes: Outcomes, pour: Pour) -> None:
        self._host = host
        self._outcomes = outcomes
        self._pour = pour
        self._whole: object = None

    # In the view.

    def give(self, answer: object) -> None:
        """The procedure has returned this. Waits for whoever takes the pieces, if it has some."""
        stream = stream_of(answer)
        if stream is not None:
            self._pour.run(answer, *stream)
        else:
            self._whole = self._outcomes.filled_in(response_of(answer) if isinstance(answer, dict) else answer)

    def end(self) -> None:
        """The procedure has ended. Never waits."""
        self._pour.end()

    # In the server.

    def await_answer(self) -> object:
        """Wait until the procedure has ended. What it returned.

        An answer that comes in pieces is there with the first one of them; see `pieces`. Raises what the procedure raised, or the
        reason when it was stopped.
        """
        self._pour.await_answer()
        if self._pour.answer is not None:
            return self._pour.answer
        killed = self._host.await_end()
        stopped = self._host.stop_reason
        if isinstance(stopped, ViewCrashed):
            raise stopped.error
        if stopped is not None:
            raise stopped.copy()
        if killed is not None:
            raise RuntimeError("the view's procedure was killed before it returned anything") from killed
        return self._whole

    @property
    def is_in_pieces(self) -> bool:
        """Whether the answer comes in pieces; known when it is there."""
        return self._pour.answer is not None

    def pieces(self, is_gone: Callable[[], bool]) -> Iterator[bytes]:
        """Of an answer that comes in pieces, these. See `Pour.pieces`."""
        return self._pour.pieces(is_gone)
