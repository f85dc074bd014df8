from __future__ import annotations

import time
from collections.abc import Callable

import gevent

from lona_sync.views.turn import Job, Turn


class Spawner:
    """A view of which nobody wants to know what it waits for."""

    def __init__(self) -> None:
        self.spawned: list[gevent.Greenlet] = []

    def handle(self, job: Job) -> None:
        self.spawned.append(gevent.spawn(job))

    def note(self, what: object) -> None:
        pass


def make(clock: Callable[[], float] = time.monotonic) -> tuple[Turn, list[gevent.Greenlet]]:
    view = Spawner()
    return Turn(view, clock=clock), view.spawned


def rest() -> None:
    for _ in range(10):
        gevent.sleep(0)


def test_jobs_run_in_order_in_one_greenlet() -> None:
    turn, spawned = make()
    notes: list[int] = []

    for number in range(5):
        turn.later(lambda number=number: notes.append(number))
    rest()

    assert notes == [0, 1, 2, 3, 4]
    assert len(spawned) == 1


def test_who_has_worked_for_long_lets_others_of_the_process_run_first() -> None:
    now = [0.0]
    notes: list[str] = []
    turn, spawned = make(clock=lambda: now[0])

    def work() -> None:
        notes.append("job")
        now[0] += 1

    for _ in range(3):
        turn.later(work)
    gevent.spawn(notes.append, "other")
    rest()

    assert notes == ["job", "other", "job", "job"]
    assert len(spawned) == 3


def test_a_job_waits_for_the_holder() -> None:
    turn, _ = make()
    notes: list[str] = []
    assert turn.take_if_free()

    turn.later(lambda: notes.append("job"))
    rest()
    before = list(notes)
    turn.give()
    rest()

    assert (before, notes) == ([], ["job"])


def test_a_greenlet_that_takes_the_turn_back_waits_behind_those_who_came_before() -> None:
    turn, _ = make()
    notes: list[str] = []

    def handler() -> None:
        turn.give()
        gevent.sleep(0)
        turn.take()
        notes.append("back")
        assert turn.mine

    turn.later(handler)
    turn.later(lambda: notes.append("second"))
    turn.later(lambda: notes.append("third"))
    rest()

    assert notes == ["second", "third", "back"]
    assert turn.take_if_free()


def test_who_is_killed_while_waiting_for_the_turn_does_not_keep_it() -> None:
    turn, _ = make()
    notes: list[str] = []
    turn.take_if_free()
    parked = gevent.spawn(turn.take)
    rest()

    parked.kill(block=False)
    turn.give()                         # the turn goes to it, and the kill comes first
    turn.later(lambda: notes.append("next"))
    rest()

    assert parked.dead
    assert notes == ["next"]


def test_a_job_that_raises_passes_the_turn_on() -> None:
    turn, _ = make()
    notes: list[str] = []

    def fail() -> None:
        raise gevent.GreenletExit

    turn.later(fail)
    turn.later(lambda: notes.append("next"))
    rest()

    assert notes == ["next"]


def test_cleared_jobs_never_run() -> None:
    turn, _ = make()
    notes: list[str] = []
    turn.take_if_free()
    turn.later(lambda: notes.append("job"))

    turn.clear()
    turn.give()
    rest()

    assert notes == []
    assert turn.take_if_free()
