"""What a browser downloads before it shows anything, and what it downloads later."""

from __future__ import annotations

import gzip

from lona_sync.server.static.client_files import CLIENT, ClientFiles

BUDGET = 20 * 1024       # bytes, of all files together that every page loads, each compressed for itself
LATER = 2_500            # bytes of one that is loaded when a page needs it
PAINTED = 4 * 1024       # bytes, of what a page needs that shows its view before any script has run


def compressed(names: list[str]) -> dict[str, int]:
    return {name: len(gzip.compress((CLIENT / name).read_bytes(), 9)) for name in names}


def test_the_client_is_small_as_it_is_written():
    sizes = compressed(ClientFiles().names)

    total = sum(sizes.values())

    assert sizes
    assert total <= BUDGET, f"expected at most {BUDGET} bytes, got {total}: {sizes}"


def test_what_is_loaded_when_it_is_needed_is_small_too():
    later = compressed(sorted({file.name for file in CLIENT.glob("*.js")} - set(ClientFiles().names)))

    largest = max(later.values())

    assert largest <= LATER, f"expected at most {LATER} bytes each, got {later}"


def test_what_a_painted_page_loads_besides_is_small():
    total = sum(compressed(["early.js", "painted.js"]).values())

    assert total <= PAINTED, f"expected at most {PAINTED} bytes, got {total}"
