"""What Lona's names mean after `import lona_sync.contrib.as_lona`. In processes of their own, since it lasts for the whole one."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(program)], cwd=ROOT, capture_output=True, text=True, timeout=60,
    )


def test_lonas_names_are_ours():
    result = run("""
        import lona_sync.contrib.as_lona
        import lona.html, lona_sync, lona_sync.html
        from lona import App, Bucket, Channel, LonaApp, LonaView, MATCH_ALL, Request, Route, UserAbort, View
        from lona._json import dumps
        from lona.compat import get_client_version
        from lona.connection import Connection
        from lona.default_views import Error404View, FrontendView
        from lona.errors import ClientError, ForbiddenError, NotFoundError
        from lona.events.input_event import InputEvent
        from lona.exceptions import ServerStop, StopReason
        from lona.html import *
        from lona.html.text_node import TextNode
        from lona.middlewares.sessions import AnonymousUser
        from lona.pytest import eventually
        from lona.responses import JsonResponse
        from lona.routing import Router
        from lona.static_files import SORT_ORDER, Script, StaticFile, StyleSheet
        from lona.view import View as AsWell

        assert LonaView is View is AsWell is lona_sync.View and LonaApp is App is lona_sync.App
        assert Div is lona_sync.html.Div and CLICK is lona_sync.html.CLICK
        assert lona.html.NODE_CLASSES["div"] is Div
        assert get_client_version() == 2 and dumps([1]) == "[1]"
    """)

    assert (result.returncode, result.stderr) == (0, "")


def test_it_comes_before_lona_itself(tmp_path: Path):
    (tmp_path / "lona.py").write_text("")
    result = run(f"""
        import sys
        sys.path.insert(0, {str(tmp_path)!r})
        import lona
        import lona_sync.contrib.as_lona
    """)

    assert "ImportError: 'lona' was imported before lona_sync.contrib.as_lona" in result.stderr


def test_markup_alone_is_a_list_of_its_roots_and_widgets_need_no_constructor():
    result = run("""
        import lona_sync.contrib.as_lona
        from lona.html import HTML, Div, P, Widget

        class Box(Widget):
            FRONTEND_WIDGET_CLASS = "box"

            def __init__(self):
                self.nodes = HTML(" <div class='box'><p>x</p></div> ")[0]
                self.data = {"open": False}

        box = Box()

        assert box.query_selector("div.box p").get_text() == "x"
        assert box.widget == "box" and box.data == {"open": False}
        assert isinstance(HTML(P("x")), P) and isinstance(HTML(P(), P()), Div)
    """)

    assert (result.returncode, result.stderr) == (0, "")
