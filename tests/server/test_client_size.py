"""What a browser downloads before it shows anything."""

from __future__ import annotations

import gzip

from lona_sync.server.client_files import CLIENT

BUDGET = 15_000          # bytes, of all files together, each compressed for itself


def test_the_client_is_small_as_it_is_written():
    sizes = {file.name: len(gzip.compress(file.read_bytes(), 9)) for file in CLIENT.glob("*.js")}

    total = sum(sizes.values())

    assert sizes
    assert total <= BUDGET, f"expected at most {BUDGET} bytes, got {total}: {sizes}"
