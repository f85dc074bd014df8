"""Messages as a procedure receives them: it waits for the next one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import gevent
import pytest
from gevent import monkey

from lona_sync import AwaitTimeout, Channel, Message, StopReason, UserAbort, View
from lona_sync.channels.hub import default_hub
from lona_sync.channels.subscription import BURST_SECONDS
from lona_sync.html import H1, HTML, Button, P
from lona_sync.testing import Client, Page
from lona_sync.views.choice import Came, Choices
from lona_sync.views.mailboxes import Mailboxes
from tests.channels.helpers import Clock
from tests.views.apps import app_of, open_view, running

ThreadEvent: Any = monkey.get_original("threading", "Event")


class Stage(View):
    """Does what the test says, in greenlets of the view; what these return or raise stands in `notes`."""

    last: Any

    def handle_request(self, request: object) -> None:
        type(self).last = self
        self.notes: list[Any] = []
        self.text = P("0")
        self.show(HTML(Button("x", handle_click=self.handle), self.text))
        self.sleep(1000)

    def handle(self, event: object) -> None:
        self.note(self.await_message, "a")

    def note(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        try:
            result = function(*args, **kwargs)
        except BaseException as error:
            self.notes.append(error)
            if isinstance(error, gevent.GreenletExit):
                raise
        else:
            self.notes.append(result.data if isinstance(result, Message) else result)

    def begin(self, *topics: Any, **kwargs: Any) -> Any:
        """Await a message in a greenlet of the view, and begin to."""
        task = self.spawn(self.note, self.await_message, *topics, **kwargs)
        rest()
        return task

    def subscribe_to(self, *topics: Any) -> None:
        """Await a message for no time at all, as whoever did so before."""
        self.begin(*topics, timeout=0).join()
        assert isinstance(self.notes.pop(), AwaitTimeout)


def rest() -> None:
    for _ in range(10):
        gevent.sleep(0)


def open_stage(**settings: object) -> tuple[Page, Any]:
    page = open_view(Stage, **settings)
    return page, Stage.last


def subscriptions() -> int:
    return default_hub.stats().subscriptions


def waiting(view: View) -> dict[str, object]:
    mailboxes: Mailboxes = view._runtime.waiting.mailboxes      # type: ignore[attr-defined]
    return mailboxes._waits                              # type: ignore[return-value]


# Receiving.


def test_a_view_shows_each_message_it_awaits() -> None:
    class Ticker(View):
        def handle_request(self, request: object) -> None:
            price = P("waiting")
            self.show(HTML(H1("Ticker"), price))
            while True:
                message = self.await_message("prices.*")
                price.set_text(f"{message.topic}: {message.data}")
                self.show()

    page = open_view(Ticker)
    shown = []
    for number in range(3):
        Channel("prices.gold").send(number)
        page.settle()
        shown.append(page.text("p"))
    page.close()

    assert shown == ["prices.gold: 0", "prices.gold: 1", "prices.gold: 2"]


def test_nothing_is_shown_by_itself() -> None:
    page, view = open_stage()

    view.text.set_text("1")
    view.begin("a")
    Channel("a").send()
    page.settle()

    assert view.notes == [None]
    assert page.text("p") == "0"
    page.close()


def test_messages_that_come_between_two_calls_wait() -> None:
    seen: list[Any] = []

    class Slow(View):
        def handle_request(self, request: object) -> None:
            while True:
                seen.append(self.await_message("a").data)
                self.sleep(0.001)

    page = open_view(Slow)
    for number in range(20):
        Channel("a").send(number)
    page.wait_for(lambda: len(seen) == 20)
    page.close()

    assert seen == list(range(20))


def test_each_topic_has_a_mailbox_of_its_own() -> None:
    page, view = open_stage()
    view.begin("a", "b")
    Channel("a").send("a1")
    Channel("b").send("b1")
    Channel("a").send("a2")
    rest()

    for topics in [("a",), ("a", "b")]:
        view.begin(*topics)

    assert view.notes == ["a1", "a2", "b1"]
    page.close()


def test_of_several_topics_the_message_sent_first_goes_first() -> None:
    page, view = open_stage()
    view.subscribe_to("a", "b")
    for number, topic in enumerate("bbaab"):
        Channel(topic).send(number)
        gevent.sleep(0.002)                              # so that the timestamps differ

    for _ in range(5):
        view.begin("a", "b")

    assert view.notes == [0, 1, 2, 3, 4]
    page.close()


def test_strings_channels_and_lists_of_them_name_the_same_mailbox() -> None:
    page, view = open_stage()
    before = subscriptions()

    view.subscribe_to("a", Channel("a"), ["a", (Channel("a"),)])
    during = subscriptions()
    Channel("a").send(1)
    view.begin(Channel("a"))

    assert during == before + 1
    assert view.notes == [1]
    page.close()


def test_two_views_hear_the_same_message_each() -> None:
    client = Client(app_of(Stage))
    views = []
    for _ in range(2):
        client.open("/")
        views.append(Stage.last)

    for view in views:
        view.begin("a")
    Channel("a").send([1])
    rest()

    assert [view.notes for view in views] == [[[1]], [[1]]]
    client.app.stop()


def test_a_handler_that_waits_gives_its_turn_away() -> None:
    page, view = open_stage()
    view.subscribe("b", lambda message: view.notes.append(message.data))

    page.click("button")
    Channel("b").send("another handler")
    page.settle()
    Channel("a").send("awaited")
    page.settle()

    assert view.notes == ["another handler", "awaited"]
    page.close()


def test_a_handler_of_messages_may_await_others() -> None:
    page, view = open_stage()
    view.subscribe("b", lambda message: view.note(view.await_message, "a"))

    Channel("b").send()
    page.settle()
    Channel("a").send(1)
    page.settle()

    assert view.notes == [1]
    page.close()


def test_the_procedure_receives_while_a_handler_is_busy() -> None:
    page, view = open_stage()
    view.subscribe("b", lambda message: gevent.sleep(1000))

    view.begin("a")
    Channel("b").send()
    page.settle()
    Channel("a").send(1)
    page.settle()

    assert view.notes == [1]
    page.close()


def test_a_view_that_is_not_interactive_answers_with_a_message() -> None:
    app = app_of(Stage)

    @app.route("/latest", interactive=False)
    class Latest(View):
        def handle_request(self, request: object) -> object:
            message = self.await_message("a", timeout=5)
            return f"<p>{message.data}</p>"

    client = Client(app)
    before = subscriptions()
    request = gevent.spawn(client.http.get, "/latest")
    client.open("/").wait_for(lambda: subscriptions() > before)
    Channel("a").send("news")

    assert "<p>news</p>" in request.get().text
    app.stop()
    assert subscriptions() == before


def test_a_thread_sends_and_a_view_receives() -> None:
    page, view = open_stage()
    view.begin("a")
    sent = ThreadEvent()

    def send() -> None:
        Channel("a").send("from a thread")
        sent.set()

    monkey.get_original("_thread", "start_new_thread")(send, ())
    sent.wait(5)
    page.wait_for(lambda: view.notes)

    assert view.notes == ["from a thread"]
    page.close()


def test_a_loop_over_many_messages_lets_others_run_in_between() -> None:
    page, view = open_stage()
    clock = Clock(0.0)
    view._runtime.waiting.choices._monotonic = clock
    view.subscribe_to("a")
    for number in range(6):
        Channel("a").send(number)

    def loop() -> None:
        for _ in range(6):
            view.notes.append(view.await_message("a").data)
            clock.now += BURST_SECONDS * 0.6

    def other() -> None:
        while 5 not in view.notes:
            view.notes.append("other")
            gevent.sleep(0)

    gevent.joinall([view.spawn(loop), gevent.spawn(other)], timeout=5)

    assert view.notes == [0, 1, "other", 2, 3, "other", 4, 5]
    page.close()


# Losing, expiring.


def test_the_next_message_tells_how_many_were_lost() -> None:
    page, view = open_stage()
    view.subscribe_to("a")
    missed: list[int] = []

    default_hub.lost("a", 3)
    Channel("a").send()
    view.spawn(lambda: missed.append(view.await_message("a").missed))
    rest()

    assert missed == [3]
    page.close()


def test_an_expired_message_is_not_returned() -> None:
    page, view = open_stage()
    view.subscribe_to("a")

    late = Channel("a").send("late", expiry=timedelta(seconds=-1))
    Channel("a").send("good")
    view.begin("a")

    assert view.notes == ["good"]
    assert late.is_dropped()
    page.close()


def test_a_message_that_is_expired_when_it_comes_wakes_nobody_for_good() -> None:
    page, view = open_stage()
    view.begin("a")

    Channel("a").send("late", expiry=timedelta(seconds=-1))
    rest()
    before = list(view.notes)
    Channel("a").send("good")
    rest()

    assert (before, view.notes) == ([], ["good"])
    page.close()


# Time.


def test_a_timeout_names_the_topics() -> None:
    page, view = open_stage()

    view.begin("a", "b.*", timeout=0.01)
    page.wait_for(lambda: view.notes)

    assert isinstance(view.notes[0], AwaitTimeout)
    assert str(view.notes[0]) == "no message on 'a' or 'b.*' within 0.01 seconds"
    page.close()


def test_a_message_that_waits_is_taken_without_any_time() -> None:
    page, view = open_stage()
    view.subscribe_to("a")
    Channel("a").send(1)

    view.begin("a", timeout=0)

    assert view.notes == [1]
    page.close()


def test_after_a_timeout_the_next_message_waits_for_the_next_call() -> None:
    page, view = open_stage()
    view.subscribe_to("a")
    Channel("a").send(1)
    rest()

    view.begin("a")

    assert view.notes == [1]
    page.close()


@pytest.mark.parametrize("message_first", [True, False])
def test_a_message_in_the_moment_of_the_timeout_is_received_once(message_first: bool) -> None:
    page, view = open_stage()
    view.begin("a", timeout=1000)
    wait: Any = waiting(view)["a"]

    for act in [lambda: Channel("a").send(1), wait._end][::1 if message_first else -1]:
        act()
    rest()
    Channel("a").send(2)
    view.begin("a")

    assert view.notes == [1, 2]
    page.close()


def test_a_timeout_of_the_users_in_the_moment_of_the_message_loses_nothing() -> None:
    page, view = open_stage()
    timeout = gevent.Timeout()
    task = view.begin("a")

    gevent.get_hub().loop.run_callback(task.throw, timeout)
    Channel("a").send(1)
    rest()
    view.begin("a")

    assert view.notes == [timeout, 1]
    page.close()


def test_a_timeout_of_the_users_that_comes_before_the_message_leaves_it_to_the_next_call() -> None:
    page, view = open_stage()

    def impatient() -> Message:
        with gevent.Timeout(0.001):
            return view.await_message("a")

    view.spawn(view.note, impatient)
    page.wait_for(lambda: view.notes)
    Channel("a").send(1)
    view.begin("a")

    assert isinstance(view.notes[0], gevent.Timeout)
    assert view.notes[1:] == [1]
    page.close()


def test_a_timeout_of_the_users_while_the_turn_is_not_back_yet_loses_nothing() -> None:
    page, view = open_stage()
    go = gevent.event.Event()

    def impatient(message: object) -> None:
        view.note(give_up_soon)

    def give_up_soon() -> Message:
        with gevent.Timeout(0.01):
            return view.await_message("a")

    view.subscribe("begin", impatient)
    view.subscribe("busy", lambda message: go.wait())
    Channel("begin").send()
    page.settle()
    Channel("busy").send()
    page.settle()                                        # now another handler has the turn
    Channel("a").send(1)
    gevent.sleep(0.03)
    go.set()
    page.settle()
    view.begin("a")

    assert isinstance(view.notes[0], gevent.Timeout)
    assert view.notes[1:] == [1]
    page.close()


# Ending.


def test_a_view_that_ends_raises_its_reason_in_the_wait_and_leaves_nothing() -> None:
    before = subscriptions()
    page, view = open_stage()
    view.begin("a", "b", timeout=1000)
    during = subscriptions()

    page.close()

    assert [type(error) for error in view.notes] == [UserAbort]
    assert (during, subscriptions()) == (before + 2, before)
    assert waiting(view) == {}
    assert running(page) == 0


def test_the_reason_is_raised_once_so_that_cleaning_up_may_wait() -> None:
    notes: list[str] = []

    class Careful(View):
        def handle_request(self, request: object) -> None:
            try:
                self.await_message("a")
            except StopReason as reason:
                notes.append(type(reason).__name__)
                gevent.sleep(0.001)
                notes.append("cleaned up")
                raise

    page = open_view(Careful)
    page.close()
    page.wait_for(lambda: len(notes) > 1)

    assert notes == ["UserAbort", "cleaned up"]


def test_a_view_that_ends_in_the_moment_of_the_message_ends() -> None:
    page, view = open_stage()
    view.begin("a")

    Channel("a").send(1)
    view._runtime.stop(UserAbort("now"))
    page.settle()

    assert [type(error) for error in view.notes] == [UserAbort]
    assert waiting(view) == {}
    page.close()


def test_a_view_that_ends_between_its_subscription_and_its_wait_waits_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    page, view = open_stage()
    before = subscriptions()
    monkeypatch.setattr(Choices, "_choose", _after_a_stop(view, Choices._choose))

    view.begin("a", timeout=5)
    page.settle()

    assert [type(error) for error in view.notes] == [UserAbort]
    assert subscriptions() == before
    assert waiting(view) == {}
    page.close()


def _after_a_stop(view: Any, method: Callable[..., Came]) -> Callable[..., Came]:
    def stopped(*args: Any) -> Came:
        view._runtime.stop(UserAbort("in between"))
        return method(*args)

    return stopped


def test_a_stopped_view_cannot_await() -> None:
    page, view = open_stage()
    page.close()

    with pytest.raises(UserAbort):
        view.await_message("a")


def test_a_crash_ends_the_wait(caplog: pytest.LogCaptureFixture) -> None:
    page, view = open_stage()
    view.begin("a")

    view.spawn(lambda: 1 / 0)
    page.settle()

    assert [type(error).__name__ for error in view.notes] == ["ViewCrashed"]
    assert waiting(view) == {}
    page.close()


def test_a_killed_task_waits_no_more_and_another_receives_what_came() -> None:
    page, view = open_stage()
    task = view.begin("a")

    task.kill(block=False)
    Channel("a").send(1)
    rest()
    view.begin("a")

    assert [type(view.notes[0]), *view.notes[1:]] == [gevent.GreenletExit, 1]
    assert waiting(view) == {}
    page.close()


# Unsubscribing.


def test_a_channels_unsubscribe_forgets_what_waits_and_a_later_call_subscribes_anew() -> None:
    page, view = open_stage()
    channel = Channel("a")
    view.subscribe_to(channel)
    channel.send("forgotten")

    view.spawn(channel.unsubscribe)
    rest()
    channel.send("nobody listens")
    view.begin(channel)
    channel.send("heard")
    rest()

    assert view.notes == ["heard"]
    page.close()


def test_unsubscribe_from_all_channels_ends_mailboxes_too() -> None:
    page, view = open_stage()
    before = subscriptions()
    view.subscribe_to("a", "b")

    view.spawn(view.unsubscribe_from_all_channels)
    rest()

    assert subscriptions() == before
    page.close()


def test_who_waits_on_what_another_greenlet_unsubscribes_is_told_so() -> None:
    page, view = open_stage()
    channel = Channel("a")
    view.begin(channel, "b")

    view.spawn(channel.unsubscribe)
    rest()

    assert isinstance(view.notes[0], RuntimeError)
    assert str(view.notes[0]) == "unsubscribed from 'a' in another greenlet of this view while this one waited"
    assert waiting(view) == {}
    page.close()


def test_another_views_unsubscribe_ends_nothing_here() -> None:
    client, channel = Client(app_of(Stage)), Channel("a")
    client.open("/")
    first = Stage.last
    client.open("/")
    second = Stage.last
    first.begin(channel)
    second.subscribe_to(channel)

    second.spawn(channel.unsubscribe)
    rest()
    channel.send(1)
    rest()

    assert first.notes == [1]
    client.app.stop()


# Mistakes.


def test_two_greenlets_of_a_view_cannot_await_the_same_topic() -> None:
    page, view = open_stage()
    view.begin("a", "b")

    view.begin("c", "b")
    Channel("a").send(1)
    rest()

    assert isinstance(view.notes[0], RuntimeError)
    assert "already waiting for messages on 'b' in another greenlet" in str(view.notes[0])
    assert view.notes[1:] == [1]
    page.close()


def test_a_greenlet_that_is_not_the_views_cannot_await() -> None:
    page, view = open_stage()
    before = subscriptions()

    with pytest.raises(RuntimeError, match=r"only a greenlet of the view may await its messages.*Start it by view\.spawn"):
        view.await_message("a")

    assert subscriptions() == before
    page.close()


@pytest.mark.parametrize("topics", [(), ([],), ((), [])])
def test_something_must_be_awaited(topics: tuple[Any, ...]) -> None:
    page, view = open_stage()

    with pytest.raises(TypeError, match=r"the topics or channels to wait for, as in await_message\('chat', timeout=5\)"):
        view.await_message(*topics)

    page.close()


@pytest.mark.parametrize("topic", [5, None, b"a", ["a", 5], {"a": 1}])
def test_a_topic_is_a_string_or_a_channel(topic: Any) -> None:
    page, view = open_stage()

    with pytest.raises(TypeError, match="a topic to wait for must be a str, a Channel or a list of them, not"):
        view.await_message(topic)

    page.close()
