"""Real threads: sending is safe, everything else is refused."""

from __future__ import annotations

import subprocess
import sys
import threading

import gevent
import pytest
from gevent import monkey

from lona_sync.channels import Channel, Message
from lona_sync.channels.hub import Hub
from lona_sync.errors import WrongThreadError
from tests.channels.helpers import Clock, Heard, settle, until

Thread = monkey.get_original("threading", "Thread")


def in_thread(function: object) -> None:
    """Run `function` in a real thread, to its end; the event loop stands still meanwhile."""
    thread = Thread(target=function)
    thread.start()
    thread.join()


def test_messages_of_each_thread_arrive_in_the_order_sent() -> None:
    hub, heard = Hub(inbox_size=1_000_000), Heard()
    channel = Channel("a", hub=hub)
    channel.subscribe(heard, queue_size=1_000_000)

    def send(number: int) -> None:
        for count in range(50_000):
            channel.send([number, count])

    threads = [Thread(target=send, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    until(lambda: len(heard) == 400_000, seconds=120)

    for number in range(8):
        assert [count for sender, count in heard if sender == number] == list(range(50_000))     # type: ignore[misc]
    for thread in threads:
        thread.join()


def test_a_handler_runs_in_the_hubs_thread(hub: Hub) -> None:
    current = monkey.get_original("_thread", "get_ident")
    seen: list[int] = []
    channel = Channel("a", lambda message: seen.append(current()), hub=hub)

    in_thread(channel.send)
    settle(hub)

    assert seen == [current()]


def test_a_thread_wakes_a_sleeping_event_loop(hub: Hub) -> None:
    heard = gevent.event.Event()
    channel = Channel("a", lambda message: heard.set(), hub=hub)
    thread = Thread(target=channel.send)

    thread.start()

    assert heard.wait(20)
    thread.join()


def test_a_thread_wakes_the_event_loop_once_for_many_messages(hub: Hub) -> None:
    heard = Heard()
    channel = Channel("a", heard, hub=hub)
    wakes: list[int] = []
    wake = hub._inbox._wake
    hub._inbox._wake = lambda: (wakes.append(1), wake())     # type: ignore[assignment, func-returns-value]

    in_thread(lambda: [channel.send(number) for number in range(500)])
    settle(hub)

    assert heard == list(range(500))
    assert len(wakes) == 1


def test_what_threads_send_too_fast_is_lost_counted_and_told(clock: Clock) -> None:
    hub, heard, other = Hub(clock=clock, inbox_size=10), Heard(), Heard()
    channel = Channel("a", heard, hub=hub)
    Channel("b", other, hub=hub)

    in_thread(lambda: [channel.send(number) for number in range(15)])
    settle(hub)
    channel.send("next")
    Channel("b", hub=hub).send("next")
    settle(hub)

    assert heard == [*range(10), "next"]
    assert heard.missed == [0] * 10 + [5]
    assert other.missed == [0]
    assert hub.stats().inbox_dropped == 5


def test_what_a_thread_sends_before_anybody_subscribed_reaches_nobody(hub: Hub) -> None:
    heard = Heard()
    channel = Channel("a", hub=hub)

    in_thread(channel.send)
    channel.subscribe(heard)
    settle(hub)

    assert heard == []


@pytest.mark.parametrize("what", ["subscribe", "unsubscribe"])
def test_subscriptions_are_the_business_of_the_hubs_thread(what: str, hub: Hub) -> None:
    heard, errors = Heard(), []
    channel = Channel("a", heard, hub=hub)

    def wrong() -> None:
        try:
            channel.subscribe(heard) if what == "subscribe" else channel.unsubscribe()
        except WrongThreadError as error:
            errors.append(error)

    in_thread(wrong)
    channel.send(1)
    settle(hub)

    assert "only Channel.send may be called" in str(errors[0])
    assert heard == [1]


def test_a_thread_with_an_event_loop_may_be_the_hubs_thread(hub: Hub) -> None:
    heard = Heard()
    channel = Channel("a", hub=hub)

    def serve() -> None:
        channel.subscribe(heard)
        channel.send(1)
        settle(hub)
        channel.unsubscribe()
        gevent.get_hub().destroy(destroy_loop=True)

    in_thread(serve)
    channel.subscribe(heard)                   # nobody is subscribed any more, so this thread takes over
    channel.send(2)
    settle(hub)

    assert heard == [1, 2]


def test_an_application_serves_from_its_thread_what_was_subscribed_at_import(hub: Hub) -> None:
    heard = Heard()
    channel = Channel("a", heard, hub=hub)
    channel.send("sent at import")

    def serve() -> None:
        hub.start()
        settle(hub)
        channel.send("sent while serving")
        settle(hub)
        gevent.get_hub().destroy(destroy_loop=True)

    in_thread(serve)

    assert heard == ["sent at import", "sent while serving"]


def test_sending_when_the_event_loop_is_gone_does_not_fail(hub: Hub) -> None:
    channel = Channel("a", hub=hub)

    def serve() -> None:
        channel.subscribe(Heard())
        gevent.get_hub().destroy(destroy_loop=True)

    in_thread(serve)
    message = channel.send(1)

    assert isinstance(message, Message)
    assert hub.stats().inbox == 1


PATCHED = """
from gevent import monkey
monkey.patch_all()
import gevent, threading
from lona_sync.channels import Channel
from lona_sync.channels.hub import default_hub

heard = []
channel = Channel("a", lambda message: heard.append(message.data))
threading.Thread(target=channel.send, args=("greenlet",)).start()          # a greenlet, since it is patched
gevent.get_hub().threadpool.apply(channel.send, ("thread",))
with gevent.Timeout(20):
    while len(heard) < 2:
        gevent.sleep(0.001)
assert sorted(heard) == ["greenlet", "thread"], heard
print("in order")
"""


def test_threads_are_told_from_greenlets_when_everything_is_patched() -> None:
    result = subprocess.run([sys.executable, "-c", PATCHED], capture_output=True, text=True, timeout=60, check=False)

    assert (result.stdout, result.stderr) == ("in order\n", "")


FORKED = """
import os, sys
import gevent
import gevent.os
from lona_sync.channels import Channel
from lona_sync.channels.hub import default_hub
from lona_sync.channels.owner import current_owner

class View:
    def adopt(self, subscription): pass
    def run(self, burst): return burst()
    def failed(self, subscription, error): raise error

def wait_until(condition):
    with gevent.Timeout(20):
        while not condition():
            gevent.sleep(0.001)

heard = []
channel = Channel("a", lambda message: heard.append(message.data))
channel.send("import")
running_parent = sys.argv[1] == "running"
if running_parent:
    wait_until(lambda: heard == ["import"])
    current_owner.set(View())
    channel.subscribe(lambda message: heard.append("view"))
    current_owner.set(None)
    channel.send("queued")
ids = [channel.send("parent").id]
read, write = os.pipe()
child = gevent.os.fork_gevent() if sys.argv[2] == "gevent" else os.fork()
if child:
    os.close(write)
    wait_until(lambda: len(heard) == (5 if running_parent else 2))
    status = os.waitpid(child, 0)[1]
    print(sorted(heard), os.read(read, 1000).decode(), status)
    sys.exit()
before = len(heard)
if sys.argv[2] == "gevent":
    default_hub.start()                          # as a worker does when it begins to serve
ids.append(channel.send("child").id)
wait_until(lambda: "child" in heard)
assert ids[0].split("-")[0] != ids[1].split("-")[0], ids
gevent.get_hub().threadpool.apply(channel.send, ("thread",))
wait_until(lambda: "thread" in heard)
os.write(write, repr(sorted(heard[before:])).encode())
os._exit(0)
"""


@pytest.mark.parametrize("fork", ["gevent", "os"])
@pytest.mark.parametrize(
    ("parent", "heard_by_parent", "heard_by_child"),
    [
        ("importing", ["import", "parent"], ["child", "import", "parent", "thread"]),
        ("running", ["import", "parent", "queued", "view", "view"], ["child", "thread"]),
    ],
)
def test_a_child_starts_afresh_with_the_subscriptions_of_import_time(
    parent: str, heard_by_parent: list[str], heard_by_child: list[str], fork: str
) -> None:
    result = subprocess.run(
        [sys.executable, "-c", FORKED, parent, fork], capture_output=True, text=True, timeout=60, check=False
    )

    assert (result.stdout, result.stderr) == (f"{heard_by_parent} {heard_by_child} 0\n", "")


def test_once_an_application_serves_another_thread_cannot_take_the_hub_over() -> None:
    hub = Hub()
    hub.start()
    raised: list[BaseException] = []

    def subscribe() -> None:
        try:
            hub.subscribe("topic", print)
        except WrongThreadError as error:
            raised.append(error)

    thread = threading.Thread(target=subscribe)
    thread.start()
    thread.join()

    assert len(raised) == 1
    assert hub.subscribe("topic", print).active
