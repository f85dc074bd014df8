"""The folder of a process, and what dead ones have left."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lona_sync.uploads import Folder, Unusable
from lona_sync.uploads.folder import remove_leftovers


def test_nothing_is_made_before_it_is_needed(tmp_path: Path):
    Folder(tmp_path / "files", "one")

    assert not (tmp_path / "files").exists()


def test_folders_are_for_this_user_alone(tmp_path: Path):
    path = Folder(tmp_path / "run" / "app" / "files", "one").new()

    for each in (path, path.parent, path.parent.parent, path.parent.parent.parent):
        assert each.stat().st_mode & 0o777 == 0o700


def test_names_are_not_to_be_guessed(tmp_path: Path):
    folder = Folder(tmp_path / "files", "one")

    first, second = folder.new(), folder.new()

    assert first != second
    assert len(first.name) >= 22


def test_what_a_dead_process_has_left_is_removed(tmp_path: Path):
    program = (
        "import os, sys; from pathlib import Path; from lona_sync.uploads import Folder\n"
        "path = Folder(Path(sys.argv[1]), 'dead').new(); (path / 'file').write_text('x'); os._exit(1)"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "files")], check=False)
    assert (tmp_path / "files" / "dead").is_dir()

    Folder(tmp_path / "files", "living").new()

    assert sorted(each.name for each in (tmp_path / "files").iterdir()) == ["living"]


def test_what_a_living_process_has_stays(tmp_path: Path):
    folder = Folder(tmp_path / "files", "one")
    path = folder.new()

    Folder(tmp_path / "files", "two").new()

    assert path.is_dir()
    folder.leave()


def test_what_a_living_process_has_stays_also_while_its_folder_is_made(tmp_path: Path):
    (tmp_path / "files").mkdir(mode=0o700)
    (tmp_path / "files" / ".being-made").mkdir()

    remove_leftovers(tmp_path / "files")

    assert (tmp_path / "files" / ".being-made").is_dir()


def test_what_was_never_made_whole_goes_in_the_end(tmp_path: Path):
    (tmp_path / "files").mkdir(mode=0o700)
    half = tmp_path / "files" / ".half"
    half.mkdir()
    os.utime(half, (time.time() - 3600,) * 2)

    remove_leftovers(tmp_path / "files")

    assert not half.exists()


def test_links_are_left_alone(tmp_path: Path):
    (tmp_path / "files").mkdir(mode=0o700)
    (tmp_path / "precious").mkdir()
    (tmp_path / "files" / "link").symlink_to(tmp_path / "precious")

    remove_leftovers(tmp_path / "files")

    assert (tmp_path / "precious").is_dir()


def test_a_process_that_ends_takes_its_files_along(tmp_path: Path):
    folder = Folder(tmp_path / "files", "one")
    path = folder.new()

    folder.leave()

    assert not path.exists()
    assert not folder.path.exists()


def test_a_child_does_not_seem_to_be_its_parent(tmp_path: Path):
    program = """
import os, sys, time
from pathlib import Path
from lona_sync.uploads import Folder
folder = Folder(Path(sys.argv[1]), 'parent')
folder.new()
child = os.fork()
if child == 0:
    print(os.getpid(), flush=True)
    time.sleep(60)
os._exit(0)
"""
    started = subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "files")], stdout=subprocess.PIPE, text=True)
    assert started.stdout is not None
    child = int(started.stdout.readline())
    started.wait()

    removed = remove_leftovers(tmp_path / "files")

    os.kill(child, 9)
    started.stdout.close()
    assert removed == 1


def test_a_folder_that_others_may_read_is_refused(tmp_path: Path):
    (tmp_path / "files").mkdir(mode=0o755)

    with pytest.raises(Unusable, match="mode 755"):
        Folder(tmp_path / "files", "one").new()


def test_a_link_in_the_folders_place_is_refused(tmp_path: Path):
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / "files").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(Unusable, match="no link"):
        Folder(tmp_path / "files", "one").new()


def test_a_folder_that_has_vanished_is_made_anew(tmp_path: Path):
    folder = Folder(tmp_path / "files", "one")
    path = folder.new()
    path.rmdir()
    folder.path.rmdir()

    assert folder.new().is_dir()
    folder.leave()
