"""What a script adds: where it lies, and when it goes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lona_sync.server.pages.own_files import OwnFiles

FORKING = """
import os, sys
from lona_sync import App
app = App(__file__)
app.add_template("x.html", string="x")
child = os.fork()
if not child:
    sys.exit()
os.waitpid(child, 0)
print(app.template_dir, (app.template_dir / "x.html").read_text())
"""


def test_it_goes_with_the_process_that_made_it_and_not_with_a_worker(tmp_path: Path):
    (tmp_path / "script.py").write_text(FORKING)

    run = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=True)
    folder, text = run.stdout.split()

    assert text == "x"
    assert not Path(folder).parent.exists()


def test_nothing_is_written_until_something_is_added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    own = OwnFiles(tmp_path)
    (tmp_path / "a.css").write_text("a")

    own.add_static_file("b.css", "", "a.css")
    before = {path.name for path in tmp_path.iterdir()}
    own.add_static_file("c.css", "c", "")

    assert before == {"a.css"}
    assert own.static.files == {"b.css": tmp_path / "a.css"}
    assert [folder.name for folder in own.static.folders] == ["static"]
    assert own.templates.folders == []


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/", "", "a//b", "./x"])
def test_a_name_stays_in_the_folder(tmp_path: Path, name: str):
    with pytest.raises(ValueError, match="a file is named as"):
        OwnFiles(tmp_path).add_static_file(name, "x", "")


def test_of_two_with_one_name_the_later_one_counts(tmp_path: Path):
    own = OwnFiles(tmp_path)
    (tmp_path / "a.css").write_text("a")

    own.add_static_file("x.css", "", "a.css")
    own.add_static_file("x.css", "second", "")

    assert own.static.files == {}
    assert (own.static_dir / "x.css").read_text() == "second"
