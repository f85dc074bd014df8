"""A connection goes to the process that has its view. Two applications in this process stand for two processes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import gevent
import pytest
from gevent import monkey, socket
from gevent.event import Event

from lona_sync import App, Request, View
from lona_sync.html import HTML, Button, P
from lona_sync.server.http.serving import Server
from lona_sync.server.sockets.parting import part, unwatch
from lona_sync.siblings import Away, Talk
from lona_sync.siblings.talk import call
from lona_sync.views.envelope import NONE
from lona_sync.wire.protocol import VERSION
from tests.cluster.windows import Browser
from tests.cluster.windows import View as Shown
from tests.server.pairs import tcp_pair
from tests.server.raw_client import CLOSE, TEXT, RawClient, frame


class Counter(View):
    """Counts clicks."""
    daemon = False

    def handle_request(self, request: Request) -> None:
        self.is_daemon = self.daemon
        text, button = P("0"), Button("+1")
        self.show(HTML(text, button), title="counter")
        for number in range(1, 10_000):
            self.await_click(button)
            text.set_text(f"clicked {number}")
            self.show()


class Shared(Counter):
    daemon = True


class Cookies(View):
    """Names a cookie of its visitor, and his address."""

    def handle_request(self, request: Request) -> None:
        self.show(HTML(P("x"), Button("+1")), title=f"{request.cookies.get('own')} {request.remote_addr}")


class Large(View):
    """Its tree is larger than what a kernel takes at once."""

    def handle_request(self, request: Request) -> None:
        text, button = P("x" * 3_000_000), Button("+1")
        self.show(HTML(text, button), title="large")
        self.await_click(button)
        text.set_text("y" * 3_000_000)
        self.show()
        self.sleep(600)


class Site:
    """One process of the application."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.app = App(__file__)
        self.app.settings.update({
            "SECRET_KEY": "k" * 32, "SESSIONS": False, "STOP_TIMEOUT": 0.2, "RUNTIME_DIRECTORY": str(folder),
            "SIBLING_TIMEOUT": 0.5, **settings,
        })
        for pattern, view in (("/", Counter), ("/shared", Shared), ("/large", Large), ("/cookies", Cookies)):
            self.app.route(pattern)(view)
        self.server = Server(self.app, "127.0.0.1", 0)
        self.server.start()
        self.app.parts.siblings.enlist()

    @property
    def tag(self) -> str:
        return self.app.parts.siblings.tag

    def browser(self, then: bytes = b"") -> Browser:
        return Browser(self.server.port, then=then)

    def stat(self, name: str) -> int:
        return self.app.stats().get(name, 0)

    def stop(self) -> None:
        self.app.stop()
        self.server.stop()


Make = Callable[..., Site]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    (tmp_path / "run").mkdir(mode=0o700)
    made: list[Site] = []

    def make(**settings: Any) -> Site:
        made.append(Site(tmp_path / "run", **settings))
        return made[-1]

    yield make
    for site in made:
        site.stop()


@pytest.fixture
def pair(make: Make) -> tuple[Site, Site]:
    return make(), make()


def wait_until(condition: Callable[[], object]) -> None:
    with gevent.Timeout(10):
        while not condition():
            gevent.sleep(0.005)


def lost(browser: Browser) -> None:
    browser.raw.sock.close()


def offer(site: Site, **request: Any) -> Talk:
    """What a giver says first."""
    talk = call(site.app.parts.siblings._directory.socket_path(site.tag), 5)
    talk.send({"kind": "adopt", "protocol": VERSION, "base": "", "envelope": NONE.as_json(), **request})
    return talk


def test_a_view_goes_on_behind_another_process(pair: tuple[Site, Site]):
    here, there = pair
    view = there.browser().open("/")
    texts = [view.click()]
    lost(view.browser)

    with here.browser() as browser:
        answer = view.resume(browser)
        texts += [view.click() for _ in range(3)]
        adopted = there.stat("connections.adopted")

    wait_until(lambda: there.stat("connections.adopted") == 0)
    assert adopted == 1
    assert answer[:4] == [1, 1, view.id, view.secret]
    assert texts == ["clicked 1", "clicked 2", "clicked 3", "clicked 4"]
    wait_until(lambda: here.stat("connections") == 0)
    assert (here.stat("handovers.given"), there.stat("handovers.adopted")) == (1, 1)
    assert (here.stat("relays"), here.stat("connections.lost")) == (0, 0)


def test_the_headers_of_the_handshake_travel_along(pair: tuple[Site, Site]):
    here, there = pair
    view = there.browser().open("/")
    lost(view.browser)

    with Browser(here.server.port, cookie="own=mine") as browser:
        view.resume(browser)
        opened = browser.open("/cookies", 2)

    assert opened.tag == there.tag
    assert opened.worker == "mine 127.0.0.1"


@pytest.mark.parametrize("envelope", [None, [], [[["A", "x" * 40_000]], "", "http", ""]])
def test_headers_that_make_no_sense_are_not_taken(make: Make, envelope: object):
    there = make()
    view = there.browser().open("/")

    with offer(there, view=view.id, envelope=envelope) as talk, pytest.raises(Away):
        talk.receive()

    assert there.stat("handovers.adopted") == 0


def test_what_was_sent_behind_the_resume_travels_along(pair: tuple[Site, Site]):
    here, there = pair
    view = there.browser().open("/")
    lost(view.browser)
    clicks = b"".join(view.click_frame() for _ in range(500))

    view.browser = here.browser(then=view.resume_frame() + clicks)
    with view.browser:
        assert view.browser.hear()[0] == 1
        wait_until(lambda: view.changed() == "clicked 500")

    assert there.stat("handovers.adopted") == 1


def test_half_a_message_travels_along(pair: tuple[Site, Site]):
    here, there = pair
    view = there.browser().open("/")
    lost(view.browser)
    click = view.click_frame()

    view.browser = here.browser(then=view.resume_frame() + click[:10])
    with view.browser:
        assert view.browser.hear()[0] == 1
        view.browser.raw.send(click[10:])
        text = view.changed()

    assert text == "clicked 1"


def test_what_was_unsent_arrives_before_what_the_owner_sends(pair: tuple[Site, Site]):
    here, there = pair
    view = there.browser().open("/")
    lost(view.browser)

    view.browser = here.browser(then=b"".join(frame(TEXT, b"[6]") for _ in range(50)) + view.resume_frame())
    with view.browser:
        messages = [view.browser.hear() for _ in range(50)]
        started = view.browser.hear()

    assert messages == [[6]] * 50
    assert started[0] == 1


def test_a_second_tab_joins_a_daemon_of_another_process(pair: tuple[Site, Site]):
    here, there = pair
    first = there.browser().open("/shared")

    with first.browser, here.browser() as browser:
        second = browser.open("/shared")
        texts = [first.click(), second.changed(), second.click(), first.changed()]

    assert second.id == first.id
    assert texts == ["clicked 1", "clicked 1", "clicked 2", "clicked 2"]


def test_a_daemon_of_somebody_else_is_not_joined(make: Make):
    here, there = make(SESSIONS=True), make(SESSIONS=True)

    with there.browser() as one, here.browser() as other:
        first, second = one.open("/shared"), other.open("/shared")

    assert first.id != second.id


def test_a_daemon_that_has_ended_is_begun_anew(pair: tuple[Site, Site]):
    here, there = pair
    with there.browser() as browser:
        first = browser.open("/shared")
        there.app.parts.registry.stop_all(5)

    with here.browser() as browser:
        second = browser.open("/shared")

    assert second.id.startswith(here.tag)
    assert second.id != first.id


def test_a_daemon_of_a_process_that_has_ended_is_begun_anew(pair: tuple[Site, Site]):
    here, there = pair
    first = there.browser().open("/shared")
    # As kill -9 does: the socket refuses, and the claim is still there.
    assert there.app.parts.siblings._control._server is not None
    there.app.parts.siblings._control.forget()

    with here.browser() as browser:
        second = browser.open("/shared")

    assert second.id.startswith(here.tag)
    lost(first.browser)


@pytest.mark.parametrize(("change", "gone"), [
    (lambda view: ["nobodyxx.abc", view.secret], [7, 1, 1]), (lambda view: ["abc", view.secret], [7, 1]),
    (lambda view: [view.tag + ".other", view.secret], [7, 1]), (lambda view: [view.id, "wrong"], [7, 1]),
    (lambda view: ["../../x.y", view.secret], [7, 1]),
], ids=["a process that never was", "no process", "no such view", "a wrong secret", "a path"])
def test_a_resume_of_what_is_nowhere_is_gone_at_once(
    pair: tuple[Site, Site], change: Callable[[Shown], list[str]], gone: list[int],
):
    here, there = pair
    view = there.browser().open("/")
    id, secret = change(view)

    with here.browser() as browser:
        browser.say(2, 1, id, secret, 0)
        answer = browser.hear()
        browser.say(1, 1, "/", None)
        anew = browser.hear_kind(1)

    assert answer == gone
    assert anew[0] == 1
    lost(view.browser)


def test_a_view_of_somebody_else_is_gone(make: Make):
    here, there = make(SESSIONS=True), make(SESSIONS=True)
    own, other = (site.app.parts.sessions.new(secure=False, path="")[1].partition(";")[0] for site in (here, there))
    view = Browser(there.server.port, own).open("/")
    lost(view.browser)

    with Browser(here.server.port, other) as browser:
        refused = view.resume(browser)
    with Browser(here.server.port, own) as browser:
        answer = view.resume(browser)

    assert refused == [7, 1]
    assert answer[0] == 1


def test_a_view_whose_process_does_not_answer_lives_and_the_browser_is_to_come_back(pair: tuple[Site, Site]):
    here, there = pair
    view = there.browser().open("/")
    over = Event()
    adopt = there.app.parts.siblings._control._answers["adopt"]
    there.app.parts.siblings.on("adopt", lambda request, talk: {"waited": over.wait(60)})
    lost(view.browser)

    with here.browser() as browser:
        browser.raw.send(view.resume_frame())
        code = browser.close_code()
    over.set()
    there.app.parts.siblings.on("adopt", adopt)
    with here.browser() as browser:
        answer = view.resume(browser)
        text = view.click()

    assert code == 4001
    assert answer[0] == 1
    assert text == "clicked 1"
    assert here.stat("handovers.silent") == 1


def test_a_daemon_whose_process_does_not_answer_is_not_begun_twice(pair: tuple[Site, Site]):
    here, there = pair
    first = there.browser().open("/shared")
    over = Event()
    there.app.parts.siblings.on("adopt", lambda request, talk: {"waited": over.wait(60)})

    with here.browser() as browser:
        browser.say(1, 1, "/shared", None)
        answer = browser.hear()
    over.set()

    assert answer == [10, 1, "busy"]
    lost(first.browser)


def test_a_process_that_has_enough_connections_takes_none_of_others(make: Make):
    here, there = make(), make(MAX_CONNECTIONS=1)
    view = there.browser().open("/")
    lost(view.browser)
    wait_until(lambda: there.stat("connections") == 0)

    with there.browser(), here.browser() as browser:
        browser.raw.send(view.resume_frame())
        code = browser.close_code()

    assert code == 4001
    assert there.stat("handovers.no_room") == 1


def test_a_process_that_has_enough_connections_refuses_handshakes(make: Make):
    site = make(MAX_CONNECTIONS=1)

    with site.browser():
        with pytest.raises(ConnectionError, match="503"):
            site.browser()
        wait_until(lambda: site.stat("connections.refused.full") == 1)


def test_a_process_keeps_a_quarter_of_its_descriptors_for_all_else(
    make: Make, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
):
    site = make()
    monkeypatch.setattr("lona_sync.server.sockets.door.resource.getrlimit", lambda which: (3, 3))

    with site.browser(), site.browser():
        for _ in range(2):
            with pytest.raises(ConnectionError, match="503"):
                site.browser()
        wait_until(lambda: site.stat("connections.refused.full") == 2)

    assert sum("ulimit -n" in message for message in caplog.messages) == 1

    wait_until(lambda: site.stat("connections") == 0)
    with site.browser() as browser:
        assert browser.open("/").text



def test_one_silent_process_does_not_keep_those_waiting_who_go_to_others(make: Make):
    here, silent, good = make(MAX_HANDOVERS=1, SIBLING_TIMEOUT=5), make(), make()
    stuck, view = silent.browser().open("/"), good.browser().open("/")
    over = Event()
    silent.app.parts.siblings.on("adopt", lambda request, talk: {"waited": over.wait(60)})
    lost(stuck.browser)
    lost(view.browser)

    with here.browser(then=stuck.resume_frame()), here.browser(then=stuck.resume_frame()), here.browser() as browser:
        answer = view.resume(browser)
        waiting = here.stat("handovers.silent")
    over.set()

    assert answer[0] == 1
    assert waiting == 0


# Several windows on one connection.


def test_windows_of_several_processes_share_one_connection(make: Make):
    here, *others = (make() for _ in range(3))
    views = [site.browser().open("/", window=number) for number, site in enumerate(others, 1)]
    for view in views:
        view.click()
        lost(view.browser)

    with here.browser() as browser:
        answers = [view.resume(browser) for view in views]
        texts = [view.click() for _ in range(3) for view in views]
        own = browser.open("/", window=3)
        texts += [own.click(), *(view.click() for view in views)]

    assert [answer[0] for answer in answers] == [1, 1]
    assert texts == [
        "clicked 2", "clicked 2", "clicked 3", "clicked 3", "clicked 4", "clicked 4", "clicked 1", "clicked 5", "clicked 5",
    ]
    assert sum(site.stat("relays") for site in (here, *others)) == 1        # the first window took the connection along


def test_a_relayed_window_that_is_closed_ends_its_view(pair: tuple[Site, Site]):
    here, there = pair
    view = there.browser().open("/", window=2)
    lost(view.browser)

    with here.browser() as browser:
        browser.open("/")
        view.resume(browser)
        browser.say(3, 2)
        wait_until(lambda: there.stat("views") == 0)
        text = browser.open("/", window=3).click()

    assert text == "clicked 1"


def test_a_relayed_window_of_a_lost_connection_waits_for_its_browser(pair: tuple[Site, Site]):
    here, there = pair
    view = there.browser().open("/", window=2)
    lost(view.browser)
    with here.browser() as browser:
        browser.open("/")
        view.resume(browser)
        view.click()
    wait_until(lambda: there.stat("connections") == 0)

    with here.browser() as browser:
        answer = view.resume(browser)
        text = view.click()

    assert answer[0] == 1
    assert text == "clicked 2"


def test_a_goodbye_ends_the_views_of_relayed_windows(pair: tuple[Site, Site]):
    here, there = pair
    view = there.browser().open("/", window=2)
    lost(view.browser)

    with here.browser() as browser:
        browser.open("/")
        view.resume(browser)
        browser.raw.send(frame(8, (1001).to_bytes(2, "big")))
        wait_until(lambda: there.stat("views") == 0)

    assert here.stat("views") == 0


def test_a_large_tree_comes_through_a_relay_as_slowly_as_it_is_read(pair: tuple[Site, Site]):
    here, there = pair
    with there.browser() as browser:
        browser.say(1, 2, "/large", None)
        view = Shown.shown(browser, 2)

    with here.browser() as browser:
        own = browser.open("/")
        view.browser, view.frame = browser, 0
        browser.raw.send(view.resume_frame())
        wait_until(lambda: there.stat("snapshots") >= 2)
        started, snapshot = browser.hear_kind(1, 2), browser.hear_kind(2, 2)
        view._take(snapshot)
        text = own.click()

    assert started[2] == view.id
    assert view.text == "x" * 3_000_000
    assert text == "clicked 1"


def test_when_the_process_of_a_relayed_window_restarts_that_window_is_told_so_and_the_rest_goes_on(pair: tuple[Site, Site]):
    here, there = pair
    view = there.browser().open("/", window=2)
    lost(view.browser)

    with here.browser() as browser:
        own = browser.open("/")
        view.resume(browser)
        there.app.parts.socket.close_all()
        gone = browser.hear_kind(7, 2)
        text = own.click()

    assert gone == [7, 2, 2]
    assert text == "clicked 1"


def test_a_relayed_view_that_has_ended_is_gone_and_the_rest_goes_on(pair: tuple[Site, Site]):
    here, there = pair
    view = there.browser().open("/", window=2)
    lost(view.browser)

    with here.browser() as browser:
        own = browser.open("/")
        view.resume(browser)
        there.app.parts.registry.stop_all(5)
        gone = browser.hear_kind(7, 2)
        text = own.click()
        wait_until(lambda: there.stat("connections") == 0)

    assert gone == [7, 2]
    assert text == "clicked 1"


def test_a_relayed_window_waits_for_a_process_that_does_not_answer_and_the_others_go_on(pair: tuple[Site, Site]):
    here, there = pair
    view = there.browser().open("/", window=2)
    lost(view.browser)
    adopt = there.app.parts.siblings._control._answers["adopt"]
    there.app.parts.siblings.on("adopt", lambda request, talk: {"error": "full"})

    with here.browser() as browser:
        own = browser.open("/")
        browser.raw.send(view.resume_frame())
        wait_until(lambda: here.stat("handovers.full"))
        texts = [own.click()]
        there.app.parts.siblings.on("adopt", adopt)
        view.browser = browser
        started = browser.hear_kind(1, 2)
        texts += [own.click(), view.click()]

    assert started[2] == view.id
    assert texts == ["clicked 1", "clicked 2", "clicked 1"]


def test_a_relayed_window_whose_view_is_nowhere_is_gone(pair: tuple[Site, Site]):
    here, there = pair
    view = there.browser().open("/", window=2)
    there.app.parts.siblings.leave()
    lost(view.browser)

    with here.browser() as browser:
        own = browser.open("/")
        answer = view.resume(browser)
        text = own.click()

    assert answer == [7, 2, 1]                     # its process has ended, too
    assert text == "clicked 1"


def test_a_second_window_joins_a_daemon_of_another_process(pair: tuple[Site, Site]):
    here, there = pair
    first = there.browser().open("/shared")

    with first.browser, here.browser() as browser:
        own, second = browser.open("/"), browser.open("/shared", window=2)
        texts = [second.click(), first.changed(), own.click()]

    assert second.id == first.id
    assert texts == ["clicked 1", "clicked 1", "clicked 1"]
    assert here.stat("relays") == 1


def test_a_relayed_window_may_ask_for_a_fresh_start(pair: tuple[Site, Site]):
    here, there = pair
    view = there.browser().open("/", window=2)
    lost(view.browser)

    with here.browser() as browser:
        browser.open("/")
        view.resume(browser)
        view.click()
        view.frame = 0
        started = view.resume(browser)
        snapshot = browser.hear_kind(2, 2)

    assert started[0] == 1
    assert "clicked 1" in snapshot[7]
    assert here.stat("relays") == 1


def test_relayed_windows_share_what_one_browser_may_send_and_nothing_is_lost(make: Make):
    limits = {"EVENT_BURST": 6, "EVENTS_PER_SECOND": 20.0}
    here, others = make(**limits), [make(**limits) for _ in range(3)]
    views = [site.browser().open("/", window=number) for number, site in enumerate(others, 1)]
    for view in views:
        lost(view.browser)
    kept: dict[int, list[bytes]] = {view.window: [] for view in views}

    with here.browser() as browser:
        browser.open("/", window=9)
        for view in views:
            view.resume(browser)
        for view in views:
            kept[view.window] = [view.click_frame() for _ in range(10)]
        browser.raw.send(b"".join(each for frames in kept.values() for each in frames))
        texts = {view.window: "" for view in views}
        with gevent.Timeout(30):
            while set(texts.values()) != {"clicked 10"}:
                message = browser.hear()                                # a page sends again what it is asked for
                if message[0] == 9:
                    browser.raw.send(b"".join(kept[message[1]][message[2]:]))
                elif message[0] == 3:
                    texts[message[1]] = message[4][-1][2]
                    browser.say(5, *message[1:3])

    assert here.stat("events.throttled") > 0
    assert sum(site.stat("events") for site in others) == 30


def test_a_relayed_window_that_sends_too_much_gets_no_more_than_a_window_here(make: Make):
    here, there = make(EVENT_BURST=6, EVENTS_PER_SECOND=0.001), make()
    views = [there.browser().open("/", window=number) for number in (1, 2)]
    for view in views:
        lost(view.browser)

    with here.browser() as browser:
        own = browser.open("/", window=9)
        for view in views:
            view.resume(browser)
            browser.raw.send(b"".join(view.click_frame() for _ in range(10)))
        browser.raw.send(own.click_frame())
        browser.say(3, 9)
        wait_until(lambda: here.stat("views") == 0)
        wait_until(lambda: there.stat("events") == 6)

    assert here.stat("events.throttled") == 3                           # each window once
    assert there.stat("events") == 6


def test_a_browser_that_asks_for_more_views_that_are_gone_than_it_may_send_events_is_sent_off(make: Make):
    here, _ = make(EVENT_BURST=5, EVENTS_PER_SECOND=0.001), make()

    with here.browser() as browser:
        for number in range(6):
            browser.say(2, 1, f"nobody{number:02}.x", "s", 0)
        answers = [browser.hear() for _ in range(5)]
        code = browser.close_code()

    assert answers == [[7, 1, 1]] * 5
    assert code == 4000
    assert here.stat("resumes.throttled") == 1


# What no process of ours would say.


@pytest.mark.parametrize("request_", [
    {}, {"view": 1}, {"view": ["x"]}, {"view": "x", "base": None}, {"view": "x", "envelope": None},
    {"view": "x", "envelope": []}, {"view": "x", "envelope": {}}, {"view": "x", "envelope": [[["A"]], "", "http", ""]},
])
def test_an_offer_of_wrong_shape_ends_the_exchange(make: Make, request_: dict[str, Any]):
    site = make()

    with offer(site, **request_) as talk, suppress(Exception):
        talk.receive()

    wait_until(lambda: site.stat("siblings.refused") == 1)
    assert site.stat("siblings.failed") == 0


@pytest.mark.parametrize("change", [{"view": "unknown"}, {"protocol": VERSION + 1}, {"protocol": None}])
def test_an_offer_of_what_is_not_here_is_answered_so(make: Make, change: dict[str, Any]):
    site = make()
    view = site.browser().open("/")

    with offer(site, **{"view": view.id, **change}) as talk:
        answer = talk.receive()

    assert answer == {"error": "gone"}
    lost(view.browser)


@pytest.mark.parametrize("parcel", [
    {}, {"unread": 0}, {"unread": -1, "unsent": 0}, {"unread": True, "unsent": 0}, {"unread": 10**9, "unsent": 0},
    {"unread": 0, "unsent": 10**9}, {"unread": "1", "unsent": 0}, {"unread": 0, "unsent": 0},
])
def test_a_parcel_of_wrong_shape_or_without_a_socket_ends_the_exchange(make: Make, parcel: dict[str, Any]):
    site = make()
    view = site.browser().open("/")

    with offer(site, view=view.id) as talk:
        assert talk.receive() == {"ok": True}
        talk.send(parcel)
        wait_until(lambda: site.stat("siblings.refused") == 1)

    assert site.stat("siblings.failed") == 0
    assert site.stat("handovers.adopted") == 0
    assert view.click() == "clicked 1"
    lost(view.browser)


@pytest.mark.parametrize("kind", ["a file", "a listening socket", "a datagram socket", "two sockets"])
def test_a_descriptor_that_is_no_connection_ends_the_exchange_and_is_closed(make: Make, kind: str):
    site = make()
    view = site.browser().open("/")
    sockets = [socket.socket() for _ in range(2)]
    sockets[0].bind(("127.0.0.1", 0))
    sockets[0].listen()
    datagram = socket.socket(type=socket.SOCK_DGRAM)
    file = os.open("/dev/null", os.O_RDONLY)
    descriptors = {
        "a file": [file], "a listening socket": [sockets[0].fileno()], "a datagram socket": [datagram.fileno()],
        "two sockets": [each.fileno() for each in sockets],
    }[kind]
    before = len(os.listdir("/proc/self/fd"))

    with offer(site, view=view.id) as talk:
        assert talk.receive() == {"ok": True}
        talk.send({"unread": 0, "unsent": 0}, b"", descriptors)
        wait_until(lambda: site.stat("siblings.refused") == 1)
    wait_until(lambda: len(os.listdir("/proc/self/fd")) == before)

    assert site.stat("siblings.failed") == 0
    for each in (*sockets, datagram):
        each.close()
    os.close(file)
    lost(view.browser)


def test_a_giver_that_thinks_better_of_it_changes_nothing(make: Make):
    site = make()
    view = site.browser().open("/")

    with offer(site, view=view.id) as talk:
        talk.receive()
    wait_until(lambda: site.stat("siblings.refused") == 1)

    assert view.click() == "clicked 1"
    lost(view.browser)


def test_an_owner_that_dies_before_it_has_the_socket_loses_nothing_but_the_connection(pair: tuple[Site, Site]):
    here, there = pair
    view = there.browser().open("/")
    lost(view.browser)
    adopt = there.app.parts.siblings._control._answers["adopt"]

    def die(request: dict[str, Any], talk: Talk) -> None:
        talk.send({"ok": True})
        talk.close()

    there.app.parts.siblings.on("adopt", die)
    with here.browser() as browser:
        browser.raw.send(view.resume_frame())
        code = browser.close_code()
    there.app.parts.siblings.on("adopt", adopt)
    with here.browser() as browser:
        answer = view.resume(browser)
        text = view.click()

    assert code is None
    assert answer[0] == 1
    assert text == "clicked 1"


# What the giver is left with.


def test_a_socket_that_was_taken_from_its_server_has_ended_there_and_lives_elsewhere():
    ours, theirs = tcp_pair()

    taken = part(ours)
    read = ours.recv(100)
    with pytest.raises(OSError):
        ours.sendall(b"eaten")
    with suppress(OSError):
        ours.shutdown(socket.SHUT_RDWR)
    ours.close()
    theirs.sendall(b"hello")

    assert read == b""
    assert taken.recv(100) == b"hello"
    for each in (taken, theirs):
        each.close()


@pytest.mark.parametrize("leave", [part, lambda ours: unwatch(ours.fileno())])
def test_a_number_that_stands_for_another_connection_wakes_nobody(leave: Callable[[socket.socket], socket.socket | None]):
    ours, theirs = tcp_pair()
    kept = socket.socket(fileno=os.dup(ours.fileno()))
    waiting = gevent.spawn(ours.recv, 100)
    gevent.sleep(0)
    theirs.sendall(b"hello")
    assert waiting.get(timeout=5) == b"hello"
    loop = gevent.get_hub().loop

    taken = leave(ours)
    theirs.sendall(b"for somebody else")
    ready = [number for number, _ in _ready(loop.fileno())]

    assert ours.fileno() not in ready
    for each in (kept, theirs, ours, *([taken] if taken else [])):
        each.close()


def _ready(number: int) -> list[tuple[int, int]]:
    """What the event loop would be told now."""
    with monkey.get_original("select", "epoll").fromfd(os.dup(number)) as events:
        found: list[tuple[int, int]] = events.poll(0)
        return found


def test_handing_over_leaves_no_file_open(pair: tuple[Site, Site]):
    here, there = pair
    view = there.browser().open("/")
    lost(view.browser)
    counts = []

    for _ in range(10):
        with here.browser() as browser:
            view.resume(browser)
            view.click()
        wait_until(lambda: there.stat("connections") + here.stat("connections") == 0)
        wait_until(lambda: there.app.parts.socket._sockets == 0)
        counts.append(len(os.listdir("/proc/self/fd")))

    assert json.dumps(counts[2:]) == json.dumps([counts[2]] * 8)


def test_a_process_that_ends_says_so_to_browsers_that_it_has_from_others(pair: tuple[Site, Site]):
    here, there = pair
    view = there.browser().open("/")
    lost(view.browser)

    with here.browser() as browser:
        view.resume(browser)
        stopping = gevent.spawn(there.app.stop)
        code = browser.close_code()
    stopping.get(timeout=10)

    assert code == 1012
    assert there.app.parts.socket._sockets == 0


def test_a_connection_that_arrives_when_its_process_ends_is_sent_off_at_once(make: Make):
    site = make()
    view = site.browser().open("/")
    lost(view.browser)
    ours, theirs = tcp_pair()

    with offer(site, view=view.id) as talk:
        assert talk.receive() == {"ok": True}
        site.app.parts.socket.close_all()
        unread = frame(TEXT, json.dumps([2, 1, view.id, view.secret, view.frame]).encode())
        talk.send({"unread": len(unread), "unsent": 0}, unread, [ours.fileno()])
        ours.close()
        opcode, payload = RawClient(theirs).receive()

    assert (opcode, int.from_bytes(payload[:2], "big")) == (CLOSE, 1012)
    theirs.close()
