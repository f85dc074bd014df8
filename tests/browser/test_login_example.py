"""examples/login.py as it is, in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.servers import RunningServer, command_of, free_port, serving


@pytest.fixture(scope="module", params=[1, 3], ids=["alone", "three workers"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    log = tmp_path_factory.mktemp("login") / "log"
    if request.param == 1:
        with serving("run", "examples.login", log) as server:
            yield server
    else:
        port = free_port()
        command = command_of("gunicorn", "examples.login", port)
        command[command.index("-w") + 1] = str(request.param)
        server = RunningServer(command, port, log)
        yield server
        assert server.stop() == 0
    assert "Traceback" not in log.read_text()


def log_in(page: Page, name: str = "ada", password: str = "engine") -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


def heading(page: Page, text: str) -> None:
    expect(page.locator("h1")).to_have_text(text)


def test_a_member_gets_where_he_wanted_to_go(server: RunningServer, visitor: Callable[[], BrowserContext]) -> None:
    page = visitor().new_page()
    page.goto(f"{server.url}/members?list=a%26b&page=2")
    heading(page, "Log in")

    log_in(page)

    heading(page, "Members")
    expect(page.locator("strong")).to_have_text("Ada Lovelace")
    assert page.url == f"{server.url}/members?list=a%26b&page=2"


def test_a_wrong_password_is_told_and_leads_nowhere(server: RunningServer, visitor: Callable[[], BrowserContext]) -> None:
    page = visitor().new_page()
    page.goto(f"{server.url}/login?next=https://example.org/")

    log_in(page, password="guess")
    expect(page.get_by_role("alert")).to_have_text("That is not the name and password of a member.")
    log_in(page)

    heading(page, "Hello, Ada Lovelace")
    assert page.url == f"{server.url}/"


def test_scripts_cannot_read_who_it_is(server: RunningServer, visitor: Callable[[], BrowserContext]) -> None:
    context = visitor()
    page = context.new_page()
    page.goto(f"{server.url}/login")
    before = {cookie["name"]: cookie["value"] for cookie in context.cookies()}

    log_in(page)
    heading(page, "Hello, Ada Lovelace")

    cookies = context.cookies()
    assert [(cookie["httpOnly"], cookie["sameSite"], cookie["path"]) for cookie in cookies] == [(True, "Lax", "/")]
    assert page.evaluate("document.cookie") == ""
    assert cookies[0]["value"] != before[cookies[0]["name"]]


def test_a_logout_ends_it_in_all_tabs(server: RunningServer, visitor: Callable[[], BrowserContext]) -> None:
    context = visitor()
    first, second = context.new_page(), context.new_page()
    first.goto(f"{server.url}/login?next=/members")
    log_in(first)
    heading(first, "Members")
    second.goto(f"{server.url}/members")
    heading(second, "Members")

    first.get_by_role("button", name="Log out").click()

    heading(first, "Hello, stranger")
    heading(second, "Log in")                      # by itself


def test_a_stolen_cookie_is_worth_nothing_after_the_logout(server: RunningServer, visitor: Callable[[], BrowserContext]) -> None:
    context, thief = visitor(), visitor()
    page = context.new_page()
    page.goto(f"{server.url}/login?next=/members")
    log_in(page, "grace", "compiler")
    heading(page, "Members")
    thief.add_cookies(context.cookies())
    stolen = thief.new_page()
    stolen.goto(f"{server.url}/members")
    heading(stolen, "Members")

    page.get_by_role("button", name="Log out").click()

    heading(stolen, "Log in")
    stolen.reload()
    heading(stolen, "Log in")


@pytest.mark.parametrize("width", [1200, 390])
def test_it_fits(server: RunningServer, visitor: Callable[[], BrowserContext], width: int) -> None:
    page = visitor().new_page()
    page.set_viewport_size({"width": width, "height": 700})
    page.goto(f"{server.url}/login")

    log_in(page, password="guess")
    expect(page.get_by_role("alert")).to_be_visible()

    assert page.evaluate("document.documentElement.scrollWidth") <= width
