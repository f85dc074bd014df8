"""The ready list: every job gets its turn, whatever the others do."""

from __future__ import annotations

import gevent
import gevent.event
import pytest

from lona_sync.channels import drainer as drainer_module
from lona_sync.channels.drainer import Drainer
from tests.channels.helpers import Clock, until


def test_jobs_are_called_in_the_order_added() -> None:
    drainer, called = Drainer(), []
    for number in range(100):
        drainer.add(lambda number=number: called.append(number))

    until(lambda: not drainer.greenlets and not len(drainer))

    assert called == list(range(100))


def test_adding_calls_nothing() -> None:
    drainer, called = Drainer(), []

    drainer.add(lambda: called.append(1))

    assert called == []
    until(lambda: called)


def test_one_greenlet_serves_all_jobs_that_do_not_block() -> None:
    drainer, seen = Drainer(), set()
    for _ in range(1000):
        drainer.add(lambda: seen.add(gevent.getcurrent()))

    until(lambda: not len(drainer))

    assert len(seen) == 1


def test_a_blocked_job_delays_nobody() -> None:
    drainer, called, gate = Drainer(), [], gevent.event.Event()
    for number in range(10):
        drainer.add(lambda number=number: (called.append(number), gate.wait()))

    until(lambda: len(called) == 10)

    assert drainer.greenlets == 10
    gate.set()
    until(lambda: drainer.greenlets == 0)


def test_the_greenlet_that_was_blocked_ends_after_its_job() -> None:
    drainer, gate, served = Drainer(), gevent.event.Event(), []
    drainer.add(lambda: (gate.wait(), served.append(gevent.getcurrent())))
    until(lambda: drainer.greenlets == 1)
    drainer.add(lambda: served.append(gevent.getcurrent()))
    until(lambda: len(served) == 1)

    gate.set()
    until(lambda: drainer.greenlets == 0)

    assert served[0] is not served[1]
    assert served[1].dead


def test_a_stream_of_jobs_starves_nobody() -> None:
    drainer, ticks = Drainer(), []

    def again() -> None:
        if len(ticks) < 5:
            drainer.add(again)

    def tick() -> None:
        while len(ticks) < 5:
            ticks.append(1)
            gevent.sleep(0)

    drainer.add(again)
    gevent.spawn(tick).join()

    assert len(ticks) == 5
    until(lambda: drainer.greenlets == 0)


def test_yielding_between_rounds_is_not_taken_for_blocking() -> None:
    drainer, seen = Drainer(), []

    def again() -> None:
        seen.append(gevent.getcurrent())
        if len(seen) < 10:
            drainer.add(again)

    drainer.add(again)
    until(lambda: len(seen) == 10)

    assert len(set(seen)) == 1


def test_a_round_ends_when_its_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, called, yields = Clock(), [], []
    drainer = Drainer(clock)
    monkeypatch.setattr(drainer_module.gevent, "sleep", lambda seconds: yields.append(len(called)))

    def slow() -> None:
        called.append(1)
        clock.now += drainer_module.ROUND_SECONDS / 2

    for _ in range(6):
        drainer.add(slow)
    while len(called) < 6:
        gevent.get_hub().join(0.001)

    assert yields == [2, 4]


@pytest.mark.parametrize("error", [gevent.GreenletExit, ZeroDivisionError])
def test_the_list_goes_on_when_a_job_raises(
    error: type[BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    drainer, called = Drainer(), []

    def raising() -> None:
        raise error

    drainer.add(raising)
    drainer.add(lambda: called.append(1))
    until(lambda: called)

    assert drainer.greenlets == 0
    assert ("ZeroDivisionError" in capsys.readouterr().err) == (error is ZeroDivisionError)


def test_a_greenlet_killed_in_a_blocked_job_leaves_the_list_to_another() -> None:
    drainer, blocked, called = Drainer(), [], []

    def blocking() -> None:
        blocked.append(gevent.getcurrent())
        gevent.event.Event().wait()

    drainer.add(blocking)
    until(lambda: blocked)
    blocked[0].kill()
    drainer.add(lambda: called.append(1))
    until(lambda: called)

    assert drainer.greenlets == 0


def test_a_kill_in_the_very_moment_of_blocking_loses_no_job() -> None:
    drainer, called = Drainer(), []

    def kills_itself() -> None:
        gevent.get_hub().loop.run_callback(gevent.getcurrent().throw, gevent.GreenletExit)
        gevent.event.Event().wait()

    drainer.add(kills_itself)
    drainer.add(lambda: called.append(1))
    until(lambda: called)

    assert drainer.greenlets == 0
