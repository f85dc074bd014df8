"""`lona_sync.channels.connect`: channels for programs without an application, whatever they are made of."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import gevent
import pytest

from lona_sync import App, View
from lona_sync.channels import Link, Listener, Message, connect
from lona_sync.errors import AwaitTimeout, WrongThreadError
from lona_sync.testing import Client
from tests.cluster.processes import PATIENCE, free_port, process, wait_until
from tests.redis.server import RedisServer

#: Seconds within which a program ends by itself that has waited for one: much less than what a hanging one would take.
QUICKLY = 20.0

#: How a program is started: as any script, and as one that gevent patches.
STARTS = {"plain": (), "patched": ("-m", "gevent.monkey")}

#: Each sends 0 … 99 to 'news' and ends.
PROGRAMS = {
    "a with block": """
from lona_sync.channels import connect
with connect() as link:
    for number in range(100):
        link.send("news", number)
""",
    "close": """
import os
from lona_sync.channels import connect
link = connect()
for number in range(100):
    link.send("news", number)
print("unsent", link.close(), link.close(), flush=True)
os._exit(0)                                    # nothing is sent by the interpreter's end
""",
    "flush": """
import os
from lona_sync.channels import connect
link = connect()
for number in range(100):
    link.send("news", number)
print("unsent", link.flush(), flush=True)
os._exit(0)
""",
    "falling off the end": """
from lona_sync.channels import connect
link = connect()
for number in range(100):
    link.send("news", number)
""",
    "an error": """
from lona_sync.channels import connect
with connect() as link:
    for number in range(100):
        link.send("news", number)
    raise SystemExit("on purpose")
""",
    "a thread": """
import threading
from lona_sync.channels import connect
def work():
    with connect() as link:
        for number in range(100):
            link.send("news", number)
threading.Thread(target=work).start()
""",
    "threads that share a link": """
import threading
from lona_sync.channels import connect
link, lock, numbers = connect(), threading.Lock(), iter(range(100))
def work():
    for _ in range(25):
        with lock:
            link.send("news", next(numbers))
for _ in range(4):
    threading.Thread(target=work).start()
""",
}

#: Prints what it hears on 'news', and how it ended.
LISTEN = """
import signal
from lona_sync.channels import connect
signal.signal(signal.SIGINT, signal.default_int_handler)      # whoever has started this may have it ignored
try:
    with connect() as link, link.listen("news") as listener:
        link.send("news", "ready")
        for message in listener:
            print(message.data, flush=True)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""

AWAY = """
from lona_sync.channels import connect
link = connect()
for topic in ("orders", "reports", "orders"):
    link.send(topic, 1)
link.send("prices", 1, droppable=True)
print("unsent", {end}, flush=True)
"""

#: A child sends and ends; the parent does so as well, and listens.
FORK = """
import os
from lona_sync.channels import connect
link = connect()
listener = link.listen("inner")
link.send("news", "before")
link.flush()
child = os.fork()
if child == 0:
    print("heard by the child", list(listener), flush=True)
    link.send("news", "child")
    raise SystemExit(7)
print("status", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
link.send("news", "parent")
link.send("inner", "parent")
print("heard by the parent", listener.get(20).data, flush=True)
"""


@pytest.fixture
def link(redis_server: RedisServer) -> Iterator[Link]:
    with connect(redis_server.url) as link:
        yield link


def heard(listener: Listener, count: int) -> list[object]:
    """The data of the next messages."""
    return [listener.get(PATIENCE).data for _ in range(count)]


def in_thread(function: Callable[[], object]) -> list[BaseException]:
    """Run it in a real thread; what it raised."""
    errors: list[BaseException] = []

    def run() -> None:
        try:
            function()
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(PATIENCE)
    return errors


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_what_a_program_sends_arrives_though_it_ends(
    tmp_path: Path, redis_server: RedisServer, link: Link, program: str, start: tuple[str, ...],
) -> None:
    (tmp_path / "program.py").write_text(program)

    with link.listen("news") as listener:
        with process(tmp_path, *start, "program.py", LONA_SYNC_BROKER=redis_server.url) as sender:
            sender.wait()
        numbers = heard(listener, 100)

    assert numbers == list(range(100))
    assert "Traceback" not in sender.output
    assert sender.output.count("not sent") == 0
    assert "unsent" not in sender.output or "unsent 0" in sender.output


def test_a_plain_program_stays_as_it_is(tmp_path: Path, redis_server: RedisServer) -> None:
    (tmp_path / "program.py").write_text(
        "import signal, socket, threading\n"
        "before = socket.socket, threading.Thread, signal.getsignal(signal.SIGINT)\n"
        "from lona_sync.channels import connect\n"
        "with connect() as link:\n    link.send('news')\n"
        "assert before == (socket.socket, threading.Thread, signal.getsignal(signal.SIGINT))\n"
        "import gevent.monkey\n"
        "print(gevent.monkey.is_anything_patched() if hasattr(gevent.monkey, 'is_anything_patched') else gevent.monkey.saved)\n"
    )

    with process(tmp_path, "program.py", LONA_SYNC_BROKER=redis_server.url) as program:
        status = program.wait()

    assert status == 0
    assert program.output in ("False\n", "{}\n")


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
@pytest.mark.parametrize("end", ["link.close(0.5)", "link.flush(0.5)", "None"])
def test_a_program_without_redis_ends_and_names_what_was_not_sent(tmp_path: Path, end: str, start: tuple[str, ...]) -> None:
    (tmp_path / "program.py").write_text(AWAY.format(end=end))

    with process(tmp_path, *start, "program.py", LONA_SYNC_BROKER=f"redis://127.0.0.1:{free_port()}") as program:
        status = program.wait(QUICKLY)
        output = program.output

    assert status == 0
    # What is droppable is worth a wait to `flush` only, since it may go on.
    assert f"unsent { {'link.close(0.5)': 3, 'link.flush(0.5)': 4, 'None': None}[end] }" in output
    assert "not sent to other processes" in output
    assert "topics: 'orders' (2), 'reports' (1)\n" in output
    assert "Connection refused" in output
    assert "Traceback" not in output


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
def test_a_program_ends_while_redis_hangs(tmp_path: Path, redis_server: RedisServer, start: tuple[str, ...]) -> None:
    (tmp_path / "program.py").write_text(AWAY.format(end="link.close(0.5)"))
    redis_server.pause()

    with process(tmp_path, *start, "program.py", LONA_SYNC_BROKER=redis_server.url) as program:
        status = program.wait(QUICKLY)
        output = program.output

    assert status == 0
    assert "unsent 3\n" in output
    assert "topics: 'orders' (2), 'reports' (1)\n" in output
    assert "Traceback" not in output


def test_what_is_sent_before_redis_is_there_arrives_when_it_is(tmp_path: Path) -> None:
    server = RedisServer(tmp_path)
    with connect(server.url) as link, link.listen("news") as listener:
        link.send("news", 1)
        away = link.flush(0)

        with server:
            came = heard(listener, 1)
            there = link.flush(PATIENCE)

    assert (away, came, there) == (1, [1], 0)


def test_a_closed_link_refuses_to_send(redis_server: RedisServer) -> None:
    link = connect(redis_server.url)
    closed = link.close(), link.close()

    with pytest.raises(RuntimeError, match=r"make another one by connect"):
        link.send("news")

    assert closed == (0, 0)
    assert link.flush() == 0


@pytest.mark.parametrize("data", [object(), {1: 2}, (1, 2)])
def test_what_cannot_be_sent_fails_at_the_sender(link: Link, data: object) -> None:
    with pytest.raises(TypeError, match="data"):
        link.send("news", data)


def test_messages_come_in_order_and_as_they_were_sent(link: Link) -> None:
    with link.listen("news", "orders.*") as listener:
        sent = [link.send(topic, {"n": number}) for number in range(500) for topic in ("news", "other", "orders.x", "orders.y")]
        came: list[Message] = [listener.get(PATIENCE) for _ in range(1500)]

    expected = [message for message in sent if message.topic != "other"]
    assert [message.data["n"] for message in came if message.topic == "news"] == list(range(500))
    for topic in ("news", "orders.x", "orders.y"):
        ids = [message.id for message in expected if message.topic == topic]
        assert [message.id for message in came if message.topic == topic] == ids
    assert all(message.missed == 0 for message in came)


def test_a_message_has_its_time_and_its_expiry(link: Link) -> None:
    with link.listen("news") as listener:
        sent = link.send("news", "kept", timedelta(seconds=1000))
        came = listener.get(PATIENCE)

    assert sent.expiry is not None and came.expiry is not None
    assert came.timestamp == pytest.approx(sent.timestamp, abs=1)
    assert came.expiry == pytest.approx(sent.expiry, abs=1)


def test_a_topic_named_twice_is_heard_once(link: Link) -> None:
    with link.listen("news", "news") as listener:
        link.send("news", 1)
        link.send("news", 2)

        assert heard(listener, 2) == [1, 2]


def test_what_is_sent_just_after_listen_returned_is_heard(redis_server: RedisServer, link: Link) -> None:
    came = []

    for number in range(100):
        with link.listen(f"news.{number}") as listener:
            link.send(f"news.{number}", number)
            came += heard(listener, 1)

    assert came == list(range(100))


def test_each_of_several_listeners_hears_all(link: Link, redis_server: RedisServer) -> None:
    with connect(redis_server.url) as other, link.listen("*") as first, link.listen("news") as second, other.listen("n*") as third:
        link.send("news", 1)
        link.flush()
        other.send("news", 2)

        assert [heard(listener, 2) for listener in (first, second, third)] == [[1, 2]] * 3


def test_listeners_in_two_threads_hear_all(link: Link) -> None:
    came: dict[str, list[object]] = {}
    listening = threading.Barrier(3)

    def listen(name: str) -> None:
        with link.listen("news") as listener:
            listening.wait(PATIENCE)
            came[name] = heard(listener, 100)

    threads = [threading.Thread(target=listen, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    listening.wait(PATIENCE)
    for number in range(100):
        link.send("news", number)
    for thread in threads:
        thread.join(PATIENCE)

    assert came == {"a": list(range(100)), "b": list(range(100))}


def test_who_asks_too_rarely_is_told_how_much_he_has_missed(link: Link) -> None:
    with link.listen("news", queue_size=3) as listener:
        for number in range(10):
            link.send("news", number)
        wait_until(lambda: listener._hub.stats().dropped == 7)

        came = [listener.get(PATIENCE) for _ in range(3)]

    assert [(message.data, message.missed) for message in came] == [(7, 7), (8, 0), (9, 0)]


def test_without_a_message_in_time_it_says_so(link: Link) -> None:
    with link.listen("news") as listener:
        with pytest.raises(AwaitTimeout, match=r"no message within 0\.01 seconds"):
            listener.get(0.01)
        with pytest.raises(AwaitTimeout):
            listener.get(0)

        link.send("news", 1)

        assert heard(listener, 1) == [1]


def test_who_looks_without_waiting_finds_what_has_come(link: Link) -> None:
    came: list[object] = []
    deadline = time.monotonic() + PATIENCE
    with link.listen("news") as listener:
        for number in range(5):
            link.send("news", number)

        while len(came) < 5:
            assert time.monotonic() < deadline
            time.sleep(0.001)                      # not gevent's: the program knows nothing of an event loop
            try:
                came.append(listener.get(0).data)
            except AwaitTimeout:
                continue

    assert came == list(range(5))


def test_close_ends_the_loop(link: Link) -> None:
    came = []
    listener = link.listen("news")
    for number in range(3):
        link.send("news", number)

    for message in listener:
        came.append(message.data)
        if message.data == 1:
            listener.close()
    listener.close()

    assert came == [0, 1]
    assert list(listener) == []
    with pytest.raises(RuntimeError, match=r"closed; make another one by link\.listen"):
        listener.get(1)


def test_close_ends_the_wait_of_another_greenlet(link: Link) -> None:
    listener = link.listen("news")
    waiting = gevent.spawn(list, listener)
    gevent.sleep(0)

    listener.close()

    assert waiting.get(timeout=PATIENCE) == []


def test_another_thread_has_to_listen_for_itself(link: Link) -> None:
    with link.listen("news") as listener:
        errors = [error for act in (lambda: listener.get(0), listener.close, lambda: next(listener)) for error in in_thread(act)]
        link.send("news", 1)

        assert [type(error) for error in errors] == [WrongThreadError] * 3
        assert "let each thread call it for itself" in str(errors[0])
        assert heard(listener, 1) == [1]


@pytest.mark.parametrize(("topics", "error"), [((), TypeError), ((1,), TypeError), ((["news"],), TypeError)], ids=str)
def test_who_listens_says_to_what(link: Link, topics: tuple[str, ...], error: type[Exception]) -> None:
    with pytest.raises(error, match=r"listen\('orders\.\*'\)"):
        link.listen(*topics)


@pytest.mark.parametrize("size", [0, -1, 1.5, "1", True])
def test_a_queue_has_room_for_one_at_least(link: Link, size: int) -> None:
    with pytest.raises(ValueError, match="queue_size must be a number of messages"):
        link.listen("news", queue_size=size)


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
def test_ctrl_c_ends_the_wait(tmp_path: Path, redis_server: RedisServer, start: tuple[str, ...]) -> None:
    (tmp_path / "program.py").write_text(LISTEN)

    with process(tmp_path, *start, "program.py", LONA_SYNC_BROKER=redis_server.url) as program:
        wait_until(lambda: "ready" in program.output, explain=lambda: program.output)
        program.signal(signal.SIGINT)
        status = program.wait(QUICKLY)

    assert status == 0
    assert program.output.endswith("interrupted\n")      # before it may stand what gevent prints about it


def test_a_listener_goes_on_when_redis_is_back_and_says_that_it_missed_something(redis_server: RedisServer, link: Link) -> None:
    with link.listen("news") as listener:
        link.send("news", 1)
        first = listener.get(PATIENCE)

        redis_server.kill()
        redis_server.start()
        link.send("news", 2)
        link.flush(PATIENCE)
        second = listener.get(PATIENCE)
        link.send("news", 3)
        third = listener.get(PATIENCE)

    assert [message.data for message in (first, second, third)] == [1, 2, 3]
    assert [message.missed for message in (first, second, third)] == [0, -1, 0]


def test_a_forked_child_sends_by_itself_and_leaves_the_listener_to_its_parent(
    tmp_path: Path, redis_server: RedisServer, link: Link,
) -> None:
    (tmp_path / "program.py").write_text(FORK)

    with link.listen("news") as listener:
        with process(tmp_path, "program.py", LONA_SYNC_BROKER=redis_server.url) as program:
            status = program.wait()
        came = heard(listener, 3)

    assert status == 0
    assert came == ["before", "child", "parent"]
    assert program.output == "heard by the child []\nstatus 7\nheard by the parent parent\n"


def test_without_a_url_it_is_that_of_the_environment(redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LONA_SYNC_BROKER", redis_server.url)

    with connect() as link, link.listen("news") as listener:
        link.send("news", 1)

        assert heard(listener, 1) == [1]
        assert repr(link) == f"<Link {redis_server.url}>"


@pytest.mark.parametrize(("url", "environment"), [("", ""), ("memory:", ""), ("memory:", "redis://localhost"), ("", "memory:")])
def test_a_broker_that_reaches_nobody_is_refused(url: str, environment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LONA_SYNC_BROKER", environment)

    with pytest.raises(ValueError, match="a broker that other processes use is needed, such as redis://localhost:6379/0"):
        connect(url)


@pytest.mark.parametrize(("url", "told"), [
    ("carrier-pigeon://x", "a broker is named by memory:, redis://host:6379/0"), ("localhost:6379", "a broker is named by"),
    ("redis://localhost:x", "(?i)port"), ("redis://localhost?prefix=", "prefix= in .* is empty"),
])
def test_a_url_that_cannot_be_one_is_refused(url: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        connect(url)


def test_a_password_is_not_shown(tmp_path: Path) -> None:
    with RedisServer(tmp_path, password="secret") as server, connect(server.url) as link, link.listen("news") as listener:
        link.send("news", 1)

        assert heard(listener, 1) == [1]
        assert "secret" not in repr(link)


def test_applications_with_other_prefixes_are_not_heard(redis_server: RedisServer, link: Link) -> None:
    with connect(f"{redis_server.url}?prefix=shop") as shop, link.listen("*") as listener, shop.listen("*") as of_the_shop:
        shop.send("news", "shop")
        shop.flush()
        link.send("news", "ours")

        assert heard(listener, 1) == ["ours"]
        assert heard(of_the_shop, 1) == ["shop"]


def test_a_listener_made_in_a_view_is_not_the_views(link: Link, tmp_path: Path) -> None:
    app, listeners = App(tmp_path / "app.py"), []
    app.settings.SECRET_KEY = "k" * 32

    @app.route("/")
    class Listening(View):
        def handle_request(self, request: object) -> str:
            listeners.append(link.listen("news"))
            link.send("news", "first")
            return str(listeners[0].get(PATIENCE).data)

    page = Client(app).open("/")
    page.wait_for(lambda: "first" in page.text())
    page.close()
    app.stop()
    link.send("news", "second")
    came = heard(listeners[0], 1)
    listeners[0].close()

    assert came == ["second"]


def test_nothing_is_left_of_those_that_were_closed(link: Link) -> None:
    def use() -> None:
        with link.listen("news") as listener:
            link.send("news", 1)
            listener.get(PATIENCE)

    use()
    before = threading.active_count(), len(os.listdir("/proc/self/fd"))

    for _ in range(10):
        use()

    assert (threading.active_count(), len(os.listdir("/proc/self/fd"))) == before
