"""Rows in memory, filtered and sorted: numbers in front of the rows, which are neither copied nor moved.

Sorting a million rows takes a second of pure computing, and meanwhile a process of greenlets does nothing else. So it can be done
in steps: `pause` is called between them. The steps of a merge sort would get longer towards its end, the last as long as all
rows. So the rows are dealt out first, to buckets between keys of a sample, and then each bucket is sorted for itself.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from .virtual_list import Rows

Pause = Callable[[], object] | None      # None: all in one go, which is faster

_STEP = 10_000                   # rows between two pauses
_BUCKETS = 100
_SAMPLE = 20                     # keys for each bucket


class PickedRows:
    """Those of `rows` that stand at `places`, in that order. These are `Rows`, too, so that picks of picks are possible."""

    __slots__ = ("_places", "_rows")

    def __init__(self, rows: Rows, places: Sequence[int]) -> None:
        self._rows = rows
        self._places = places

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, where: slice) -> list[Any]:         # Any: the user's rows
        return [row for place in self._places[where] for row in self._rows[place:place + 1]]


def filtered(rows: Rows, matches: Callable[[Any], bool], pause: Pause) -> PickedRows:
    """The rows that match, in the order that they have."""
    return PickedRows(rows, [place for place, row in enumerate(_each(rows, pause)) if matches(row)])


def ordered(rows: Rows, key: Callable[[Any], Any], descending: bool, pause: Pause) -> PickedRows:
    """The rows by their keys; those whose key is None or not a number (NaN) come last, in either direction.

    Descending is ascending read backwards, so equal ones are turned round as well. `TypeError` when keys cannot be compared.
    """
    keys = [key(row) for row in _each(rows, pause)]
    last = [place for place, key in enumerate(keys) if key is None or key != key]
    places: Sequence[int] = range(len(keys))
    if last:
        without = set(last)
        places = [place for place in places if place not in without]
    if pause is None:
        order = sorted(places, key=keys.__getitem__)
    else:
        order = [place for bucket in _buckets(places, keys, pause) for place in bucket]
    if descending:
        order.reverse()
    return PickedRows(rows, order + last)


def _buckets(places: Sequence[int], keys: list[Any], pause: Callable[[], object]) -> Iterator[list[int]]:
    """`places` sorted by their keys, in portions."""
    sample = sorted([keys[place] for place in places[::max(1, len(places) // (_BUCKETS * _SAMPLE))]])
    bounds = sample[_SAMPLE::_SAMPLE]
    buckets: list[list[int]] = [[] for _ in range(len(bounds) + 1)]
    for start in range(0, len(places), _STEP):
        for place in places[start:start + _STEP]:
            buckets[bisect_right(bounds, keys[place])].append(place)
        pause()
    for bucket in buckets:
        yield sorted(bucket, key=keys.__getitem__)
        pause()


def _each(rows: Rows, pause: Pause) -> Iterator[Any]:
    for start in range(0, len(rows), _STEP):
        yield from rows[start:start + _STEP]
        if pause is not None:
            pause()
