"""All static files in one folder, for a proxy."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from lona_sync import App, View
from lona_sync.server.static.collect import CannotCollect
from lona_sync.static_files import Script, StyleSheet


@pytest.fixture
def app(tmp_path: Path) -> App:
    """An application with two folders, of which the first one counts, and files that classes declare."""
    for folder, name, text in [("first", "a.css", "first"), ("second", "a.css", "second"), ("second", "css/b.css", "b")]:
        path = tmp_path / "project" / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "project" / "first" / ".hidden").write_text("x")

    class Declaring(View):
        STATIC_FILES = (
            StyleSheet("mine", Path(__file__).name, url="mine.css"), Script("module", Path(__file__).name, url="m.js", module=True),
        )

    app = App(tmp_path / "project" / "script.py")
    app.settings.update({"SECRET_KEY": "k" * 32, "STATIC_DIRS": ["first", "second"]})
    app.route("/")(Declaring)
    return app


@pytest.fixture
def destination(tmp_path: Path) -> Path:
    folder = tmp_path / "www"
    folder.mkdir()
    return folder


def silently(line: str) -> None:
    pass


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_each_file_is_written_under_both_of_its_names(app: App, destination: Path):
    manifest = app.collect_static(destination, say=silently)

    assert set(manifest) == {"a.css", "css/b.css", "mine.css", "m.js", "lona/style.css", "favicon.ico"}
    assert names(destination) == {*manifest, *manifest.values(), "manifest.json"}
    assert (destination / "a.css").read_text() == (destination / manifest["a.css"]).read_text() == "first"


def test_the_manifest_says_what_pages_call_each_file(app: App, destination: Path):
    app.collect_static(destination, say=silently)

    manifest = json.loads((destination / "manifest.json").read_text())

    assert app.parts.static.url("css/b.css", "") == f"/static/{manifest['css/b.css']}"


def test_a_second_run_keeps_what_pages_of_the_first_one_need(app: App, destination: Path):
    before = app.collect_static(destination, say=silently)
    (app.project_root / "first" / "a.css").write_text("another")

    after = app.collect_static(destination, say=silently)

    assert before["a.css"] != after["a.css"]
    assert (destination / before["a.css"]).read_text() == "first"
    assert (destination / "a.css").read_text() == (destination / after["a.css"]).read_text() == "another"


def test_clean_empties_the_folder_first(app: App, destination: Path, tmp_path: Path):
    (destination / "old").mkdir()
    (destination / "old" / "x.css").write_text("x")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "keep").write_text("x")
    (destination / "link").symlink_to(tmp_path / "elsewhere")

    app.collect_static(destination, clean=True, say=silently)

    assert not (destination / "old").exists() and not (destination / "link").is_symlink()
    assert (tmp_path / "elsewhere" / "keep").exists()


def test_a_dry_run_only_talks(app: App, destination: Path):
    (destination / "old.css").write_text("x")
    lines: list[str] = []

    app.collect_static(destination, clean=True, dry_run=True, say=lines.append)

    assert names(destination) == {"old.css"}
    assert f"delete {destination}/old.css" in lines
    assert any(line.endswith(f"→ {destination}/a.css") for line in lines)


@pytest.mark.parametrize("place", ["nowhere", "file"])
def test_the_destination_is_a_folder(app: App, tmp_path: Path, place: str):
    (tmp_path / "file").write_text("")

    with pytest.raises(CannotCollect, match="is no folder"):
        app.collect_static(tmp_path / place, say=silently)


@pytest.mark.parametrize("place", [".", "project", "project/first", "/"])
def test_clean_does_not_delete_the_project(app: App, tmp_path: Path, place: str):
    with pytest.raises(CannotCollect, match="so it is not emptied"):
        app.collect_static(tmp_path / place, clean=True, say=silently)

    assert (app.project_root / "first" / "a.css").exists()


def test_a_proxy_of_another_user_can_read_them(app: App, destination: Path):
    os.chmod(app.project_root / "first" / "a.css", 0o600)

    app.collect_static(destination, say=silently)

    modes = {stat.S_IMODE((destination / name).stat().st_mode) for name in names(destination)}
    assert modes == {0o644}
