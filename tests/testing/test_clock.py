"""Time that a test moves: `client.clock`."""

from __future__ import annotations

import math
import subprocess
import sys
import time

import gevent
import pytest

from lona_sync import Channel, View
from lona_sync.errors import AwaitTimeout
from lona_sync.html import HTML, Button, P
from lona_sync.testing import Client, VirtualClock, clock
from lona_sync.views.clock import RealClock, time_limit
from tests.views.apps import app_of, open_view, running


class Sleeper(View):
    def handle_request(self, request: object) -> None:
        self.show(P("asleep"))
        self.sleep(24 * 3600)
        self.show(P("awake"))


def test_a_day_of_sleep_ends_at_once() -> None:
    page = open_view(Sleeper)

    page.client.clock.advance(hours=24)

    assert page.text() == "awake"


def test_nobody_wakes_too_early() -> None:
    page = open_view(Sleeper)
    page.client.clock.stop()

    page.client.clock.advance(hours=23, minutes=59, seconds=59)

    assert page.text() == "asleep"


def test_days_are_days() -> None:
    page = open_view(Sleeper)

    page.client.clock.advance(days=1)

    assert page.text() == "awake"


def test_a_client_whose_clock_nobody_touches_lives_in_real_time() -> None:
    class Short(View):
        def handle_request(self, request: object) -> None:
            self.sleep(0.01)
            self.show(P("awake"))

    page = open_view(Short)

    page.wait_for("p")


def test_time_stands_still_after_it_was_advanced() -> None:
    virtual = VirtualClock()

    virtual.advance(seconds=1)
    before = virtual.now()
    gevent.sleep(0.002)

    assert virtual.now() == before


def test_what_was_begun_in_real_time_is_due_at_the_same_time() -> None:
    virtual = VirtualClock()
    rung: list[float] = []
    due = virtual.now() + 5
    virtual.timer(5, lambda: rung.append(virtual.now()))

    virtual.advance(seconds=10)

    assert rung == pytest.approx([due], abs=1e-3)


def test_a_day_of_seconds_has_86400_of_them() -> None:
    seconds = []

    class Ticker(View):
        def handle_request(self, request: object) -> None:
            while True:
                self.sleep(1)
                seconds.append(page.client.clock.now())

    page = open_view(Ticker)
    page.client.clock.stop()

    page.client.clock.advance(hours=24)

    assert len(seconds) == 86_400
    assert seconds[-1] - seconds[0] == pytest.approx(86_399)


def test_views_wake_in_the_order_of_their_times() -> None:
    heard: list[str] = []

    class Two(View):
        def handle_request(self, request: object) -> None:
            self.spawn(self.call_every, 2, "two")
            self.call_every(3, "three")

        def call_every(self, seconds: int, name: str) -> None:
            while True:
                self.sleep(seconds)
                heard.append(name)

    clock = VirtualClock()
    clock.stop()
    Client(app_of(Two), clock=clock).open("/")

    clock.advance(seconds=9)

    assert heard == ["two", "three", "two", "three", "two", "two", "three"]      # at 2, 3, 4, 6 (set at 3, and at 4), 8, 9


def test_what_one_wakes_up_happens_before_the_next_one_wakes() -> None:
    heard: list[object] = []

    class Sender(View):
        def handle_request(self, request: object) -> None:
            while True:
                self.sleep(1)
                Channel("tick").send("tick")

    class Receiver(View):
        def handle_request(self, request: object) -> None:
            self.subscribe("tick", lambda message: heard.append(message.data))
            while True:
                self.sleep(1)
                heard.append("own")

    clock = VirtualClock()
    clock.stop()
    client = Client(app_of(Sender, Receiver), clock=clock)
    client.open("/")
    client.open("/1")

    clock.advance(seconds=3)

    assert heard == ["tick", "own"] * 3


def test_three_tenths_are_three_times_a_tenth() -> None:
    clock = VirtualClock()
    clock.stop()
    rung: list[float] = []

    def again() -> None:
        rung.append(clock.now())
        clock.timer(0.1, again)

    clock.timer(0.1, again)
    clock.advance(0.3)

    assert len(rung) == 3


def test_await_with_a_timeout_gives_up() -> None:
    class Impatient(View):
        def handle_request(self, request: object) -> None:
            button = Button("go")
            self.show(HTML(button))
            try:
                self.await_click(button, timeout=3600)
            except AwaitTimeout:
                self.show(P("given up"))

    page = open_view(Impatient)

    page.client.clock.advance(hours=1)

    assert page.text() == "given up"


def test_await_message_with_a_timeout_gives_up() -> None:
    class Impatient(View):
        def handle_request(self, request: object) -> None:
            try:
                self.await_message("nothing", timeout=60)
            except AwaitTimeout:
                self.show(P("given up"))

    page = open_view(Impatient)

    page.client.clock.advance(minutes=1)

    assert page.text() == "given up"


def test_a_call_into_the_browser_gives_up() -> None:
    class Impatient(View):
        def handle_request(self, request: object) -> None:
            node = P("asking")
            self.show(node)
            self.sleep(1)
            try:
                node.call("getSelection", timeout=30)
            except AwaitTimeout:
                node.set_text("given up")
                self.show()

    client = Client(app_of(Impatient))
    page = client.open("/")
    page.reading = False
    client.clock.advance(seconds=31)

    page.resume_reading()

    assert page.text() == "given up"


def test_a_timeout_of_nothing_does_not_wait_for_the_clock() -> None:
    class Look(View):
        def handle_request(self, request: object) -> None:
            button = Button("go")
            self.show(button)
            try:
                self.await_click(button, timeout=0)
            except AwaitTimeout:
                self.show(P("nothing there"))

    clock = VirtualClock()
    clock.stop()

    page = Client(app_of(Look), clock=clock).open("/")

    assert page.text() == "nothing there"


def test_a_sleep_of_nothing_does_not_wait_for_the_clock() -> None:
    class Polite(View):
        def handle_request(self, request: object) -> None:
            self.sleep(0)
            self.show(P("done"))

    clock = VirtualClock()
    clock.stop()

    page = Client(app_of(Polite), clock=clock).open("/")

    assert page.text() == "done"


def test_an_endless_timeout_never_ends() -> None:
    clock = VirtualClock()
    rung: list[bool] = []
    clock.timer(math.inf, rung.append, True)

    clock.advance(days=365)

    assert rung == []


def test_a_lost_view_ends_after_its_time() -> None:
    page = open_view(Sleeper, RESUME_TIMEOUT=900)
    page.client.clock.stop()
    page.lose_connection()

    page.client.clock.advance(seconds=899)
    waiting = running(page)
    page.client.clock.advance(seconds=1)

    assert (waiting, running(page)) == (1, 0)


def test_a_hook_that_takes_too_long_is_abandoned() -> None:
    class Slow(View):
        def on_stop(self, reason: object) -> None:
            self.sleep(0)
            gevent.event.Event().wait()

    page = open_view(Slow, STOP_TIMEOUT=5)

    page.client.clock.advance(seconds=5)

    assert page.client.app.stats()["hooks.abandoned"] == 1


def test_who_does_not_end_is_abandoned_after_its_time() -> None:
    class Stubborn(View):
        def handle_request(self, request: object) -> None:
            try:
                self.sleep(1000)
            finally:
                gevent.event.Event().wait()

    page = open_view(Stubborn, STOP_TIMEOUT=5)
    page.close()

    page.client.clock.advance(seconds=5)

    assert page.client.app.stats()["greenlets.abandoned"] == 1


def test_an_event_that_changes_nothing_is_acknowledged_later() -> None:
    class Silent(View):
        def handle_request(self, request: object) -> None:
            self.show(Button("go", handle_click=lambda event: None))

    page = open_view(Silent)
    page.client.clock.stop()
    page.click("button")

    waiting = page.unacknowledged
    page.client.clock.advance(seconds=1)

    assert (waiting, page.unacknowledged) == (1, 0)


def test_clients_that_share_a_clock_share_their_time() -> None:
    app = app_of(Sleeper)
    first = Client(app)
    second = Client(app, clock=first.clock)
    pages = [first.open("/"), second.open("/")]

    first.clock.advance(hours=24)

    assert [page.text() for page in pages] == ["awake", "awake"]


def test_another_clients_time_goes_on_as_it_did() -> None:
    app = app_of(Sleeper)
    first, second = Client(app), Client(app)
    page = second.open("/")

    first.clock.advance(hours=48)

    assert page.text() == "asleep"
    assert not second.clock.stopped


def test_a_timer_that_was_closed_does_not_ring() -> None:
    clock = VirtualClock()
    rung: list[bool] = []
    timer = clock.timer(5, rung.append, True)
    timer.close()

    clock.advance(seconds=10)
    timer.close()

    assert rung == []


def test_a_timer_that_is_closed_by_another_one_of_its_moment_does_not_ring() -> None:
    clock = VirtualClock()
    clock.stop()
    rung: list[str] = []
    clock.timer(5, lambda: (rung.append("first"), second.close()))
    second = clock.timer(5, rung.append, "second")

    clock.advance(seconds=10)

    assert rung == ["first"]


def test_timers_that_were_closed_are_forgotten() -> None:
    clock = VirtualClock()
    clock.stop()

    for _ in range(10_000):
        clock.timer(3600, print).close()

    assert len(clock._heap) < 300


def test_what_is_meant_for_later_stays_when_others_are_forgotten() -> None:
    clock = VirtualClock()
    clock.stop()
    rung: list[int] = []
    for number in range(1000):
        timer = clock.timer(1000 - number, rung.append, number)
        if number % 10:
            timer.close()

    clock.advance(seconds=1000)

    assert rung == list(range(990, -1, -10))


def test_a_loop_that_sleeps_for_next_to_no_time_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Busy(View):
        def handle_request(self, request: object) -> None:
            while True:
                self.sleep(1e-9)

    monkeypatch.setattr(clock, "MAX_ALARMS", 100)
    page = open_view(Busy)

    with pytest.raises(RuntimeError, match="next to no time"):
        page.client.clock.advance(seconds=1)


def test_what_never_comes_to_rest_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "REST_SECONDS", 0.05)
    virtual = VirtualClock()
    busy = gevent.spawn(lambda: [gevent.sleep(0) for _ in iter(int, 1)])

    with pytest.raises(RuntimeError, match="still runs"):
        virtual.advance(seconds=1)
    busy.kill()

    virtual.advance(seconds=1)


def test_two_cannot_move_one_clock() -> None:
    virtual = VirtualClock()
    refused: list[str] = []

    def advance_too() -> None:
        try:
            virtual.advance(seconds=1)
        except RuntimeError as error:
            refused.append(str(error))

    virtual.timer(1, gevent.spawn, advance_too)
    virtual.advance(seconds=2)

    assert "advanced already" in refused[0]


@pytest.mark.parametrize("seconds", [-1, math.inf, math.nan])
def test_time_passes_by_a_finite_number_of_seconds(seconds: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        VirtualClock().advance(seconds=seconds)


def test_waiting_in_vain_tells_that_time_stands_still() -> None:
    page = open_view(Sleeper)
    page.client.clock.stop()

    with pytest.raises(AssertionError, match="stands still"):
        page.wait_for("b", timeout=0.01)


def test_a_clock_tells_how_it_goes() -> None:
    virtual = VirtualClock()
    assert repr(virtual).endswith("goes>")

    virtual.stop()

    assert repr(virtual).endswith("stands still>")


@pytest.mark.parametrize("make", [RealClock, VirtualClock])
def test_a_limit_ends_what_takes_longer(make: type[RealClock] | type[VirtualClock]) -> None:
    event = gevent.event.Event()

    with pytest.raises(gevent.Timeout) as raised:
        with time_limit(make(), 0.001) as limit:
            event.wait()

    assert raised.value is limit


def test_a_limit_that_is_kept_does_nothing() -> None:
    virtual = VirtualClock()

    with time_limit(virtual, 1):
        pass
    with time_limit(virtual, None):
        gevent.sleep(0)

    virtual.advance(seconds=2)


def test_the_real_clock_does_not_keep_a_process_for_what_nobody_waits_for() -> None:
    program = """
import gevent
from lona_sync.views.clock import RealClock
RealClock().idle_timer(1000, print)
RealClock().timer(0.001, print, 'rung')
gevent.wait()
"""

    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)

    assert ran.stdout == "rung\n"


def test_a_real_timer_counts_from_now_not_from_when_the_loop_last_looked() -> None:
    rung: list[float] = []
    gevent.sleep(0)
    began = time.monotonic()
    while time.monotonic() < began + 0.02:               # the loop does not know that this has passed
        pass
    asked = time.monotonic()
    RealClock().timer(0.02, lambda: rung.append(time.monotonic()))

    while not rung:
        gevent.sleep(0.001)

    assert rung[0] - asked >= 0.019
