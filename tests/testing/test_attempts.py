"""`eventually`."""

from __future__ import annotations

import time

import gevent
import pytest

from lona_sync.testing import eventually


def test_what_holds_is_tried_once() -> None:
    tried = []

    for attempt in eventually():
        with attempt:
            tried.append(1)

    assert tried == [1]


@pytest.mark.parametrize("error", [AssertionError, LookupError])
def test_what_does_not_hold_is_tried_again(error: type[Exception]) -> None:
    tried = []

    for attempt in eventually(interval=0.001):
        with attempt:
            tried.append(1)
            if len(tried) < 4:
                raise error

    assert len(tried) == 4


def test_when_the_time_is_over_the_last_error_is_raised() -> None:
    tried = []

    with pytest.raises(AssertionError, match="not yet"):
        for attempt in eventually(timeout=0.02, interval=0.005):
            with attempt:
                tried.append(time.monotonic())
                raise AssertionError("not yet")

    assert len(tried) >= 2
    assert tried[-1] - tried[0] >= 0.02


def test_there_is_one_attempt_even_without_any_time() -> None:
    with pytest.raises(ValueError, match="once"):
        for attempt in eventually(timeout=0):
            with attempt:
                raise ValueError("once")


def test_other_greenlets_run_in_between() -> None:
    done: list[bool] = []
    gevent.spawn(done.append, True)

    for attempt in eventually(interval=0.001):
        with attempt:
            assert done

    assert done == [True]


def test_an_interrupt_of_the_user_is_no_failed_attempt() -> None:
    with pytest.raises(KeyboardInterrupt):
        for attempt in eventually():
            with attempt:
                raise KeyboardInterrupt
