"""examples/dialogs.py and examples/wizard.py as they are, in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.servers import RunningServer

Show = Callable[[str], Page]


def names(page: Page) -> list[str]:
    return [text.split()[0] for text in page.locator("li span").all_inner_texts()]


def test_a_dialog_returns_what_was_answered(show: Show) -> None:
    page = show("dialogs")
    page.get_by_role("button", name="Delete").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Delete “Bread”?")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    kept = names(page)

    page.get_by_role("button", name="Delete").first.click()
    dialog.get_by_role("button", name="Delete").click()

    expect(page.get_by_role("status").filter(has_text="Bread is gone.")).to_be_visible()
    assert (kept, names(page)) == (["Bread", "Curry", "Soup"], ["Curry", "Soup"])


def test_one_dialog_asks_in_the_middle_of_another(show: Show) -> None:
    page = show("dialogs")
    page.get_by_role("button", name="New recipe").click()
    page.get_by_label("Name").fill("Curry")
    page.get_by_label("What is in it").fill("Leaves")
    page.get_by_role("button", name="Save").click()
    question = page.get_by_role("dialog").filter(has_text="Replace the other")
    expect(question).to_be_visible()

    page.keyboard.press("Escape")
    expect(question).to_have_count(0)
    expect(page.get_by_label("Name")).to_have_value("Curry")
    page.get_by_role("button", name="Save").click()
    question.get_by_role("button", name="Replace").click()

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("li").filter(has_text="Curry")).to_contain_text("Leaves")
    expect(page.locator("li")).to_have_count(3)


def test_escape_asks_before_it_forgets_what_was_typed(show: Show) -> None:
    page = show("dialogs")
    page.get_by_role("button", name="New recipe").click()
    expect(page.get_by_label("Name")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="New recipe").click()
    page.get_by_label("Name").fill("Stew")

    page.keyboard.press("Escape")
    page.get_by_role("button", name="Forget").click()

    expect(page.get_by_role("dialog")).to_have_count(0)
    assert "Stew" not in names(page)


def test_what_is_behind_a_dialog_cannot_be_reached(show: Show) -> None:
    page = show("dialogs")
    page.get_by_role("button", name="New recipe").click()
    expect(page.get_by_label("Name")).to_be_focused()

    reached = page.locator("li button").first.evaluate(
        "button => document.elementFromPoint(button.getBoundingClientRect().x + 2, button.getBoundingClientRect().y + 2).localName"
    )

    assert reached in ("dialog", "html", "body")


def forward(page: Page) -> None:
    page.get_by_role("button", name="Next").click()


def go_to_the_end(page: Page, bicycle: str = "Cargo") -> None:
    page.get_by_label("First day").fill("2099-05-01")
    page.get_by_label("Days").fill("3")
    page.get_by_label("Days").press("Enter")
    page.get_by_label(bicycle).check()
    forward(page)
    page.get_by_label("A second lock").check()
    forward(page)
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("Email").fill("ada@example.org")
    forward(page)
    expect(page.get_by_role("heading", name="Is that right?")).to_be_visible()


def test_five_steps_lead_to_a_bicycle(show: Show) -> None:
    page = show("wizard")
    go_to_the_end(page)

    page.get_by_label("I agree").check()
    page.get_by_role("button", name="Rent it").click()

    expect(page.locator("p").last).to_have_text("Cargo from 2099-05-01 on, for 81 €.")


def test_a_step_is_left_forward_only_when_it_is_right_and_backward_always(show: Show) -> None:
    page = show("wizard")
    page.get_by_label("First day").fill("2001-05-01")
    forward(page)
    expect(page.get_by_role("alert")).to_have_text("That day is over.")
    page.get_by_label("First day").fill("2099-05-01")
    forward(page)
    expect(page.get_by_role("heading", name="Which one?")).to_be_visible()

    page.get_by_role("button", name="Back").click()

    expect(page.get_by_label("First day")).to_have_value("2099-05-01")
    expect(page.get_by_role("button", name="Back")).to_be_disabled()


def test_the_answers_survive_a_restart_of_the_server(show: Show, servers: Callable[[str], RunningServer]) -> None:
    page = show("wizard")
    go_to_the_end(page, "Mountain")

    servers("wizard").stop()
    servers("wizard").start()
    page.get_by_role("button", name="Back").click()

    expect(page.get_by_label("Name")).to_have_value("Ada")
    page.get_by_role("button", name="Back").click()
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_label("Mountain")).to_be_checked()


@pytest.mark.parametrize("example", ["dialogs", "wizard"])
def test_the_example_fits_into_a_phone(example: str, show: Show) -> None:
    page = show(example)
    page.set_viewport_size({"width": 390, "height": 800})
    if example == "dialogs":
        page.get_by_role("button", name="New recipe").click()
        expect(page.get_by_label("Name")).to_be_visible()

    width = page.evaluate("document.documentElement.scrollWidth")

    assert width <= 390
