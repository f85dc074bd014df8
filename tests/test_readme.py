"""What the README shows works."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from lona_sync import App
from lona_sync.testing import Client

README = Path(__file__).parents[1] / "README.md"
PROGRAMS = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)


def run(program: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "readme", "__file__": str(README)}
    exec(compile(program, "README.md", "exec"), names)
    return names


def app_of(program: str) -> App:
    app = run(program)["app"]
    assert isinstance(app, App)
    app.settings.SECRET_KEY = "k" * 32
    return app


def test_the_counter_counts() -> None:
    page = Client(app_of(PROGRAMS[0])).open("/")

    page.click("button")
    page.click("button")

    assert page.text("p") == "2"
    page.close()


def test_what_one_page_sends_the_other_shows() -> None:
    app = app_of(PROGRAMS[1])
    sender, receiver = Client(app).open("/sender"), Client(app).open("/receiver")

    sender.type("input", "<b>hello</b>")
    sender.click("button")
    receiver.settle()

    assert [item.text for item in receiver.find_all("li")] == ["<b>hello</b>"]
    app.stop()


def test_the_test_of_a_view_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    counter = ModuleType("counter")
    counter.app = app_of(PROGRAMS[0])      # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "counter", counter)

    run(PROGRAMS[2])["test_a_click_counts"]()

    assert len(PROGRAMS) == 3
    counter.app.stop()                     # type: ignore[attr-defined]


def test_the_example_is_the_program_that_two_browsers_run() -> None:
    program = (README.parent / "examples" / "channels.py").read_text()
    app = app_of(program)
    receivers = [Client(app).open("/receiver") for _ in range(2)]
    sender = Client(app).open("/sender")

    sender.click("button")

    assert [receiver.text("p") for receiver in receivers] == ["Received: Hello from sender!"] * 2
    app.stop()
