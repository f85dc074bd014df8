"""Everything at once, in rounds, after each of which all visitors have left and the server can be looked at.

In a round there are visitors who click and type, some of them at views that change a hundred times a second, and some of those
behind a slow line; tabs that are opened, closed, and switched off; two pages of one daemon view, which stays; views that crash;
bursts of channel messages; and all lines are cut again and again. At its end each visitor has been told all, or complains.
"""

from __future__ import annotations

import random
from functools import partial
from pathlib import Path

import gevent

from tests.cluster.crowd import Crowd
from tests.cluster.line import Line
from tests.cluster.processes import PATIENCE, wait_until
from tests.cluster.scripted import ScriptedPage
from tests.cluster.test_processes import get
from tests.cluster.windows import cookie_of

PAUSE = 0.3                          # seconds between two inputs of one visitor, on average
EVERY, GAP = 2.0, 0.3                # seconds between two cuts, and until the line is mended
ONLINE = 0.7                         # the part of the browsers that notice that it is
BURSTS = 1.0                         # seconds between two bursts of messages
SPEED = 50_000                       # bytes a second of the slow line
FAST_VIEW = "?pause=0.01"
SHARED = "/shared/one"
DAEMONS = 1                          # views that stay


class Soak:
    """`size`: in each of its rounds five times as many visitors are at the server of `port`, and as many tabs of each kind."""

    def __init__(self, port: int, folder: Path, size: int) -> None:
        self._port = port
        self._folder = folder
        self._size = size
        self._chance = random.Random(size)
        self._resident = cookie_of(port, path=SHARED)
        self._visits = 0
        self._is_over = False

    def round(self, seconds: float) -> list[str]:
        """What visitors complain about, after so many seconds."""
        self._visits += 1
        self._is_over = False
        crowds = [self._crowd("visitor", 3 * self._size), self._crowd("fast", self._size, FAST_VIEW),
                  self._crowd("slow", self._size, FAST_VIEW, SPEED)]
        line = crowds[0].line
        tasks = [gevent.spawn(task, line) for task in (self._use_tabs, self._crash) for _ in range(self._size)]
        tasks += [gevent.spawn(self._send_bursts), gevent.spawn(self._share, line)]
        gevent.joinall([
            gevent.spawn(crowd.live, seconds, pause=PAUSE, every=EVERY, gap=GAP, online=ONLINE) for crowd in crowds
        ], raise_error=True)
        self._is_over = True
        gevent.joinall(tasks, raise_error=True)
        complaints = [complaint for crowd in crowds for complaint in crowd.settle()]
        for crowd in crowds:
            crowd.leave()
        return complaints

    def _crowd(self, kind: str, count: int, query: str = "", speed: int | None = None) -> Crowd:
        return Crowd(self._port, self._folder, count, name=f"{kind}-{self._visits}", query=query, speed=speed)

    # Each goes on until it is over, and leaves what it has opened in order.

    def _use_tabs(self, line: Line) -> None:
        """Tabs that are opened, used, and closed or reloaded, or whose machine is switched off."""
        cookie = cookie_of(self._port, path="/tab/first")
        while not self._is_over:
            self._visits += 1
            page = self._page(line, f"/tab/{self._visits}", cookie)
            for number in range(1, 5):
                page.click("#handled", number)
                gevent.sleep(self._chance.uniform(0, 2 * PAUSE))
            self._chance.choice((page.close, page.vanish))()

    def _crash(self, line: Line) -> None:
        while not self._is_over:
            page = self._page(line, "/crash", self._resident)
            page.click("#crash")
            wait_until(partial(_is_over, page), explain=partial(repr, page))
            page.close()
            gevent.sleep(PAUSE)

    def _send_bursts(self) -> None:
        while not self._is_over:
            get(self._port, "/burst")
            gevent.sleep(BURSTS)

    def _share(self, line: Line) -> None:
        """Two pages of one view, which have the same tree in the end."""
        pages = [self._page(line, SHARED, self._resident) for _ in range(2)]
        number = 0
        while not self._is_over:
            number += 1
            self._chance.choice(pages).click("#handled", number)
            gevent.sleep(PAUSE)
        one, other = pages
        for page in pages:
            page.go_online()
        # Connected, too: a page that is closed while it is lost tells nobody, and its view waits for it.
        wait_until(
            lambda: one.frame == other.frame and all(page.is_connected and not page.pending for page in pages),
            explain=lambda: repr(pages),
        )
        assert one.dom.to_structure() == other.dom.to_structure()
        for page in pages:
            page.close()

    def _page(self, line: Line, url: str, cookie: str) -> ScriptedPage:
        page = ScriptedPage(line.port, url, cookie, self._chance)
        assert page.shown.wait(PATIENCE), page
        return page


def _is_over(crash: ScriptedPage) -> bool:
    """Its view has shown an error, or, when the page was lost in that moment, ended, and another one has begun."""
    if crash.error is not None:
        raise crash.error
    return crash.restarts > 0 or not crash.dom.find_all("#crash")
