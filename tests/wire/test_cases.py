"""The files that the browser's client is tested with are what Python encodes, and the Python model applies them, too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lona_sync.testing.dom import ModelDOM
from tests.wire.scenarios import FOLDER, encode, make_cases

CASES = make_cases()


def test_the_files_are_what_python_encodes_today() -> None:
    files = {file.name: file.read_text() for file in FOLDER.glob("*.json")}

    assert files == {name: encode(case) for name, case in CASES.items()}, "run: python -m tests.wire.scenarios"


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.json")), ids=lambda file: file.stem)
def test_the_model_makes_of_the_tree_before_the_tree_after(file: Path) -> None:
    case = json.loads(file.read_text())
    patched = ModelDOM()
    patched.apply_snapshot(**case["before"])

    for frame in case["frames"]:
        patched.apply_patches(frame["patches"])
        wanted = ModelDOM()
        wanted.apply_snapshot(**frame["after"])

        assert (patched.text(), patched.ids) == (wanted.text(), wanted.ids)
        assert patched.to_structure() == wanted.to_structure()
