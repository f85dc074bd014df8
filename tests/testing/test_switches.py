"""Blocks that may not give way, and blocks that must."""

from __future__ import annotations

from collections.abc import Iterator

import gevent
import gevent.event
import greenlet
import pytest

from lona_sync.testing.switches import assert_no_switch, assert_switches


@pytest.fixture(autouse=True)
def trace_is_restored() -> Iterator[None]:
    """Every test must leave the thread's trace function as it was."""
    before = greenlet.gettrace()
    yield
    assert greenlet.gettrace() is before


def give_way() -> None:
    gevent.sleep(0)


def test_a_block_that_keeps_the_thread_passes():
    with assert_no_switch():
        started = gevent.spawn(int)

    with assert_switches():
        started.join()


def test_a_switch_is_told_with_its_target_and_the_stack_that_gave_way():
    with pytest.raises(AssertionError) as caught, assert_no_switch():
        give_way()
        give_way()

    message = str(caught.value)
    assert "switched 2 time(s), first to <Hub" in message
    assert "in give_way" in message
    assert __file__ in message


def test_a_block_that_should_switch_and_does_not_fails():
    with pytest.raises(AssertionError, match="nothing waited"), assert_switches():
        gevent.event.Event().set()


def test_throwing_into_another_greenlet_is_a_switch():
    other = greenlet.greenlet(greenlet.getcurrent().switch)
    other.switch()

    with pytest.raises(AssertionError, match="switched 1 time"), assert_no_switch():
        other.throw()

    assert other.dead


def test_switches_before_and_after_the_block_do_not_count():
    give_way()
    with assert_no_switch():
        pass
    give_way()


def test_an_exception_of_the_block_goes_out_unchanged():
    for block in (assert_no_switch, assert_switches):
        with pytest.raises(ZeroDivisionError), block():
            raise ZeroDivisionError

    with pytest.raises(KeyError), assert_no_switch():
        give_way()
        raise KeyError


def test_a_block_inside_of_another_watches_its_own_part():
    with assert_switches():
        with assert_no_switch():
            pass
        give_way()

    with pytest.raises(AssertionError, match="no switch was expected"), assert_no_switch(), assert_switches():
        give_way()


def test_the_switches_of_other_greenlets_do_not_count():
    seen: list[str] = []

    def careful() -> None:
        with assert_no_switch():
            seen.append("careful")

    def careless() -> None:
        give_way()
        seen.append("careless")

    with assert_switches():
        gevent.joinall([gevent.spawn(careless), gevent.spawn(careful)], raise_error=True)

    assert seen == ["careful", "careless"]


def test_blocks_of_two_greenlets_that_end_in_the_order_of_their_beginning_watch_to_their_ends():
    first_may_end, second_may_end = gevent.event.Event(), gevent.event.Event()

    def first() -> None:
        with assert_switches():
            first_may_end.wait()

    def second() -> None:
        with assert_no_switch():
            first_may_end.set()
            second_may_end.wait()
            gevent.sleep(0)

    early, late = gevent.spawn(first), gevent.spawn(second)
    early.get(timeout=5)
    still_traced = greenlet.gettrace() is not None
    second_may_end.set()

    assert still_traced
    with pytest.raises(AssertionError, match="no switch was expected"):
        late.get(timeout=5)


def test_who_traced_before_goes_on_tracing():
    events: list[str] = []

    def former(event: str, pair: object) -> None:
        events.append(event)

    before = greenlet.settrace(former)
    try:
        with assert_switches():
            give_way()
        counted = len(events)
        installed = greenlet.gettrace()
    finally:
        greenlet.settrace(before)

    assert installed is former
    assert counted >= 2


def test_who_traces_on_top_and_stays_is_left_alone():
    before = greenlet.gettrace()
    try:
        with assert_switches():
            give_way()
            below = greenlet.gettrace()
            assert below is not None

            def on_top(event: str, pair: tuple[greenlet.greenlet, greenlet.greenlet]) -> None:
                below(event, pair)

            greenlet.settrace(on_top)
        give_way()
        installed = greenlet.gettrace()
        with assert_no_switch():
            pass
    finally:
        greenlet.settrace(before)

    assert installed is on_top


def test_a_greenlet_that_was_watched_is_not_kept_alive():
    with assert_switches():
        other = gevent.spawn(give_way)
        other.join()

    with assert_no_switch():
        assert other.successful()
