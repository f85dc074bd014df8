"""`lona-sync routes`: what an application answers, without serving it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.commands import failure, run_command

SHOP = """
from lona_sync import App, View
from lona_sync.server.routing.routes import MATCH_ALL
app = App(__file__)

@app.route("/", name="home")
class Home(View):
    pass

@app.route("/buy/<int:id>/<what>")
@app.route("/all/<path:rest>", interactive=False)
class Buy(View):
    pass

@app.route(MATCH_ALL)
class Rest(View):
    pass
"""


@pytest.mark.parametrize("end", [
    "", "if __name__ == '__main__':\n    app.run()\n    raise SystemExit(3)", "def main():\n    app.run()\nmain()",
], ids=["declares", "runs", "runs in a function"])
def test_the_routes_are_listed_in_their_order(folder: Path, end: str, capsys: pytest.CaptureFixture[str]):
    (folder / "shop.py").write_text(SHOP + end)

    run_command("routes", "shop.py")

    assert capsys.readouterr().out.splitlines() == [
        "PATTERN               NAME  VIEW           OPTIONS",
        "/                     home  __main__.Home",
        "/all/<path:rest>            __main__.Buy   interactive=False",
        "/buy/<int:id>/<what>        __main__.Buy",
        "MATCH_ALL                   __main__.Rest",
    ]


def test_the_routes_of_an_application_in_a_module_are_listed(folder: Path, capsys: pytest.CaptureFixture[str]):
    (folder / "module_with_routes.py").write_text(SHOP)

    run_command("routes", "module_with_routes:app")

    assert "module_with_routes.Home" in capsys.readouterr().out


@pytest.mark.parametrize("url", ["/buy/5/a%20b", "/buy/5/a b?x=1", "https://example.org/buy/5/a%20b#top"])
def test_of_a_path_the_route_and_its_parts_are_told(folder: Path, url: str, capsys: pytest.CaptureFixture[str]):
    (folder / "shop.py").write_text(SHOP)

    run_command("routes", "shop.py", "--url", url)

    assert capsys.readouterr().out.splitlines() == [
        "    PATTERN               NAME  VIEW           OPTIONS",
        "->  /buy/<int:id>/<what>        __main__.Buy",
        "    MATCH_ALL                   __main__.Rest",
        "   id = 5",
        "   what = 'a b'",
    ]


def test_a_path_that_no_route_takes_ends_with_1(folder: Path):
    (folder / "shop.py").write_text(SHOP.replace("MATCH_ALL)", "'/rest')"))

    assert failure("routes", "shop.py", "--url", "/nothing") == "lona-sync: no route takes '/nothing'"


def test_routes_of_a_table_are_listed(folder: Path, capsys: pytest.CaptureFixture[str]):
    (folder / "app.py").write_text("from lona_sync import App\napp = App(__file__)")
    (folder / "table.py").write_text(SHOP + "\nroutes = app.routes")

    run_command("routes", "app.py", "-O", "ROUTING_TABLE=table.py::routes")

    assert "/buy/<int:id>/<what>" in capsys.readouterr().out


def test_what_is_wrong_with_a_route_is_told(folder: Path, capsys: pytest.CaptureFixture[str]):
    (folder / "shop.py").write_text(SHOP + "\napp.route('/late')(Home)")

    run_command("routes", "shop.py")

    assert "the route '/late' is never reached: MATCH_ALL" in capsys.readouterr().out
