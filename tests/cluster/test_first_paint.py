"""A page and its WebSocket meet in the view's worker, whichever workers they have come to."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.processes import wait_until
from tests.cluster.test_handover import site
from tests.cluster.windows import Browser, Painted, View, elsewhere, page_of
from tests.server.raw_client import TEXT


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of four workers that no test harms."""
    with site(tmp_path_factory.mktemp("site")) as (server, port):
        yield port
        assert "Traceback" not in server.output


def page_elsewhere(port: int, than: str, path: str, cookie: str) -> Painted:
    """A page that shows the view of another worker than `than`, or of none."""
    def attempt() -> Painted | None:
        page = page_of(port, path, cookie)
        return page if page.worker != than else None

    return wait_until(attempt)


def test_a_page_joins_its_view_through_any_worker(shared: int):
    page = page_of(shared)

    with elsewhere(shared, page.worker, page.cookie) as other:
        page.ask(other)
        view = View.shown(other, 1)
        texts = [view.click(), view.click()]

    assert page.join is not None
    assert (view.id, view.worker) == (page.join[0], page.worker)
    assert texts == ["clicked 1", "clicked 2"]


def test_a_join_that_was_lost_on_its_way_is_made_again(shared: int):
    page = page_of(shared)
    with elsewhere(shared, page.worker, page.cookie) as first:
        page.ask(first)
        lost = View.shown(first, 1)                        # and the browser never says that it has got this

    with elsewhere(shared, page.worker, page.cookie) as second:
        page.ask(second)
        view = View.shown(second, 1)
        text = view.click()

    assert (view.id, text) == (lost.id, "clicked 1")
    assert view.secret != lost.secret


def test_a_page_out_of_a_cache_joins_nothing_in_any_worker(shared: int):
    page = page_of(shared)
    first = Browser(shared, page.cookie)
    page.ask(first)
    view = View.shown(first, 1)
    view.click()                                           # which tells that it has the other secret

    with elsewhere(shared, page.worker, page.cookie) as other:
        page.ask(other)
        answer = other.hear()

    assert answer == [7, 1]
    assert view.click() == "clicked 2"


def test_another_user_joins_nothing_in_any_worker(shared: int):
    page, other = page_of(shared), page_of(shared)

    with elsewhere(shared, page.worker, other.cookie) as browser:
        page.ask(browser)
        answer = browser.hear()

    assert answer == [7, 1]


def test_the_page_of_a_daemon_in_another_worker_asks_for_it(shared: int):
    page = page_of(shared, "/daemon/painted")
    with Browser(shared, page.cookie) as browser:
        page.ask(browser)
        view = View.shown(browser, 1)

        other = page_elsewhere(shared, page.worker, "/daemon/painted", page.cookie)
        joined = browser.open("/daemon/painted", window=2)

    assert other.join is None
    assert joined.id == view.id


def test_a_view_whose_worker_has_died_is_opened_anew(tmp_path: Path):
    with site(tmp_path) as (_, port):
        page = page_of(port)
        os.kill(int(page.worker), signal.SIGKILL)

        def join() -> Any:                                 # Any: JSON
            try:
                with Browser(port, page.cookie) as browser:
                    page.ask(browser)
                    opcode, payload = browser.raw.receive()
                    return json.loads(payload) if opcode == TEXT else None         # its end is not known yet
            except (ConnectionError, OSError):
                return None                                # it had come to the dead one

        answer = wait_until(join)

    assert answer == [7, 1, 1]
