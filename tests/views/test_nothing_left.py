"""Nothing outlives its view. `python -m benchmarks --only leftovers` does the same with a hundred thousand."""

from __future__ import annotations

import gc
import weakref
from typing import Any

from lona_sync import View
from lona_sync.html import P
from lona_sync.testing import Client
from lona_sync.waits import ended
from tests.views.apps import app_of
from tests.views.leftovers import Leftovers, open_and_close

VIEWS = 1000


def test_thousands_of_views_that_were_opened_and_closed_leave_nothing() -> None:
    left = open_and_close(VIEWS)

    assert left == Leftovers(greenlets=0, runtimes=0, views=0, subscriptions=0)


def test_a_view_that_keeps_its_tasks_in_a_tuple_goes_when_it_has_ended() -> None:
    class Keeping(View):
        kept: weakref.ref[View]

        def handle_request(self, request: object) -> None:
            type(self).kept = weakref.ref(self)
            self.tasks: Any = tuple(self.spawn(self.sleep, 100) for _ in range(3))
            self.wait = ended(*self.tasks)
            self.show(P("here"))
            self.await_any(self.wait)

    page = Client(app_of(Keeping)).open("/")
    gc.collect()                                 # Python looks at the tuple while its tasks run, and at no later time
    page.close()
    page.client.app.reset()
    gc.collect()

    assert Keeping.kept() is None


def test_who_keeps_a_task_that_was_killed_before_it_began_does_not_keep_its_view() -> None:
    class Hasty(View):
        killed: Any
        kept: weakref.ref[View]

        def handle_request(self, request: object) -> None:
            type(self).kept = weakref.ref(self)
            type(self).killed = self.spawn(self.sleep, 100)
            self.killed.kill(block=False)
            self.show(P("here"))
            self.sleep(100)

    page = Client(app_of(Hasty)).open("/")
    page.close()
    page.client.app.reset()
    gc.collect()

    assert Hasty.killed.ready()
    assert Hasty.kept() is None
