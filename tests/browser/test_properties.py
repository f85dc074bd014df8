"""Attributes that are properties in a browser: what the server sets is what there is, whatever the user did before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.servers import RunningServer

APP = "tests.browser.apps.properties"
SERVED_BY = "gunicorn"

pytestmark = pytest.mark.browser


class Scenario:
    """A page with one node, whose attributes the server sets step by step."""

    def __init__(self, server: RunningServer, page: Page, name: str) -> None:
        self.page = page
        self.steps = 0
        page.goto(f"{server.url}/live/{name}")
        self.node = page.locator("#node")
        expect(page.locator("#done")).to_have_text("0")

    def step(self) -> None:
        """Let the server take its next step, and wait for it."""
        self.page.evaluate("() => document.querySelector('#step').click()")
        self.steps += 1
        expect(self.page.locator("#done")).to_have_text(str(self.steps))

    def has(self, name: str) -> Any:
        """The property of the node in the browser."""
        return self.node.evaluate("(node, name) => node[name]", name)


@pytest.fixture
def open_scenario(server: RunningServer, visitor: Callable[[], BrowserContext]) -> Callable[[str], Scenario]:
    return lambda name: Scenario(server, visitor().new_page(), name)


def test_a_text_is_the_users_until_the_server_sets_another(open_scenario: Callable[[str], Scenario]) -> None:
    scenario = open_scenario("text")
    expect(scenario.node).to_have_value("a")
    scenario.node.fill("typed")

    scenario.step()
    expect(scenario.node).to_have_value("b")
    scenario.node.fill("typed again")
    scenario.step()                                             # to "b" again: the server knows that it is another value
    expect(scenario.node).to_have_value("b")
    scenario.step()
    expect(scenario.node).to_have_value("")


def test_an_area_keeps_its_line_breaks(open_scenario: Callable[[str], Scenario]) -> None:
    scenario = open_scenario("area")
    expect(scenario.node).to_have_value("a\n")
    scenario.node.fill("typed")

    scenario.step()

    expect(scenario.node).to_have_value("\nb")
    scenario.step()
    expect(scenario.node).to_have_value("")


def test_a_box_is_unchecked_by_the_server_after_the_user_has_checked_it(open_scenario: Callable[[str], Scenario]) -> None:
    scenario = open_scenario("box")
    scenario.node.check()

    scenario.step()
    expect(scenario.node).not_to_be_checked()
    scenario.step()
    expect(scenario.node).to_be_checked()
    scenario.node.uncheck()
    scenario.step()
    expect(scenario.node).to_be_checked()


def test_a_radio_button_is_unchecked_by_the_server(open_scenario: Callable[[str], Scenario]) -> None:
    scenario = open_scenario("radio")
    scenario.node.check()

    scenario.step()

    expect(scenario.node).not_to_be_checked()


def test_the_selected_option_is_the_servers_after_the_users(open_scenario: Callable[[str], Scenario]) -> None:
    scenario = open_scenario("select")
    scenario.node.select_option("b")

    scenario.step()
    assert scenario.has("selectedIndex") == 0
    scenario.step()
    assert scenario.has("selectedIndex") == 1


def test_of_a_plain_input_the_server_does_not_know_what_was_typed_so_the_same_value_changes_nothing(
    open_scenario: Callable[[str], Scenario],
) -> None:
    scenario = open_scenario("plain text")
    scenario.node.fill("typed")

    scenario.step()
    expect(scenario.node).to_have_value("typed")
    scenario.step()
    expect(scenario.node).to_have_value("b")
    scenario.node.fill("typed")
    scenario.step()
    expect(scenario.node).to_have_value("")


def test_a_plain_box_is_set_by_its_property(open_scenario: Callable[[str], Scenario]) -> None:
    scenario = open_scenario("plain box")
    expect(scenario.node).to_be_checked()
    scenario.node.uncheck()

    scenario.step()                                             # the same: no patch, so the user's choice stays
    expect(scenario.node).not_to_be_checked()
    scenario.node.check()
    scenario.step()
    expect(scenario.node).not_to_be_checked()


def test_indeterminate_is_a_property_that_a_click_ends(open_scenario: Callable[[str], Scenario]) -> None:
    scenario = open_scenario("indeterminate")
    assert scenario.has("indeterminate") is True
    scenario.node.click()
    assert scenario.has("indeterminate") is False

    scenario.step()
    assert scenario.has("indeterminate") is False               # the same: no patch
    scenario.step()
    scenario.step()
    assert scenario.has("indeterminate") is True


def test_details_are_opened_and_closed_by_both(open_scenario: Callable[[str], Scenario]) -> None:
    scenario = open_scenario("details")
    assert scenario.has("open") is True
    scenario.page.locator("summary").click()
    assert scenario.has("open") is False

    scenario.step()
    assert scenario.has("open") is False                        # the same: no patch
    scenario.step()
    assert scenario.has("open") is False
    scenario.step()
    assert scenario.has("open") is True
    scenario.step()
    assert scenario.has("open") is False


def test_a_dialog_is_shown_and_hidden_by_its_attribute(open_scenario: Callable[[str], Scenario]) -> None:
    scenario = open_scenario("dialog")
    expect(scenario.node).to_be_hidden()

    scenario.step()
    expect(scenario.node).to_be_visible()
    scenario.step()
    expect(scenario.node).to_be_hidden()


def test_muted_is_a_property_and_controls_an_attribute(open_scenario: Callable[[str], Scenario]) -> None:
    scenario = open_scenario("video")
    assert scenario.has("muted") is True and scenario.has("controls") is True

    scenario.step()
    assert scenario.has("muted") is False and scenario.has("controls") is False
    scenario.node.evaluate("node => { node.muted = true; }")
    scenario.node.evaluate("node => { node.muted = false; }")
    scenario.step()
    assert scenario.has("muted") is True


def test_a_progress_without_a_value_is_undetermined(open_scenario: Callable[[str], Scenario]) -> None:
    scenario = open_scenario("progress")
    assert scenario.has("position") == -1

    scenario.step()
    assert scenario.has("value") == 3
    scenario.step()
    assert scenario.has("position") == -1


def test_boolean_attributes_are_there_or_not_and_others_have_words(open_scenario: Callable[[str], Scenario]) -> None:
    scenario = open_scenario("flags")
    names = ["disabled", "readOnly", "required", "hidden", "draggable", "ariaHidden"]
    assert [scenario.has(name) for name in names] == [True, True, True, True, True, "true"]

    scenario.step()
    assert [scenario.has(name) for name in names] == [False, False, False, False, False, "false"]
    assert all(not scenario.node.evaluate("(node, name) => node.hasAttribute(name)", name) for name in names[:4])
    scenario.step()
    assert [scenario.has(name) for name in names[:4]] == [True, True, False, "until-found"]


def test_a_page_that_is_not_interactive_has_the_same_by_attributes(
    server: RunningServer, visitor: Callable[[], BrowserContext],
) -> None:
    page = visitor().new_page()

    def shown(name: str, *properties: str) -> list[Any]:
        page.goto(f"{server.url}/page/{name}")
        node: Locator = page.locator("#node")
        return [node.evaluate("(node, name) => node[name]", each) for each in properties]

    assert shown("text", "value", "defaultValue") == ["a", "a"] and shown("area", "value") == ["a\n"]
    assert shown("plain box", "checked", "defaultChecked") == [True, True] and shown("box", "checked") == [False]
    assert shown("details", "open") == [True] and shown("dialog", "open") == [False]
    assert shown("video", "muted", "controls") == [True, True] and shown("progress", "position") == [-1]
    assert shown("flags", "disabled", "readOnly", "required", "hidden", "draggable") == [True] * 5
