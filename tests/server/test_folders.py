"""Files by name below declared folders: whatever the name is, what is found lies in one of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lona_sync.server.static.folders import Folders, Own

PARTS = [
    "..", ".", "", "a.css", "css", "link", "up", "out", "secret", "folder", "~", "%2e%2e", "..\\", "\\", "\0", "a.css\0", " ",
    "....", ".env", ".well-known", "ü", "\udcff", "a" * 300, "\n", "/", "con", "*", "?", "a.css ", "a.css.", "etc", "hostname",
    "proc", "self", "environ",
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A declared folder with files, folders and links of all kinds, and a secret beside it."""
    place = tmp_path_factory.mktemp("place")
    folder = place / "folder"
    (folder / "css").mkdir(parents=True)
    (folder / ".well-known").mkdir()
    for name in ("folder/a.css", "folder/css/a.css", "folder/.env", "folder/.well-known/a.css", "secret", "a.css"):
        (place / name).write_text(name)
    (folder / "link").symlink_to("css")
    (folder / "up").symlink_to("..")
    (folder / "out").symlink_to("/")
    (folder / "css" / "secret").symlink_to(place / "secret")
    return place


@given(parts=st.lists(st.one_of(st.sampled_from(PARTS), st.text(max_size=3)), max_size=6))
def test_whatever_the_name_is_what_is_found_lies_in_the_folder(place: Path, parts: list[str]):
    found = Folders([place / "folder"]).find("/".join(parts))

    if found is not None:
        assert found == Path(os.path.realpath(found))
        assert found.is_relative_to(place / "folder")
        assert found.is_file() and found.name != ".env"


@pytest.mark.parametrize(("name", "file"), [
    ("a.css", "folder/a.css"), ("css/a.css", "folder/css/a.css"), ("link/a.css", "folder/css/a.css"),
    (".well-known/a.css", "folder/.well-known/a.css"),
])
def test_what_lies_in_the_folder_is_found(place: Path, name: str, file: str):
    assert Folders([place / "folder"]).find(name) == place / file


def test_the_names_are_those_that_are_found(place: Path):
    folders = Folders([place / "folder"])

    names = set(folders.names())

    assert names == {"a.css", "css/a.css", ".well-known/a.css"}
    assert all(folders.find(name) for name in names)


def test_a_folder_that_is_missing_is_empty_and_said_in_the_log(place: Path, caplog: pytest.LogCaptureFixture):
    folders = Folders([place / "nowhere", place / "folder"])

    assert folders.find("a.css") == place / "folder" / "a.css"
    assert f"there is no folder {place / 'nowhere'}" in caplog.text
    assert folders.paths == [str(place / "nowhere"), str(place / "folder")]


def test_what_is_added_later_counts_before_all_others(place: Path, tmp_path: Path):
    own = Own()
    folders = Folders([place / "folder"], own)
    (tmp_path / "a.css").write_text("own")
    before = folders.find("a.css")

    own.folders.append(tmp_path)
    from_folder = folders.find("a.css")
    own.files["a.css"] = place / "secret"

    assert (before, from_folder, folders.find("a.css")) == (place / "folder/a.css", tmp_path / "a.css", place / "secret")


@pytest.mark.parametrize("kind", ["pipe", "folder", "missing", "loop"])
def test_what_is_no_file_is_not_there(tmp_path: Path, kind: str):
    {
        "pipe": lambda: os.mkfifo(tmp_path / "x"), "folder": lambda: (tmp_path / "x").mkdir(), "missing": lambda: None,
        "loop": lambda: (tmp_path / "x").symlink_to("x"),
    }[kind]()

    assert Folders([tmp_path]).find("x") is None
