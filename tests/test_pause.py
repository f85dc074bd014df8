"""Who computes for long and takes a moment now and then keeps nobody from running."""

from __future__ import annotations

from collections.abc import Callable

import gevent
import pytest
from gevent import socket

from lona_sync.pause import pause
from lona_sync.views.clock import RealClock

PAUSES = pytest.mark.parametrize("moment", [pause, lambda: RealClock().sleep(0)], ids=["pause", "View.sleep(0)"])


@PAUSES
def test_sockets_are_looked_at_in_each_pause(moment: Callable[[], None]):
    near, far = socket.socketpair()
    received: list[bytes] = []
    reader = gevent.spawn(lambda: received.append(near.recv(1)))
    gevent.sleep(0)                                # from here on it waits
    far.send(b"x")

    for _ in range(3):
        moment()

    assert received == [b"x"]
    reader.join()
    near.close()
    far.close()


@PAUSES
def test_timers_are_looked_at_in_each_pause(moment: Callable[[], None]):
    rung: list[int] = []
    timer = gevent.get_hub().loop.timer(0.0)
    timer.start(rung.append, 1)

    for _ in range(3):
        moment()

    assert rung == [1]
    timer.close()
