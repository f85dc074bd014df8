"""The news that messages did not come, in the place where they are missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Loss:
    """`count` messages that were sent to `topic` (may be a pattern); -1: nobody knows how many."""

    topic: str
    count: int


class Gap(NamedTuple):
    """Messages to any topic, nobody knows how many. `reason`: one word for the user."""

    reason: str
