"""Whatever comes, in whatever order, and however waits end: nothing is lost, nothing comes twice, each source keeps its order.

A model does on paper what the view does: it knows what is kept, what is queued and what has ended, and says what each wait returns.
"""

from __future__ import annotations

import itertools
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import gevent
import hypothesis.strategies as st
from hypothesis import given, settings

from lona_sync import AwaitTimeout, Channel, View
from lona_sync.html import CUSTOM, HTML, Div
from lona_sync.testing import Client
from lona_sync.waits import ended, event, message
from tests.views.apps import app_of

NODES = 3
TOPICS = ["topic.0", "topic.1"]
TASKS = 2


class Stage(View):
    last: Any

    def handle_request(self, request: object) -> None:
        type(self).last = self
        self.nodes = [Div(str(number), events=[CUSTOM("told")]) for number in range(NODES)]
        self.gates = [gevent.event.Event() for _ in range(TASKS)]
        self.tasks = [self.spawn(self.work, number) for number in range(TASKS)]
        self.orders: deque[tuple[Any, ...]] = deque()
        self.ordered = gevent.event.Event()
        self.returned: list[Any] = []
        self.waits = False
        self.worker = self.spawn(self.obey)
        self.show(HTML(*self.nodes))
        self.sleep(10**9)

    def work(self, number: int) -> str:
        self.gates[number].wait()
        return f"task {number}"

    def obey(self) -> None:
        """Wait for what the test says, one order after another."""
        while True:
            self.ordered.wait()
            self.ordered.clear()
            while self.orders:
                nodes, topics, tasks, timeout = self.orders.popleft()
                self.waits = True
                try:
                    came = self.await_any(
                        *[event("told", self.nodes[number]) for number in nodes], *[message(topic) for topic in topics],
                        *[ended(self.tasks[number]) for number in tasks], timeout=timeout,
                    )
                    self.returned.append(came.value if came.kind == "ended" else came.value.data)
                except AwaitTimeout:
                    self.returned.append("timeout")
                except gevent.Timeout:
                    self.returned.append("thrown")
                self.waits = False


@dataclass
class Model:
    """One procedure. Everything that comes has a number, so what came first is the smallest."""

    waits: tuple[Any, ...] | None = None                    # nodes, topics, tasks, while it waits
    wanted: frozenset[int] = frozenset()                    # nodes of the last wait
    kept: deque[tuple[int, int]] = field(default_factory=deque)                # number, node
    subscribed: set[str] = field(default_factory=set)
    queues: dict[str, deque[int]] = field(default_factory=lambda: {topic: deque() for topic in TOPICS})
    ended: dict[int, int] = field(default_factory=dict)     # number by task
    returned: list[Any] = field(default_factory=list)

    def begin(self, nodes: frozenset[int], topics: frozenset[str], tasks: frozenset[int]) -> None:
        self.subscribed |= topics
        if nodes:                                           # a wait for no events leaves the kept ones alone
            self.wanted = nodes
            while self.kept and self.kept[0][1] not in nodes:
                self.kept.popleft()
        self.waits = nodes, topics, tasks
        self.look()

    def look(self) -> None:
        """Return what came first, if anything has."""
        if self.waits is None:
            return
        nodes, topics, tasks = self.waits
        found: list[tuple[int, Any]] = [(number, f"task {task}") for task, number in self.ended.items() if task in tasks]
        found += [(self.queues[topic][0], self.queues[topic][0]) for topic in topics if self.queues[topic]]
        if nodes and self.kept:
            found.append((self.kept[0][0], self.kept[0][0]))
        if not found:
            return
        number, value = min(found, key=lambda each: each[0])
        if self.kept and nodes and self.kept[0][0] == number:
            self.kept.popleft()
        for queue in self.queues.values():
            if queue and queue[0] == number:
                queue.popleft()
        self.returned.append(value)
        self.waits = None

    def event(self, number: int, node: int) -> None:
        if node in self.wanted:
            self.kept.append((number, node))
            self.look()

    def message(self, number: int, topic: str) -> None:
        if topic in self.subscribed:
            self.queues[topic].append(number)
            self.look()

    def end(self, number: int, task: int) -> None:
        self.ended.setdefault(task, number)
        self.look()

    def give_up(self, why: str) -> None:
        if self.waits is not None:
            self.returned.append(why)
            self.waits = None


def some(values: Any) -> st.SearchStrategy[Any]:
    return st.one_of(st.just(frozenset(values)), st.frozensets(st.sampled_from(values)))


WAIT = st.tuples(st.just("wait"), some(range(NODES)), some(TOPICS), st.frozensets(st.sampled_from(range(TASKS))), st.booleans())
EVENT = st.tuples(st.just("event"), st.sampled_from(range(NODES)))
MESSAGE = st.tuples(st.just("message"), st.sampled_from(TOPICS))
STEPS = st.one_of(
    WAIT, WAIT, WAIT, EVENT, EVENT, EVENT, MESSAGE, MESSAGE, MESSAGE,
    st.tuples(st.just("end"), st.sampled_from(range(TASKS))),
    st.tuples(st.just("rest")),
    st.tuples(st.just("timeout")),
    st.tuples(st.just("throw")),
)


def rest() -> None:
    for _ in range(12):
        gevent.sleep(0)


@settings(max_examples=100)
@given(st.lists(STEPS, min_size=10, max_size=60))
def test_nothing_is_lost_nothing_comes_twice_and_each_source_keeps_its_order(steps: list[tuple[Any, ...]]) -> None:
    client = Client(app_of(Stage))
    client.clock.stop()
    page = client.open("/")
    view, model = Stage.last, Model()
    turns = itertools.count()                                             # so that each wait gives way to others first
    view._runtime.waiting.choices._monotonic = lambda: next(turns)
    in_time = False                                                       # whether the wait that is under way has a timeout
    elements = [page.dom.get(node.number) for node in view.nodes]

    for number, (kind, *arguments) in enumerate(steps):
        if kind == "wait" and any(arguments[:3]):
            rest()
            if model.waits is None:
                *what, in_time = arguments
                view.orders.append((*what, 5 if in_time else None))
                returned = len(view.returned)
                view.ordered.set()
                for _ in range(20):
                    if not view.waits and len(view.returned) == returned:
                        gevent.sleep(0)
                model.begin(*what)
        elif kind == "event":
            page._send_event("told", elements[arguments[0]], number)      # type: ignore[arg-type]
            model.event(number, arguments[0])
        elif kind == "message":
            Channel(arguments[0]).send(number)
            model.message(number, arguments[0])
        elif kind == "end" and arguments[0] not in model.ended:
            rest()                                                        # a task ends some turns after it was told to
            view.gates[arguments[0]].set()
            rest()
            model.end(number, arguments[0])
        elif kind == "rest":
            rest()
        elif kind == "timeout":
            rest()
            client.clock.advance(5)
            if in_time:
                model.give_up("timeout")
        elif kind == "throw":
            rest()
            if model.waits is not None:
                gevent.get_hub().loop.run_callback(view.worker.throw, gevent.Timeout())
                rest()
                model.give_up("thrown")
    rest()

    assert view.returned == model.returned
    assert view.waits == (model.waits is not None)
    if model.waits is None:                                               # and what is left is all there
        for _ in range(len(model.kept) + sum(map(len, model.queues.values()))):
            view.orders.append((model.wanted, model.subscribed, (), None))
            view.ordered.set()
            rest()
            model.begin(model.wanted, frozenset(model.subscribed), frozenset())
        assert view.returned == model.returned
    page.close()
