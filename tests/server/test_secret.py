"""The key that signs cookies."""

from __future__ import annotations

import logging
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from lona_sync.server.people.secret import FILE_NAME, secret_key

#: Waits for the line that lets all begin at once, then prints the key.
RACER = """
import sys
from pathlib import Path
from lona_sync.server.people.secret import secret_key
print("ready", flush=True)
sys.stdin.readline()
print(secret_key("", Path(sys.argv[1])), flush=True)
"""


def test_a_configured_key_is_taken_and_nothing_is_written(tmp_path: Path):
    found = secret_key("configured", tmp_path / "instance")

    assert found == "configured"
    assert list(tmp_path.iterdir()) == []


def test_a_key_is_made_once_and_kept(tmp_path: Path):
    first = secret_key("", tmp_path / "a" / "instance")

    second = secret_key("", tmp_path / "a" / "instance")

    assert first == second
    assert len(first) >= 32


def test_two_projects_have_two_keys(tmp_path: Path):
    first = secret_key("", tmp_path / "a")

    second = secret_key("", tmp_path / "b")

    assert first != second


def test_the_file_is_for_its_owner_only(tmp_path: Path):
    secret_key("", tmp_path / "instance")

    [file] = (tmp_path / "instance").iterdir()

    assert file.name == FILE_NAME
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_processes_that_start_together_share_one_key(tmp_path: Path):
    instance = tmp_path / "instance"
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, str(instance)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(4)
    ]
    for racer in racers:
        racer.stdout.readline()

    for racer in racers:
        racer.stdin.write("\n")
        racer.stdin.flush()
    keys = {racer.communicate(timeout=30)[0] for racer in racers}

    assert keys == {(instance / FILE_NAME).read_text() + "\n"}
    assert [file.name for file in instance.iterdir()] == [FILE_NAME]


def test_a_folder_that_cannot_be_written_gives_a_key_of_this_process_and_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture,
):
    (tmp_path / "instance").write_text("a file where the folder should be")

    key = secret_key("", tmp_path / "instance")

    assert len(key) >= 32
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert "LONA_SYNC_SECRET_KEY" in record.getMessage()


@pytest.mark.parametrize("content", [b"", b"\n", b"short\n", b"\xff\xfe" * 30], ids=["empty", "blank", "short", "binary"])
def test_a_file_that_holds_no_key_is_not_used(tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture):
    (tmp_path / FILE_NAME).write_bytes(content)

    key = secret_key("", tmp_path)

    assert len(key) >= 32
    [record] = caplog.records
    assert "holds no key: delete it" in record.getMessage()


def test_blanks_around_a_key_do_not_count(tmp_path: Path):
    (tmp_path / FILE_NAME).write_text("  0123456789abcdef0123456789abcdef \n")

    key = secret_key("", tmp_path)

    assert key == "0123456789abcdef0123456789abcdef"
