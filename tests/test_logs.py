"""The log: what a record tells of its view, and how it is written."""

from __future__ import annotations

import io
import json
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path

import pytest

from lona_sync import App, View
from lona_sync.html import Button, Div, PasswordInput
from lona_sync.html.event_types import CHANGE
from lona_sync.logs import Choice, JSONFormatter, LogOptions, TextFormatter, Where, configure
from lona_sync.testing import Client

own = logging.getLogger("own")


class Records(logging.Handler):
    """Keeps what is logged, as a handler of a program's own that has the filter."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []
        self.addFilter(Where())

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def fields(self, text: str) -> dict[str, str]:
        [record] = [record for record in self.records if record.getMessage() == text]
        return {name: vars(record)[name] for name in ("view", "view_id", "user", "connection")}


@pytest.fixture
def records() -> Iterator[Records]:
    handler = Records()
    own.addHandler(handler)
    own.setLevel(logging.INFO)
    yield handler
    own.removeHandler(handler)
    own.setLevel(logging.NOTSET)


@contextmanager
def bare_root() -> Iterator[io.StringIO]:
    """What the root logger writes to stderr. The handlers of pytest, which come after all fixtures, are out of the way."""
    stream, logger = io.StringIO(), logging.getLogger()
    handlers, level = logger.handlers[:], logger.level
    logger.handlers = []
    try:
        with redirect_stderr(stream):
            yield stream
    finally:
        logger.handlers = handlers
        logger.setLevel(level)


def app_of(procedure: Callable[[View], object]) -> App:
    app = App(__file__)

    @app.route("/")
    class Page(View):
        def handle_request(self, request):
            procedure(self)

    return app


def test_a_record_tells_view_and_user(records: Records):
    app = app_of(lambda view: own.info("here"))

    Client(app).open("/")

    [view] = app.views()
    fields = records.fields("here")
    assert fields["view"].endswith("Page")
    assert (fields["view_id"], fields["user"]) == (view.id, view.user)
    assert fields["user"].startswith("anonymous-")


def test_a_record_of_a_handler_and_of_a_greenlet_of_the_view_tells_it_too(records: Records):
    def procedure(view: View) -> None:
        view.spawn(lambda: own.info("spawned"))
        view.show(Div(Button("x", handle_click=lambda event: own.info("clicked"))))

    app = app_of(procedure)

    Client(app).open("/").click("button")

    [view] = app.views()
    assert [records.fields(text)["view_id"] for text in ("spawned", "clicked")] == [view.id, view.id]


def test_a_record_tells_the_connections_that_show_the_view(records: Records):
    def procedure(view: View) -> None:
        view.show(Div(button := Button("x")))
        view.await_click(button)
        own.info("clicked")

    Client(app_of(procedure)).open("/").click("button")

    assert len(records.fields("clicked")["connection"]) == 8


def test_a_record_of_nobody_has_empty_fields(records: Records):
    own.info("outside")

    assert records.fields("outside") == {"view": "", "view_id": "", "user": "", "connection": ""}


def test_a_session_key_is_not_logged(records: Records):
    keys: list[str] = []

    def procedure(view: View) -> None:
        keys.append(view.request.user.session_key)
        own.info("here")

    Client(app_of(procedure)).open("/")

    assert keys[0] not in str(records.fields("here"))


def test_a_user_whose_str_logs_ends_nothing(records: Records):
    class User:
        def __str__(self) -> str:
            own.info("asked")
            return "ann"

    def procedure(view: View) -> None:
        view.request.user = User()
        own.info("here")

    Client(app_of(procedure)).open("/")

    assert records.fields("here")["user"] == "ann"
    assert records.fields("asked")["user"] == ""


def record(message: str, level: int = logging.INFO, **fields: object) -> logging.LogRecord:
    levels = {"levelno": level, "levelname": logging.getLevelName(level)}
    return logging.makeLogRecord({"name": "a.b", "msg": message, **levels, **fields})


def test_the_text_names_what_there_is():
    made = record("x", view="shop.Cart", view_id="abcdefgh.ijklmnopq", user="ann", connection="")

    text = TextFormatter().format(made)

    assert text.endswith(" INFO a.b: x [view=Cart view_id=abcdefgh.ijkl user=ann]")


@pytest.mark.parametrize(("message", "shown"), [
    ("a\nb", "a\n    b"), ("a\r\x1b[2Jb", "a\\x0d\\x1b[2Jb"), ("a\u2028b", "a\\u2028b"), ("a\tä", "a\tä"), ("\x9b", "\\x9b"),
])
def test_a_message_cannot_look_like_another_record(message: str, shown: str):
    assert TextFormatter().format(record(message)).endswith(f": {shown}")


@pytest.mark.parametrize(("level", "priority"), [
    (logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6), (logging.DEBUG, 7),
])
def test_each_line_has_its_priority(level: int, priority: int):
    text = TextFormatter(priorities=True).format(record("a\nb", level))

    assert [line[:3] for line in text.split("\n")] == [f"<{priority}>"] * 2


@pytest.mark.parametrize(("option", "journal", "told"), [
    ("auto", True, True), ("", True, True), ("auto", False, False), ("no", True, False), ("always", False, True),
])
def test_a_line_has_its_priority_for_the_journal_or_when_it_is_asked_for(
    option: str, journal: bool, told: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.delenv("JOURNAL_STREAM", raising=False)
    with bare_root(), (tmp_path / "log").open("w") as stream, redirect_stderr(stream):
        about = os.fstat(stream.fileno())
        if journal:
            monkeypatch.setenv("JOURNAL_STREAM", f"{about.st_dev}:{about.st_ino}")
        configure(LogOptions(syslog_priorities=option))
        logging.getLogger("own").error("oops")

    assert (tmp_path / "log").read_text().startswith("<3>") is told


def test_json_is_an_object_a_line():
    try:
        raise ValueError("on\npurpose")
    except ValueError as error:
        caught = ValueError, error, None
        made = record("a\nb", logging.ERROR, view="shop.Cart", user="", created=0.5, msecs=500.0, exc_info=caught)

    text = JSONFormatter().format(made)

    assert "\n" not in text
    assert json.loads(text) == {
        "time": "1970-01-01T00:00:00.500Z", "level": "error", "logger": "a.b", "message": "a\nb", "view": "shop.Cart",
        "exception": "ValueError: on\npurpose",
    }


@pytest.mark.parametrize(("loggers", "shown"), [
    ((), "a a.b ab c"), (("_a",), "ab c"), (("a",), "a a.b"), (("+a",), "a a.b ab c"), (("a", "_a.b"), "a"),
    (("a.b", "c"), "a.b c"),
])
def test_loggers_are_chosen_by_name(loggers: tuple[str, ...], shown: str):
    choice = Choice(loggers)

    found = [name for name in ("a", "a.b", "ab", "c") if choice.filter(logging.makeLogRecord({"name": name}))]

    assert found == shown.split()


def test_configuring_twice_writes_once():
    with bare_root() as written:
        configure(LogOptions())
        configure(LogOptions(level="warning"))

        own.info("not this")
        own.warning("this")

    assert [line.partition(" WARNING ")[2] for line in written.getvalue().splitlines()] == ["own: this"]


def test_a_program_that_has_set_up_its_log_keeps_it():
    mine = io.StringIO()
    with bare_root() as written:
        logging.getLogger().addHandler(logging.StreamHandler(mine))

        configure(LogOptions())
        own.warning("this")

    assert (mine.getvalue(), written.getvalue()) == ("this\n", "")


@pytest.mark.parametrize(("options", "level"), [(LogOptions(), logging.ERROR), (LogOptions("warning"), logging.WARNING)])
def test_such_a_program_keeps_its_level_unless_another_one_is_asked_for(options: LogOptions, level: int):
    with bare_root():
        logging.getLogger().addHandler(logging.NullHandler())
        logging.getLogger().setLevel(logging.ERROR)

        configure(options)

        assert logging.getLogger().level == level


def test_a_logger_with_a_plus_says_all():
    try:
        with bare_root() as written:
            configure(LogOptions(loggers=("+own",)))

            own.debug("this")
    finally:
        own.setLevel(logging.NOTSET)

    assert "DEBUG own: this" in written.getvalue()


@pytest.mark.parametrize("wrong", [{"level": "loud"}, {"debug_mode": "x"}, {"syslog_priorities": "x"}, {"format": "xml"}], ids=str)
def test_what_there_is_not_is_refused_where_it_is_said(wrong: dict[str, str]):
    with pytest.raises(ValueError, match="must be one of"):
        LogOptions(**wrong)


@pytest.mark.parametrize(("logger", "expected"), [
    ("lona_sync.view_runtime", "started <ViewRuntime"),
    ("lona_sync.input_events", "<InputEvent click"),
    ("lona_sync.server.websockets", "received ["),
    ("lona_sync.server.websockets", "sent ["),
    ("lona_sync.view_events", "fired ViewEvent(name='sold'"),
])
def test_what_a_debug_mode_logs(logger: str, expected: str, caplog: pytest.LogCaptureFixture):
    def procedure(view: View) -> None:
        view.show(Div(button := Button("x")))
        view.await_click(button)
        view.fire_view_event("sold", 3)

    caplog.set_level(logging.DEBUG, logger)

    Client(app_of(procedure)).open("/").click("button")

    assert any(expected in record.getMessage() for record in caplog.records)


def test_each_message_tells_its_connection(caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG, "lona_sync.server.websockets")

    Client(app_of(lambda view: view.show(Div()))).open("/")

    names = [vars(record)["connection"] for record in caplog.records]
    assert names
    assert all(len(name) == 8 for name in names)


def test_no_debug_mode_logs_the_secret_of_a_window(caplog: pytest.LogCaptureFixture):
    app = app_of(lambda view: view.show(Div(Button("x"))))
    caplog.set_level(logging.DEBUG, "lona_sync")

    Client(app).open("/")

    [runtime] = app.parts.registry
    [client] = runtime.clients
    assert caplog.records
    assert client.secret not in caplog.text


def test_no_input_event_logs_a_password(caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG, "lona_sync.input_events")

    Client(app_of(lambda view: view.show(Div(PasswordInput(events=[CHANGE]))))).open("/").type("input", "hunter2")

    assert "of a password" in caplog.text
    assert "hunter2" not in caplog.text
