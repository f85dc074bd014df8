"""Processes that find and ask each other. Most tests have two of them in this process; what the kernel does needs a real one."""

from __future__ import annotations

import errno
import os
import shutil
import socket as sockets
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import gevent
import pytest
from gevent import socket
from gevent.event import Event

from lona_sync.siblings import Answer, Directory, Gone, Refused, Siblings, Silent, Talk
from lona_sync.siblings.talk import Away, call
from tests.cluster.processes import process, wait_until

Make = Callable[[], Siblings]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "user" / "application"


@pytest.fixture
def never() -> Iterator[Answer]:
    """Answers when the test is over."""
    over = Event()
    yield lambda request, talk: {"waited": over.wait(60)}
    over.set()


@pytest.fixture
def make(folder: Path) -> Iterator[Make]:
    """Makes one that is enlisted."""
    made: list[Siblings] = []

    def make(timeout: float = 5.0) -> Siblings:
        made.append(Siblings(Directory(folder), timeout=timeout, counters=Counter()))
        made[-1].enlist()
        assert made[-1].enlisted
        return made[-1]

    yield make
    for each in made:
        each.leave()


def raw(folder: Path, siblings: Siblings) -> socket.socket:
    """A connection to it, to say what no sibling would."""
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(10)
    sock.connect(str(folder / siblings.tag))
    return sock


def test_one_asks_another(make: Make):
    here, there = make(), make()
    there.on("add", lambda request, talk: {"sum": request["a"] + request["b"]})

    answer = here.ask(there.tag, "add", a=1, b=2)

    assert answer == {"sum": 3}


def test_everybody_else_is_asked_at_once(make: Make):
    here, *others = (make() for _ in range(4))
    waiting = Event()
    arrived: list[str] = []

    def answer_of(each: Siblings) -> Answer:
        def answer(request: dict[str, object], talk: Talk) -> dict[str, object]:
            arrived.append(each.tag)
            if len(arrived) == len(others):
                waiting.set()
            assert waiting.wait(5), "they are asked one after another"
            return {"tag": each.tag}
        return answer

    for each in others:
        each.on("who", answer_of(each))

    answers = here.ask_all("who")

    assert answers == {each.tag: {"tag": each.tag} for each in others}


def test_the_answers_of_all_tell_who_did_not(make: Make, never: Answer):
    here, good, deaf, dead = make(0.2), make(), make(), make()
    good.on("who", lambda request, talk: {"ok": True})
    deaf.on("who", never)
    dead.leave()

    answers = here.ask_all("who")

    assert set(answers) == {good.tag, deaf.tag}
    assert answers[good.tag] == {"ok": True}
    assert isinstance(answers[deaf.tag], Silent)


def test_the_id_of_a_view_names_its_process(make: Make):
    here, there = make(), make()

    view = there.view_id()

    assert here.owner_of(view) == there.tag
    assert there.owner_of(view) is None


@pytest.mark.parametrize("view", ["", ".", "abc.def", "../../../etc.x", "aaaaaaaa", "aaaa/aaa.x", "aaaaaaaaa.x", "äaaaaaaa.x"])
def test_an_id_that_no_process_gave_out_names_nobody(make: Make, view: str):
    assert make().owner_of(view) is None


def test_who_is_not_enlisted_knows_of_nobody(folder: Path, make: Make):
    there = make()
    alone = Siblings(Directory(folder), timeout=1, counters=Counter())

    assert alone.owner_of(there.view_id()) is None
    assert alone.holder("key") is None
    assert alone.claim("key", alone.view_id())
    assert there.holder("key") is None


def test_who_has_left_is_gone_at_once(make: Make, folder: Path):
    here, there = make(), make()
    there.leave()

    with pytest.raises(Gone):
        here.ask(there.tag, "about")
    assert os.listdir(folder) == [here.tag]


def test_who_was_killed_is_gone_at_once_and_so_is_what_it_has_left(make: Make, folder: Path, tmp_path: Path):
    here = make()
    program = tmp_path / "program.py"
    program.write_text(f"""if True:
        import collections, gevent, pathlib
        from lona_sync.siblings import Directory, Siblings
        siblings = Siblings(Directory(pathlib.Path({str(folder)!r})), timeout=5, counters=collections.Counter())
        siblings.enlist()
        siblings.claim("key", siblings.view_id())
        gevent.sleep(60)
    """)

    with process(tmp_path, str(program)):
        view = wait_until(lambda: here.holder("key"))
        owner = here.owner_of(view)
        assert owner is not None
        about = here.ask(owner, "about")
    left_behind = sorted(os.listdir(folder))
    with pytest.raises(Gone):
        here.ask(owner, "about")

    assert about["tag"] == owner
    assert len(left_behind) == 3
    wait_until(lambda: os.listdir(folder) == [here.tag])


def test_a_claim_of_a_dead_process_goes_to_the_next_one(make: Make, folder: Path):
    here = make()
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(str(folder / "deaddead"))
    dead.close()                                    # its name stays
    Directory(folder).claim("key", "deaddead.x")

    claimed = here.claim("key", here.view_id())

    assert claimed
    assert os.listdir(folder).count("deaddead") == 0


def test_who_asks_for_a_process_that_never_was_makes_nobody_look_at_claims(make: Make, monkeypatch: pytest.MonkeyPatch):
    here, there = make(), make()
    gevent.sleep(0.01)                              # the looks at the beginning are over
    assert there.claim("key", there.view_id())
    looks: list[str] = []
    monkeypatch.setattr(Directory, "disclaim_dead", lambda self: looks.append("looked") or [])

    for number in range(20):
        with pytest.raises(Gone):
            here.ask(f"nobody{number:02}", "about")
    gevent.sleep(0.01)

    assert looks == []
    assert here.holder("key") is not None


def test_the_claims_of_one_who_died_are_looked_for_once_and_others_run_meanwhile(make: Make, folder: Path):
    here = make()
    gevent.sleep(0.01)
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(str(folder / "deaddead"))
    dead.close()
    for number in range(1000):
        Directory(folder).claim(str(number), "deaddead.x")

    with pytest.raises(Gone):
        here.ask("deaddead", "about")
    at_once = len(os.listdir(folder))
    gevent.sleep(0)
    in_between = len(os.listdir(folder))
    wait_until(lambda: os.listdir(folder) == [here.tag])

    assert at_once == 1001
    assert in_between > 1


def test_a_process_that_begins_gives_up_what_one_who_died_over_it_has_left(make: Make, folder: Path):
    make()
    Directory(folder).claim("key", "deaddead.x")

    make()

    wait_until(lambda: Directory(folder).holder("key") is None)


def test_a_claim_of_a_process_whose_socket_was_removed_already_goes_to_the_next_one(make: Make, folder: Path):
    here, there = make(), make()
    gevent.sleep(0.01)
    Directory(folder).claim("key", "deaddead.x")

    claimed = here.claim("key", here.view_id())

    assert claimed
    assert there.holder("key") is not None


def test_a_claim_of_a_living_process_stays(make: Make):
    here, there = make(), make()

    first = there.claim("key", there.view_id())
    second = here.claim("key", here.view_id())

    assert (first, second) == (True, False)
    assert here.owner_of(here.holder("key") or "") == there.tag
    assert there.holder("key") is None              # it is its own: nobody to be asked


def test_who_does_not_answer_in_time_is_silent_and_others_go_on(make: Make, never: Answer):
    here, there = make(0.2), make()
    there.on("sleep", never)
    steps = []
    ticking = gevent.spawn(lambda: [steps.append(gevent.sleep(0.01)) for _ in range(1000)])

    with pytest.raises(Silent):
        here.ask(there.tag, "sleep")
    ticking.kill()

    assert steps


def test_who_accepts_nobody_is_silent_and_not_gone(make: Make, folder: Path):
    here = make(0.2)
    full = sockets.socket(sockets.AF_UNIX)
    full.bind(str(folder / "fullfull"))
    full.listen(0)
    waiting = []
    for _ in range(2):                              # the kernel lets one more in than it was told
        waiting.append(sockets.socket(sockets.AF_UNIX))
        waiting[-1].setblocking(False)
        waiting[-1].connect_ex(str(folder / "fullfull"))

    with pytest.raises(Silent):
        here.ask("fullfull", "about")
    claimed = Directory(folder).claim("key", "fullfull.x") and here.claim("key", here.view_id())

    assert not claimed                              # it lives
    for each in (full, *waiting):
        each.close()


def test_a_kind_that_is_unknown_there_is_refused(make: Make):
    here, there = make(), make()

    with pytest.raises(Refused, match="kind"):
        here.ask(there.tag, "no such kind")


def test_an_answer_that_fails_ends_the_exchange_and_is_logged(make: Make, caplog: pytest.LogCaptureFixture):
    here, there = make(), make()

    def fail(request: dict[str, object], talk: Talk) -> None:
        raise ZeroDivisionError

    there.on("fail", fail)

    with pytest.raises(Away):
        here.ask(there.tag, "fail")
    assert "could not answer a request of the kind 'fail'" in caplog.text


@pytest.mark.parametrize("said", [
    b"", b"\n", b"[]\n", b"no json\n", b'{"kind": 7}\n', b'{"kind": null}\n', b"\xff\xfe\n", b"{" * 100_000 + b"\n",
    b"x" * 2_000_000,
], ids=lambda said: ascii(said[:12]))
def test_nonsense_ends_the_exchange_and_nothing_else(make: Make, folder: Path, said: bytes):
    here, there = make(), make()

    with raw(folder, there) as sock:
        try:
            sock.sendall(said)
            sock.shutdown(socket.SHUT_WR)
            while sock.recv(65_536):
                pass
        except (BrokenPipeError, ConnectionResetError):     # it had seen enough
            pass
    about = here.ask(there.tag, "about")

    assert about["tag"] == there.tag
    wait_until(lambda: there._counters["siblings.refused"] == 1)
    assert there._counters["siblings.failed"] == 0


def test_a_process_of_another_user_is_not_listened_to(make: Make, folder: Path, monkeypatch: pytest.MonkeyPatch):
    there = make()
    monkeypatch.setattr(Talk, "peer", lambda self: (1, os.geteuid() + 1))

    with raw(folder, there) as sock:
        ended = sock.recv(100)                      # it has not waited for a request

    assert ended == b""
    assert there._counters["siblings.refused"] == 1


def test_a_process_of_another_user_is_not_asked(make: Make, monkeypatch: pytest.MonkeyPatch):
    here, there = make(), make()
    monkeypatch.setattr(Talk, "peer", lambda self: (1, os.geteuid() + 1))

    with pytest.raises(Gone):
        here.open(there.tag, "about")


def test_the_kernel_tells_who_is_at_the_other_end(make: Make):
    here, there = make(), make()
    there.on("peer", lambda request, talk: {"peer": talk.peer()})

    answer = here.ask(there.tag, "peer")

    assert answer == {"peer": [os.getpid(), os.geteuid()]}


def test_descriptors_and_bytes_travel_with_a_line(make: Make):
    here, there = make(), make()
    inner, outer = socket.socketpair()

    def take(request: dict[str, int], talk: Talk) -> dict[str, object]:
        data = talk.take(request["size"])
        with socket.socket(fileno=talk.descriptors.pop()) as sock:
            sock.sendall(data[:3])
        return {"left": len(talk.descriptors)}

    there.on("take", take)
    talk = call(here._directory.socket_path(there.tag), 5)
    talk.send({"kind": "take", "size": 1_000_000}, b"x" * 1_000_000, [inner.fileno()])
    answer = talk.receive()
    talk.close()
    inner.close()

    assert outer.recv(10) == b"xxx"
    assert outer.recv(10) == b""                    # nobody has kept it
    assert answer == {"left": 0}
    outer.close()


def test_more_descriptors_than_a_kind_could_want_are_closed(make: Make, folder: Path):
    there = make()
    inner, outer = socket.socketpair()
    before = len(os.listdir("/proc/self/fd"))

    with raw(folder, there) as sock:
        sockets.send_fds(sock, [b'{"kind":"about"}\n'], [inner.fileno()] * 20)
        with suppress(ConnectionResetError):
            assert sock.recv(100) == b""
    wait_until(lambda: len(os.listdir("/proc/self/fd")) == before)

    assert there._counters["siblings.refused"] == 1
    inner.close()
    outer.close()


def test_a_child_does_not_keep_the_socket_of_its_parent_open(make: Make, folder: Path, tmp_path: Path):
    here = make()
    program = tmp_path / "program.py"
    program.write_text(f"""if True:
        import collections, gevent, os, pathlib
        from lona_sync.siblings import Directory, Siblings
        siblings = Siblings(Directory(pathlib.Path({str(folder)!r})), timeout=5, counters=collections.Counter())
        siblings.enlist()
        if gevent.os.fork() == 0:
            siblings.claim("child", "not enlisted here")
            print("child has forgotten", flush=True)
            gevent.sleep(60)
        gevent.get_hub().loop.run_callback(lambda: None)
        gevent.sleep(1)
        os._exit(0)
    """)

    with process(tmp_path, str(program)) as parent:
        tag = wait_until(lambda: next((tag for tag in Directory(folder).tags() if tag != here.tag), None))
        wait_until(lambda: "child has forgotten" in parent.output)
        parent.wait()
        with pytest.raises(Gone):
            here.ask(tag, "about")

    assert Directory(folder).holder("child") is None


def test_a_folder_that_cannot_be_used_is_an_error_in_the_log_and_no_more(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    parent = tmp_path / "user"
    parent.mkdir()
    parent.chmod(0o777)
    siblings = Siblings(Directory(parent / "application"), timeout=5, counters=Counter())

    siblings.enlist()

    assert not siblings.enlisted
    assert "cannot find each other" in caplog.text
    assert "must belong to user" in caplog.text


def test_a_folder_that_vanishes_is_made_anew_and_all_that_was_claimed_is_claimed(make: Make, folder: Path):
    here, there = make(), make()
    there.claim("old", there.view_id())
    shutil.rmtree(folder.parent)

    claimed = here.claim("new", here.view_id())
    mine = there.holder("new")
    wait_until(lambda: set(os.listdir(folder)) == {here.tag, there.tag, "daemon-old", "daemon-new"})

    assert claimed
    assert mine is not None
    assert here.owner_of(here.holder("old") or "") == there.tag
    assert here.ask(there.tag, "about")["tag"] == there.tag
    assert (here._counters["siblings.mended"], there._counters["siblings.mended"]) == (1, 1)
    assert (here._counters["siblings.unusable"], there._counters["siblings.unusable"]) == (0, 0)


def test_who_has_not_noticed_that_the_folder_vanished_is_not_said_to_be_gone(make: Make, folder: Path):
    here, there = make(), make()
    there.claim("key", there.view_id())
    view = there._claimed["key"]
    shutil.rmtree(folder)

    with pytest.raises(Away):                       # there is no folder
        here.ask(there.tag, "about")
    with pytest.raises(Away):                       # there is one, and only `here` in it
        here.ask(there.tag, "about")
    Directory(folder).claim("key", view)
    taken = here.claim("key", here.view_id())
    there._mend()
    about = here.ask(there.tag, "about")

    assert not taken
    assert about["tag"] == there.tag


def test_a_folder_that_cannot_be_made_anew_is_said_once_and_each_process_goes_on_alone(
    make: Make, folder: Path, caplog: pytest.LogCaptureFixture,
):
    here = make()
    shutil.rmtree(folder)
    folder.write_text("")                           # what nobody can make a folder of

    claims = [here.claim(key, here.view_id()) for key in ("one", "two")]
    here.disclaim("one", here._claimed["one"])
    asked = here.ask_all("about")
    with pytest.raises(Away):
        here.ask("nobodyxx", "about")
    errors = [record for record in caplog.records if "cannot find each other" in record.message]
    folder.unlink()
    here._mend()

    assert claims == [True, True]
    assert asked == {}
    assert len(errors) == 1
    assert here._counters["siblings.unusable"] > 1
    assert sorted(os.listdir(folder)) == sorted([here.tag, "daemon-two"])


def test_who_may_open_no_more_files_does_not_take_others_for_dead(make: Make, monkeypatch: pytest.MonkeyPatch):
    here, there = make(), make()
    there.claim("key", there.view_id())

    def full(*arguments: object) -> None:
        raise OSError(errno.EMFILE, "too many open files")

    monkeypatch.setattr("lona_sync.siblings.talk.socket.socket", full)
    with pytest.raises(Away):
        here.ask(there.tag, "about")
    claimed = here.claim("key", here.view_id())
    monkeypatch.undo()

    assert not claimed
    assert here.ask(there.tag, "about")["tag"] == there.tag


def test_asking_leaves_no_file_open(make: Make):
    here, there = make(), make()
    here.ask(there.tag, "about")
    before = len(os.listdir("/proc/self/fd"))

    for _ in range(50):
        here.ask(there.tag, "about")
        with pytest.raises(Refused):
            here.ask(there.tag, "no such kind")
        with pytest.raises(Gone):
            here.ask("nobodyxx", "about")

    wait_until(lambda: len(os.listdir("/proc/self/fd")) == before)
