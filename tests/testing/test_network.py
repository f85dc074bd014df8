"""What can go wrong between a test's page and the server, and that nobody notices: `client.network`."""

from __future__ import annotations

from typing import Any

import gevent
import pytest

from lona_sync import View
from lona_sync.html import HTML, Button, P, TextInput
from lona_sync.testing import Client, Page, structure_of
from lona_sync.wire import protocol
from tests.views.apps import app_of, running


class Counter(View):
    """Counts clicks; `say` shows something without one."""

    last: Counter

    def handle_request(self, request: object) -> None:
        type(self).last = self
        self.text, self.button = P("0"), Button("+1")
        self.tree = HTML(self.text, self.button)
        self.show(self.tree)
        for number in range(1, 1_000_000):
            self.await_click(self.button)
            self.say(number)

    def say(self, text: object) -> None:
        self.text.set_text(str(text))
        self.show()


class Other(View):
    def handle_request(self, request: object) -> None:
        self.show(P("other"))


def open_counter(**settings: object) -> Page:
    """A page in standing time."""
    client = Client(app_of(Counter, Other, **settings))
    client.clock.stop()
    return client.open("/")


def say_all(*texts: object) -> None:
    for text in texts:
        Counter.last.say(text)
        gevent.idle()


def test_a_dropped_socket_comes_back_by_itself() -> None:
    page = open_counter()
    page.client.network.drop()
    lost = page.connected

    Counter.last.say("meanwhile")
    page.client.clock.advance(seconds=1)

    assert not lost
    assert page.connected
    assert page.text("p") == "meanwhile"


def test_in_real_time_it_comes_back_too() -> None:
    page = Client(app_of(Counter)).open("/")
    page.client.network.drop()

    page.wait_for(lambda: page.connected)

    assert page.client.app.stats()["resumes"] == 1


def test_a_drop_after_a_frame_loses_what_comes_behind_it() -> None:
    page = open_counter()
    page.client.network.drop(after_frame=3)

    say_all("second", "third", "fourth")
    seen = page.text("p")
    page.client.network.heal()

    assert seen == "third"
    assert page.text("p") == "fourth"


def test_a_drop_before_a_frame_loses_it() -> None:
    page = open_counter()
    page.client.network.drop(before_frame=3)

    say_all("second", "third")
    seen = page.text("p")
    page.client.network.heal()

    assert seen == "second"
    assert page.text("p") == "third"


def test_a_drop_before_an_event_loses_it_and_it_counts() -> None:
    page = open_counter()
    page.client.network.drop(before_event=2)

    for _ in range(3):
        page.click("button")
    seen = page.text("p")
    page.client.network.heal()

    assert seen == "1"
    assert page.text("p") == "3"


def test_a_drop_after_an_event_loses_its_effect_and_it_counts_once() -> None:
    page = open_counter()
    page.client.network.drop(after_event=2)

    for _ in range(3):
        page.click("button")
    seen = page.text("p"), Counter.last.text.get_text()
    page.client.network.heal()

    assert seen == ("1", "2")
    assert page.text("p") == "3"
    assert page.unacknowledged == 0


def test_a_moment_that_has_passed_is_the_next_one() -> None:
    page = open_counter()
    say_all("second", "third")
    page.client.network.drop(before_frame=2)

    say_all("fourth")

    assert not page.connected


def test_a_fault_comes_once() -> None:
    page = open_counter()
    page.client.network.drop(after_frame=2)
    say_all("second")
    page.client.network.heal()

    say_all("third", "fourth")

    assert page.text("p") == "fourth"
    assert page.client.network.happened["drop"] == 1


def test_a_vanished_socket_is_noticed_by_nobody_until_the_page_is_back() -> None:
    page = open_counter()
    page.client.network.vanish()

    say_all("into nothing")
    seen = page.text("p")
    page.client.clock.advance(seconds=1)

    assert seen == "0"
    assert page.text("p") == "into nothing"


def test_a_vanished_page_that_does_not_come_back_ends_its_view_after_pings_and_the_time_to_resume() -> None:
    page = open_counter(PING_INTERVAL=20, PING_TIMEOUT=20, RESUME_TIMEOUT=900)
    page.client.network.vanish()
    page.client.network.down()

    page.client.clock.advance(seconds=939)
    waiting = running(page)
    page.client.clock.advance(seconds=1)

    assert (waiting, running(page)) == (1, 0)


def test_who_comes_back_to_an_ended_view_begins_anew() -> None:
    page = open_counter(RESUME_TIMEOUT=900)
    page.click("button")
    page.client.network.down()
    page.client.clock.advance(hours=1)

    page.client.network.up()

    assert page.text("p") == "0"
    page.click("button")
    assert page.text("p") == "1"


def test_what_is_done_without_a_network_is_kept_and_counts() -> None:
    page = open_counter()
    page.client.network.down()
    for _ in range(5):
        page.click("button")
    page.client.clock.advance(minutes=5)
    seen = page.text("p")

    page.client.network.up()

    assert seen == "0"
    assert page.text("p") == "5"


def test_the_network_goes_down_at_a_frame() -> None:
    page = open_counter()
    page.client.network.down(after_frame=2)

    say_all("second", "third")
    page.client.clock.advance(minutes=1)

    assert page.text("p") == "second"
    assert page.client.network.is_down


def test_a_page_is_opened_when_there_is_a_network_again() -> None:
    client = Client(app_of(Counter))
    client.clock.stop()
    client.network.down()
    page = client.open("/")
    before = running(page)

    client.network.up()

    assert before == 0
    assert page.text("p") == "0"


def test_a_page_that_was_put_away_has_left_its_view() -> None:
    page = open_counter()
    page.click("button")
    page.client.network.leave()
    page.client.clock.advance(minutes=1)
    left = running(page), page.connected

    page.reconnect()

    assert left == (0, False)
    assert page.text("p") == "0"


def test_a_late_message_arrives_later() -> None:
    page = open_counter()
    page.client.network.delay(0.2)

    page.click("button")
    page.client.clock.advance(seconds=0.2)
    halfway = page.text("p"), Counter.last.text.get_text()
    page.client.clock.advance(seconds=0.2)

    assert halfway == ("0", "1")
    assert page.text("p") == "1"


def test_late_messages_stay_in_order_when_the_line_becomes_faster() -> None:
    page = open_counter()
    page.client.network.delay(10)
    say_all("slow")
    page.client.network.delay(0)

    say_all("fast")
    early = page.text("p")
    page.client.clock.advance(seconds=10)

    assert early == "0"
    assert page.text("p") == "fast"


def test_a_delay_begins_after_a_frame() -> None:
    page = open_counter()
    page.client.network.delay(5, after_frame=2)

    say_all("second", "third")
    early = page.text("p")
    page.client.clock.advance(seconds=5)

    assert early == "second"
    assert page.text("p") == "third"


def test_what_is_under_way_when_a_socket_ends_is_lost_and_sent_again() -> None:
    page = open_counter()
    page.client.network.delay(1)
    say_all("a", "b")
    page.click_quickly("button")

    page.client.network.drop()
    page.client.network.heal()

    assert page.client.network.happened["lost"] == 3
    assert page.text("p") == "1"
    assert page.dom.to_structure() == structure_of(Counter.last.tree)


def test_a_page_that_reads_slowly_gets_what_is_new_merged() -> None:
    page = open_counter()
    page.client.network.throttle(1000)
    frames = page.client.app.stats()["frames"]

    for number in range(1000):
        Counter.last.say(f"{number} " + "x" * 100)
    page.client.clock.advance(seconds=2)

    assert page.text("p").startswith("999 ")
    assert page.client.app.stats()["frames"] - frames < 5


def test_a_line_that_is_fast_again_has_nothing_left_to_send() -> None:
    page = open_counter()
    page.client.network.throttle(10)
    say_all("a" * 100, "b" * 100)

    page.client.network.heal()

    assert page.text("p") == "b" * 100


def test_an_event_that_is_sent_twice_counts_once() -> None:
    page = open_counter()
    page.client.network.duplicate()

    page.click("button")

    assert page.text("p") == "1"
    assert page.client.app.stats()["events.repeated"] == 1


def test_an_event_after_a_frame_is_sent_twice() -> None:
    page = open_counter()
    page.client.network.duplicate(after_frame=3)

    for _ in range(3):
        page.click("button")

    assert page.text("p") == "3"
    assert page.client.app.stats()["events.repeated"] == 1


def test_events_that_overtake_each_other_count_in_order() -> None:
    seen: list[str] = []

    class Two(View):
        def handle_request(self, request: object) -> None:
            self.show(HTML(*[Button(name, _id=name, handle_click=lambda event, name=name: seen.append(name)) for name in "abc"]))

    client = Client(app_of(Two))
    page = client.open("/")
    client.network.reorder()

    for name in "abc":
        page.click_quickly("#" + name)
    client.clock.advance(seconds=1)

    assert seen == ["a", "b", "c"]
    assert client.app.stats()["events.gap"] > 0
    assert page.unacknowledged == 0


def test_an_event_that_nothing_overtakes_comes_a_second_later() -> None:
    page = open_counter()
    page.client.network.reorder()

    page.click("button")
    early = page.text("p")
    page.client.clock.advance(seconds=1)

    assert early == "0"
    assert page.text("p") == "1"


def test_only_one_page_is_meant() -> None:
    client = Client(app_of(Counter))
    client.clock.stop()
    first, second = client.open("/"), client.open("/")
    client.network.drop(page=second, after_event=1)

    first.click("button")
    second.click("button")

    assert (first.connected, second.connected) == (True, False)


def test_all_pages_of_a_browser_have_one_network() -> None:
    client = Client(app_of(Counter))
    client.clock.stop()
    pages = [client.open("/"), client.open("/")]

    client.network.drop()

    assert [page.connected for page in pages] == [False, False]


def test_a_page_that_comes_back_waits_longer_each_time() -> None:
    page = open_counter()
    page.client.network.down()
    tries: list[float] = []
    connect = page.client.network.connect

    def count(end: Any) -> Any:
        tries.append(round(page.client.clock.now() - began, 3))
        return connect(end)

    page.client.network.connect = count      # type: ignore[method-assign]
    began = page.client.clock.now()
    page.client.clock.advance(seconds=60)

    assert tries[:4] == [0.1, 0.3, 0.7, 1.5]
    assert tries[-1] - tries[-2] == 10


def test_a_view_that_was_asked_for_is_asked_for_again_after_a_loss() -> None:
    page = open_counter()
    page.client.network.delay(1)
    page.go("/1")

    page.client.network.drop()
    page.client.network.heal()

    assert page.text("p") == "other"


def test_what_comes_late_of_the_view_before_is_not_shown() -> None:
    page = open_counter()
    page.client.network.delay(1)
    say_all("late")
    page.go("/1")

    page.client.clock.advance(seconds=1.5)
    between = page.text("p")
    page.client.clock.advance(seconds=5)

    assert between == "0"
    assert page.text("p") == "other"


def test_nobody_acts_on_a_page_that_waits_for_its_view() -> None:
    page = open_counter()
    page.client.network.delay(1)
    page.go("/1")

    with pytest.raises(RuntimeError, match="waits for the view"):
        page.click("button")


def test_what_was_typed_without_a_network_is_there_afterwards() -> None:
    class Typing(View):
        last: Typing

        def handle_request(self, request: object) -> None:
            type(self).last = self
            self.field = TextInput(bubble_up=True)
            self.show(HTML(self.field))

    client = Client(app_of(Typing))
    client.clock.stop()
    page = client.open("/")
    client.network.down()
    page.type("input", "offline")

    client.network.up()

    assert Typing.last.field.value == "offline"
    assert page.find("input").value == "offline"


@pytest.mark.parametrize("seed", range(20))
def test_chaos_loses_nothing(seed: int) -> None:
    page = open_counter()
    network = page.client.network
    network.chaos(seed=seed, rate=0.2)

    for _ in range(50):
        page.click("button")
        page.client.clock.advance(seconds=0.1)
    network.heal()

    assert page.text("p") == "50"
    assert page.dom.to_structure() == structure_of(Counter.last.tree)
    assert page.unacknowledged == 0


def test_the_same_seed_is_the_same_chaos() -> None:
    def run() -> dict[str, int]:
        page = open_counter()
        page.client.network.chaos(seed=7, rate=0.1)
        for _ in range(100):
            page.click("button")
            page.client.clock.advance(seconds=2)
        return dict(page.client.network.happened)

    first = run()

    assert run() == first
    assert set(first) > {"drop", "vanish", "delay", "duplicate", "reorder"}


def test_chaos_of_some_kinds_leaves_out_the_others() -> None:
    page = open_counter()
    page.client.network.chaos(seed=1, rate=1, faults=["duplicate"])

    for _ in range(5):
        page.click("button")

    assert dict(page.client.network.happened) == {"duplicate": 5}


@pytest.mark.parametrize("arguments", [{"rate": 2}, {"rate": -0.1}, {"faults": ["flood"]}, {"faults": []}])
def test_chaos_takes_a_rate_and_known_faults(arguments: dict[str, Any]) -> None:
    network = Client(app_of(Counter)).network

    with pytest.raises(ValueError, match="chaos takes"):
        network.chaos(seed=1, **arguments)


def test_a_moment_that_is_none_is_told() -> None:
    network = Client(app_of(Counter)).network

    with pytest.raises(TypeError, match="after_frame, before_event"):
        network.drop(at_frame=3)      # type: ignore[call-arg]
    with pytest.raises(ValueError, match="one moment"):
        network.drop(after_frame=3, before_event=1)
    with pytest.raises(ValueError, match="numbered 1, 2, 3"):
        network.drop(after_frame=0)


def test_speeds_and_delays_that_are_none_are_told() -> None:
    network = Client(app_of(Counter)).network

    with pytest.raises(ValueError, match="0 seconds or more"):
        network.delay(-1)
    with pytest.raises(ValueError, match="more than 0 bytes"):
        network.throttle(0)


def test_a_closed_page_does_not_come_back() -> None:
    page = open_counter()
    page.close()

    page.client.network.up()
    page.client.clock.advance(minutes=1)

    assert not page.connected
    assert running(page) == 0


def test_an_error_of_the_server_that_comes_late_fails_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_counter()
    page.client.network.delay(1)
    monkeypatch.setattr("lona_sync.server.sockets.connection.Connection.received", lambda self, text: 1 / 0)
    page.click_quickly("button")
    page.client.clock.advance(seconds=1)

    with pytest.raises(ZeroDivisionError):
        page.text("p")


def test_a_page_that_the_server_has_let_go_comes_back() -> None:
    page = open_counter(SEND_TIMEOUT=30, WINDOW=200)
    page.reading = False
    say_all("x" * 200, "unread")
    page.client.clock.advance(minutes=2)
    let_go = page.closed, page.connected

    page.resume_reading()

    assert let_go == (4000, False)
    assert page.closed is None
    assert page.text("p") == "unread"


def test_a_page_that_is_not_wanted_stays_away() -> None:
    page = open_counter()
    page._wire.transmit(protocol.Hello(protocol.VERSION))      # type: ignore[union-attr]

    page.client.clock.advance(minutes=1)

    assert (page.closed, page.connected) == (4500, False)
