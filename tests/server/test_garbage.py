"""How often Python looks for garbage in a process that serves."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from lona_sync.server.process.garbage import look_less_often


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


def test_garbage_is_looked_for_less_often() -> None:
    gc.set_threshold(700, 10, 10)

    look_less_often(10_000)

    assert gc.get_threshold() == (10_000, 10, 10)


@pytest.mark.parametrize("own", [0, 50_000], ids=["never", "more"])
def test_a_program_that_wants_it_seldomer_keeps_what_it_has_set(own: int) -> None:
    gc.set_threshold(own, 20, 30)

    look_less_often(10_000)

    assert gc.get_threshold()[0] == own
