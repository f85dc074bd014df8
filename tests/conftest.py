"""What holds for all tests."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import pytest

#: The fixtures that users get, whether or not the package is installed here; and pytest in a test.
pytest_plugins = "pytest_lona_sync", "pytester"

TESTS = Path(__file__).parent
#: Folders whose tests need a program that pip does not bring; each is also the marker of what lies below it.
MARKED = ("browser", "redis")

# No deadline: how long one example takes says more about the machine than about the code. Under tox the examples are the same each
# time, so that the answer is; by hand each run looks for something new.
hypothesis.settings.register_profile("lona_sync", deadline=None, derandomize="TOX_ENV_NAME" in os.environ)
hypothesis.settings.load_profile("lona_sync")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a program by where it is, so that no such test runs where there is none."""
    for item in items:
        for folder in MARKED:
            if TESTS / folder in item.path.parents:
                item.add_marker(folder)
