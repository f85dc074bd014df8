"""`lona-sync collect-static`: all files in one folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.commands import failure, run_command

SHOP = """
from lona_sync import App
app = App(__file__)
app.add_static_file("shop.css", "p { color: red }")
"""


@pytest.fixture
def destination(folder: Path) -> Path:
    (folder / "shop.py").write_text(SHOP)
    (folder / "static").mkdir()
    (folder / "out").mkdir()
    (folder / "static" / "logo.svg").write_text("<svg/>")
    return folder / "out"


def names(destination: Path) -> set[str]:
    return {path.relative_to(destination).as_posix() for path in destination.rglob("*") if path.is_file()}


def test_each_file_lies_there_under_both_of_its_names(destination: Path, capsys: pytest.CaptureFixture[str]):
    run_command("collect-static", "shop.py", "out", "-O", "STATIC_DIRS=['static']")

    manifest = json.loads((destination / "manifest.json").read_text())
    assert {"shop.css", "logo.svg"} <= manifest.keys()
    assert {"shop.css", manifest["shop.css"], "logo.svg", manifest["logo.svg"]} <= names(destination)
    assert "logo.svg" in capsys.readouterr().out


def test_it_may_be_silent(destination: Path, capsys: pytest.CaptureFixture[str]):
    run_command("collect-static", "--silent", "shop.py", "out")

    assert "shop.css" in names(destination)
    assert capsys.readouterr().out == ""


def test_it_may_only_tell(destination: Path, capsys: pytest.CaptureFixture[str]):
    run_command("collect-static", "--dry-run", "shop.py", "out")

    assert names(destination) == set()
    assert "shop.css" in capsys.readouterr().out


def test_it_may_empty_the_folder_first(destination: Path):
    (destination / "old.css").write_text("")

    run_command("collect-static", "--clean", "shop.py", "out")

    assert "old.css" not in names(destination)


@pytest.mark.parametrize("place", ["nowhere", "shop.py"])
def test_a_destination_that_is_no_folder_is_told_in_one_line(destination: Path, place: str):
    assert failure("collect-static", "shop.py", place).endswith(f"{place} is no folder: make it first")


def test_no_broker_has_to_be_there(destination: Path, caplog: pytest.LogCaptureFixture):
    run_command("collect-static", "--silent", "shop.py", "out", "-O", "CHANNEL_BROKER=redis://127.0.0.1:1/0")

    assert caplog.text == ""
