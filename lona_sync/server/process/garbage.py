"""How often Python looks for garbage in a process that serves.

CPython frees what nobody refers to at once, and looks for cycles whenever 700 containers more were made than freed (2,000 from 3.13
on). Requests that are under way at one time have more than that: 500 browsers that come back in one moment had each other's headers
and environs looked at, kept for garbage that lives long, and made Python look at all trees of all views, which stopped the hub for
up to 180 ms (`benchmarks/endurance/faults.py`). With 10,000 most of a request is gone by itself before anybody looks, and there was
no such stop any more. What it costs: garbage in cycles stays a little longer, one or two megabytes of it.
"""

from __future__ import annotations

import gc


def look_less_often(threshold: int) -> None:
    """Let Python look for cycles after so many containers. A program that has asked for more, or for never, keeps what it has."""
    first, second, third = gc.get_threshold()
    if 0 < first < threshold:
        gc.set_threshold(threshold, second, third)
