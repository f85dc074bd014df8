"""The greenlets that callbacks of the event loop borrow."""

from __future__ import annotations

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
