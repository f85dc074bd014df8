"""The load of the benchmarks reads every answer, and takes no wrong one."""

from __future__ import annotations

import gc
import socket
from threading import Thread

import pytest

from benchmarks.load import Loader, percentile
from benchmarks.tabs.base import Wrong
from benchmarks.tabs.floor import EchoTab


class Program:
    """One that needs no time."""

    def cpu(self) -> float:
        return 0.0

    def check(self) -> None:
        pass


class Tab(EchoTab):
    """Its server is the test."""

    def connect(self) -> socket.socket:
        ours, self.server = socket.socketpair()
        return ours

    def close(self) -> None:
        super().close()
        self.server.close()

    def answer(self, number: int) -> None:
        """As if so many clicks had been counted."""
        payload = b"[4,1,%d,%d,1,7,[1,1,10,10,0,7]]" % (number, number)
        self.server.sendall(bytes((0x81, len(payload))) + payload)


@pytest.fixture
def tab():
    tab = Tab(0)
    yield tab
    tab.close()


@pytest.fixture
def loader(tab):
    loader = Loader(Program(), [tab])
    yield loader
    loader.close()


def test_a_click_that_is_answered_is_counted(tab, loader):
    tab.answer(1)

    load = loader.closed(0)

    assert load.clicks == 1


def test_a_page_that_counts_more_clicks_than_were_made_is_wrong(tab, loader):
    tab.answer(2)

    with pytest.raises(Wrong, match="its page shows 2 clicks, and 1 were made"):
        loader.closed(0)


def test_an_answer_that_is_none_is_wrong(tab, loader):
    tab.server.sendall(b"\x81\x05hello")

    with pytest.raises(Wrong, match="no echo: b'hello'"):
        loader.closed(0)


def test_a_connection_that_ends_is_wrong(tab, loader):
    tab.server.shutdown(socket.SHUT_WR)

    with pytest.raises(Wrong, match="the connection has ended"):
        loader.closed(0)


def test_a_paced_click_waits_since_it_was_due(tab, loader):
    def server():
        tab.server.recv(100)
        tab.answer(1)

    thread = Thread(target=server)
    thread.start()
    load = loader.paced(rate=1, seconds=1)
    thread.join()

    assert load.latencies[0] > load.late[0] > 0


def test_the_garbage_collector_works_again_after_a_wrong_answer(tab, loader):
    tab.answer(2)

    with pytest.raises(Wrong):
        loader.closed(0)

    assert gc.isenabled()


@pytest.mark.parametrize(("percent", "value"), [(0, 1), (50, 3), (99, 4), (100, 4)])
def test_a_percentile_is_one_of_the_values(percent, value):
    assert percentile([4, 2, 1, 3], percent) == value
