"""Settings that say what an application has: its routes, and its state at the beginning."""

from __future__ import annotations

from pathlib import Path

import pytest

from lona_sync import App, View
from lona_sync.testing import Client


@pytest.fixture
def app(tmp_path: Path) -> App:
    (tmp_path / "routes.py").write_text("""
from lona_sync import View
from lona_sync.server.routing.routes import Route

class Home(View):
    def handle_request(self, request):
        return "from the table"

routes = [Route("/", Home, interactive=False)]
number = 5
""")
    return App(tmp_path / "shop.py")


def test_routes_may_come_from_a_table(app: App):
    app.settings.ROUTING_TABLE = "routes.py::routes"

    assert "from the table" in Client(app).http.get("/").text


def test_an_application_with_routes_of_its_own_has_no_table(app: App):
    app.settings.ROUTING_TABLE = "routes.py::routes"

    @app.route("/", interactive=False)
    class Own(View):
        def handle_request(self, request):
            return "its own"

    assert "its own" in Client(app).http.get("/").text


def test_a_table_that_is_none_is_told_at_the_start(app: App):
    app.settings.ROUTING_TABLE = "routes.py::number"

    with pytest.raises(TypeError, match="ROUTING_TABLE names a list of Route, and not 5"):
        _ = app.parts


def test_the_state_has_what_settings_say_unless_the_program_has_said_it(app: App):
    value = [1]
    app.settings.INITIAL_SERVER_STATE = {"orders": value, "open": True}
    app.state["open"] = False

    _ = app.parts
    value.append(2)

    assert (app.state["orders"].to_json(), app.state["open"]) == ("[1]", False)
