"""What a workload gets: how much of it is to be done."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bench:
    """`brief`: a little of everything, to see whether it works; its figures mean nothing. `peers`: those of PyPI, too."""

    brief: bool = False
    peers: bool = True

    @property
    def rounds(self) -> int:
        """How often each thing is measured; the first one warms up."""
        return 2 if self.brief else 6

    def seconds(self, full: float) -> float:
        """How long a window is."""
        return min(full, 0.2) if self.brief else full

    def count(self, full: int) -> int:
        """How many there are of something."""
        return max(1, min(full, 20)) if self.brief else full
