"""Makes the pictures of docs/examples.md anew: `python -m tests.browser.pictures [NAME…]`. Needs Chromium, as the tests do."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.servers import serving

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"
PHONE = {"width": 390, "height": 640}
DESK = {"width": 900, "height": 600}


def counter(page: Page) -> None:
    for _ in range(3):
        page.get_by_role("button").click()
    expect(page.locator("p")).to_have_text("3")


def clock(page: Page) -> None:
    page.get_by_label("Town").select_option("Time in Nairobi")
    expect(page.locator("time[datetime$='+03:00']")).to_be_visible()


def form(page: Page) -> None:
    page.get_by_label("Name").fill("Ada Lovelace")
    page.get_by_label("Email").fill("ada@example.org")
    page.get_by_label("Date of birth").fill("2020-12-10")
    page.get_by_role("radio", name="Team").check()
    page.get_by_label("Country").select_option("Italy")
    page.get_by_role("button").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.evaluate("scrollTo(0, 0)")


def chat(page: Page) -> None:
    page.get_by_label("Your name").fill("Ada")
    page.keyboard.press("Enter")
    for text in ("Has anybody seen my notes?", "The ones about <Bernoulli numbers>"):
        page.get_by_label("Message", exact=True).fill(text)
        page.keyboard.press("Enter")
    expect(page.locator("li").last).to_contain_text("Bernoulli")


def daemon(page: Page) -> None:
    page.get_by_role("button", name="+15 min").click()
    expect(page.locator("output")).to_contain_text("14:")


def progress(page: Page) -> None:
    for done in (30, 15, 5):
        page.get_by_role("button", name="Start a job").click()
        page.wait_for_function("done => document.querySelector('li:last-child progress')?.value >= done", arg=done)


def upload(page: Page) -> None:
    names = {"Analytical Engine.pdf": 812_000, "notes.txt": 2_400, "portrait.png": 3_460_000}
    page.set_input_files("input", [
        {"name": name, "mimeType": "", "buffer": b"x" * size} for name, size in names.items()
    ])
    expect(page.locator("p")).to_have_text("3 files, 4.27 MB")


def life(page: Page) -> None:
    page.get_by_role("button", name="Random").click()
    page.get_by_role("button", name="Step").click()
    expect(page.locator("p")).to_contain_text("Generation 1")


def table(page: Page) -> None:
    page.get_by_role("searchbox").fill("dock")
    expect(page.get_by_text("125,017 rows")).to_be_visible(timeout=30_000)


def dashboard(page: Page) -> None:
    expect(page.locator(".chart canvas")).to_be_visible()
    page.wait_for_timeout(20_000)                         # until there is something to see


def dialogs(page: Page) -> None:
    page.get_by_role("button", name="New recipe").click()
    page.get_by_label("Name").fill("Soup")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Replace")).to_be_visible()


def wizard(page: Page) -> None:
    page.get_by_label("First day").fill("2099-05-01")
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Cargo").check()
    expect(page.get_by_label("Cargo")).to_be_checked()


def login(page: Page) -> None:
    page.goto(f"{page.url}login")
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill("motor")
    page.get_by_role("button").click()
    expect(page.get_by_role("alert")).to_be_visible()


def _come_in(page: Page) -> None:
    page.get_by_label("Your name").fill("Ada")
    page.get_by_role("button", name="Come in").click()
    page.get_by_role("link").click()


def flask_app(page: Page) -> None:
    _come_in(page)
    page.get_by_label("Your line").fill("It was a lovely evening.")
    page.keyboard.press("Enter")
    expect(page.locator("li")).to_contain_text("lovely")


def django_app(page: Page) -> None:
    _come_in(page)
    page.get_by_role("button", name="Tea").click()
    expect(page.get_by_text("Tea: 1")).to_be_visible()


#: What is done before the picture is taken, and how large the page is.
PROGRAMS: dict[str, tuple[Callable[[Page], None], dict[str, int]]] = {
    "counter": (counter, PHONE), "clock": (clock, PHONE), "form": (form, PHONE), "chat": (chat, PHONE), "daemon": (daemon, PHONE),
    "upload": (upload, DESK),
    "progress": (progress, PHONE), "life": (life, DESK), "table": (table, DESK), "dashboard": (dashboard, DESK),
    "dialogs": (dialogs, PHONE), "wizard": (wizard, PHONE), "login": (login, PHONE),
    "flask_app": (flask_app, PHONE), "django_app": (django_app, PHONE),
}


def take(name: str, folder: Path) -> Path:
    """A picture of this program in `folder`."""
    prepare, size = PROGRAMS[name]
    path = folder / f"{name}.png"
    with tempfile.TemporaryDirectory() as temporary, serving("run", f"examples.{name}", Path(temporary) / "log") as server, \
            sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport=size)            # type: ignore[arg-type]  # a TypedDict of the same keys
        page.goto(server.url)
        expect(page.locator("h1")).to_be_visible()
        prepare(page)
        page.screenshot(path=path)
        browser.close()
    return path


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    for name in sys.argv[1:] or PROGRAMS:
        print(take(name, PICTURES))
