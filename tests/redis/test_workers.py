"""Processes that send and listen obey, whatever carries their messages; here each hears only itself."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.redis.ledger import assert_complete
from tests.redis.workers import PATCHED, UNPATCHED, all_sent, await_last, workers


@pytest.mark.parametrize("program", [PATCHED, UNPATCHED], ids=["patched", "unpatched"])
def test_each_worker_hears_what_it_sends(tmp_path: Path, program: tuple[str, ...]):
    with workers(tmp_path, "memory:", "a", "b", program=program) as (a, b):
        for worker in (a, b):
            worker.subscribe("news")
            worker.send("news", 1000)
            worker.await_sent()
            worker.send("news", 1)
        ledgers = [await_last([worker], "news", all_sent([worker], "news"))[0] for worker in (a, b)]
        delivered = a.stats()["delivered"], b.stats()["delivered"]
        ended = a.flush(), a.quit(), b.quit()

    assert_complete(ledgers[0], {("a", "news"): 1001})
    assert_complete(ledgers[1], {("b", "news"): 1001})
    assert delivered == (1001, 1001)
    assert ended == (0, 0, 0)


def test_a_worker_that_sends_slowly_still_answers(tmp_path: Path):
    with workers(tmp_path, "memory:", "a") as [a]:
        a.subscribe("news")
        a.send("news", 1000, pace=60)

        count = a.ledger("news").count

    assert count <= 1


def test_a_pattern_has_one_ledger_for_all_its_topics(tmp_path: Path):
    with workers(tmp_path, "memory:", "a") as [a]:
        a.subscribe("news.*")
        a.send("news.x", 10)
        a.send("news.y", 10)
        a.send("other", 10)
        a.await_sent()
        sent = all_sent([a], "news.*")
        [ledger] = await_last([a], "news.*", sent)

    assert sent == {("a", "news.x"): 10, ("a", "news.y"): 10}
    assert_complete(ledger, sent)


def test_nothing_comes_into_the_ledger_after_unsubscribe(tmp_path: Path):
    with workers(tmp_path, "memory:", "a") as [a]:
        a.subscribe("news")
        a.subscribe("rest")
        a.unsubscribe("news")
        a.send("news", 10)
        a.send("rest", 10)
        await_last([a], "rest", all_sent([a], "rest"))

        count = a.ledger("news").count

    assert count == 0


def test_an_error_of_a_worker_is_the_tests(tmp_path: Path):
    with workers(tmp_path, "memory:", "a") as [a]:
        with pytest.raises(AssertionError, match="KeyError: 'never subscribed'"):
            a.unsubscribe("never subscribed")


def test_a_worker_that_has_died_is_named(tmp_path: Path):
    with workers(tmp_path, "memory:", "a") as [a]:
        a.process.signal(signal.SIGKILL)
        a.process.wait()

        with pytest.raises(AssertionError, match="a does not answer 'stats'"):
            a.stats()


def test_workers_that_cannot_start_say_why(tmp_path: Path):
    with pytest.raises(AssertionError, match="a broker is named by"):
        with workers(tmp_path, "carrier-pigeon:", "a"):
            pass
