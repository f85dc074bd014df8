"""Each test has a hub of its own; the process-wide one stays empty."""

from __future__ import annotations

import pytest

from lona_sync.channels.hub import Hub
from tests.channels.helpers import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hub(clock: Clock) -> Hub:
    return Hub(clock=clock)
