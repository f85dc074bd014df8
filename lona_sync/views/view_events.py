"""What views of one process tell each other."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ViewEvent:
    """`name` and `data` are the sender's; each view gets a copy of `data`. `view_classes`: who was meant; None: all."""
    name: str
    data: Any                                          # Any: the application's own
    view_classes: tuple[type, ...] | None

    def copy(self) -> ViewEvent:
        """For one receiver. Raises what `copy.deepcopy` does."""
        return ViewEvent(self.name, copy.deepcopy(self.data), self.view_classes)
