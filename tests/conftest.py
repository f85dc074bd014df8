"""What holds for all tests."""

from __future__ import annotations

from pathlib import Path

import hypothesis
import pytest

BROWSER = Path(__file__).parent / "browser"

# No deadline: how long one example takes says more about the machine than about the code.
hypothesis.settings.register_profile("lona_sync", deadline=None)
hypothesis.settings.load_profile("lona_sync")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs Chromium by where it is, so that no test of a browser runs where there is none."""
    for item in items:
        if BROWSER in item.path.parents:
            item.add_marker("browser")
