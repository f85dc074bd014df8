"""Files that a node class or a view brings along for the page: scripts, style sheets, images.

    class Chart(Node):
        WIDGET = "chart"
        STATIC_FILES = [Script(name="chart", path="chart.js")]
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class SORT_ORDER(IntEnum):
    """Which files a page names first; those of one order come as they were found."""
    FRAMEWORK = 100
    LIBRARY = 200
    APPLICATION = 300


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file that is served. Declared in `STATIC_FILES` of a class of nodes or views.

    `path` is relative to the Python file that holds the class, and stays in that folder, or in the package around it. `url` is
    where it is served below `STATIC_URL_PREFIX`; the `path` by default. `enabled_by_default=False`: it is neither served nor named
    in pages.
    """

    name: str
    path: str
    url: str = ""
    sort_order: int = SORT_ORDER.APPLICATION
    link: bool = True                    # pages name it; of plain files nothing can be made but an address
    enabled_by_default: bool = True

    @property
    def address(self) -> str:
        """Where it is served below the prefix."""
        return (self.url or self.path).lstrip("/")


class StyleSheet(StaticFile):
    """A style sheet that every page links."""
    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Script(StaticFile):
    """A script that every page loads, after its markup. `module`: it is an ES module, so it may `import`."""

    module: bool = False
