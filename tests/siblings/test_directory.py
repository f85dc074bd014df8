"""The folder in which processes find each other: who may use it, what is left over, who holds a claim."""

from __future__ import annotations

import fcntl
import os
import re
from pathlib import Path

import pytest

from lona_sync.siblings import Directory, Unusable, directory_of


@pytest.fixture
def directory(tmp_path: Path) -> Directory:
    made = Directory(tmp_path / "user" / "application")
    made.make()
    return made


def test_each_application_has_a_folder_of_its_own_in_one_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    one, again, other = (directory_of(Path(path)) for path in ("/srv/a.py", "/srv/a.py", "/srv/b.py"))

    assert one.path == again.path != other.path
    assert one.path.parent == other.path.parent == tmp_path / f"lona_sync-{os.geteuid()}"


def test_nobody_else_may_read_it(directory: Directory):
    modes = [path.stat().st_mode & 0o777 for path in (directory.path, directory.path.parent)]

    assert modes == [0o700, 0o700]


@pytest.mark.parametrize("mode", [0o750, 0o701, 0o777], ids=oct)
def test_a_folder_that_others_can_enter_is_refused(directory: Directory, mode: int):
    directory.path.chmod(mode)

    with pytest.raises(Unusable, match=rf"must belong to user {os.geteuid()}, with mode 700 at most"):
        directory.make()


@pytest.mark.parametrize("mode", [0o770, 0o702, 0o1777], ids=oct)
def test_a_folder_above_it_in_which_others_can_write_is_refused(directory: Directory, mode: int):
    directory.path.parent.chmod(mode)

    with pytest.raises(Unusable, match=rf"must belong to user {os.geteuid()}, with mode 755 at most"):
        directory.make()


def test_others_may_see_that_there_is_one(directory: Directory):
    directory.path.parent.chmod(0o755)

    directory.make()

    assert directory.path.stat().st_mode & 0o777 == 0o700


def test_a_folder_of_somebody_else_is_refused(directory: Directory, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("os.geteuid", lambda: 4711)

    with pytest.raises(Unusable, match=r"must belong to user 4711"):
        directory.make()


def test_a_link_in_its_place_is_refused(directory: Directory, tmp_path: Path):
    link = tmp_path / "link"
    link.symlink_to(directory.path)

    with pytest.raises(Unusable, match="no link to one"):
        Directory(link).make()


def test_a_file_in_its_place_is_refused(tmp_path: Path):
    (tmp_path / "user").mkdir(mode=0o700)
    (tmp_path / "user" / "application").write_text("")

    with pytest.raises(Unusable, match="set RUNTIME_DIRECTORY"):
        Directory(tmp_path / "user" / "application").make()


def test_a_path_in_which_no_socket_could_be_bound_is_refused(tmp_path: Path):
    with pytest.raises(Unusable, match="too long"):
        Directory(tmp_path / ("x" * 100)).make()


def test_what_processes_left_unfinished_is_removed_when_it_is_old(directory: Directory):
    old, new = directory.unfinished_path("aaaaaaaa"), directory.unfinished_path("bbbbbbbb")
    Path(old).touch()
    Path(new).touch()
    os.utime(old, (0, 0))

    directory.make()

    assert os.listdir(directory.path) == [".bbbbbbbb"]


def test_only_sockets_with_a_name_are_listed(directory: Directory):
    for name in ("aaaaaaaa", "bbbbbbb_", ".cccccccc", "short", "much-too-long"):
        (directory.path / name).touch()
    directory.claim("key", "aaaaaaaa.x")

    assert directory.tags() == ["aaaaaaaa", "bbbbbbb_"]


def test_a_claim_is_held_by_the_first_one(directory: Directory):
    first, second = directory.claim("key", "aaaaaaaa.1"), directory.claim("key", "bbbbbbbb.2")

    assert (first, second) == (True, False)
    assert directory.holder("key") == "aaaaaaaa.1"
    assert directory.holder("other") is None


def test_a_claim_is_given_up_by_its_holder_only(directory: Directory):
    directory.claim("key", "aaaaaaaa.1")

    directory.disclaim("key", "bbbbbbbb.2")
    kept = directory.holder("key")
    directory.disclaim("key", "aaaaaaaa.1")

    assert kept == "aaaaaaaa.1"
    assert directory.holder("key") is None
    assert os.listdir(directory.path) == []


def test_a_claim_that_is_made_anew_while_an_old_one_is_given_up_stays(directory: Directory, monkeypatch: pytest.MonkeyPatch):
    directory.claim("key", "bbbbbbbb.2")
    looks = iter(["aaaaaaaa.1"])                # what the first look still saw

    monkeypatch.setattr(directory, "holder", lambda key: next(looks))
    directory.disclaim("key", "aaaaaaaa.1")
    monkeypatch.undo()

    assert directory.holder("key") == "bbbbbbbb.2"
    assert len(os.listdir(directory.path)) == 1


def test_all_claims_of_dead_processes_are_given_up(directory: Directory):
    for key, owner in (("one", "aaaaaaaa.1"), ("two", "bbbbbbbb.1"), ("three", "aaaaaaaa.2"), ("four", "cccccccc.1")):
        directory.claim(key, owner)
    (directory.path / "bbbbbbbb").touch()

    for _ in directory.disclaim_dead():
        pass

    assert [directory.holder(key) for key in ("one", "two", "three", "four")] == [None, "bbbbbbbb.1", None, None]


def test_the_claims_of_dead_processes_are_given_up_a_few_at_a_time(directory: Directory):
    for number in range(200):
        directory.claim(str(number), "aaaaaaaa.1")

    left = [len(os.listdir(directory.path)) for _ in directory.disclaim_dead()]

    assert left == [150, 100, 50, 0]


def test_where_no_folder_is_there_is_nobody_and_nothing_to_give_up(tmp_path: Path):
    directory = Directory(tmp_path / "nowhere")

    directory.disclaim("key", "aaaaaaaa.1")
    removed = directory.remove("aaaaaaaa")

    assert not removed
    assert directory.tags() == list(directory.disclaim_dead()) == []
    assert directory.holder("key") is None


def test_a_cleaner_of_temporary_files_sees_that_the_folder_is_in_use(directory: Directory):
    number = os.open(directory.path, os.O_RDONLY)

    with pytest.raises(BlockingIOError):
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    directory.leave()
    fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)

    os.close(number)


def test_the_name_of_an_application_s_folder_is_short_whatever_its_path():
    name = directory_of(Path("/x" * 1000)).path.name

    assert re.fullmatch(r"[0-9a-f]{12}", name)
