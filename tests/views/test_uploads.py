"""File inputs in views: what the program gets, and what it says."""

from __future__ import annotations

import gc
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client as HTTPClient

from lona_sync import App, AwaitTimeout, InputEvent, Request, UploadedFile, View
from lona_sync.html import HTML, Button, Div, FileInput, Form, P, Submit, TextInput, UploadProgress
from lona_sync.testing import Client, Page, VirtualClock
from lona_sync.uploads import Store
from lona_sync.waits import after, change, click, upload

Procedure = Callable[[View, Request], object]
Open = Callable[..., Page]


@pytest.fixture
def open_page(tmp_path: Path) -> Iterator[Open]:
    """Opens a page of a view with this procedure."""
    apps: list[App] = []

    def open_page(procedure: Procedure, clock: VirtualClock | None = None, **settings: Any) -> Page:
        app = App(__file__)
        apps.append(app)
        app.settings.update({
            "SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.2, "RUNTIME_DIRECTORY": str(tmp_path / "run"), **settings,
        })

        @app.route("/")
        class Uploading(View):
            def handle_request(self, request: Request) -> object:
                return procedure(self, request)

        return Client(app, clock=clock).open("/")

    yield open_page
    for app in apps:
        app.stop()


def store_of(page: Page) -> Store:
    return page.client.app.parts.store


def test_a_file_is_awaited(open_page: Open):
    def procedure(view: View, request: Request) -> object:
        upload = FileInput()
        file = view.await_upload(upload, html=HTML(upload, P("waiting")))
        return P(f"{file.name} {file.content_type} {file.read().decode()}")

    page = open_page(procedure)
    page.upload("input", ("../a.txt", b"hello", "text/plain"))

    page.wait_for(lambda: page.text() == "a.txt text/plain hello")


@pytest.mark.parametrize("wait", ["await_upload", "await_uploads"])
def test_what_is_no_file_input_is_told(open_page: Open, wait: str):
    told: list[str] = []

    def procedure(view: View, request: Request) -> object:
        with pytest.raises(TypeError) as error:
            getattr(view, wait)(TextInput())
        told.append(str(error.value))
        return P()

    open_page(procedure)

    assert [text.partition(":")[0] for text in told] == ["what is uploaded is chosen in a FileInput, not in TextInput"]


def test_several_files_are_awaited(open_page: Open):
    def procedure(view: View, request: Request) -> object:
        upload = FileInput(multiple=True)
        files = view.await_uploads(upload, html=HTML(upload))
        return P(", ".join(f"{file.name}:{file.size}" for file in files))

    page = open_page(procedure)
    page.upload("input", ("a", b"1"), ("b", b""), ("a", b"333"))

    assert page.text() == "a:1, b:0, a (2):3"


@pytest.mark.parametrize("cancels", [False, True])
def test_a_file_is_awaited_beside_other_things(open_page: Open, cancels: bool):
    def procedure(view: View, request: Request) -> object:
        field, cancel = FileInput(), Button("Cancel")
        wanted = upload(field)
        came = view.await_any(wanted, click(cancel), html=HTML(field, cancel))
        if came.kind == "click":
            return P("cancelled")
        return P(f"{came.kind} {came.value.name} {came.source is wanted}")

    page = open_page(procedure)
    if cancels:
        page.click("button")
    else:
        page.upload("input", ("a.txt", b"hello"))

    page.wait_for(lambda: page.text() == ("cancelled" if cancels else "upload a.txt True"))


def test_who_waits_for_one_of_several_is_told_how(open_page: Open):
    def procedure(view: View, request: Request) -> object:
        try:
            view.await_upload(FileInput(multiple=True))
        except TypeError as error:
            return P(str(error))
        return None

    assert "use await_uploads" in open_page(procedure).text()


def test_a_wait_for_files_has_an_end(open_page: Open):
    clock = VirtualClock()

    def procedure(view: View, request: Request) -> object:
        upload = FileInput()
        try:
            view.await_upload(upload, html=HTML(upload), timeout=60)
        except AwaitTimeout:
            return P("too late")
        return None

    page = open_page(procedure, clock)
    clock.advance(seconds=61)

    assert page.text() == "too late"


def test_it_is_one_of_the_things_that_may_come(open_page: Open):
    def procedure(view: View, request: Request) -> object:
        upload = FileInput()
        view.show(HTML(upload))
        came = view.await_any(change(upload), after(60))
        return P(str(came.value.data.name))

    page = open_page(procedure)
    page.upload("input", ("a", b"1"))

    assert page.text() == "a"


def test_a_change_is_when_all_has_come(open_page: Open):
    seen: list[Any] = []

    def handle_change(event: InputEvent) -> None:
        seen.append(event.data)

    def procedure(view: View, request: Request) -> object:
        return HTML(FileInput(multiple=True, handle_change=handle_change))

    page = open_page(procedure)
    upload = page.choose("input", ("a", b"123"), ("b", b"456"))
    upload.send(3)
    page.settle()
    assert seen == []
    upload.send()
    page.settle()

    assert [[file.name for file in each] for each in seen] == [["a", "b"]]


def test_a_subclass_may_handle_the_change(open_page: Open):
    class Picture(FileInput):
        def handle_change(self, event: InputEvent) -> None:
            assert self.parent is not None
            self.parent.append(P(event.data.name))         # type: ignore[attr-defined]

    page = open_page(lambda view, request: Div(Picture()))
    page.upload("input", ("a", b"1"))

    assert page.text("p") == "a"


def test_what_a_handler_shows_is_shown(open_page: Open):
    text = P("none")

    def procedure(view: View, request: Request) -> object:
        return HTML(FileInput(handle_change=lambda event: text.set_text(event.data.name)), text)

    page = open_page(procedure)
    page.upload("input", ("a", b"1"))

    assert page.text("p") == "a"


def test_choosing_others_takes_the_place_of_those_that_were_there(open_page: Open):
    upload = FileInput()
    page = open_page(lambda view, request: HTML(upload))
    page.upload("input", ("a", b"1"))
    first = upload.value.path

    page.upload("input", ("b", b"2"))
    gc.collect()

    assert upload.value.name == "b"
    assert not first.exists()


def test_a_file_that_the_program_holds_stays(open_page: Open):
    upload = FileInput()
    page = open_page(lambda view, request: HTML(upload))
    page.upload("input", ("a", b"1"))
    held: UploadedFile = upload.value

    page.upload("input", ("b", b"2"))
    gc.collect()

    assert held.read() == b"1"


def test_choosing_none_makes_it_empty(open_page: Open):
    upload = FileInput()
    page = open_page(lambda view, request: HTML(upload))
    page.upload("input", ("a", b"1"))

    page.choose("input")

    assert upload.value is None


def test_files_go_with_the_view(open_page: Open):
    upload = FileInput()
    page = open_page(lambda view, request: HTML(upload))
    page.upload("input", ("a", b"1"))
    page.choose("input", ("b", b"222")).send(1)
    path = upload.value.path

    page.close()

    assert not path.exists()
    assert store_of(page).quota.total == 0
    assert store_of(page).open == 0


def test_it_is_known_who_has_sent_it(tmp_path: Path):
    app = App(__file__)
    app.settings.update({"SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.2, "RUNTIME_DIRECTORY": str(tmp_path / "run")})
    users: list[Any] = []

    @app.route("/")
    class Shared(View):
        def handle_request(self, request: Request) -> object:
            self.is_daemon = True
            self.show(HTML(FileInput(handle_change=lambda event: users.append(event.user))))
            self.sleep(3600)
            return None

        def may_join(self, request: Request) -> bool:
            return True

    for page in (Client(app).open("/"), Client(app).open("/")):
        page.upload("input", ("a", b"1"))

    assert len(set(users)) == 2
    app.stop()


# Progress and cancelling.


def test_progress_is_told(open_page: Open):
    seen: list[UploadProgress] = []
    upload = FileInput(multiple=True, handle_progress=seen.append)
    page = open_page(lambda view, request: HTML(upload))

    sending = page.choose("input", ("a", b"1234"), ("b", b"123456"))
    assert upload.progress == UploadProgress(0, 10)
    sending.send(5)

    assert upload.progress == UploadProgress(5, 10)
    assert upload.progress.ratio == 0.5
    assert seen[0] == UploadProgress(0, 10)
    sending.send()
    assert upload.progress is None


def test_who_hears_of_progress_may_be_a_method_or_set_later(open_page: Open):
    seen: list[str] = []

    class Told(FileInput):
        def handle_progress(self, progress: UploadProgress) -> None:
            seen.append("method")

    first, second = Told(), FileInput()
    second.handle_progress = lambda progress: seen.append("set")      # type: ignore[method-assign]
    page = open_page(lambda view, request: HTML(first, second))

    for element in page.find_all("input"):
        page.choose(element, ("a", b"1"))

    assert seen == ["method", "set"]


def test_the_last_that_has_come_is_told_in_the_end(open_page: Open):
    clock = VirtualClock()
    seen: list[int] = []
    upload = FileInput(handle_progress=lambda progress: seen.append(progress.received))
    page = open_page(lambda view, request: HTML(upload), clock)
    sending = page.choose("input", ("a", b"1234"))
    clock.advance(seconds=0)

    for _ in range(3):
        sending.send(1)
    page.settle()
    assert seen == [0]
    clock.advance(seconds=0.2)

    assert seen == [0, 3]


def test_what_progress_shows_is_shown(open_page: Open):
    text = P()
    upload = FileInput(handle_progress=lambda progress: text.set_text(f"{progress.received} of {progress.size}"))
    page = open_page(lambda view, request: HTML(upload, text))

    page.choose("input", ("a", b"1234"))

    assert page.text("p") == "0 of 4"


def test_the_program_can_cancel(open_page: Open):
    upload = FileInput()
    page = open_page(lambda view, request: HTML(upload, Button("Cancel", handle_click=lambda event: upload.cancel())))
    sending = page.choose("input", ("a", b"1234"))
    sending.send(2)

    page.click("button")
    sending.send()

    assert sending.status == 404
    assert upload.progress is None
    assert upload.value is None
    assert store_of(page).open == 0
    assert page.find("input").widget[1]["run"] == 1        # type: ignore[index]  # so the browser forgets what was chosen


def test_what_had_come_before_stays_when_the_next_is_cancelled(open_page: Open):
    upload = FileInput()
    page = open_page(lambda view, request: HTML(upload))
    page.upload("input", ("a", b"1"))

    page.choose("input", ("b", b"1234")).cancel()

    assert upload.value.name == "a"


def test_the_browser_can_cancel(open_page: Open):
    upload = FileInput()
    page = open_page(lambda view, request: HTML(upload))
    sending = page.choose("input", ("a", b"1234"))
    sending.send(2)

    sending.cancel()

    assert sending.status == 204
    assert upload.progress is None
    assert store_of(page).open == 0
    assert store_of(page).quota.total == 0


def test_who_awaits_goes_on_waiting_when_it_is_cancelled(open_page: Open):
    def procedure(view: View, request: Request) -> object:
        upload = FileInput()
        return P(view.await_upload(upload, html=HTML(upload)).name)

    page = open_page(procedure)
    page.choose("input", ("a", b"1234")).cancel()
    page.upload("input", ("b", b"1"))

    assert page.text() == "b"


def test_a_process_that_is_to_end_waits_for_what_is_on_its_way(open_page: Open):
    upload = FileInput()
    page = open_page(lambda view, request: HTML(upload))
    [runtime] = page.client.app.parts.registry
    assert runtime.at_rest

    sending = page.choose("input", ("a", b"1234"))
    sending.send(2)
    assert not runtime.at_rest
    sending.send()
    page.settle()

    assert runtime.at_rest


def test_an_upload_goes_on_after_the_socket_was_lost(open_page: Open):
    def procedure(view: View, request: Request) -> object:
        upload = FileInput()
        return P(view.await_upload(upload, html=HTML(upload)).read().decode())

    page = open_page(procedure)
    sending = page.choose("input", ("a", b"1234"))
    sending.send(2)
    page.lose_connection()
    sending.send()
    page.reconnect()

    page.wait_for(lambda: page.text() == "1234")


def test_the_same_file_chosen_once_more_goes_on_where_it_was(open_page: Open):
    upload = FileInput()
    page = open_page(lambda view, request: HTML(upload))
    first = page.choose("input", ("a", b"1234"))
    first.send(3)

    again = page.choose("input", ("a", b"1234"))

    assert again.ids == first.ids
    assert again.left == 1
    again.send()
    assert upload.value.read() == b"1234"


def test_an_input_that_is_taken_away_takes_no_more(open_page: Open):
    upload = FileInput()
    box = Div(upload)
    page = open_page(lambda view, request: HTML(box, Button("x", handle_click=lambda event: box.clear())))
    sending = page.choose("input", ("a", b"1234"))

    page.click("button")
    sending.send()

    assert sending.status == 404
    assert store_of(page).open == 0


def test_an_input_that_is_disabled_takes_none(open_page: Open):
    upload = FileInput()
    page = open_page(lambda view, request: HTML(upload, Button("x", handle_click=lambda event: setattr(upload, "disabled", True))))
    element = page.find("input")
    sending = page.choose(element, ("a", b"1234"))

    page.click("button")
    sending.send()

    assert sending.status == 404
    assert upload.value is None


# What is refused.


@pytest.mark.parametrize(("options", "file", "words"), [
    ({"max_size": 3}, ("a", b"1234"), "too large: 3 bytes at most"),
    ({"max_size": 10_000_000}, ("a", b"1" * 10_000_001), "too large: 10 MB at most"),
    ({"accept": ".png"}, ("a.txt", b"1"), "not taken, but .png"),
    ({"accept": [".png", "image/jpeg"]}, ("a.png.exe", b"1"), "not taken"),
    ({"accept": "image/*"}, ("a.txt", b"1"), "not taken"),
    ({"accept": "image/*"}, ("a.png", b"1", "text/html"), "not taken"),
])
def test_what_does_not_fit_is_refused_before_it_comes(open_page: Open, options: Any, file: Any, words: str):
    upload = FileInput(**options)
    page = open_page(lambda view, request: HTML(upload))

    sending = page.choose("input", file)

    assert words in sending.refusal
    assert sending.status == (415 if "accept" in options else 413)
    assert upload.error == sending.refusal
    assert not upload.valid
    assert store_of(page).open == 0


@pytest.mark.parametrize(("accept", "file"), [
    (".PNG", ("a.png", b"1")),
    ("image/*", ("a.png", b"1")),
    ("image/*", ("a", b"1", "image/webp")),
    ("text/plain", ("a", b"1", "text/plain; charset=utf-8")),
])
def test_what_fits_is_taken(open_page: Open, accept: str, file: Any):
    upload = FileInput(accept=accept)
    page = open_page(lambda view, request: HTML(upload))

    page.upload("input", file)

    assert upload.valid
    assert upload.value is not None


def test_one_that_does_not_fit_refuses_all(open_page: Open):
    upload = FileInput(multiple=True, max_size=3)
    page = open_page(lambda view, request: HTML(upload))

    sending = page.choose("input", ("a", b"1"), ("../b", b"1234"))

    assert sending.refusal.startswith("b: This file is too large")
    assert store_of(page).open == 0


@pytest.mark.parametrize("options", [{}, {"multiple": True, "max_files": 1}])
def test_more_files_than_allowed_are_refused(open_page: Open, options: Any):
    upload = FileInput(**options)
    page = open_page(lambda view, request: HTML(upload))

    assert page.choose("input", ("a", b"1"), ("b", b"1")).refusal == "These are too many files."


def test_the_settings_limit_each_file(open_page: Open):
    page = open_page(lambda view, request: HTML(FileInput()), UPLOAD_FILE_BYTES=3)

    assert page.choose("input", ("a", b"1234")).refusal == "This file is too large."


def test_required_means_that_there_is_a_file(open_page: Open):
    upload = FileInput(required=True)
    page = open_page(lambda view, request: HTML(upload))

    assert upload.error == "This field is required."
    page.upload("input", ("a", b"1"))
    assert upload.valid


def test_validators_see_the_file(open_page: Open):
    upload = FileInput(validators=[lambda file: "Empty." if file.size == 0 else None])
    page = open_page(lambda view, request: HTML(upload))

    page.upload("input", ("a", b""))

    assert upload.error == "Empty."


def test_a_message_brings_no_file(open_page: Open):
    upload = FileInput(handle_change=lambda event: None)
    page = open_page(lambda view, request: HTML(upload))

    page._send_event("change", page.find("input"), "C:\\fakepath\\a.txt")
    page.settle()

    assert upload.value is None
    assert page.client.app.stats()["events.malformed"] == 1


def test_a_program_can_make_it_empty_and_not_full():
    upload = FileInput()

    upload.value = None
    with pytest.raises(TypeError, match="only its user"):
        upload.value = "a.txt"                             # type: ignore[assignment]


@pytest.mark.parametrize(("options", "error"), [
    ({"accept": "png"}, ValueError), ({"max_size": 0}, ValueError), ({"max_files": True}, ValueError),
    ({"handle_progress": 3}, TypeError),
])
def test_options_that_make_no_sense_are_told(options: Any, error: type[Exception]):
    with pytest.raises(error):
        FileInput(**options)


# In forms.


def test_a_form_has_the_file_among_its_values(open_page: Open):
    def procedure(view: View, request: Request) -> object:
        form = Form(TextInput(name="title"), FileInput(name="picture", required=True), Submit("Send"))
        view.await_submit(form, html=form)
        return P(f"{form.values['title']} {form.values['picture'].name}")

    page = open_page(procedure)
    page.submit("form")
    assert page.text(".lona-error") == "This field is required."
    page.type("input[name=title]", "Ada")
    page.upload("input[type=file]", ("a.png", b"1"))
    page.submit("form")

    assert page.text() == "Ada a.png"


def test_what_was_refused_is_told_beside_the_field(open_page: Open):
    def procedure(view: View, request: Request) -> object:
        form = Form(FileInput(name="picture", max_size=3), Submit("Send"))
        view.await_submit(form, html=form)
        return P("sent")

    page = open_page(procedure)
    page.choose("input[type=file]", ("a.png", b"1234"))
    page.submit("form")

    assert page.text(".lona-error") == "This file is too large: 3 bytes at most."


# Without a browser that does it for them.


def test_a_browser_without_scripts_sends_files_to_an_interactive_view_too(open_page: Open):
    def procedure(view: View, request: Request) -> object:
        form = Form(FileInput(name="picture"), Submit("Send"))
        if request.POST and form.fill(request.POST, request.uploads):
            view.show(P(form.values["picture"].name))
            return P(form.values["picture"].read().decode())
        return form

    page = open_page(procedure)
    data = {"picture": (io.BytesIO(b"hello"), "../a.txt"), "title": "x"}
    headers = {"Sec-Fetch-Site": "same-origin"}

    answer = page.client.http.post("/", data=data, headers=headers)

    assert answer.status_code == 200
    assert "a.txt" in answer.text or "hello" in answer.text


def test_a_form_of_plain_http_brings_files_too(tmp_path: Path):
    app = App(__file__)
    app.settings.update({"SECRET_KEY": "k" * 32, "RUNTIME_DIRECTORY": str(tmp_path / "run")})

    @app.route("/", interactive=False, csrf_exempt=True)
    class Plain(View):
        def handle_request(self, request: Request) -> object:
            form = Form(TextInput(name="title"), FileInput(name="pictures", multiple=True, max_size=5, required=True))
            if request.POST and form.fill(request.POST, request.uploads):
                return ", ".join(f"{file.name}={file.read().decode()}" for file in form.values["pictures"])
            return form

    http = HTTPClient(app)
    empty = http.get("/")
    none = http.post("/", data={"title": "x", "pictures": (io.BytesIO(b""), "")})
    large = http.post("/", data={"title": "x", "pictures": (io.BytesIO(b"123456"), "a")})
    good = http.post("/", data={"title": "x", "pictures": [(io.BytesIO(b"1"), "../a"), (io.BytesIO(b"2"), "a")]})

    assert 'enctype="multipart/form-data"' in empty.text
    assert "This field is required." in none.text
    assert "too large" in large.text
    assert good.text == "a=1, a (2)=2"
    app.stop()
    assert [path for path in (tmp_path / "run").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("settings", [{"UPLOAD_BYTES_PER_SESSION": 1000}, {"UPLOADS_OPEN": 1}], ids=["bytes", "open"])
def test_what_is_chosen_in_place_of_something_else_needs_no_room_beside_it(open_page: Open, settings: dict[str, Any]):
    upload = FileInput()
    page = open_page(lambda view, request: HTML(upload), **settings)
    page.choose("input", ("a", b"a" * 600)).send(300)

    page.upload("input", ("b", b"b" * 700))

    assert [file.name for file in upload.files] == ["b"]
