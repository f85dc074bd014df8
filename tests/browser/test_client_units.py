"""The tests of the browser's side, written in JavaScript, run where it runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.js

TESTS = sorted((Path(__file__).resolve().parents[1] / "client").glob("*.test.js"))
RUN = """async (url) => {
    await import(url);
    const {run} = await import("/tests/client/harness.js");
    return await run();
}"""


@pytest.mark.parametrize("file", TESTS, ids=lambda file: file.name)
def test_every_fact_in_a_file_holds(page: Page, file: Path) -> None:
    results = page.evaluate(RUN, f"/tests/client/{file.name}")

    failures = [f"{result['name']}\n    {result['error']}" for result in results if result["error"]]
    assert results, f"{file.name} has no tests"
    assert not failures, f"{len(failures)} of {len(results)} failed:\n\n" + "\n\n".join(failures)
