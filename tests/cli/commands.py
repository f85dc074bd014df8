"""The command, called in this process."""

from __future__ import annotations

import contextvars

import pytest

from lona_sync.cli import main


def run_command(*arguments: str) -> None:
    contextvars.copy_context().run(main, arguments)


def failure(*arguments: str) -> str:
    """The one line with which the command ends."""
    with pytest.raises(SystemExit) as stopped:
        run_command(*arguments)
    assert isinstance(stopped.value.code, str), "a line, which makes the exit status 1"
    assert "\n" not in stopped.value.code
    return stopped.value.code
