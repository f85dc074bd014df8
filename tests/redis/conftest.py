"""A Redis for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.redis.server import RedisServer


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A fresh one that keeps nothing. Starting it is quick; one for all would carry clients and settings between tests."""
    with RedisServer(tmp_path) as server:
        yield server
