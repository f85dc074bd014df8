"""Whatever a stream gets, and however its browsers lag: each shows a part of it, in order, and knows how much is missing."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from lona_sync.html import Div, P, Stream
from lona_sync.testing.dom import ModelElement
from tests.wire.documents import Browser, make_document

PICK = st.integers(0, 10_000)


class StreamMachine(RuleBasedStateMachine):
    """One stream that several browsers show; `page` is what one shows that was always there."""

    @initialize(frames=st.sampled_from([1, 3, 1000]), size=st.sampled_from([300, 1_000_000]), keep=st.sampled_from([0, 1, 3, 1000]))
    def begin(self, frames: int, size: int, keep: int) -> None:
        self.document = make_document(size, frames)
        self.stream = Stream(limit=1000, keep=keep)
        self.page: list[int] = []
        self.texts: dict[int, str] = {}
        self.browsers: list[Browser] = []
        self.absent: dict[Browser, tuple[int, int]] = {}       # the floor that each came with, and how many it did not get then
        self.document.show(Div(self.stream))
        self.document.close_frame()

    def text(self) -> str:
        return f"item {len(self.texts)}"

    @rule(count=st.integers(1, 6))
    def append(self, count: int) -> None:
        for _ in range(count):
            text = self.text()
            self.page.append(self.stream.append(P(text)))
            self.texts[self.page[-1]] = text

    @rule()
    def prepend(self) -> None:
        text = self.text()
        self.page.insert(0, self.stream.prepend(text))
        self.texts[self.page[0]] = text

    @rule(pick=PICK)
    def update(self, pick: int) -> None:
        kept = list(self.stream.tail)
        if kept:
            number = kept[pick % len(kept)]
            self.texts[number] = text = f"new {self.text()}"
            self.stream.update(number, Div(P(text)) if pick % 2 else text)

    @rule()
    def clear(self) -> None:
        self.stream.clear()
        self.page.clear()

    @rule()
    def close_frame(self) -> None:
        self.document.close_frame()

    @rule()
    def join(self) -> None:
        if len(self.browsers) < 4:
            browser = Browser(self.document)
            browser.take_snapshot()
            self.browsers.append(browser)
            self.absent[browser] = self.stream.floor, len(self.page) - len(self.shown(browser))

    @rule(pick=PICK)
    def leave(self, pick: int) -> None:
        if self.browsers:
            self.document.log.remove_cursor(self.browsers.pop(pick % len(self.browsers)).cursor)

    @rule(pick=PICK, budget=st.sampled_from([1, 100, 1_000_000]))
    def read(self, pick: int, budget: int) -> None:
        if self.browsers:
            self.browsers[pick % len(self.browsers)].catch_up(budget)
            self.browsers[pick % len(self.browsers)].acknowledge()

    @rule(pick=PICK)
    def resume(self, pick: int) -> None:
        if self.browsers:
            self.browsers[pick % len(self.browsers)].take_snapshot()

    @rule()
    def compare(self) -> None:
        self.document.close_frame()
        for browser in self.browsers:
            browser.catch_up()
            floor, absent = self.absent[browser]
            shown = self.shown(browser)
            missed = int(self.element(browser).attributes.get("data-lona-missed", 0))
            assert shown == [number for number in self.page if number in shown]
            assert set(self.stream.tail) <= set(shown)
            assert missed + len(shown) + (absent if floor == self.stream.floor else 0) == len(self.page)
            for node in self.element(browser).children:
                if node.id in self.stream.tail:
                    assert (node.text if isinstance(node, ModelElement) else node.data) == self.texts[node.id]

    def element(self, browser: Browser) -> ModelElement:
        found = browser.dom.get(self.stream.number)
        assert isinstance(found, ModelElement)
        return found

    def shown(self, browser: Browser) -> list[int]:
        return [node.id for node in self.element(browser).children]

    @invariant()
    def no_node_is_left_over(self) -> None:
        for browser in self.browsers if hasattr(self, "browsers") else ():
            below = sum(1 for node in self.element(browser).children if isinstance(node, ModelElement))
            assert len(browser.dom.ids) >= 2 + len(self.shown(browser)) + below

    def teardown(self) -> None:
        if hasattr(self, "document"):
            self.compare()


TestStream = StreamMachine.TestCase
TestStream.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
