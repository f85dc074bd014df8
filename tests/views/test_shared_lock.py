"""The lock of `app.state`: greenlets and real threads, whoever comes first."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import gevent
import pytest
from gevent import monkey

from lona_sync.views.shared_lock import SharedLock

start_thread: Any = monkey.get_original("_thread", "start_new_thread")
native_lock: Any = monkey.get_original("_thread", "allocate_lock")


@pytest.fixture
def hurry() -> Iterator[None]:
    """Threads take turns as often as they can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def test_greenlets_enter_one_after_the_other_in_order():
    lock, log = SharedLock(), []

    def work(name: int) -> None:
        with lock:
            log.append(name)
            gevent.sleep(0)
            log.append(name)

    gevent.joinall([gevent.spawn(work, name) for name in range(3)], timeout=5)

    assert log == [0, 0, 1, 1, 2, 2]


def test_who_has_it_enters_again():
    lock, log = SharedLock(), []
    with lock, lock:
        other = gevent.spawn(lambda: lock.__enter__() and log.append("in"))
        gevent.sleep(0)
        with lock:
            pass
        gevent.sleep(0)
        assert log == []

    other.join(timeout=5)

    assert log == ["in"]


@pytest.mark.parametrize("end", ["before", "at"])
def test_who_is_killed_while_he_waits_keeps_nobody_out(end: str):
    lock, log = SharedLock(), []

    def work(name: str) -> None:
        with lock:
            log.append(name)

    with lock:
        killed = gevent.spawn(work, "killed")
        after = gevent.spawn(work, "after")
        gevent.sleep(0)
        if end == "before":
            killed.kill(block=False)
            gevent.sleep(0)
    if end == "at":                       # it has the lock by now, and has not run yet
        killed.kill(block=False)
    gevent.joinall([killed, after], timeout=5)

    assert log == ["after"]


def test_an_error_inside_gives_it_free():
    lock = SharedLock()

    with pytest.raises(KeyError), lock:
        raise KeyError("x")

    assert gevent.spawn(lambda: bool(lock.__enter__())).get(timeout=5)


def test_native_threads_pool_threads_and_greenlets_lose_nothing(hurry: None):
    lock, counts = SharedLock(), {"n": 0}
    done: list[Any] = [native_lock() for _ in range(3)]

    def add() -> None:
        for _ in range(2000):
            with lock:
                n = counts["n"]
                counts["n"] = n + 1

    def add_and_switch() -> None:
        for _ in range(200):
            with lock:
                n = counts["n"]
                gevent.sleep(0)
                counts["n"] = n + 1

    def in_thread(finished: Any) -> None:
        add()
        finished.release()

    for each in done:
        each.acquire()
        start_thread(in_thread, (each,))
    pool = [gevent.get_hub().threadpool.spawn(add_and_switch) for _ in range(3)]
    greenlets = [gevent.spawn(add_and_switch) for _ in range(3)]
    for task in (*greenlets, *pool):
        task.get(timeout=60)
    for each in done:
        assert each.acquire(timeout=60)

    assert counts["n"] == 3 * 2000 + 6 * 200


def test_other_greenlets_run_while_one_waits_for_a_thread():
    lock, entered, leave = SharedLock(), native_lock(), native_lock()
    entered.acquire()
    leave.acquire()

    def hold() -> None:
        with lock:
            entered.release()
            leave.acquire()

    start_thread(hold, ())
    entered.acquire()
    waits = gevent.spawn(lambda: bool(lock.__enter__()))
    ran = gevent.spawn(lambda: "ran").get(timeout=5)
    early = waits.ready()
    leave.release()

    assert (ran, early, waits.get(timeout=5)) == ("ran", False, True)
