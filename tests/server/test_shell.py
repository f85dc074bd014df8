"""The interpreter inside of a server: what it runs, whom it lets in, and that it disturbs nobody."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress

import gevent
import pytest
from gevent import socket
from gevent.event import Event

from lona_sync import App, View
from lona_sync.html import P
from lona_sync.server.watching.shell import SESSIONS, Shell
from lona_sync.server.watching.shell_session import PROMPT, Command, Repl, Session
from lona_sync.settings import Settings
from lona_sync.siblings import Talk
from lona_sync.siblings.talk import Away
from lona_sync.testing import Client


class Terminal:
    """The other end of a session."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self.greeting = self.until_asked()
        self.failed = False
        self.prompt = PROMPT

    def until_asked(self) -> str:
        written = ""
        while True:
            with gevent.Timeout(10):
                message = self._talk.receive()
            written += message.get("out", "")
            if "ask" in message or "over" in message:
                self.prompt, self.failed = message.get("ask", ""), message.get("failed", False)
                return written

    def say(self, line: str) -> str:
        """What is written until it asks again."""
        self.begin(line)
        return self.until_asked()

    def begin(self, line: str) -> None:
        self.send(line=line)

    def send(self, **message: object) -> None:
        self._talk.send(message)

    def complete(self, text: str) -> list[str]:
        self.send(complete=text)
        with gevent.Timeout(10):
            names: list[str] = self._talk.receive()["names"]
        return names


@pytest.fixture
def app() -> App:
    return App(__file__)


@pytest.fixture
def names() -> dict[str, object]:
    return {"sleep": gevent.sleep}


@contextmanager
def conversation(names: dict[str, object], commands: Mapping[str, Command], banner: str) -> Iterator[Terminal]:
    """A session and its terminal; neither is left afterwards."""
    ours, theirs = socket.socketpair()

    def serve() -> None:
        with Talk(theirs) as talk, suppress(Away):
            Session(talk, names, commands, banner=banner).run()

    session = gevent.spawn(serve)
    with Talk(ours) as talk:
        yield Terminal(talk)
    session.get(timeout=10)


def conversation_of(app: App) -> AbstractContextManager[Terminal]:
    commands = app.parts.shell_commands()
    return conversation(app.shell_names(), commands.table, commands.banner())


@pytest.fixture
def terminal(names: dict[str, object]) -> Iterator[Terminal]:
    def fail(repl: Repl, arguments: list[str]) -> None:
        raise ZeroDivisionError("division by zero")

    commands = {"echo": lambda repl, arguments: repl.write("|".join(arguments)), "fail": fail}
    with conversation(names, commands, "hello\n") as terminal:
        yield terminal


@pytest.mark.parametrize(("line", "written"), [
    ("1 + 1", "2\n"), ("None", ""), ("'a'", "'a'\n"), ("print('a', 'b')", "a b\n"), ("x = 5", ""), ("", ""), ("# nothing", ""),
    ("%echo a 'b c'", "a|b c"), ("  %lona_echo a", "a"), ("%nothing", "there is no command %nothing; %help lists them\n"),
])
def test_what_a_line_writes(terminal: Terminal, line: str, written: str):
    assert terminal.greeting == "hello\n"
    assert terminal.say(line) == written
    assert (terminal.prompt, terminal.failed) == (PROMPT, False)


def test_names_and_the_last_value_stay(terminal: Terminal, names: dict[str, object]):
    terminal.say("x = 5")
    terminal.say("x * 2")

    written = terminal.say("_ + x")

    assert written == "15\n"
    assert names["x"] == 5


def test_a_statement_of_several_lines_is_asked_for_more(terminal: Terminal):
    terminal.say("for n in range(2):")
    prompts = [terminal.prompt]
    terminal.say("    print(n)")
    prompts.append(terminal.prompt)

    written = terminal.say("")

    assert prompts == ["... ", "... "]
    assert written == "0\n1\n"


@pytest.mark.parametrize(("line", "expected"), [
    ("1 / 0", "ZeroDivisionError: division by zero"), ("1 +", "SyntaxError"), ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    ("import gevent; raise gevent.GreenletExit", "GreenletExit"), ("%fail", "ZeroDivisionError"),
    ("import gevent; raise gevent.Timeout(1)", "Timeout"), ("'\0'", "null bytes"),
])
def test_what_fails_is_shown_and_ends_nothing(terminal: Terminal, line: str, expected: str):
    written = terminal.say(line)

    assert expected in written
    assert "shell_session" not in written, "nothing of ours is in the traceback"
    assert terminal.failed
    assert terminal.say("1") == "1\n"


def test_an_exit_ends_the_session_and_not_the_server(terminal: Terminal):
    written = terminal.say("raise SystemExit(3)")

    assert (written, terminal.prompt) == ("", "")


def test_what_waits_can_be_interrupted(terminal: Terminal, names: dict[str, object]):
    names["began"] = (began := Event()).set
    terminal.begin("began(); sleep(1000)")
    began.wait(10)
    terminal.send(interrupt=True)

    assert terminal.until_asked() == "interrupted\n"
    assert terminal.say("1") == "1\n"


def test_an_interrupt_that_comes_too_late_is_forgotten(terminal: Terminal):
    terminal.say("1")
    terminal.send(interrupt=True)

    assert terminal.say("2") == "2\n"


def test_lines_that_were_begun_can_be_forgotten(terminal: Terminal):
    terminal.say("if True:")
    terminal.send(forget=True)
    terminal.until_asked()

    assert terminal.say("2") == "2\n"


def test_who_leaves_ends_what_runs(names: dict[str, object]):
    ended: list[str] = []
    began = Event()

    def wait() -> None:
        try:
            gevent.sleep(1000)
        finally:
            ended.append("ended")

    names.update(wait=wait, began=began.set)
    with conversation(names, {}, "") as terminal:
        terminal.begin("began(); wait()")
        began.wait(10)

    assert ended == ["ended"]


def test_what_others_print_goes_where_it_always_goes(
    terminal: Terminal, names: dict[str, object], capsys: pytest.CaptureFixture[str],
):
    names.update(began=(began := Event()).set, wait=(printed := Event()).wait)
    terminal.begin("began(); done = wait(); print('mine')")
    began.wait(10)
    print("theirs")
    printed.set()

    assert terminal.until_asked() == "mine\n"
    assert "theirs\n" in capsys.readouterr().out


def test_stdout_is_put_back(names: dict[str, object]):
    before = sys.stdout, sys.displayhook
    names.update(began=(began := Event()).set, wait=(printed := Event()).wait)
    with conversation(names, {}, "") as one, conversation(names, {}, "") as two:
        one.begin("began(); done = wait()")
        began.wait(10)
        two.say("1")
        printed.set()
        one.until_asked()

    assert (sys.stdout, sys.displayhook) == before


def test_what_is_long_comes_in_parts(terminal: Terminal):
    assert len(terminal.say("print('x' * 3_000_000)")) == 3_000_001


@pytest.mark.parametrize(("text", "expected"), [
    ("sle", ["sleep("]), ("%e", ["%echo"]), ("sleep.__na", ["sleep.__name__"]), ("1 +", []),
])
def test_names_are_completed(terminal: Terminal, text: str, expected: list[str]):
    assert terminal.complete(text) == expected


def test_nonsense_is_passed_over(terminal: Terminal):
    terminal.send(line=5)
    terminal.send(nothing=True)

    assert terminal.say("1") == "1\n"


# The door.


def knock(settings: Settings, *, descriptors: int = 1, sessions: int = 0) -> tuple[object, Counter[str]]:
    """What the door says to somebody with so many descriptors in his hand."""
    counters: Counter[str] = Counter()
    shell = Shell(settings=settings, session=lambda talk: Session(talk, {}, {}, banner="hello\n"), counters=counters)
    shell._open = sessions
    (ours, theirs), (mine, handed) = socket.socketpair(), socket.socketpair()
    with Talk(ours) as visitor, Talk(theirs) as host, Talk(mine) as end:
        answer = gevent.spawn(shell.answer, {}, host)
        with handed:
            gevent.sleep(0)
            if not answer.ready():                       # it waits for what the visitor has
                assert visitor.receive() == {"ready": os.getpid()}
                visitor.send({}, descriptors=[handed.fileno()] * descriptors)
        said = answer.get(timeout=10)
        if said is None:
            said = Terminal(end).greeting
            end.send({"end": True})
            assert end.receive() == {"over": True}
    return said, counters


def test_the_door_is_closed_unless_a_setting_opens_it():
    assert knock(Settings()) == ({"error": "off"}, {"shell.refused": 1})


def test_who_is_let_in_hands_over_his_end():
    assert knock(Settings({"SHELL": True})) == ("hello\n", {"shell.opened": 1})


def test_no_more_than_ten_are_let_in():
    assert knock(Settings({"SHELL": True}), sessions=SESSIONS) == ({"error": "full"}, {"shell.refused": 1})


@pytest.mark.parametrize("count", [0, 2])
def test_who_hands_over_something_else_is_sent_away(count: int):
    with pytest.raises(Away, match="expected one socket"):
        knock(Settings({"SHELL": True}), descriptors=count)


# Commands, and what there is of an application.


def test_an_application_is_at_hand(app: App):
    @app.route("/")
    class Home(View):
        def handle_request(self, request):
            self.text = P("before")
            self.show(self.text)

    page = Client(app).open("/")
    [view] = app.views()
    with conversation_of(app) as terminal:
        terminal.say(f"v = view({view.id[:10]!r}); v.text.set_text('after'); v.show()")

    assert page.text("p") == "after"


@pytest.mark.parametrize("command", [
    "help", "info", "settings", "settings WINDOW", "routes", "routes /", "views", "connections", "state", "threads", "lona_info",
    "lona_settings", "lona_routes -r /", "lona_server_state", "lona_views", "static_files", "static_files style", "templates",
    "lona_static_files -l", "lona_templates -r lona/404.html",
    "middlewares", "buckets",
])
def test_each_command_writes_something(app: App, command: str):
    app.route("/")(View)
    app.state["orders"] = 3
    Client(app).open("/")

    with conversation_of(app) as terminal:
        written = terminal.say(f"%{command}")

    assert not terminal.failed, written
    assert written.endswith("\n")


@pytest.mark.parametrize("command", ["templates 404", "lona_templates -r lona/404.html"])
def test_files_are_looked_up_by_words(app: App, command: str):
    with conversation_of(app) as terminal:
        written = terminal.say(f"%{command}")

    assert written.split() == ["NAME", "lona/404.html"]


def test_settings_are_shown_without_secrets(app: App):
    app.settings.SECRET_KEY = "very secret"
    app.settings.COMPANY = "x"

    with conversation_of(app) as terminal:
        written = terminal.say("%settings")

    assert "very secret" not in written
    assert any(line.split() == ["*", "COMPANY", "'x'"] for line in written.splitlines())


def test_a_view_is_told_in_full(app: App):
    app.route("/")(View)
    Client(app).open("/")
    [view] = app.views()

    with conversation_of(app) as terminal:
        written = terminal.say(f"%views {view.id[:12]}")

    assert view.id in written
    assert "log_bytes" in written


def test_commands_of_ones_own(app: App):
    class Orders:
        """how many orders there are"""
        NAME = "orders"

        def __init__(self, repl):
            self.repl = repl

        def run(self, arguments):
            self.repl.write(f"{self.repl.locals['app'].state['orders']} {arguments}\n")

    app.state["orders"] = 3
    app.settings.COMMANDS = [Orders]
    with conversation_of(app) as terminal:
        written = terminal.say("%orders a b")
        help_text = terminal.say("%help")

    assert written == "3 ['a', 'b']\n"
    assert "how many orders there are" in help_text


def test_a_command_that_is_none_is_told_at_the_start(app: App):
    app.settings.COMMANDS = [View]

    with pytest.raises(TypeError, match="COMMANDS holds classes with a NAME"):
        _ = app.parts
