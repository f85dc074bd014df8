"""`eventually`: a check that is repeated until it holds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from types import TracebackType

import gevent


def eventually(timeout: float = 5.0, interval: float = 0.1) -> Iterator[Attempt]:
    """Attempts at something that takes its time, each `interval` seconds after the one before, at most `timeout` seconds.

        for attempt in eventually():
            with attempt:
                assert page.locator('p').inner_text() == 'done'

    The first one in which nothing is raised is the last. When the time is over, what the last one raised is raised. Everything that
    gevent runs in this thread goes on in between. Real time, not that of a `Client`'s clock.
    """
    end = time.monotonic() + timeout
    while True:
        attempt = Attempt(is_last=time.monotonic() >= end)
        yield attempt
        if attempt.succeeded:
            return
        gevent.sleep(max(0.0, min(interval, end - time.monotonic())))


class Attempt:
    """One of them: a context manager, which keeps what is raised in its block unless it is the last."""

    def __init__(self, *, is_last: bool) -> None:
        self._is_last = is_last
        self.succeeded = False

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> bool:
        self.succeeded = error is None
        return isinstance(error, Exception) and not self._is_last
