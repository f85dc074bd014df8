"""Channels for programs without an application: a cron job, a Celery task, a notebook, a daemon.

Works in code that knows nothing of gevent: the network is served by real threads then (see `carrier.py`), and who waits
for a message waits in an event loop of his own thread's.
"""

from __future__ import annotations

# Not for us: redis-py, loaded with the first link, loads it, and that fails in a thread that outlives the main one.
import concurrent.futures.thread  # noqa: F401
import os
import time
import weakref
from collections.abc import Callable, Mapping
from functools import partial
from types import TracebackType

from gevent import monkey
from gevent.event import Event

from ..errors import AwaitTimeout, WrongThreadError
from .broker import Broker, MemoryBroker
from .brokers import broker_from_url
from .hub import Hub
from .mailbox import Mailbox, take_oldest
from .message import Expiry, Message
from .subscription import QUEUE_SIZE
from .topics import check

#: Seconds that the end of a `with` block, or of the program, waits for what is not yet sent.
CLOSE_SECONDS = 5.0
#: A wait for a message is looked after so often.
WAIT_SECONDS = 60.0

_get_ident: Callable[[], int] = monkey.get_original("_thread", "get_ident")


def connect(url: str = "") -> Link:
    """A way to the channels of an application from any other program.

        with connect('redis://localhost:6379/0') as link:
            link.send('reports', {'rows': 17})

    `url` is the application's CHANNEL_BROKER; '': the environment's LONA_SYNC_BROKER. Connects in the background, so it neither
    waits nor fails when nobody is there. In a process that gevent has patched it works in greenlets of the calling thread, which
    has to be one whose event loop runs. ValueError for a URL that cannot be one, or reaches nobody.
    """
    return Link(url or os.environ.get("LONA_SYNC_BROKER", ""))


class Link:
    """What `connect` returns; also a context manager, which closes it at its end.

    A forked child that uses it gets a connection of its own; one that ends by `os._exit`, as those of multiprocessing do, must
    `flush` before.
    """

    def __init__(self, url: str) -> None:
        # Bounding the stream is the application's, whose settings are not known here.
        self._make: Callable[[], Broker] = lambda: broker_from_url(url, trim=False)
        self._broker = self._make()
        if isinstance(self._broker, MemoryBroker):
            raise ValueError(
                f"a broker that other processes use is needed, such as redis://localhost:6379/0, and not {url!r}; "
                "pass it, or set LONA_SYNC_BROKER"
            )
        self._hub = Hub()
        self._hub.use(self._broker)
        self._closed = False
        _open.add(self)
        _end_with(self, self._broker)

    def send(
        self, topic: str, message_data: object = None, expiry: Expiry = None, *, droppable: bool = False
    ) -> Message:
        """As `Channel.send`, to the processes of the application and whoever else listens. From any thread, never waits.

        RuntimeError once the link is closed.
        """
        if self._closed:
            raise RuntimeError("this link is closed, and what it sends would be lost; make another one by connect(…)")
        check(topic)
        return self._hub.send(topic, message_data, expiry, droppable=droppable)

    def listen(self, *topics: str, queue_size: int = QUEUE_SIZE) -> Listener:
        """Receive what is sent to these topics or patterns from now on.

            for message in link.listen('orders.*'):
                print(message.topic, message.data)

        At most `queue_size` messages a topic wait until they are asked for; beyond it the oldest are lost, and the next one's
        `missed` tells how many. Never waits. TypeError without topics. It has connections of its own, and is closed on its own;
        in a view it does not belong to that view: there use a `Channel`.
        """
        return Listener(self._make(), topics, queue_size)

    def flush(self, timeout: float = CLOSE_SECONDS) -> int:
        """Wait up to `timeout` seconds until the broker has all that was sent. The number of messages that it has not."""
        return self._broker.flush(timeout)

    def stats(self) -> Mapping[str, int]:
        """The counters of sending, by name."""
        return self._broker.stats()

    def close(self, timeout: float = CLOSE_SECONDS) -> int:
        """`flush`, and part. What is not sent by then is named in the log, and lost. May be called again."""
        self._closed = True
        return self._hub.stop(timeout)

    def forked(self) -> None:
        """In a child process."""
        self._hub.forked()

    def __enter__(self) -> Link:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Link {self._broker.url}>"


class Listener:
    """What `Link.listen` returns: an iterator over messages, which waits for each. Also a context manager, which closes it.

    For the thread that called `listen`; elsewhere its methods raise `WrongThreadError`, and in a forked child it is closed. A
    thread that has listened keeps an event loop, two file descriptors, until the process ends: reuse threads.
    """

    def __init__(self, broker: Broker, topics: tuple[str, ...], queue_size: int) -> None:
        if not topics or not all(isinstance(topic, str) for topic in topics):
            raise TypeError(f"listen() takes the topics or patterns to hear, as in listen('orders.*'), not {topics!r}")
        for topic in topics:
            check(topic)
        self._thread = _get_ident()
        self._news = Event()
        self._hub = Hub()
        self._mailboxes = tuple(
            Mailbox(self._news.set, f"listen({topic!r})", partial(self._hub.subscribe, topic, queue_size=queue_size))
            for topic in dict.fromkeys(topics)
        )
        self._broker = broker
        self._hub.use(broker)
        self._closed = False
        _open.add(self)
        _end_with(self, broker)

    def get(self, timeout: float | None = None) -> Message:
        """The next message; waits for it. Raises `AwaitTimeout` after `timeout` seconds, RuntimeError once it is closed.

        With 0 it looks whether there is one.
        """
        self._check_thread()
        deadline = None if timeout is None else time.monotonic() + timeout
        left = WAIT_SECONDS
        while not self._closed:
            message = take_oldest(self._mailboxes)
            if message is not None:
                return message
            if left <= 0:
                raise AwaitTimeout(f"no message within {timeout:g} seconds")
            # With a limit, so that the event loop has something to wait for: else it takes this for a deadlock.
            left = WAIT_SECONDS if deadline is None else min(WAIT_SECONDS, deadline - time.monotonic())
            # Also when no time is left: what came in a thread gets to the mailboxes only while the event loop runs, so in here.
            self._news.wait(max(0.0, left))
            self._news.clear()
        raise RuntimeError("this listener is closed; make another one by link.listen(…)")

    def close(self) -> None:
        """End it; who waits in another greenlet gets his error or the end of his loop. May be called again."""
        self._check_thread()
        self._closed = True
        for mailbox in self._mailboxes:
            mailbox.unsubscribe()
        self._hub.stop(0)
        self._news.set()

    def forked(self) -> None:
        """In a child process: the event loop is the parent's, and so are its messages."""
        self._closed = True
        self._broker.forked()

    def _check_thread(self) -> None:
        if _get_ident() != self._thread:
            raise WrongThreadError("a listener is for the thread that called listen(); let each thread call it for itself")

    def __iter__(self) -> Listener:
        return self

    def __next__(self) -> Message:
        try:
            return self.get()
        except RuntimeError:
            if self._closed:
                raise StopIteration from None
            raise

    def __enter__(self) -> Listener:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


# A fork can be heard of only once for all, and a program that makes links and drops them must not keep them by that.
_open: weakref.WeakSet[Link | Listener] = weakref.WeakSet()


def _end_with(thing: Link | Listener, broker: Broker) -> None:
    """Nobody has it any more: what was sent goes out, and then its threads end."""
    weakref.finalize(thing, broker.retire).atexit = False


def _forked() -> None:
    for each in list(_open):
        each.forked()


os.register_at_fork(after_in_child=_forked)
