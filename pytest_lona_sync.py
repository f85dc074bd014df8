"""The plugin for pytest: fixtures for tests of views. docs/testing.md says what each is good for.

It stands beside the package, not in it. pytest loads each plugin that is installed in every one of its runs, and the package brings
gevent, werkzeug and half a second; here nothing is loaded before a test asks for it. Nothing is patched either: that would be for
the tests' own `conftest.py`, in its first line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from lona_sync import App
    from lona_sync.testing import Client, LiveServer, LonaContext
    from lona_sync.testing.fixtures import Bench


@pytest.fixture
def _lona_bench() -> Iterator[Bench]:
    """What all fixtures of one test share, and its end."""
    from lona_sync.testing.fixtures import Bench  # here: see above

    with Bench() as bench:
        yield bench


@pytest.fixture
def lona_client(_lona_bench: Bench) -> Callable[..., Client]:
    """`lona_client(app)` is a browser without a screen. All that a test makes of one application share one clock."""
    return _lona_bench.client


@pytest.fixture
def lona_live_server(_lona_bench: Bench) -> Callable[[App], LiveServer]:
    """`lona_live_server(app).url` is where a real browser finds the application."""
    return _lona_bench.live_server


@pytest.fixture
def lona_app_context(_lona_bench: Bench, tmp_path: Path) -> Callable[..., LonaContext]:
    """`lona_app_context(setup_app, project_root='')`: an application for this test; `setup_app(app)` adds its routes."""

    def make(setup_app: Callable[[App], object] | None, project_root: str | Path = "") -> LonaContext:
        return _lona_bench.context(project_root or tmp_path, setup_app)

    return make


@pytest.fixture
def lona_project_context(_lona_bench: Bench, tmp_path: Path) -> Callable[..., LonaContext]:
    """An application with the settings of a project: files below its root, and overrides, as `lona-sync run` has them."""

    def make(
        project_root: str | Path = "", settings: Sequence[str] = (), settings_pre_overrides: Mapping[str, Any] | None = None,
        settings_post_overrides: Mapping[str, Any] | None = None, setup_app: Callable[[App], object] | None = None,
    ) -> LonaContext:                                        # Any: settings have many types
        return _lona_bench.context(
            project_root or tmp_path, setup_app, settings, settings_pre_overrides or {}, settings_post_overrides or {},
        )

    return make
