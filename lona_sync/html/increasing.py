"""The longest increasing subsequence: which children can stay where they are while the others move around them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence


def longest_increasing(numbers: Sequence[int]) -> list[int]:
    """As many of `numbers`, all different, as are in order already; O(n log n).

    `ends[k]` is the smallest number that a subsequence of the length k + 1 can end with. It is ascending, so each number
    finds its place in it by bisection, and remembers the one before it.
    """
    ends: list[int] = []
    before: dict[int, int | None] = {}
    for number in numbers:
        length = bisect_left(ends, number) if ends and number < ends[-1] else len(ends)
        before[number] = ends[length - 1] if length else None
        ends[length:length + 1] = [number]
    found: list[int] = []
    number_or_none = ends[-1] if ends else None
    while number_or_none is not None:
        found.append(number_or_none)
        number_or_none = before[number_or_none]
    return found[::-1]
