"""The small examples of docs/html.md as they are, in a real browser, also as wide as a phone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

Show = Callable[[str], Page]


def row(page: Page, label: str) -> Locator:
    return page.locator(".row").filter(has_text=re.compile(f"^{label}(?! and)"))


@pytest.mark.parametrize("example", ["inputs", "events", "log", "widget", "state", "markup"])
def test_an_example_fits_into_a_phone(example: str, show: Show) -> None:
    page = show(example)
    page.set_viewport_size({"width": 390, "height": 800})

    width = page.evaluate("document.documentElement.scrollWidth")

    assert width <= 390


@pytest.mark.parametrize(("label", "text", "value"), [
    ("Text", "Ada", "'Ada'"),
    ("Number", "0.3", "0.3"),
    ("Date", "2030-02-01", "datetime.date(2030, 2, 1)"),
    ("Time", "13:37", "datetime.time(13, 37)"),
    ("Date and time", "2030-02-01T13:37", "datetime.datetime(2030, 2, 1, 13, 37)"),
    ("Month", "2030-02", "datetime.date(2030, 2, 1)"),
    ("Week", "2030-W02", "datetime.date(2030, 1, 7)"),
    ("Color", "#ff0000", "'#ff0000'"),
    ("Long text", "two\nlines", r"'two\nlines'"),
])
def test_what_is_typed_is_a_value_of_python(label: str, text: str, value: str, show: Show) -> None:
    page = show("inputs")
    page.get_by_label(label, exact=True).fill(text)
    page.get_by_label(label, exact=True).blur()

    expect(row(page, label).locator("code")).to_have_text(value)


def test_an_input_suggests_what_it_was_given(show: Show) -> None:
    text = show("inputs").get_by_label("Text", exact=True)

    assert text.evaluate("text => [...text.list.options].map(option => option.value)") == ["Ada", "Grace"]


def test_what_is_chosen_is_any_object_and_errors_are_told(show: Show) -> None:
    page = show("inputs")
    page.get_by_label("Shirt").select_option("Large")
    page.get_by_label("Toppings").select_option(["Salt", "Pepper"])
    page.get_by_label("Coffee").check()
    page.get_by_label("E-mail").fill("nonsense")

    expect(row(page, "Shirt").locator("code")).to_have_text("44")
    expect(row(page, "Toppings").locator("code")).to_have_text("('salt', 'pepper')")
    expect(row(page, "Tea").locator("code")).to_have_text("{'name': 'Coffee', 'price': 2.5}")
    expect(row(page, "E-mail").locator("small")).not_to_be_empty()


def test_tasks_are_ordered_by_dragging_and_by_keys_and_changed_by_a_double_click(show: Show) -> None:
    page = show("events")
    tasks = page.locator("li")
    page.drag_and_drop("li:nth-child(4)", "li:nth-child(1)")
    expect(tasks).to_have_text(["Call Ada", "Water the plants", "Feed the cat", "Write the report"])

    tasks.nth(0).focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(tasks).to_have_text(["Water the plants", "Call Ada", "Feed the cat", "Write the report"])
    expect(tasks.nth(1)).to_be_focused()
    page.keyboard.press("Delete")
    expect(tasks).to_have_text(["Water the plants", "Feed the cat", "Write the report"])
    expect(tasks.nth(0)).to_be_focused()
    tasks.nth(2).dblclick()
    expect(tasks.nth(2).get_by_role("textbox")).to_be_focused()      # the server puts it there
    page.keyboard.type("Read and ")
    page.keyboard.press("Enter")

    expect(tasks.nth(2)).to_contain_text("Read and")


def test_a_log_goes_on_and_a_line_is_marked(show: Show) -> None:
    page = show("log")
    expect(page.locator(".log li").nth(1)).to_contain_text("is done")
    page.locator(".log li").first.click()

    expect(page.locator(".log li").first).to_have_text("marked by you")
    expect(page.get_by_role("status").filter(has_text="One line is marked.")).to_have_count(1)
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".log")).not_to_contain_text("marked by you")


def test_a_script_draws_answers_and_tells(show: Show) -> None:
    page = show("widget")
    width = page.locator("canvas").evaluate("canvas => canvas.clientWidth")

    page.get_by_role("button", name="How wide is it?").click()
    expect(page.locator("p")).to_have_text(f"The chart is {width} pixels wide.")
    page.get_by_role("button", name="Add a point").click()
    page.locator("canvas").click(position={"x": width - 2, "y": 20})

    expect(page.locator("p")).to_have_text("Point 20 is at 0.37.")


def test_nobody_sees_half_of_a_transfer_and_each_visitor_counts(show: Show) -> None:
    first, second = show("state"), show("state")
    expect(first.get_by_role("img", name="A coin")).to_be_visible()
    first.evaluate("""() => {
        window.seen = new Set();
        const look = () => window.seen.add([...document.querySelectorAll('li b'), ...document.querySelectorAll('ul + p')]
            .map((each) => each.textContent).join(' '));
        new MutationObserver(look).observe(document.body, {subtree: true, childList: true, characterData: true});
        look();
    }""")

    for done in range(1, 4):
        first.get_by_role("button").click()
        expect(first.locator("li b")).to_have_text([str(100 - 10 * done), str(100 + 10 * done)])

    visits = [int(re.findall(r"\d+", page.get_by_text("You are visitor").inner_text())[0]) for page in (first, second)]
    assert visits[1] == visits[0] + 1
    assert first.evaluate("[...window.seen]") == [f"{100 - 10 * n} {100 + 10 * n} Together: 200" for n in range(4)]
    expect(second.locator("li b")).to_have_text(["100", "100"])


def test_what_a_selector_finds_in_a_piece_of_html_is_sorted(show: Show) -> None:
    page = show("markup")
    items = page.locator("#lona li")
    expect(items).to_have_text(["a Tea", "li Water"])

    page.get_by_label("CSS selector").fill("a, :nth-child(3)")
    expect(items).to_have_text(["a Tea", "a Coffee", "li Water"])
    page.get_by_role("button", name="Sort").click()
    expect(items).to_have_text(["a Coffee", "a Tea", "li Water"])
    page.get_by_role("button", name="Reverse").click()
    expect(items).to_have_text(["li Water", "a Tea", "a Coffee"])
    page.get_by_label("CSS selector").fill("a:hover")
    expect(page.get_by_role("alert")).to_contain_text("hover")
    page.get_by_label("HTML, as browsers read it").fill("<p>\n<img onload=x>")

    expect(page.get_by_role("alert")).to_contain_text("line 2, column 6")
