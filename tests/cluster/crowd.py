"""Users who click and type at random, each in a ledger of his own, while their line is cut again and again.

At the end each of them asks his view what it has seen: every input of his, once and in order, or there is a complaint; so there is
when the page does not show the tree that the view has.
"""

from __future__ import annotations

import json
import math
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gevent
from gevent.pool import Pool

from tests.cluster.line import Line
from tests.cluster.processes import wait_until
from tests.cluster.scripted import ScriptedPage
from tests.cluster.windows import cookie_of
from tests.views.ledger import KINDS


class Visitor:
    """One user with one page. `made`: what he has done, numbered, by kind. `complaints`: what was wrong when he was told all."""

    def __init__(self, port: int, name: str, folder: Path, chance: random.Random, query: str = "") -> None:
        self.made: dict[str, list[int]] = {kind: [] for kind in KINDS}
        self.complaints: list[str] = []
        self.name = name
        url = f"/book/{name}{query}"
        self.page = ScriptedPage(port, url, cookie_of(port, path=url), chance)
        self._file = folder / f"{name}.json"
        self._chance = chance
        self._count = 0
        self._question = 0

    def act(self) -> None:
        kind = self._chance.choice(KINDS)
        number = self._count + 1
        if self.page.type("#typed", str(number)) if kind == "typed" else self.page.click(f"#{kind}", number):
            self._count = number
            self.made[kind].append(number)

    def live(self, pause: float) -> None:
        """For ever; `pause`: seconds between two inputs, on average."""
        while True:
            gevent.sleep(self._chance.uniform(0, 2 * pause))
            self.act()

    def rest(self) -> None:
        """He does no more, and so does his view."""
        self.page.fire("rest")

    def has_been_told_all(self) -> bool:
        """Whether the view has answered that it has seen as many inputs as were made, and the page is where that answer was."""
        if self.page.pending:                                    # the question: its answer may be there before the page hears of it
            return False
        told = self.told()
        if told is None or told["question"] < self._question:
            if self._question == 0:
                self._ask()
            return False
        if _size(told["seen"]) >= _size(self.made) and told["frame"] == self.page.frame:
            self.complaints = self._complain(told)               # now: the next message of a channel may change the tree
            return True
        if told["frame"] <= self.page.frame:                     # else what it has shown is still on its way
            self._ask()
        return False

    def _ask(self) -> None:
        if self.page.fire("tell", self._question + 1):
            self._question += 1

    def told(self) -> dict[str, Any] | None:
        return json.loads(self._file.read_text()) if self._file.exists() else None

    def describe(self) -> str:
        """For whoever has waited for this one in vain."""
        told = self.told()
        return (
            f"{self.name}: {_size(self.made)} made, {_size(told['seen']) if told else 0} seen as of question "
            f"{told and told['question']} of {self._question}, frame {self.page.frame} of {told and told['frame']}, "
            f"{len(self.page.pending)} pending; {self.page!r}"
        )

    def _complain(self, told: dict[str, Any]) -> list[str]:
        found = []
        for kind, made in self.made.items():
            seen = told["seen"][kind]
            lost, twice = sorted(set(made) - set(seen)), sorted({number for number in seen if seen.count(number) > 1})
            if seen != made:
                found.append(f"{self.name}: {kind}: lost {lost}, twice {twice}, of {made}, seen {seen}")
        shown = json.loads(json.dumps(self.page.dom.to_structure()))
        if shown != told["tree"]:
            found.append(f"{self.name}: the page shows {[each for each in shown if each not in told['tree']]}, and the view "
                         f"{[each for each in told['tree'] if each not in shown]}")
        messages = told["messages"]
        if messages and messages != list(range(messages[0], messages[-1] + 1)):
            found.append(f"{self.name}: the messages {messages}")
        if self.page.restarts:
            found.append(f"{self.name}: its view was lost {self.page.restarts} times")
        return found


class Crowd:
    """`count` visitors, who have come to the server of `port` through a `line` of their own.

    `folder`: where the site writes what it is asked. `name`: another one for each crowd of a site. `query`: of their addresses.
    `speed`: of the line.
    """

    def __init__(
        self, port: int, folder: Path, count: int, *, name: str = "visitor", seed: int = 1, query: str = "",
        speed: int | None = None,
    ) -> None:
        self._chance = chance = random.Random(seed)
        self.line = Line(port, chance, speed)
        self.mended: list[float] = []          # when
        self.told = math.inf                   # when all browsers were told so: at the end
        # Not all at one time: cookies come over HTTP, for which a server has a shorter queue than for its sockets.
        self.visitors = list(Pool(20).imap(
            lambda number: Visitor(self.line.port, f"{name}-{number}", folder, chance, query), range(count),
        ))
        self._wait_for(lambda visitor: visitor.page.shown.is_set())

    def live(self, seconds: float, *, pause: float, every: float, gap: float, online: float) -> None:
        """Each acts every `pause` seconds, on average, and the line is cut for `gap` seconds `every` so many.

        `online`: the part of the browsers that are told when it is mended. The others find out by themselves.
        """
        users = [gevent.spawn(visitor.live, pause) for visitor in self.visitors]
        over = time.monotonic() + seconds
        while time.monotonic() < over:
            gevent.sleep(every)
            self.line.cut()
            gevent.sleep(gap)
            self.line.mend()
            self.mended.append(time.monotonic())
            for visitor in self.visitors:
                if self._chance.random() < online:
                    visitor.page.go_online()
        gevent.killall(users)

    def settle(self) -> list[str]:
        """Let all come to rest, and complain."""
        self.told = time.monotonic()
        for visitor in self.visitors:
            visitor.page.go_online()
        self._wait_for(lambda visitor: not visitor.page.pending)
        for visitor in self.visitors:
            visitor.rest()
        self._wait_for(Visitor.has_been_told_all)
        return [complaint for visitor in self.visitors for complaint in visitor.complaints]

    def leave(self) -> None:
        """All tabs are closed, and the line is gone."""
        gevent.joinall([gevent.spawn(visitor.page.close) for visitor in self.visitors], raise_error=True)
        self.line.close()

    def _wait_for(self, condition: Callable[[Visitor], bool]) -> None:
        """Until it has been true for each, once. What one of their pages could not take is raised here."""
        left = list(self.visitors)

        def all_are() -> bool:
            for visitor in left:
                if visitor.page.error is not None:
                    raise AssertionError(visitor.describe()) from visitor.page.error
            left[:] = [visitor for visitor in left if not condition(visitor)]
            return not left

        wait_until(all_are, explain=lambda: "\n".join(visitor.describe() for visitor in left[:5]))


def _size(numbers: dict[str, list[int]]) -> int:
    return sum(map(len, numbers.values()))
