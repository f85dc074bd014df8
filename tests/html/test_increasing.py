"""What may stay where it is while the rest is put in order."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lona_sync.html.increasing import longest_increasing


def longest_by_trying(numbers):
    return max(
        len(chosen) for size in range(len(numbers) + 1) for chosen in combinations(numbers, size) if list(chosen) == sorted(chosen)
    )


@pytest.mark.parametrize(("numbers", "found"), [
    ([], []), ([5], [5]), ([1, 2, 3], [1, 2, 3]), ([3, 2, 1], [1]), ([1, 9, 2, 3], [1, 2, 3]), ([4, 5, 1], [4, 5]),
])
def test_it_is_found(numbers, found):
    assert longest_increasing(numbers) == found


@given(st.permutations(range(9)))
def test_it_is_a_subsequence_in_order_and_none_is_longer(numbers):
    found = longest_increasing(numbers)

    assert found == sorted(found) == [number for number in numbers if number in found]
    assert len(found) == longest_by_trying(numbers)
