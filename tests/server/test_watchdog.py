"""Who keeps the hub from turning is noticed, named, and counted; who did not is not blamed."""

from __future__ import annotations

import gc
import logging
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, ClassVar, cast

import gevent
import pytest
from gevent import monkey

from lona_sync import View
from lona_sync.html import Button
from lona_sync.server.watching.suspect import Suspect, suspect
from lona_sync.server.watching.watchdog import LAG_SECONDS, LOG_SECONDS, LONG, Pulse, Watch, Watchdog
from lona_sync.views.runtime import ViewRuntime
from tests.views.apps import open_view

LIMIT = 0.1
SHOP = Suspect("shop.py buy", "shop.py:7 in buy", "Shop at '/' of ann")


class Scene:
    """A loop and a thread that looks at it, in a time that moves only when told to. `runs`: the outermost call and who is found."""

    def __init__(self) -> None:
        self.now = 100.0
        self.cpu = 5.0
        self.runs: tuple[object, Suspect] = ("call", SHOP)
        self.counters: Counter[str] = Counter()
        self.reports: list[str] = []
        self.reports_now: list[str] = []
        self.pulse = Pulse(LIMIT, lambda: self.now)
        self.watch = Watch(
            LIMIT, self.pulse, look=lambda: self.runs, report=self.reports.append, report_now=self.reports_now.append,
            counters=self.counters, clock=lambda: self.now, cpu=lambda: self.cpu,
        )
        self.wakes_at = self.now + self.watch.tick()

    def pass_time(self, seconds: float) -> None:
        """The thread wakes up whenever it wants to."""
        end = self.now + seconds
        while self.wakes_at <= end:
            self.now = self.wakes_at
            self.wakes_at = self.now + self.watch.tick()
        self.now = end

    def turn(self, seconds: float) -> None:
        """A turn of the loop in which code runs for so long."""
        self.pulse.begin()
        self.pass_time(seconds)
        self.pulse.end()

    def stopped(self, seconds: float) -> None:
        """The process does not run for so long: nobody wakes up, and no CPU is used."""
        self.now += seconds
        self.wakes_at = max(self.wakes_at, self.now)


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_a_turn_that_is_too_long_is_counted_and_its_code_named_with_the_time_that_it_took(scene: Scene):
    scene.turn(0.32)
    scene.pass_time(1)

    assert scene.counters["hub.blocked"] == 1
    assert scene.reports == ["the hub was blocked for 0.32 s by Shop at '/' of ann: shop.py:7 in buy"]
    assert scene.reports_now == []


@pytest.mark.parametrize("before", [0.0, 0.01, 0.03, 0.05, 0.08, 0.099])
@pytest.mark.parametrize("seconds", [0.101, 0.15, 0.3])
def test_a_block_is_noticed_whenever_it_begins(scene: Scene, before: float, seconds: float):
    scene.pass_time(before)
    scene.turn(seconds)
    scene.pass_time(1)

    assert scene.counters["hub.blocked"] == 1
    assert "shop.py:7" in scene.reports[0]


def test_turns_within_the_limit_are_nothing_to_speak_of(scene: Scene):
    for _ in range(100):
        scene.turn(0.09)
        scene.pass_time(0.001)
    scene.pass_time(1)

    assert scene.counters["hub.blocked"] == 0
    assert scene.reports == []


def test_an_idle_loop_is_looked_at_twice_in_the_limit(scene: Scene):
    pauses = []
    for _ in range(10):
        scene.now += LIMIT
        pauses.append(scene.watch.tick())

    assert pauses == [LIMIT / 2] * 10


def test_a_turn_in_which_many_ran_is_counted_and_nobody_is_blamed(scene: Scene):
    scene.pulse.begin()
    for number in range(4):
        scene.runs = f"call {number}", SHOP
        scene.pass_time(0.04)
    scene.pulse.end()
    scene.pass_time(1)

    assert scene.counters["hub.blocked"] == 1
    assert scene.reports[0].startswith("the hub was blocked for 0.16 s by many greenlets that ran for a little each")


def test_who_ran_most_of_the_time_is_blamed_also_when_another_one_was_first(scene: Scene):
    scene.pulse.begin()
    scene.runs = "another call", Suspect("a.py f", "a.py:1 in f", "")
    scene.pass_time(0.11)
    scene.runs = "call", SHOP
    scene.pass_time(0.4)
    scene.pulse.end()
    scene.pass_time(1)

    assert scene.reports == ["the hub was blocked for 0.51 s by Shop at '/' of ann: shop.py:7 in buy"]


@pytest.mark.parametrize("seconds", [0.2, 3.0, 3600.0])
def test_a_process_that_was_stopped_in_the_middle_of_a_turn_was_not_blocked(scene: Scene, seconds: float):
    scene.pulse.begin()
    scene.pass_time(0.02)
    scene.stopped(seconds)
    scene.pass_time(0.02)
    scene.pulse.end()
    scene.pass_time(1)

    assert scene.counters["hub.blocked"] == 0
    assert scene.reports == scene.reports_now == []
    assert scene.watch.lag_max < LIMIT


def test_a_stopped_process_does_not_hide_a_block_around_it(scene: Scene):
    scene.pulse.begin()
    scene.pass_time(0.2)
    scene.stopped(10)
    scene.pass_time(0.2)
    scene.pulse.end()
    scene.pass_time(1)

    assert scene.counters["hub.blocked"] == 1
    assert scene.reports == ["the hub was blocked for 0.40 s by Shop at '/' of ann: shop.py:7 in buy"]


def test_code_that_holds_the_interpreter_uses_cpu_and_is_no_stopped_process(scene: Scene):
    scene.pulse.begin()
    scene.stopped(2)                                       # the thread does not get the interpreter
    scene.cpu += 2
    scene.pass_time(0.0)
    scene.pulse.end()
    scene.pass_time(1)

    assert scene.counters["hub.blocked"] == 1
    assert "2.00 s" in scene.reports[0]


def test_a_block_that_lasts_is_reported_before_its_end_and_once(scene: Scene):
    scene.pulse.begin()
    scene.pass_time(30 * LIMIT)
    before = list(scene.reports_now), list(scene.reports)
    scene.pulse.end()
    scene.pass_time(1)

    assert before == ([f"the hub has been blocked for {LONG * LIMIT:.1f} s, and still is, by {SHOP.view}: {SHOP.place}"], [])
    assert len(scene.reports_now) == 1
    assert "was blocked for 3.00 s" in scene.reports[0]


def test_one_function_is_named_once_a_minute_with_the_number_of_its_blocks(scene: Scene):
    for _ in range(10):
        scene.turn(0.2)
        scene.pass_time(1)
    first = list(scene.reports)
    scene.pass_time(LOG_SECONDS)
    scene.turn(0.2)
    scene.pass_time(1)

    assert len(first) == 1
    assert scene.reports[1].endswith("; 9 times more since it was named last, 1.80 s in all")
    assert scene.counters["hub.blocked"] == 11


def test_another_function_is_named_at_once(scene: Scene):
    scene.turn(0.2)
    scene.pass_time(1)
    scene.runs = "call", Suspect("shop.py sell", "shop.py:9 in sell", "")
    scene.turn(0.2)
    scene.pass_time(1)

    assert len(scene.reports) == 2
    assert scene.reports[1] == "the hub was blocked for 0.20 s by shop.py:9 in sell"


def test_as_many_functions_as_there_are_are_not_remembered_for_ever(scene: Scene):
    for number in range(1000):
        scene.runs = "call", Suspect(f"shop.py f{number}", "", "")
        scene.turn(0.2)
        scene.pass_time(0.2)

    assert len(scene.watch._suspects) == 100
    assert scene.counters["hub.blocked"] == 1000


def test_lag_is_the_longest_turn_of_the_last_seconds(scene: Scene):
    scene.turn(0.07)
    scene.pass_time(1)
    scene.turn(0.02)
    scene.pass_time(1)
    soon = scene.watch.lag
    scene.pass_time(2 * LAG_SECONDS)
    scene.turn(0.01)
    scene.pass_time(1)

    assert soon == pytest.approx(0.07)
    assert scene.watch.lag == pytest.approx(0.01)
    assert scene.watch.lag_max == pytest.approx(0.07)


def test_no_frame_is_kept_when_the_loop_is_idle(scene: Scene):
    scene.turn(0.3)
    scene.pass_time(1)

    assert scene.watch.holds == 0


# From here on: a real thread and the real loop.


real_sleep: Callable[[float], None] = monkey.get_original("time", "sleep")


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "not within 30 s"
        gevent.sleep(0.01)


COUNTERS: Counter[str] = Counter()
RUNTIMES: list[ViewRuntime] = []            # those of which somebody may be blamed


@pytest.fixture
def watchdog() -> Iterator[Watchdog]:
    COUNTERS.clear()
    RUNTIMES.clear()
    found = Watchdog(limit=0.05, counters=COUNTERS, suspect=lambda frame: suspect(frame, RUNTIMES))
    found.start()
    yield found
    found.stop()


def test_a_view_that_blocks_is_named_with_its_user_and_line(watchdog: Watchdog, caplog: pytest.LogCaptureFixture):
    class Blocking(View):
        def handle_request(self, request: object) -> None:
            self.show(Button("x", handle_click=self.compute))

        def compute(self, event: object) -> None:
            # Until it is noticed: on a machine that is busy with other things, most of the time does not count.
            deadline = time.monotonic() + 30
            while "still is" not in caplog.text and time.monotonic() < deadline:
                real_sleep(0.01)

    def told() -> list[str]:
        texts = [record.getMessage() for record in caplog.records if record.name == "lona_sync.server.watchdog"]
        return [each for each in texts if "compute" in each]                 # a slow machine may be blamed for more

    page = open_view(Blocking)
    RUNTIMES.extend(page.client.app.parts.registry)
    with caplog.at_level(logging.WARNING, "lona_sync.server.watchdog"):
        page.click("button")
        wait_for(lambda: len(told()) >= 2)

    during, after = told()[:2]
    lines = range(Blocking.compute.__code__.co_firstlineno, Blocking.compute.__code__.co_firstlineno + 6)
    assert COUNTERS["hub.blocked"] >= 1
    assert "still is, by Blocking at '/' of anonymous-" in during
    assert "s by Blocking at '/' of anonymous-" in after
    assert any(f"{__file__}:{line} in " in after for line in lines)
    assert watchdog.lag_max >= 0.05


def test_waiting_is_not_blocking(watchdog: Watchdog):
    gevent.sleep(0.3)

    assert watchdog.busy < 0.3


def test_a_process_that_rests_as_soon_as_it_has_started_is_not_blocked(caplog: pytest.LogCaptureFixture):
    gevent.sleep(0)                                        # from here on this greenlet runs in a callback of the loop
    counters: Counter[str] = Counter()
    found = Watchdog(limit=0.02, counters=counters, suspect=lambda frame: suspect(frame, ()))
    found.start()

    gevent.sleep(0.5)
    found.stop()

    assert (counters["hub.blocked"], found.busy < 0.5, caplog.text) == (0, True, "")


def test_a_watchdog_that_was_stopped_leaves_no_thread_behind():
    threads = len(sys._current_frames())
    found = Watchdog(limit=0.05, counters=Counter(), suspect=lambda frame: suspect(frame, ()))
    found.start()
    wait_for(lambda: len(sys._current_frames()) == threads + 1)

    found.stop()
    found.stop()

    wait_for(lambda: len(sys._current_frames()) == threads)
    assert found.busy >= 0


def test_code_of_no_view_is_named_by_its_line():
    found = suspect(sys._getframe(), ())

    assert found.view == ""
    assert found.place.startswith(__file__)


class Frame:
    """Of the framework, as far as it may be looked at from another thread."""

    f_code = suspect.__code__
    f_globals: ClassVar[dict[str, Any]] = {}
    f_lineno = 1
    f_back = None

    @property
    def f_locals(self) -> dict[str, Any]:
        raise AssertionError("the locals of a running frame were read")


def test_no_locals_of_a_running_frame_are_read():
    found = suspect(cast(FrameType, Frame()), ())

    assert found.view == ""


def test_while_it_looks_no_garbage_is_looked_for():
    enabled: list[bool] = []
    found = Watchdog(
        limit=0.01, counters=Counter(), suspect=lambda frame: enabled.append(gc.isenabled()) or suspect(frame, ()),
    )
    found.start()

    real_sleep(0.5)
    wait_for(lambda: bool(enabled))
    found.stop()

    assert not any(enabled)
    assert gc.isenabled()
