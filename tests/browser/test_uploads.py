"""Uploads and downloads in a real browser: chosen, dropped, interrupted, cancelled, in forms."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, Route, expect

from tests.browser.proxy import Proxy
from tests.browser.servers import RunningServer

APP = "tests.browser.apps.uploads"
SERVED_BY = "gunicorn"

pytestmark = pytest.mark.browser

DROP = """([selector, names, type]) => {
  const data = new DataTransfer();
  for (const name of names) data.items.add(new File(['dropped'], name));
  const target = document.querySelector(selector);
  target.dispatchEvent(new DragEvent(type, {dataTransfer: data, bubbles: true, cancelable: true}));
}"""


LISTENS = """(selector) => {
  const data = new DataTransfer();
  data.items.add(new File(['held'], 'held'));
  const over = new DragEvent('dragover', {dataTransfer: data, bubbles: true, cancelable: true});
  return !document.querySelector(selector).dispatchEvent(over);
}"""


def file(name: str, data: bytes = b"hello") -> FilePayload:
    return {"name": name, "mimeType": "text/plain", "buffer": data}


def until(tab: Page, condition: Callable[[], object]) -> None:
    """Wait for what Playwright's callbacks do: they run while a page is waited for."""
    for _ in range(1000):
        if condition():
            return
        tab.wait_for_timeout(10)
    raise AssertionError("it did not happen within ten seconds")


def said(name: str, data: bytes) -> str:
    return f"{name}:{len(data)}:{sum(data) % 65_521}"


DATA = bytes(number * 7 % 251 for number in range(1_000_000))


def test_files_that_are_chosen_come_whole(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url)

    tab.set_input_files("input", [file("a.txt"), file("b b.bin", DATA), file("empty", b"")])

    expect(tab.locator("#result")).to_have_text(f"{said('a.txt', b'hello')} {said('b b.bin', DATA)} empty:0:0")
    expect(tab.locator("#seen")).not_to_have_text("")


def test_the_script_for_it_is_loaded_by_pages_with_file_inputs_only(server: RunningServer, tab: Page) -> None:
    loaded: list[str] = []
    tab.on("request", lambda request: loaded.append(request.url))

    tab.goto(server.url + "/bucket")
    expect(tab.locator("a")).to_be_visible()
    assert not any("uploads.js" in url for url in loaded)
    tab.goto(server.url)
    tab.wait_for_function("performance.getEntriesByType('resource').some(({name}) => name.includes('uploads.js'))")


def test_what_was_chosen_before_the_script_was_there_is_sent(server: RunningServer, tab: Page) -> None:
    held: list[Route] = []
    tab.route("**/uploads.js", lambda route: held.append(route))
    tab.goto(server.url)

    tab.set_input_files("input", [file("early.txt")])
    until(tab, lambda: held)
    held[0].continue_()

    expect(tab.locator("#result")).to_have_text(said("early.txt", b"hello"))


def test_a_page_is_asked_for_once_more_with_other_files(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url)

    tab.set_input_files("input", [file("first")])
    expect(tab.locator("#result")).to_have_text(said("first", b"hello"))
    tab.set_input_files("input", [file("second")])

    expect(tab.locator("#result")).to_have_text(said("second", b"hello"))


def test_files_that_are_dropped_are_as_good(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url)
    zone = tab.locator("#zone")
    tab.wait_for_function(LISTENS, arg="#zone")

    tab.evaluate(DROP, ["#zone", ["x"], "dragenter"])
    expect(zone).to_have_attribute("data-lona-over", "")
    tab.evaluate(DROP, ["#zone", ["x"], "dragleave"])
    expect(zone).not_to_have_attribute("data-lona-over", "")
    tab.evaluate(DROP, ["#zone", ["one", "two"], "dragenter"])
    tab.evaluate(DROP, ["#zone", ["one", "two"], "drop"])

    expect(tab.locator("#result")).to_have_text(f"{said('one', b'dropped')} {said('two', b'dropped')}")
    expect(zone).not_to_have_attribute("data-lona-over", "")


def test_a_request_that_fails_is_made_up_for(server: RunningServer, tab: Page) -> None:
    seen: list[str] = []

    def disturb(route: Route) -> None:
        seen.append(route.request.method)
        if seen.count("PATCH") in (2, 4) and seen[-1] == "PATCH":
            route.abort("connectionreset")
        else:
            route.continue_()

    tab.route("**/_lona_sync/files/**", disturb)
    tab.goto(server.url)
    tab.set_input_files("input", [file("a", DATA)])

    expect(tab.locator("#result")).to_have_text(said("a", DATA))
    assert "HEAD" in seen


def test_an_answer_that_is_lost_is_asked_for(server: RunningServer, tab: Page) -> None:
    """The server has the bytes, and the browser does not know."""
    lost: list[Route] = []

    def disturb(route: Route) -> None:
        if route.request.method == "PATCH" and len(lost) < 2:
            lost.append(route)
            route.fetch()
            route.abort("connectionreset")
        else:
            route.continue_()

    tab.route("**/_lona_sync/files/**", disturb)
    tab.goto(server.url)
    tab.set_input_files("input", [file("a", b"hello")])

    expect(tab.locator("#result")).to_have_text(said("a", b"hello"))


@pytest.mark.parametrize("says_so", [True, False])
def test_a_proxy_that_takes_only_small_requests_gets_small_ones(server: RunningServer, tab: Page, says_so: bool) -> None:
    def disturb(route: Route) -> None:
        if len(route.request.post_data_buffer or b"") > 60_000:
            if says_so:
                route.fulfill(status=413)
            else:
                route.abort("connectionreset")
        else:
            route.continue_()

    tab.route("**/_lona_sync/files/**", disturb)
    tab.goto(server.url)
    tab.set_input_files("input", [file("a", DATA)])

    expect(tab.locator("#result")).to_have_text(said("a", DATA))


def test_an_upload_survives_a_line_that_is_cut(server: RunningServer, tab: Page) -> None:
    proxy = Proxy(int(server.url.rpartition(":")[2]))
    data = DATA * 4

    def cut_once(route: Route) -> None:
        if route.request.method == "PATCH" and route.request.headers.get("upload-offset") not in ("0", None) and not cut:
            cut.append(True)
            proxy.cut()
            route.abort("connectionreset")
        else:
            route.continue_()

    cut: list[bool] = []
    try:
        tab.route("**/_lona_sync/files/**", cut_once)
        tab.goto(proxy.url)
        tab.set_input_files("input", [file("a", data)])
        expect(tab.locator("#seen")).not_to_have_text("0.00")
        until(tab, lambda: cut)
        proxy.mend()

        expect(tab.locator("#result")).to_have_text(said("a", data))
    finally:
        tab.goto("about:blank")                              # with a goodbye: else the server waits for it when it ends
        proxy.close()


def test_the_view_can_cancel_and_the_page_goes_on(server: RunningServer, tab: Page) -> None:
    held: list[Route] = []
    tab.route("**/_lona_sync/files/**", lambda route: held.append(route) if route.request.method == "PATCH" else route.continue_())
    tab.goto(server.url)
    tab.set_input_files("input", [file("a", DATA)])
    until(tab, lambda: held)

    tab.get_by_role("button", name="Cancel").click()

    tab.wait_for_function("!document.querySelector('input').files.length")
    tab.unroute("**/_lona_sync/files/**")
    tab.set_input_files("input", [file("b")])
    expect(tab.locator("#result")).to_have_text(said("b", b"hello"))


def test_choosing_others_ends_what_is_on_its_way(server: RunningServer, tab: Page) -> None:
    held: list[Route] = []
    tab.route("**/_lona_sync/files/**", lambda route: held.append(route) if route.request.method == "PATCH" else route.continue_())
    tab.goto(server.url)
    tab.set_input_files("input", [file("a", DATA)])
    until(tab, lambda: held)

    tab.unroute("**/_lona_sync/files/**")
    tab.set_input_files("input", [file("b")])

    expect(tab.locator("#result")).to_have_text(said("b", b"hello"))


def test_what_is_too_large_is_told_at_the_input(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url)

    tab.set_input_files("input", [file("a", b"x" * 5_000_001)])

    tab.wait_for_function("document.querySelector('input').validationMessage")
    assert tab.evaluate("document.querySelector('input').validationMessage") == "This file is too large: 5 MB at most."
    assert tab.evaluate("document.querySelector('input').files.length") == 0
    tab.set_input_files("input", [file("b")])
    expect(tab.locator("#result")).to_have_text(said("b", b"hello"))
    assert tab.evaluate("document.querySelector('input').validationMessage") == ""


def test_a_file_that_cannot_be_read_any_more_is_told(server: RunningServer, tab: Page, tmp_path: Path) -> None:
    path = tmp_path / "gone.bin"
    path.write_bytes(DATA)
    held: list[Route] = []
    tab.route("**/_lona_sync/files/**", lambda route: held.append(route) if route.request.method == "POST" else route.continue_())
    tab.goto(server.url)
    tab.set_input_files("input", path)
    until(tab, lambda: held)

    path.unlink()
    held[0].continue_()

    tab.wait_for_function("document.querySelector('input').validationMessage === 'This file cannot be read.'")


# In forms.


def test_a_form_is_submitted_when_its_files_have_come(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/form")
    methods: list[str] = []
    tab.on("request", lambda request: methods.append(request.method) if "/files/" in request.url else None)
    tab.fill("input[name=title]", "Ada")

    tab.set_input_files("input[name=one]", [file("a.txt")])
    tab.set_input_files("input[name=two]", [file("b"), file("c", b"x" * 300_000)])
    expect(tab.locator("input[name=two]")).to_be_visible()
    assert methods == []
    tab.get_by_role("button", name="Send").click()

    expect(tab.locator(".sent")).to_have_text("Ada a.txt ['b', 'c']")
    expect(tab.locator("form")).not_to_have_attribute("aria-busy", "true")


@pytest.mark.parametrize("module", ["painted.js", "widgets.js", "uploads.js"])
def test_a_form_that_is_sent_before_its_script_is_there_waits_for_it(server: RunningServer, tab: Page, module: str) -> None:
    held: list[Route] = []
    tab.route(f"**/{module}", lambda route: held.append(route))
    tab.goto(server.url + "/form", wait_until="commit")
    tab.set_input_files("input[name=one]", [file("a.txt")])
    tab.get_by_role("button", name="Send").click()
    until(tab, lambda: held)

    held[0].continue_()

    expect(tab.locator(".sent")).to_have_text(" a.txt []")


def test_a_form_without_files_is_submitted_as_ever(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/form")
    tab.fill("input[name=title]", "Ada")

    tab.keyboard.press("Enter")

    expect(tab.locator(".sent")).to_have_text("Ada None []")


def test_a_form_tells_what_is_wrong_with_its_files_beside_them(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/form")
    tab.set_input_files("input[name=one]", [file("a", b"x" * 1001)])

    tab.get_by_role("button", name="Send").click()

    expect(tab.locator(".lona-error")).to_have_text("This file is too large: 1 kB at most.")
    tab.set_input_files("input[name=one]", [file("b", b"x")])
    tab.get_by_role("button", name="Send").click()
    expect(tab.locator(".sent")).to_have_text(" b []")


# Buckets and downloads.


def test_a_bucket_is_used_by_its_page_without_any_script(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/bucket")
    page = tab.context.new_page()
    page.goto(tab.get_by_role("link").evaluate("link => link.href"))

    page.set_input_files("input[type=file]", [file("a<b>.txt"), file("evil.html", b"<script>document.title = 'evil'</script>")])
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("listitem")).to_have_count(2)
    expect(tab.locator("#names")).to_have_text("a_b_.txt, evil.html")
    with page.expect_download() as saved:
        page.get_by_role("link", name="evil.html").click()
    page.get_by_role("button", name="Delete a_b_.txt").click()

    expect(page.get_by_role("listitem")).to_have_count(1)
    expect(tab.locator("#names")).to_have_text("evil.html")
    assert saved.value.suggested_filename == "evil.html"


def test_an_uploaded_page_runs_no_script_of_its_own(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/bucket")
    page = tab.context.new_page()
    page.goto(tab.get_by_role("link").evaluate("link => link.href"))
    page.set_input_files("input[type=file]", [file("evil.html", b"<script>parent.document.title = 'evil'</script>")])
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("listitem")).to_have_count(1)
    url = page.get_by_role("link", name="evil.html").evaluate("link => link.href")

    frame = "url => { const frame = document.createElement('iframe'); frame.src = url; document.body.append(frame); }"
    tab.evaluate(frame, url)
    tab.evaluate("url => fetch(url)", url)

    assert tab.title() != "evil"


def test_a_view_has_its_browser_save_something_and_the_page_stays(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/download")
    tab.evaluate("() => { window.stillTheSamePage = true; }")

    for name, expected, data in (("Save", "saved.txt", b"hello"), ("Many", "many.bin", b"x" * 5_000_000)):
        with tab.expect_download() as saved:
            tab.get_by_role("button", name=name).click()
        assert saved.value.suggested_filename == expected
        assert Path(saved.value.path()).read_bytes() == data

    assert tab.evaluate("window.stillTheSamePage")
    expect(tab.locator("p")).to_have_text("here")


def test_a_link_to_a_download_saves_it(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/download")

    with tab.expect_download() as saved:
        tab.get_by_role("link").click()

    assert saved.value.suggested_filename == "link ä.txt"
    assert Path(saved.value.path()).read_bytes() == b"linked"
