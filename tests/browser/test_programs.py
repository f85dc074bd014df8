"""The programs of examples/ as they are: what each is for, in a real browser, also as wide as a phone."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

Show = Callable[[str], Page]
PROGRAMS = ["counter", "clock", "chat", "daemon", "progress", "life", "dashboard", "upload"]


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_fits_into_a_phone(program: str, show: Show) -> None:
    page = show(program)
    page.set_viewport_size({"width": 390, "height": 800})

    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_counter_counts(show: Show) -> None:
    page = show("counter")

    for _ in range(3):
        page.get_by_role("button", name="+1").click()

    expect(page.locator("p")).to_have_text("3")


def test_the_clock_goes_and_knows_other_towns(show: Show) -> None:
    page = show("clock")
    first = page.locator("time").inner_text()
    here = page.locator("time").get_attribute("datetime") or ""

    page.get_by_label("Town").select_option("Time in Delhi")

    expect(page.locator("time")).to_have_attribute("datetime", re.compile(r"\+05:30$"))
    expect(page.locator("time")).not_to_have_text(first)
    assert here.endswith("+00:00")


def test_what_one_says_all_read_as_it_was_typed(show: Show) -> None:
    ada, grace = show("chat"), show("chat")
    for page, name in ((ada, "Ada"), (grace, "Grace")):
        page.get_by_label("Your name").fill(name)
        page.get_by_role("button", name="Join").click()
        expect(page.get_by_label("Message", exact=True)).to_be_focused()
    expect(ada.locator("li").last).to_contain_text("Grace joins")

    ada.keyboard.type("<b>Hello</b>")
    ada.keyboard.press("Enter")

    for page in (ada, grace):
        expect(page.locator("li").last).to_contain_text("Ada: <b>Hello</b>")
    expect(ada.get_by_label("Message", exact=True)).to_have_value("")
    grace.close()
    expect(ada.locator("li").last).to_contain_text("Grace leaves")


def test_the_timer_goes_on_while_nobody_looks(show: Show) -> None:
    page = show("daemon")
    page.get_by_role("button", name="+5 min").click()
    expect(page.locator("output")).to_have_text(re.compile("^4:"))
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator("output")).to_have_text(re.compile("^4:"))
    url, context = page.url, page.context
    page.close()
    other.close()

    again = context.new_page()
    again.goto(url)

    expect(again.locator("output")).to_have_text(re.compile("^4:"))
    again.get_by_role("button", name="Clear").click()
    expect(again.locator("output")).to_have_text("0:00")


def test_every_page_sees_how_far_a_job_is_and_may_cancel_it(show: Show) -> None:
    first, second = show("progress"), show("progress")
    first.get_by_role("button", name="Start a job").click()
    bar = second.get_by_role("progressbar")
    expect(bar).to_have_attribute("value", re.compile(r"[3-9]|\d\d"))

    second.get_by_role("button", name="Cancel").click()

    for page in (first, second):
        expect(page.get_by_role("progressbar")).to_have_count(0)
        expect(page.locator("p")).to_have_text("Nothing runs.")


def test_files_are_uploaded_deleted_and_come_back_as_an_archive(show: Show) -> None:
    page = show("upload")
    for names in (["a.txt", "b.txt"], ["a.txt"]):
        page.set_input_files("input", [{"name": name, "mimeType": "text/plain", "buffer": name.encode()} for name in names])
        expect(page.locator("li")).to_have_count(2 if len(names) == 2 else 3)

    page.get_by_role("button", name="Delete b.txt").click()
    expect(page.locator("p")).to_have_text("2 files, 10 bytes")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download all").click()

    assert saved.value.suggested_filename == "files.zip"
    assert zipfile.ZipFile(saved.value.path()).namelist() == ["a.txt", "a (2).txt"]


def test_a_glider_lives_on_and_cells_are_made_by_clicks(show: Show) -> None:
    page = show("life")
    alive = page.locator(".alive")
    expect(alive).to_have_count(5)

    page.get_by_role("button", name="Step").click()
    expect(page.locator("p")).to_have_text("Generation 1, 5 cells alive")
    page.locator(".world div").nth(900).click()
    expect(alive).to_have_count(6)
    page.get_by_role("button", name="Run").click()

    expect(page.locator("p")).to_have_text(re.compile("^Generation [5-9]"))
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Run")).to_be_visible()


def test_a_dashboard_draws_what_the_machine_tells_and_warns(show: Show) -> None:
    page = show("dashboard")
    now = page.locator("dd").first
    expect(now).to_have_text(re.compile(r"^\d+\.\d$"))
    before = page.locator("canvas").evaluate("canvas => canvas.toDataURL()")

    page.get_by_label("Warn above").fill("40")

    expect(page.locator(".hot")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Too hot!")).to_have_count(1)
    page.wait_for_function("before => document.querySelector('canvas').toDataURL() !== before", arg=before)
