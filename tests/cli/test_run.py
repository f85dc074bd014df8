"""The command `lona-sync`: what it understands, what it says when it cannot, and that it runs."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import pytest

from lona_sync import VERSION_STRING, App
from lona_sync.launch import Launch, RunOptions, launch
from lona_sync.server.http.serving import CannotListen
from lona_sync.server.static.declared_files import DeclaredFiles
from tests.cli.commands import failure, run_command
from tests.cluster.processes import free_port, process
from tests.server.raw_client import RawClient, connect

APP = """
from lona_sync import App, View
app = App(__file__)
"""

#: Notes that it was imported, how, and with what; then serves a page that says so.
SCRIPT = """
import sys
from gevent.monkey import is_module_patched
from lona_sync import App, View
print("loaded", __name__, is_module_patched("socket"), sys.argv[1:], sys.flags.dev_mode, flush=True)
app = App(__file__)

@app.route("/", interactive=False)
class Home(View):
    def handle_request(self, request):
        return f"patched: {is_module_patched('socket')}"
"""
RUN = """
if __name__ == "__main__":
    app.run("127.0.0.1")
"""


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[Launch]:
    """What `App.run` was told by the command line each time it was called. It serves nothing."""
    told: list[Launch] = []

    def run(app: App) -> None:
        options = launch.get()
        assert options is not None
        options.served = True
        told.append(options)

    monkeypatch.setattr(App, "run", run)
    return told


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The addresses at which applications tried to listen. They cannot."""
    found: list[tuple[str, int]] = []

    def refuse(server: object, application: object, host: str, port: int) -> None:
        found.append((host, port))
        raise CannotListen("on purpose")

    monkeypatch.setattr("lona_sync.app.Server.__init__", refuse)
    return found


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as stopped:
        run_command("--version")

    assert stopped.value.code == 0
    assert capsys.readouterr().out == f"lona-sync {VERSION_STRING}\n"


@pytest.mark.parametrize("arguments", [
    (), ("run",), ("walk", "x.py"), ("run", "--port", "x", "x.py"), ("run", "--log-level", "loud", "x.py"),
    ("run", "--nothing", "x.py"),
], ids=str)
def test_what_is_not_understood_ends_with_2_and_the_usage(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as stopped:
        run_command(*arguments)

    assert stopped.value.code == 2
    assert "usage: lona-sync" in capsys.readouterr().err


def test_a_script_that_runs_its_application_is_run(folder: Path, runs: list[Launch]):
    (folder / "x.py").write_text(APP + "assert __name__ == '__main__'\napp.run()")

    run_command("run", "--host", "h", "--port", "5", "x.py")

    assert [(each.before, each.behind) for each in runs] == [(RunOptions(host="h", port=5), [])]


def test_a_script_that_only_declares_its_application_is_served(folder: Path, runs: list[Launch]):
    (folder / "x.py").write_text(APP)

    run_command("run", "x.py")

    assert [(each.before, each.behind) for each in runs] == [(RunOptions(), [])]


@pytest.mark.parametrize("arguments", [("script.py",), ("-m", "script"), (".",)], ids=["file", "module", "folder"])
def test_the_static_files_of_a_script_that_only_declares_its_application_are_found(
    folder: Path, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch,
):
    found: list[list[str]] = []

    def run(app: App) -> None:
        found.append([file.address for file in DeclaredFiles([app.routes[0].view])])

    monkeypatch.setattr(App, "run", run)
    text = APP + """
from lona_sync.static_files import Script
@app.route("/")
class Home(View):
    STATIC_FILES = [Script("w", "w.js")]
"""
    (folder / "script.py").write_text(text)
    (folder / "__main__.py").write_text(text)
    (folder / "w.js").write_text("")

    run_command("run", *arguments)

    assert found == [["w.js"]]


def test_a_script_finds_the_modules_beside_it(folder: Path, runs: list[Launch]):
    (folder / "inner").mkdir()
    (folder / "inner" / "beside_the_script.py").write_text(APP)
    (folder / "inner" / "x.py").write_text("from beside_the_script import app")

    run_command("run", "inner/x.py")

    assert len(runs) == 1


def test_a_folder_with_a_main_module_is_run(folder: Path, runs: list[Launch]):
    (folder / "site").mkdir()
    (folder / "site" / "__main__.py").write_text(APP + "app.run()")

    run_command("run", "site")

    assert len(runs) == 1


def test_options_may_be_parted_from_the_script(folder: Path, runs: list[Launch]):
    (folder / "x.py").write_text(APP)

    run_command("run", "-O", "DEBUG=True", "--", "x.py", "a")

    assert [(each.before.post_overrides, each.behind) for each in runs] == [({"DEBUG": True}, ["a"])]


@pytest.mark.parametrize("arguments", [("a",), ("--port", "7"), ("--", "-x"), ("-m", "b"), ("--help",)], ids=str)
def test_arguments_behind_the_script_are_its_own(folder: Path, runs: list[Launch], arguments: tuple[str, ...]):
    (folder / "x.py").write_text(APP + "import sys\nprint(sys.argv)\napp.seen = sys.argv\n")

    run_command("run", "x.py", *arguments)

    assert sys.argv == ["x.py", *arguments]
    assert [(each.before, each.behind) for each in runs] == [(RunOptions(), list(arguments))]


def test_an_application_in_a_module_is_served(folder: Path, runs: list[Launch]):
    (folder / "module_with_an_app.py").write_text(APP)

    run_command("run", "module_with_an_app:app")

    assert len(runs) == 1


def test_a_module_is_run_as_python_does_with_m(folder: Path, runs: list[Launch]):
    (folder / "package_to_run").mkdir()
    (folder / "package_to_run" / "__init__.py").touch()
    (folder / "package_to_run" / "inner.py").write_text("from . import __name__\n" + APP + "app.run()")

    run_command("run", "-m", "package_to_run.inner")

    assert len(runs) == 1


@pytest.mark.parametrize(("target", "expected"), [
    ("nothing.py", "there is no file 'nothing.py'"),
    ("some/folder/x.py", "there is no file 'some/folder/x.py'"),
    ("nothing_at_all:app", "there is no module 'nothing_at_all'"),
    ("nothing_at_all.inner:app", "there is no module 'nothing_at_all.inner'"),
    ("sound:app", "'sound:app' is no lona_sync.App"),
    ("sound:number", "'sound:number' is no lona_sync.App, but 5"),
    ("sound:", "'sound:' is no lona_sync.App"),
    ("sound.inner:app", "there is no module 'sound.inner'"),
    (":app", "there is no module ''"),
    (".sound:app", "there is no module '.sound'"),
    ("a/b:app", "there is no module 'a/b'"),
    (".", "there is no file '.'"),
])
def test_what_is_not_there_is_told_in_one_line(folder: Path, target: str, expected: str):
    (folder / "sound.py").write_text("number = 5")

    told = failure("run", target)

    assert told.startswith(f"lona-sync: {expected}")


@pytest.mark.parametrize("target", ["nothing_at_all", "nothing_at_all.inner", "package_without_main", ".x", "x.py", "a/b"])
def test_a_module_that_cannot_be_run_is_told_in_one_line(folder: Path, target: str):
    (folder / "package_without_main").mkdir()
    (folder / "package_without_main" / "__init__.py").touch()

    told = failure("run", "-m", target)

    assert told.startswith("lona-sync: there is no module ")


@pytest.mark.parametrize(("text", "count"), [("", 0), (APP + "other = App(__file__)", 2), ("from lona_sync import App", 0)])
def test_a_script_without_one_application_is_told_so(folder: Path, text: str, count: int, runs: list[Launch]):
    (folder / "x.py").write_text(text)

    told = failure("run", "x.py")

    assert told.startswith(f"lona-sync: 'x.py' holds {count} applications; one is needed")


def test_two_names_of_one_application_are_one(folder: Path, runs: list[Launch]):
    (folder / "x.py").write_text(APP + "other = app")

    run_command("run", "x.py")

    assert len(runs) == 1


@pytest.mark.parametrize("arguments", [("broken_import:app",), ("broken_import.py",), ("-m", "broken_import")], ids=str)
def test_an_import_that_fails_inside_of_the_module_is_not_hidden(folder: Path, arguments: tuple[str, ...]):
    (folder / "broken_import.py").write_text("import a_module_that_is_missing")

    with pytest.raises(ModuleNotFoundError, match="a_module_that_is_missing"):
        run_command("run", *arguments)


def test_a_script_may_end_itself(folder: Path):
    (folder / "x.py").write_text("raise SystemExit(3)")

    with pytest.raises(SystemExit) as stopped:
        run_command("run", "x.py")

    assert stopped.value.code == 3


@pytest.mark.parametrize("port", ["x", "", "-1", "70000", "8080.0"])
def test_a_port_that_is_none_is_told_in_one_line(folder: Path, port: str, monkeypatch: pytest.MonkeyPatch):
    (folder / "x.py").write_text(APP)
    monkeypatch.setenv("LONA_SYNC_PORT", port)
    monkeypatch.setattr("lona_sync.app.Server.wait_for_signal", lambda server: None)

    if port == "":                                           # set to nothing: not set
        monkeypatch.setattr("lona_sync.app.Server.start", lambda server: None)
        run_command("run", "x.py")
    else:
        told = failure("run", "x.py")
        assert "port" in told.lower()


@pytest.mark.parametrize(("arguments", "given", "environment", "expected"), [
    ((), ("", 0), {}, ("localhost", 8080)),
    ((), ("", 0), {"LONA_SYNC_HOST": "e", "LONA_SYNC_PORT": "3"}, ("e", 3)),
    ((), ("g", 2), {"LONA_SYNC_HOST": "e", "LONA_SYNC_PORT": "3"}, ("g", 2)),
    (("--host", "o", "--port", "1"), ("g", 2), {"LONA_SYNC_HOST": "e", "LONA_SYNC_PORT": "3"}, ("o", 1)),
])
def test_options_win_over_arguments_and_those_over_the_environment(
    folder: Path, arguments: tuple[str, ...], given: tuple[str, int], environment: dict[str, str], expected: tuple[str, int],
    monkeypatch: pytest.MonkeyPatch, tried: list[tuple[str, int]],
):
    (folder / "x.py").write_text(f"{APP}\napp.run({given[0]!r}, {given[1]})")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    told = failure("run", *arguments, "x.py")

    assert tried == [expected]
    assert told == "lona-sync: on purpose"


@pytest.mark.parametrize(("words", "call", "expected"), [
    (("x.py", "--port", "5"), "app.run()", 5),
    (("x.py", "--port=5", "own", "--own"), "app.run()", 5),
    (("--port", "1", "x.py", "--port", "5"), "app.run()", 5),
    (("--port", "1", "x.py"), "app.run(port=2)", 1),
    (("x.py", "--", "--port", "5"), "app.run(port=2)", 2),
    (("x.py", "--port", "5"), "app.run(port=2, parse_command_line=False)", 2),
    (("--port", "1", "x.py", "--port", "own"), "app.run(port=2, parse_command_line=False)", 1),
    (("x.py", "--port", "5"), "", 5),
], ids=str)
def test_options_may_follow_the_script_if_that_allows_it(
    folder: Path, words: tuple[str, ...], call: str, expected: int, tried: list[tuple[str, int]],
):
    (folder / "x.py").write_text(f"{APP}\n{call}")

    failure("run", *words)

    assert [port for _, port in tried] == [expected]


def test_options_may_follow_an_application(folder: Path, tried: list[tuple[str, int]]):
    (folder / "module_with_options.py").write_text(APP)

    failure("run", "module_with_options:app", "--port", "5")

    assert [port for _, port in tried] == [5]


def test_what_is_no_option_behind_an_application_is_an_error(folder: Path):
    (folder / "module_without_arguments.py").write_text(APP)

    told = failure("run", "module_without_arguments:app", "--prot", "5")

    assert told.startswith("lona-sync: there is no option '--prot', and 'module_without_arguments:app' is no script")


def test_what_is_nearly_an_option_is_told(folder: Path, tried: list[tuple[str, int]], caplog: pytest.LogCaptureFixture):
    (folder / "x.py").write_text(APP)

    failure("run", "x.py", "--prot", "5", "--verbose")

    assert "--prot is left to the script; did you mean --port?" in caplog.text
    assert "--verbose" not in caplog.text


def test_a_wrong_value_behind_a_script_ends_with_2_and_the_usage(folder: Path, capsys: pytest.CaptureFixture[str]):
    (folder / "x.py").write_text(f"{APP}\napp.run()")

    with pytest.raises(SystemExit) as stopped:
        run_command("run", "x.py", "--port", "x")

    assert stopped.value.code == 2
    assert "x.py: error: argument --port: invalid int value: 'x'" in capsys.readouterr().err


def test_who_asks_a_script_for_help_gets_the_options(folder: Path, capsys: pytest.CaptureFixture[str]):
    (folder / "x.py").write_text(f"{APP}\napp.run()")

    with pytest.raises(SystemExit) as stopped:
        run_command("run", "x.py", "--help")

    assert stopped.value.code == 0
    assert "--shutdown-timeout" in capsys.readouterr().out


def test_settings_of_the_command_line_are_those_of_the_application(folder: Path, tried: list[tuple[str, int]]):
    (folder / "x.py").write_text(APP + "app.settings.TITLE = 'program'\nimport sys\nsys.modules['found_app'] = app\napp.run()")
    (folder / "more.py").write_text("WINDOW = 5\nLOG_FRAMES = WINDOW + MAX_WINDOWS")

    before = "-o", "TITLE=before", "MAX_WINDOWS=7", "WINDOW=6", "-O", "LOG_BYTES=8", "-s", "more.py"
    failure("run", *before, "x.py", "-O", "DEBUG=true")

    settings = sys.modules.pop("found_app").settings
    assert (settings.TITLE, settings.MAX_WINDOWS, settings.WINDOW) == ("program", 7, 5)
    assert (settings.LOG_BYTES, settings.LOG_FRAMES, settings.DEBUG) == (8, 12, True)


@pytest.mark.parametrize(("call", "level"), [("app.run()", "ERROR"), ("app.run(log_level='debug')", "DEBUG")])
def test_what_a_program_does_to_the_log_stays_unless_it_says_otherwise(
    folder: Path, call: str, level: str, tried: list[tuple[str, int]],
):
    (folder / "x.py").write_text(f"{APP}\nimport logging\nlogging.getLogger().setLevel('ERROR')\n{call}")
    root = logging.getLogger()
    before = root.level

    failure("run", "x.py")

    found = root.level
    root.setLevel(before)
    assert logging.getLevelName(found) == level


def test_the_project_may_be_elsewhere(folder: Path, tried: list[tuple[str, int]]):
    (folder / "inner").mkdir()
    (folder / "inner" / "x.py").write_text(APP)

    failure("run", "--project-root", "inner", "x.py")

    assert len(tried) == 1


def test_a_project_that_is_nowhere_is_told_in_one_line(folder: Path):
    told = failure("run", "--project-root", "nowhere", "x.py")

    assert told == "lona-sync: the project's root 'nowhere' cannot be used: No such file or directory"


def get(port: int) -> str:
    """The body of the page at '/'."""
    with RawClient(connect(("127.0.0.1", port))) as client:
        answer = client.request(Upgrade=None, Connection="close")
        return client.body(answer)


@pytest.mark.parametrize(("command", "expected"), [
    (("-m", "lona_sync", "run", "--port={}", "x.py", "a", "--b"), "loaded __main__ True ['a', '--b'] False"),
    (("-m", "lona_sync", "run", "--port={}", "-m", "package.x", "a"), "loaded __main__ True ['a'] False"),
    (("-m", "lona_sync", "run", "--port={}", "--host=127.0.0.1", "package.x:app"), "loaded package.x True [] False"),
], ids=["file", "module", "application"])
def test_the_command_patches_before_it_loads_and_serves(folder: Path, command: tuple[str, ...], expected: str):
    port = free_port()
    (folder / "x.py").write_text(SCRIPT + RUN)
    (folder / "package").mkdir()
    (folder / "package" / "x.py").write_text(SCRIPT + RUN)

    with process(folder, *(word.format(port) for word in command)) as server:
        server.wait_for_port(port)
        body = get(port)
        output = server.output

    assert body == "patched: True"
    assert output.count("loaded") == 1
    assert expected in output


@pytest.mark.parametrize(("command", "flags", "expected"), [
    (("x.py", "a", "--own", "5", "--", "-m"), (), "['a', '--own', '5', '--', '-m'] False"),
    (("x.py",), ("-X", "dev"), "[] True"),
    (("-m", "package.x", "-m", "b"), ("-Xdev",), "['-m', 'b'] True"),
    (("-mpackage.x", "a"), (), "['a'] False"),
    (("-bm", "package.x", "a"), (), "['a'] False"),
    (("package", "a"), (), "['a'] False"),
    (("-m", "package"), (), "[] False"),
], ids=str)
def test_a_script_that_python_runs_starts_itself_again_patched(
    folder: Path, command: tuple[str, ...], flags: tuple[str, ...], expected: str,
):
    port = free_port()
    (folder / "x.py").write_text(SCRIPT + RUN)
    (folder / "package").mkdir()
    (folder / "package" / "x.py").write_text(SCRIPT + RUN)
    (folder / "package" / "__main__.py").write_text(SCRIPT + RUN)

    with process(folder, *flags, *command, LONA_SYNC_PORT=str(port)) as server:
        server.wait_for_port(port)
        body = get(port)
        lines = [line for line in server.output.splitlines() if line.startswith("loaded")]

    assert body == "patched: True"
    assert lines == [f"loaded __main__ False {expected}", f"loaded __main__ True {expected}"]


def test_a_port_that_is_taken_is_told_in_one_line_and_ends_with_1(folder: Path):
    port = free_port()
    (folder / "x.py").write_text(SCRIPT + RUN)

    with process(folder, "x.py", LONA_SYNC_PORT=str(port)) as first:
        first.wait_for_port(port)
        with process(folder, "x.py", LONA_SYNC_PORT=str(port)) as second:
            status = second.wait()
            lines = [line for line in second.output.splitlines() if not line.startswith("loaded")]

    assert status == 1
    assert lines == [f"lona-sync: cannot listen on '127.0.0.1', port {port}: something else listens there already; "
                     "stop it or choose another port"]


def test_what_cannot_be_run_ends_with_1_and_without_a_traceback(folder: Path):
    with process(folder, "-m", "lona_sync", "run", "nothing.py") as command:
        status = command.wait()

    assert status == 1
    assert command.output.startswith("lona-sync: there is no file 'nothing.py'.")
    assert len(command.output.splitlines()) == 1
