"""How many views one user may have, or all who come from one address without a cookie."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable

import gevent
import pytest
from werkzeug.datastructures import MultiDict

from lona_sync import Request, UserAbort, View
from lona_sync.views.client import Client
from lona_sync.views.registry import Full, Registry, TooMany
from lona_sync.views.request import AnonymousUser, parse_url
from lona_sync.views.runtime import ViewRuntime
from lona_sync.views.visitor import Visitor
from tests.views.apps import app_of

ANNA, BERT = AnonymousUser("anna"), AnonymousUser("bert")


class Waits(View):
    def handle_request(self, request: Request) -> None:
        self.show("waits")
        self.sleep(600)


class Nobody:
    """A window that reads nothing."""
    visitor = Visitor(AnonymousUser.make_guest())

    def wake(self, client: Client) -> None: ...
    def redirect(self, client: Client) -> None: ...
    def resend(self, client: Client) -> None: ...
    def gone(self, client: Client) -> None: ...


def registry_of(**settings: object) -> Registry:
    return app_of(Waits, **settings).parts.registry


def start(registry: Registry, user: Hashable) -> ViewRuntime:
    url, query = parse_url("/")
    return registry.start(Waits, Request(url=url, GET=query, POST=MultiDict(), user=user, interactive=True))


def counted(registry: Registry) -> Counter[str]:
    return registry._counters


def end(*runtimes: ViewRuntime) -> None:
    for runtime in runtimes:
        runtime.stop(UserAbort())
        runtime.wait(5)


def lose(runtime: ViewRuntime) -> None:
    """A window shows the view, and its socket is lost."""
    runtime.clients.suspend(runtime.clients.attach(Nobody(), 1))


def test_one_user_may_have_so_many_views_and_not_one_more():
    registry = registry_of(MAX_VIEWS_PER_USER=3)
    views = [start(registry, ANNA) for _ in range(3)]

    with pytest.raises(TooMany):
        start(registry, ANNA)

    assert len(registry) == 3
    assert counted(registry)["views.refused.user"] == 1
    end(*views)


def test_the_others_have_theirs():
    registry = registry_of(MAX_VIEWS_PER_USER=1)

    views = [start(registry, user) for user in (ANNA, BERT, "a user of somebody's own")]

    assert len(registry) == 3
    end(*views)


def test_a_view_that_has_left_makes_room_for_another():
    registry = registry_of(MAX_VIEWS_PER_USER=1)
    end(start(registry, ANNA))

    view = start(registry, ANNA)

    assert len(registry) == 1
    end(view)


def test_a_view_whose_request_got_another_user_makes_room_for_the_one_who_opened_it():
    registry = registry_of(MAX_VIEWS_PER_USER=1)
    view = start(registry, ANNA)
    view.request.user = BERT
    end(view)

    end(start(registry, ANNA), start(registry, BERT))

    assert counted(registry)["views.refused.user"] == 0


def test_who_opens_all_his_tabs_again_after_a_crash_gets_them_in_place_of_those_that_wait():
    registry = registry_of(MAX_VIEWS_PER_USER=3)
    shown, *lost = [start(registry, ANNA) for _ in range(3)]
    for view in lost:
        gevent.sleep(0)
        lose(view)

    fresh = [start(registry, ANNA) for _ in range(2)]

    with pytest.raises(TooMany):
        start(registry, ANNA)
    for view in lost:
        view.wait(5)
    assert set(registry) == {shown, *fresh}
    assert all(isinstance(view.stop_reason, UserAbort) for view in lost)
    assert counted(registry)["views.evicted.user"] == 2
    end(shown, *fresh)


def test_a_view_of_somebody_else_that_waits_is_left_alone():
    registry = registry_of(MAX_VIEWS_PER_USER=1)
    waiting = start(registry, BERT)
    lose(waiting)
    view = start(registry, ANNA)

    with pytest.raises(TooMany):
        start(registry, ANNA)

    assert not waiting.stopped
    end(waiting, view)


@pytest.mark.parametrize("visitor", [
    lambda address: AnonymousUser.make_guest(address),
    lambda address: AnonymousUser("", address=address),
], ids=["guests", "everybody, without sessions"])
def test_who_has_no_cookie_of_his_own_is_counted_by_address(visitor):
    registry = registry_of(MAX_VIEWS_PER_USER=1, MAX_VIEWS_PER_ADDRESS=2)
    views = [start(registry, visitor("192.0.2.1")) for _ in range(2)]
    views.append(start(registry, visitor("192.0.2.2")))

    with pytest.raises(TooMany):
        start(registry, visitor("192.0.2.1"))

    assert len(registry) == 3
    end(*views)


def test_a_guests_view_that_waits_is_not_ended_for_another_guest_of_his_address():
    registry = registry_of(MAX_VIEWS_PER_ADDRESS=1)
    waiting = start(registry, AnonymousUser.make_guest("192.0.2.1"))
    lose(waiting)

    with pytest.raises(TooMany):
        start(registry, AnonymousUser.make_guest("192.0.2.1"))

    assert not waiting.stopped
    end(waiting)


def test_a_full_process_is_full_for_everybody():
    registry = registry_of(MAX_VIEWS=1)
    view = start(registry, ANNA)

    with pytest.raises(Full) as caught:
        start(registry, BERT)

    assert not isinstance(caught.value, TooMany)
    end(view)


def test_nothing_is_kept_of_users_who_have_left():
    registry = registry_of()

    end(*[start(registry, AnonymousUser(f"user {number}")) for number in range(10)])

    assert len(registry._accounts) == 0 and not registry._accounts._accounts
