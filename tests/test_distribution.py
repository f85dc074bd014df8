"""What is installed is what the repository has, and the commands that people are told are those that are checked."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def distribution() -> importlib.metadata.Distribution:
    for found in importlib.metadata.distributions(name="lona-sync"):
        # An editable install has none of the files, and the lona_sync.egg-info that a build leaves here has no RECORD.
        if found.read_text("RECORD") and any(path.parts[0] == "lona_sync" for path in found.files or ()):
            return found
    pytest.skip("no wheel of lona-sync is installed in this environment; tox installs one")


def test_the_files_of_the_package_are_installed_and_no_others(distribution: importlib.metadata.Distribution):
    files = [path.relative_to(ROOT) for path in (ROOT / "lona_sync").rglob("*") if path.is_file()]
    files.append(Path("pytest_lona_sync.py"))
    expected = {path.as_posix() for path in files}

    # The console script lies outside, at "../../../bin"; what is compiled on the spot is no file of ours.
    installed = {path.as_posix() for path in distribution.files or () if path.parts[0] != ".."}
    packaged = {name for name in installed if ".dist-info/" not in name}

    assert _compiled_left_out(expected) - packaged == set(), "name them in package_data of setup.py"
    assert _compiled_left_out(packaged) - expected == set(), "an old build is in the way: delete build/"


def _compiled_left_out(names: set[str]) -> set[str]:
    return {name for name in names if "__pycache__" not in name.split("/")}


def test_the_installed_version_is_the_one_in_version_py(distribution: importlib.metadata.Distribution):
    version = {}
    exec((ROOT / "lona_sync" / "version.py").read_text(encoding="utf-8"), version)

    assert distribution.version == version["VERSION_STRING"] == ".".join(map(str, version["VERSION"]))


def test_ci_runs_the_test_command_of_the_readme():
    [command] = [line for line in (ROOT / ".ci" / "run").read_text().splitlines() if "tox" in line]

    assert command in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
