"""The greenlets that callbacks of the event loop borrow."""

from __future__ import annotations

import weakref

import gevent
from gevent.event import Event

from lona_sync.server.sockets.readers import Readers
from tests.server.pairs import wait_until


def test_work_is_not_lost_when_former_work_has_left_a_timeout_behind():
    readers, done = Readers(), Event()
    loop = gevent.get_hub().loop

    loop.run_callback(readers.run, lambda: gevent.Timeout.start_new(0.001))
    wait_until(lambda: readers.free is not None and readers.free.dead)
    loop.run_callback(readers.run, done.set)

    assert done.wait(10)


def test_no_work_is_held_that_is_done():
    class Work:
        def __call__(self) -> None:
            pass

    readers = Readers()
    work = [Work(), Work()]
    held = [weakref.ref(each) for each in work]
    while work:
        gevent.get_hub().loop.run_callback(readers.run, work.pop())
        gevent.idle()

    assert [each() for each in held] == [None, None]
