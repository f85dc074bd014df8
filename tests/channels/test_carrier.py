"""A loop that waits is woken by whoever rings, in greenlets as in real threads."""

from __future__ import annotations

import subprocess
import sys
import time

import gevent
import pytest
from gevent import monkey

from lona_sync.channels.carrier import Bell, Carrier, Greenlets, Threads, carrier

Thread = monkey.get_original("threading", "Thread")
get_ident = monkey.get_original("_thread", "get_ident")

CARRIERS = pytest.mark.parametrize("ways", [Greenlets(), Threads()], ids=["greenlets", "threads"])


def seconds_of_wait(bell: Bell, timeout: float) -> float:
    before = time.monotonic()
    bell.wait(timeout)
    return time.monotonic() - before


@CARRIERS
def test_what_rang_before_ends_the_next_wait(ways: Carrier) -> None:
    bell = ways.bell()

    bell.ring()
    bell.ring()
    bell.wait(None)                # would not end
    rest = seconds_of_wait(bell, 0.05)

    assert rest > 0.04             # both rings were one


@CARRIERS
def test_a_wait_ends_by_itself(ways: Carrier) -> None:
    bell = ways.bell()

    waited = seconds_of_wait(bell, 0.05)

    assert waited > 0.04


@CARRIERS
def test_a_wait_that_may_not_last_ends_at_once(ways: Carrier) -> None:
    bell = ways.bell()

    bell.wait(0)
    bell.ring()
    bell.wait(0)
    rest = seconds_of_wait(bell, 0.05)

    assert rest > 0.04             # the ring was heard by the wait before


@CARRIERS
def test_a_loop_is_woken_by_another_thread(ways: Carrier) -> None:
    bell, rounds = ways.bell(), []
    answer = ways.bell()

    def run() -> None:
        while len(rounds) < 100:
            bell.wait(None)
            rounds.append(get_ident())
            answer.ring()

    def ring() -> None:
        for number in range(100):
            bell.ring()
            while len(rounds) <= number:
                time.sleep(0)

    loop = ways.spawn(run, "loop")
    thread = Thread(target=ring, daemon=True)
    thread.start()
    loop.join(20)

    assert len(rounds) == 100
    thread.join()


def test_a_thread_wakes_a_sleeping_event_loop() -> None:
    bell = Greenlets().bell()
    thread = Thread(target=bell.ring)

    thread.start()
    with gevent.Timeout(20):       # nothing else would wake the loop
        bell.wait(None)

    thread.join()


@CARRIERS
def test_a_loop_runs_beside_the_rest_and_is_waited_for(ways: Carrier) -> None:
    bell, log = ways.bell(), []

    def run() -> None:
        log.append("begun")
        bell.wait(None)
        log.append("ended")

    loop = ways.spawn(run, "loop")
    loop.join(0.05)
    before = list(log)
    bell.ring()
    loop.join()

    assert before == ["begun"]
    assert log == ["begun", "ended"]


def test_greenlets_stay_in_their_thread_and_threads_are_real() -> None:
    seen: dict[str, int] = {}

    Greenlets().spawn(lambda: seen.update(greenlet=get_ident()), "name").join()
    Threads().spawn(lambda: seen.update(thread=get_ident()), "name").join()

    assert seen["greenlet"] == get_ident() != seen["thread"]


def test_a_thread_does_not_keep_a_process_alive_and_has_a_name() -> None:
    bell = Threads().bell()

    thread = Threads().spawn(lambda: bell.wait(None), "channels: test")
    daemon, name = thread.daemon, thread.name               # type: ignore[attr-defined]
    bell.ring()
    thread.join()

    assert (daemon, name) == (True, "channels: test")


@CARRIERS
def test_a_pause_of_nothing_is_a_turn_for_the_others(ways: Carrier) -> None:
    log: list[str] = []
    loop = ways.spawn(lambda: log.append("other"), "other")

    while not log:
        ways.pause(0)

    assert log == ["other"]
    loop.join()


@pytest.mark.parametrize("end", ["destroyed", "ended"])
def test_ringing_for_an_event_loop_that_is_gone_does_not_fail(end: str) -> None:
    bells = []

    def serve() -> None:
        bells.append(Greenlets().bell())
        if end == "destroyed":
            gevent.get_hub().destroy(destroy_loop=True)

    thread = Thread(target=serve)
    thread.start()
    thread.join()

    bells[0].ring()                # `send` from a thread, while the process ends


def test_an_unpatched_process_has_threads() -> None:
    assert isinstance(carrier(), Threads)


PROCESS = """
from gevent import monkey
monkey.{patch}
from lona_sync.channels.carrier import carrier
ways = carrier()
bell = ways.bell()
done = []
def run():
    bell.wait(20)
    done.append(monkey.get_original("_thread", "get_ident")())
loop = ways.spawn(run, "loop")
thread = monkey.get_original("threading", "Thread")(target=bell.ring)
ways.pause(0)
thread.start()
loop.join(20)
print(type(ways).__name__, done == [monkey.get_original("_thread", "get_ident")()])
"""


@pytest.mark.parametrize(
    ("patch", "output"),
    [
        ("patch_all()", "Greenlets True\n"),
        ("patch_socket()", "Greenlets True\n"),
        ("is_module_patched('socket')", "Threads False\n"),
    ],
)
def test_the_patch_decides(patch: str, output: str) -> None:
    result = subprocess.run(
        [sys.executable, "-c", PROCESS.format(patch=patch)], capture_output=True, text=True, timeout=60, check=False
    )

    assert (result.stdout, result.stderr) == (output, "")
