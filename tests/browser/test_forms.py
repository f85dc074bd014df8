"""Forms and typed inputs in a real browser."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from lona_sync.html import DateInput, Node, NumberInput, RangeInput, TimeInput
from lona_sync.html.inputs.ordered import OrderedField
from tests.browser.servers import RunningServer

APP = "tests.browser.apps.inputs"
SERVED_BY = "gunicorn"


@pytest.fixture
def tab(visitor: Callable[[], BrowserContext]) -> Page:
    return visitor().new_page()


def fill_in(tab: Page) -> None:
    """All of a `Person`, as a user does."""
    tab.get_by_label("Name").fill("Ann")
    tab.get_by_label("Age").fill("41")
    tab.get_by_label("Born").fill("1985-04-03")
    tab.get_by_role("radio", name="Large").check()
    tab.get_by_role("radio", name="Sour").check()
    tab.get_by_label("Country").select_option("Italy")
    tab.get_by_label("Terms").check()


VALUES = (
    "{'name': 'Ann', 'age': 41, 'born': datetime.date(1985, 4, 3), 'size': 'L', 'taste': 'sour', "
    "'country': ('it', 39), 'terms': True}"
)


def test_a_form_that_is_awaited_comes_with_typed_values_and_the_page_stays(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/person")
    fill_in(tab)
    tab.evaluate("() => { window.stillTheSamePage = true; }")

    tab.get_by_role("button", name="Save").click()
    expect(tab.locator("#said")).to_have_text(f"1: {VALUES}")
    tab.get_by_label("Name").press("Enter")

    expect(tab.locator("#said")).to_have_text(f"2: {VALUES}")
    assert tab.evaluate("window.stillTheSamePage") and tab.url == server.url + "/person"


def test_groups_of_radio_buttons_exclude_nothing_outside(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/person")
    small, large = tab.get_by_role("radio", name="Small"), tab.get_by_role("radio", name="Large")
    sweet = tab.get_by_role("radio", name="Sweet")

    small.check()
    sweet.check()
    large.check()

    expect(small).not_to_be_checked()
    expect(sweet).to_be_checked()
    expect(tab.get_by_role("radiogroup", name="Size")).to_be_visible()
    large.press("ArrowUp")
    expect(small).to_be_checked()
    expect(sweet).to_be_checked()


def test_what_the_browser_knows_is_asked_there_and_what_the_server_knows_is_said_beside_the_field(
    server: RunningServer, tab: Page,
) -> None:
    tab.goto(server.url + "/person")
    tab.get_by_label("Age").fill("7")
    tab.get_by_role("button", name="Save").click()
    name = tab.get_by_label("Name")
    assert name.evaluate("name => name.matches(':invalid')") and tab.get_by_role("alert").count() == 0

    name.fill("root")
    tab.get_by_role("button", name="Save").click()

    expect(tab.get_by_role("alert")).to_have_text(["This name is reserved.", "Too young."])
    expect(name).to_be_focused()
    expect(name).to_have_accessible_description("This name is reserved.")
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(tab.locator("#said")).to_have_text("")


def test_errors_go_when_they_are_mended(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/person")
    tab.get_by_label("Name").fill("root")
    tab.get_by_role("button", name="Save").click()
    expect(tab.get_by_role("alert")).to_have_count(2)

    fill_in(tab)
    tab.get_by_role("button", name="Save").click()

    expect(tab.locator("#said")).to_have_text(f"1: {VALUES}")
    expect(tab.get_by_role("alert")).to_have_count(0)
    expect(tab.locator("[aria-invalid], [aria-describedby]")).to_have_count(0)


def test_a_button_that_lets_all_pass_needs_no_name(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/draft")

    tab.get_by_role("button", name="Save").click()
    tab.get_by_role("button", name="Draft").click()
    expect(tab.locator("#said")).to_have_text("Draft {'a': ''}")
    tab.locator("[name=a]").fill("x")
    tab.locator("[name=a]").press("Enter")

    expect(tab.locator("#said")).to_have_text("Save {'a': 'x'}")
    tab.locator("[name=a]").fill("")
    tab.locator("form").evaluate("form => { form.noValidate = true; form.requestSubmit(); }")
    expect(tab.get_by_role("alert")).to_have_text("This field is required.")


STATE = """() => [...document.querySelectorAll('input, select')].map((control) =>
    control.multiple ? [...control.selectedOptions].map((option) => option.text).join() :
    control.matches('[type=checkbox], [type=radio]') ? control.checked : control.value)"""


def test_what_is_read_only_is_put_back(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/fixed")
    tab.get_by_label("Box").wait_for()
    before = tab.evaluate(STATE)

    tab.get_by_label("Box").click()
    tab.get_by_label("Slider").press("End")
    tab.get_by_label("Color").evaluate("color => { color.value = '#00ff00'; }")
    tab.get_by_label("Color").dispatch_event("input")
    tab.get_by_label("Select").select_option("C")
    tab.get_by_label("None").select_option("B")
    tab.get_by_label("Many").select_option(["B"])
    tab.get_by_label("Two").click()
    tab.get_by_label("Four").click()
    tab.wait_for_function("before => JSON.stringify((" + STATE + ")()) === before", arg=json.dumps(before, separators=(",", ":")))

    expect(tab.locator("[data-lona-pending]")).to_have_count(0)
    assert tab.evaluate(STATE) == before == [True, "30", "#ff0000", "2", "1", "A", True, False, False, False]


def test_markup_has_what_is_read_only_disabled(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/fixed-markup")

    expect(tab.locator("input:enabled, select:enabled")).to_have_count(0)


def test_two_quick_clicks_send_a_form_once(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/slow")
    button = tab.get_by_role("button", name="Send")
    button.wait_for()

    button.evaluate("button => { for (let n = 0; n < 5; n++) button.click(); }")
    expect(tab.locator("#said")).to_have_text("1")
    expect(tab.locator("form")).to_have_attribute("aria-busy", "true")
    button.click()
    tab.get_by_role("button", name="go on").click()

    expect(tab.locator("form")).not_to_have_attribute("aria-busy", "true")
    expect(tab.locator("#said")).to_have_text("1")
    button.click()
    expect(tab.locator("#said")).to_have_text("2")


def test_half_a_number_survives_the_patches_that_it_causes(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/half")
    number = tab.locator("#number")

    number.press_sequentially("12e")
    expect(tab.locator("#said")).to_have_text("None This is no number. None ")
    expect(number).to_have_attribute("aria-invalid", "true")
    number.press_sequentially("3")

    expect(tab.locator("#said")).to_have_text("12000.0  None ")
    assert number.input_value() == "12e3"


def test_half_a_number_gives_way_to_a_value_that_the_server_sets(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/half")
    number = tab.locator("#number")
    number.press_sequentially("12e")
    expect(tab.locator("#said")).to_have_text("None This is no number. None ")

    tab.get_by_role("button", name="Clear").click()
    expect(tab.locator("#said")).to_have_text("cleared")
    assert not number.evaluate("number => number.validity.badInput")
    number.press_sequentially("4")

    expect(tab.locator("#said")).to_have_text("4  None ")


def test_half_a_date_is_no_date(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/half")
    date = tab.locator("#date")
    date.fill("2026-01-02")
    expect(tab.locator("#said")).to_have_text("None  datetime.date(2026, 1, 2) ")

    date.focus()
    date.press("Backspace")

    expect(tab.locator("#said")).to_have_text("None  None This is no date.")
    tab.keyboard.type("03")
    expect(tab.locator("#said")).to_have_text("None  datetime.date(2026, 3, 2) ")


def test_labels_and_suggestions_belong_to_their_inputs(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/labels")

    expect(tab.get_by_role("textbox", name="Your name")).to_have_attribute("id", "name")
    city = tab.get_by_role("combobox", name="City")
    assert city.evaluate("city => [...city.list.options].map(option => option.value)") == ["Paris", "Rome"]
    expect(tab.get_by_role("radiogroup", name="Color").get_by_role("radio", name="Blue")).to_be_visible()


SUGGESTED = "field => [...field.list?.options ?? []].map(option => option.value)"


@pytest.mark.parametrize("page", ["labels", "suggestions"])
def test_suggestions_come_with_their_input(server: RunningServer, tab: Page, page: str) -> None:
    tab.goto(f"{server.url}/{page}")

    animal = tab.get_by_role("combobox", name="Animal")

    assert animal.evaluate(SUGGESTED) == ["Cat", "Dog"]
    expect(tab.get_by_text("Cat")).to_be_hidden()


def test_suggestions_come_with_an_input_that_comes_later(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/labels")

    tab.get_by_role("button", name="More").click()

    assert tab.locator("#late").evaluate(SUGGESTED) == ["Late"]


STEPPED: list[tuple[OrderedField[Any], list[Any]]] = [
    (NumberInput(3, step=5), [0, 3, 5, 8, 10]),
    (NumberInput(10, step=5), [0, 3, 5, 8, 10]),
    (NumberInput(2.5), [2, 2.5, 3, 3.5]),
    (NumberInput(4, min=1, step=2), [1, 3, 4, 5]),
    (DateInput(date(2024, 1, 3), step=7), [date(2024, 1, day) for day in range(1, 15)]),
    (DateInput(date(2024, 1, 4), step=7), [date(2024, 1, day) for day in range(1, 15)]),
    (TimeInput(time(9, 30, 5)), [time(9, 30), time(9, 30, 5), time(9, 31), time(9, 31, 5)]),
]


@pytest.mark.parametrize(("node", "values"), STEPPED, ids=lambda item: str(item) if isinstance(item, Node) else "")
def test_a_browser_refuses_no_step_that_the_server_takes(tab: Page, node: OrderedField[Any], values: list[Any]) -> None:
    tab.set_content(str(node))
    was_valid, answers = node.valid or node.min is not None, []

    for value in values:
        node.value = value
        taken = tab.locator("input").evaluate(
            "(input, value) => { input.value = value; return input.checkValidity(); }", node.raw_value,
        )
        answers.append((node.valid, taken))

    assert (True, False) not in answers and (not was_valid or (False, True) not in answers)


LIMITS: list[dict[str, Any]] = [{}, {"step": 10}, {"min": 1, "max": 9, "step": 4}, {"step": "any"}, {"max": 9, "step": 5}]


@pytest.mark.parametrize("limits", LIMITS, ids=str)
def test_a_slider_stands_in_the_browser_where_the_server_has_it(tab: Page, limits: dict[str, Any]) -> None:
    places = []

    for value in (-7, 0, 3, 45, 47, 99.5, 1000):
        node = RangeInput(value, **limits)
        tab.set_content(str(node))
        written = tab.locator("input").input_value()
        tab.set_content(str(RangeInput(**limits)))
        moved = tab.locator("input").evaluate("(input, value) => (input.value = value, input.value)", node.raw_value)
        places.append((float(written), float(moved), node.value))

    assert all(written == moved == value for written, moved, value in places), places


def test_a_form_that_is_ignored_posts_to_a_route_that_is_not_interactive(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/leaving")
    tab.get_by_label("Name").fill("root")

    tab.get_by_role("button", name="Go").click()

    expect(tab.get_by_text("This name is reserved.")).to_be_visible()
    assert tab.url == server.url + "/plain"


@pytest.mark.parametrize("javascript", [True, False])
def test_a_form_works_as_plain_http(server: RunningServer, tab: Page, javascript: bool) -> None:
    browser = tab.context.browser
    assert browser is not None
    context = browser.new_context(java_script_enabled=javascript)
    plain = context.new_page()
    plain.goto(server.url + "/plain")
    plain.get_by_label("Age").fill("7")

    plain.get_by_role("button", name="Save").click()
    expect(plain.get_by_role("alert")).to_have_text(["This field is required.", "Too young."])
    expect(plain.get_by_label("Age")).to_have_value("7")
    fill_in(plain)
    plain.get_by_role("button", name="Save").click()

    expect(plain.locator("#said")).to_have_text(VALUES)
    context.close()
