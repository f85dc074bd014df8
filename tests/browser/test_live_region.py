"""What a screen reader gets of a live region, from the browser's accessibility tree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.servers import RunningServer

APP = "tests.browser.apps.focus"


def spoken(tab: Page, selector: str) -> dict[str, Any]:
    """What the element is for a screen reader: its `role`, its properties, and the `text` in it."""
    session = tab.context.new_cdp_session(tab)
    element = session.send("Runtime.evaluate", {"expression": f"document.querySelector('{selector}')"})["result"]
    nodes = session.send("Accessibility.queryAXTree", {"objectId": element["objectId"]})["nodes"]
    session.detach()
    region, *inside = [node for node in nodes if not node["ignored"]]
    return {
        **{each["name"]: each["value"].get("value") for each in region["properties"]},
        "role": region["role"]["value"],
        "text": "".join(node["name"]["value"] for node in inside if node["role"]["value"] == "StaticText"),
    }


# The texts that the region has had, one after the other.
WATCH = """() => {
    const region = document.getElementById('polite');
    window.texts = [];
    new MutationObserver(() => window.texts.push(region.textContent)).observe(
        region, {characterData: true, childList: true, subtree: true});
}"""


def test_what_is_announced_stands_in_the_accessibility_tree_also_when_nobody_sees_it(
    server: RunningServer, visitor: Callable[[], BrowserContext],
) -> None:
    tab = visitor().new_page()
    tab.goto(server.url + "/regions?for=tree")
    tab.locator("#done").wait_for(state="attached")
    before = spoken(tab, "#polite")["text"]

    server.get("/do/announce?for=tree")
    expect(tab.locator("#done")).to_have_text("announce")

    polite, assertive = spoken(tab, "#polite"), spoken(tab, "#assertive")
    assert (before, polite["text"], assertive["text"]) == ("", "Saved", "The disk is full")
    assert (polite["role"], polite["live"], polite["atomic"]) == ("status", "polite", True)
    assert (assertive["role"], assertive["live"], assertive["atomic"]) == ("alert", "assertive", True)
    box = tab.locator("#polite").bounding_box()
    assert box is not None and box["width"] <= 1 and box["height"] <= 1


def test_the_same_words_again_are_a_change_each_time(
    server: RunningServer, visitor: Callable[[], BrowserContext],
) -> None:
    tab = visitor().new_page()
    tab.goto(server.url + "/regions?for=changes")
    tab.locator("#done").wait_for(state="attached")
    tab.evaluate(WATCH)

    for count in range(1, 4):
        server.get("/do/announce?for=changes")
        tab.wait_for_function("count => window.texts.length === count", arg=count)

    texts = tab.evaluate("() => window.texts")
    assert len(set(texts)) == 3 and {text.strip() for text in texts} == {"Saved"}
