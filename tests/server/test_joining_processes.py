"""A view that several users are in, whichever process they come to. Two applications in this process stand for two processes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lona_sync import App, Request, View
from lona_sync.html import HTML, Button, P
from lona_sync.server.http.serving import Server
from tests.cluster.windows import Browser

GONE = 7


class Board(View):
    def handle_request(self, request: Request) -> object:
        self.is_daemon = True
        text, button = P("nobody"), Button("+1")
        self.show(HTML(text, button), title="board")
        while True:
            event = self.await_click(button)
            text.set_text(f"{event.user}, {len(self.server.get_views(url='/'))}")
            self.show()

    def may_join(self, request: Request) -> bool:
        return str(request.user) in ("ann", "bob")


class Doorman:
    """Lets nobody in whom the application has on its list."""
    refused: tuple[str, ...] = ()

    def handle_connection(self, data: Any) -> object:
        return "no" if str(data.connection.user) in self.refused else data


class Site:
    """One process of the application."""

    def __init__(self, folder: Path) -> None:
        self.app = App(__file__)
        self.doorman = type("Own", (Doorman,), {})
        self.app.settings.update({
            "SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.2, "RUNTIME_DIRECTORY": str(folder), "SIBLING_TIMEOUT": 1.0,
            "MIDDLEWARES": [self.doorman],
        })
        self.app.route("/")(Board)
        self.server = Server(self.app, "127.0.0.1", 0)
        self.server.start()
        self.app.parts.siblings.enlist()

    def browser(self, user: str) -> Browser:
        data = {"_user": user, "_since": time.time()}
        header = self.app.parts.sessions.cookie(f"key of {user}", data, secure=False, base="")
        return Browser(self.server.port, header.partition(";")[0])

    def stop(self) -> None:
        self.app.stop()
        self.server.stop(0.1)


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Site, Site]]:
    sites = Site(tmp_path), Site(tmp_path)
    yield sites
    for site in sites:
        site.stop()


def test_another_user_joins_it_from_another_process_and_is_known_there(pair: tuple[Site, Site]) -> None:
    here, there = pair
    ann = here.browser("ann").open("/")

    bob = there.browser("bob").open("/")

    assert bob.id == ann.id
    assert bob.click() == "bob, 1"
    assert ann.changed() == "bob, 1"
    assert there.app.stats()["views"] == 0


def test_who_may_not_gets_his_own_where_he_is(pair: tuple[Site, Site]) -> None:
    here, there = pair
    ann = here.browser("ann").open("/")

    eve = there.browser("eve").open("/")

    assert eve.id != ann.id and eve.tag == there.app.parts.siblings.tag
    assert eve.click() == "eve, 1"


def test_he_comes_back_to_it_from_wherever(pair: tuple[Site, Site]) -> None:
    here, there = pair
    here.browser("ann").open("/")
    bob = there.browser("bob").open("/")
    bob.browser.raw.sock.close()

    answer = bob.resume(there.browser("bob"))

    assert answer[2] == bob.id
    assert bob.click() == "bob, 1"


@pytest.mark.parametrize("user", ["ann", "eve", "carl"])
def test_nobody_comes_in_his_place(pair: tuple[Site, Site], user: str) -> None:
    here, there = pair
    here.browser("ann").open("/")
    bob = there.browser("bob").open("/")
    bob.browser.raw.sock.close()

    answer = bob.resume(there.browser(user))                    # with his view's id and his window's secret

    assert answer[0] == GONE


def test_the_process_that_has_the_view_asks_its_own_middlewares(pair: tuple[Site, Site]) -> None:
    here, there = pair
    here.browser("ann").open("/")
    bob = there.browser("bob").open("/")
    bob.browser.raw.sock.close()
    here.doorman.refused = ("bob",)

    answer = bob.resume(there.browser("bob"))

    assert answer[0] == GONE
