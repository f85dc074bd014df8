"""The files of a project: which are watched, and which changes are seen."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lona_sync.cli import project
from lona_sync.cli.project import Project


@pytest.mark.parametrize(("name", "ending"), [
    ("shop.py", ".py"), ("deep/er/shop.py", ".py"), ("static/shop.css", ".css"), ("templates/shop.HTML", ".html"),
    ("shop.js", ".js"), ("a/b.svg", ".svg"),
])
def test_a_file_that_comes_changes_or_goes_is_seen_once(folder: Path, name: str, ending: str):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    watched = Project([folder])
    seen = []

    path.write_text("1")
    seen.append(watched.changed())
    path.write_text("22")
    seen.append(watched.changed())
    path.unlink()
    seen.append(watched.changed())

    assert seen == [{ending}] * 3
    assert watched.changed() == set()


@pytest.mark.parametrize("name", [
    "shop.db", "shop.log", "data.json", "shop.pyc", ".hidden.py", ".git/x.py", ".venv/x.py", "node_modules/x.js",
    "__pycache__/x.py", "env/lib/x.py", ".shop.py.swp", "4913",
])
def test_other_files_are_not(folder: Path, name: str):
    (folder / "env").mkdir()
    (folder / "env" / "pyvenv.cfg").touch()
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    watched = Project([folder])

    path.write_text("1")

    assert watched.changed() == set()


def test_a_file_that_an_editor_puts_in_the_place_of_another_is_seen(folder: Path):
    (folder / "shop.py").write_text("1")
    before = os.stat(folder / "shop.py")
    watched = Project([folder])

    (folder / "other").write_text("2")
    os.utime(folder / "other", ns=(before.st_atime_ns, before.st_mtime_ns))
    (folder / "other").rename(folder / "shop.py")

    assert watched.changed() == {".py"}


def test_what_is_added_later_is_not_a_change_but_is_watched(folder: Path):
    (folder / "one").mkdir()
    (folder / "two").mkdir()
    (folder / "three.py").write_text("")
    (folder / "two" / "x.css").write_text("")
    watched = Project([folder / "one"])
    (folder / "one" / "y.js").write_text("")

    watched.add([str(folder / "two"), str(folder / "nowhere")], [str(folder / "three.py")])
    first = watched.changed()
    (folder / "two" / "x.css").write_text("p {}")
    (folder / "three.py").write_text("1")

    assert first == {".js"}, "which had changed before, and was not told yet"
    assert watched.changed() == {".css", ".py"}


def test_a_folder_that_vanishes_is_a_change_and_no_error(folder: Path):
    (folder / "one").mkdir()
    (folder / "one" / "x.py").write_text("")
    watched = Project([folder / "one"])

    (folder / "one" / "x.py").unlink()
    (folder / "one").rmdir()

    assert watched.changed() == {".py"}


def test_a_link_in_a_circle_ends(folder: Path):
    (folder / "x.py").write_text("")
    (folder / "loop").symlink_to(folder)

    assert Project([folder]).changed() == set()


def test_too_many_files_are_told_once(folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture):
    monkeypatch.setattr(project, "LIMIT", 3)
    for number in range(5):
        (folder / f"{number}.py").touch()

    watched = Project([folder])
    watched.changed()

    [record] = caplog.records
    assert "hold more than 3 files" in record.getMessage()
