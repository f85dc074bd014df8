"""Which route answers which path."""

from __future__ import annotations

import logging
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.routing import BaseConverter
from werkzeug.test import Client

from lona_sync import MATCH_ALL, App, Request, Route, View
from lona_sync.server.routing.import_strings import acquire
from lona_sync.server.routing.routes import Router


class Page(View):
    """Any view."""


def match(pattern: str | int, path: str) -> dict[str, Any] | None:
    found = Router([Route(pattern, Page)]).resolve(path)
    return dict(found.match_info) if found.matched else None


def resolved(path: str, *patterns: str | int) -> str | int | None:
    """The pattern of the route that answers `path`."""
    found = Router([Route(pattern, Page) for pattern in patterns]).resolve(path)
    return found.route.pattern if found.route is not None else None


@pytest.mark.parametrize(("pattern", "path"), [
    ("/", "/"),
    ("/a.b", "/a.b"),
    ("/a+b/(c)", "/a+b/(c)"),
    ("/über/{}", "/über/{}"),
    ("/<1>", "/<1>"),                        # no name: literal text
])
def test_a_literal_pattern_matches_exactly_itself(pattern: str, path: str):
    found = match(pattern, path)

    assert found == {}


@pytest.mark.parametrize(("pattern", "path"), [
    ("/a", "/a/"),
    ("/a/", "/a"),
    ("/a", "/A"),
    ("/a", "/a\n"),
    ("/a.b", "/aXb"),
    ("/a.b/<x>", "/aXb/1"),
    ("/a|/b/<x>", "/a"),
    ("/<x>", "/"),
    ("/<x>", "/a/b"),
    ("/<x>", "/a/"),
    ("/a/<x>", "/a/1\n/"),
    ("/a/<x:[0-9]+>", "/a/1\n"),
    ("/a/<x:[0-9]+>", "/a/x"),
    ("/a/<x:[0-9]+>", "/b/a/1"),
    ("/a(/)", "/a//"),
    ("/a(/)", "/a\n"),
])
def test_a_pattern_does_not_match(pattern: str, path: str):
    found = match(pattern, path)

    assert found is None


@pytest.mark.parametrize(("pattern", "path", "expected"), [
    ("/<x>", "/a b", {"x": "a b"}),
    ("/<x>", "/.", {"x": "."}),
    ("/<a>/<b_2>.html", "/1/2.html", {"a": "1", "b_2": "2"}),
    ("/<a>-<b>", "/1-2-3", {"a": "1-2", "b": "3"}),
    ("/<n:[0-9]{2,3}>", "/123", {"n": "123"}),
    ("/<n:a|b>/c", "/b/c", {"n": "b"}),
    ("/files/<path:.*>", "/files/a/b/", {"path": "a/b/"}),
    ("/<x:[^>]+>", "/a/b", {"x": "a/b"}),
    ("/<x:(?P<y>a)b>/c", "/ab/c", {"x": "ab"}),
    ("/<x:a>b>", "/ab>", {"x": "a"}),                # a regex ends where it is whole
    ("/<x:>", "/a", {"x": "a"}),
    ("/<path:(?:rest)>", "/rest", {"path": "rest"}),
    ("/<n:(x)(y)>", "/xy", {"n": "xy"}),
])
def test_the_named_parts_of_a_path_are_given(pattern: str, path: str, expected: dict[str, str]):
    found = match(pattern, path)

    assert found == expected


@pytest.mark.parametrize("path", ["/a", "/a/"])
def test_an_optional_slash_may_be_there_or_not(path: str):
    found = match("/a(/)", path)

    assert found == {}


@pytest.mark.parametrize("path", ["/1", "/1/"])
def test_an_optional_slash_is_not_part_of_the_name_before_it(path: str):
    found = match("/<x>(/)", path)

    assert found == {"x": "1"}


@pytest.mark.parametrize("path", ["/", "/a/b", "", "/\n"])
def test_match_all_matches_every_path(path: str):
    found = match(MATCH_ALL, path)

    assert found == {}


@pytest.mark.parametrize("pattern", [
    "/<x:(>", "/<x:[>", "/<x>/<x>", "/<x:*>", "/<int(min=x=1):n>", "/<int(size=1):n>", "/<int(1)>", "/<int:n>/<n>",
])
def test_a_pattern_that_cannot_work_fails_where_it_is_declared(pattern: str):
    with pytest.raises(ValueError, match=r"the pattern .* cannot work"):
        Route(pattern, Page)


@pytest.mark.parametrize("pattern", ["", "a", "<x>", "(/)", 0, 2, None])
def test_what_is_no_pattern_is_refused(pattern: object):
    with pytest.raises(ValueError, match="begins with '/' or is MATCH_ALL"):
        Route(pattern, Page)


@pytest.mark.parametrize("view", [Page.handle_request, int, "Page", "a b.Page", "::Page", None])
@pytest.mark.parametrize("pattern", ["/", "/<x>", MATCH_ALL])
def test_a_route_needs_a_view(pattern: str | int, view: object):
    with pytest.raises(TypeError, match="a subclass of View"):
        Route(pattern, view)


@pytest.mark.parametrize(("path", "patterns", "expected"), [
    ("/a", ["/a", "/<x>"], "/a"),
    ("/a", ["/<x>", "/a"], "/<x>"),
    ("/b", ["/a", "/<x>"], "/<x>"),
    ("/a", ["/<x:b>", "/a", "/<x>"], "/a"),
    ("/a", [MATCH_ALL, "/a"], MATCH_ALL),
    ("/a", ["/a", MATCH_ALL], "/a"),
    ("/b", ["/a", MATCH_ALL], MATCH_ALL),
    ("/a/", ["/a", "/a(/)"], "/a(/)"),
    ("/b", ["/a"], None),
])
def test_the_route_declared_first_wins(path: str, patterns: list[str | int], expected: str | int | None):
    found = resolved(path, *patterns)

    assert found == expected


def test_of_two_equal_literal_patterns_the_first_wins():
    first, second = Route("/a", Page), Route("/a", Page)

    found = Router([first, second]).resolve("/a")

    assert found.route is first


def test_a_route_without_its_pattern_is_told_how_to_write_it():
    with pytest.raises(TypeError, match="above the class"):
        App(__file__).route(View)


NUMBER = uuid.UUID("6fa459ea-ee8a-3ca4-894e-db77e160355e")


class Words(BaseConverter):
    """Several words in one part, as a list."""

    def to_python(self, value: str) -> list[str]:
        return value.split("+")

    def to_url(self, value: list[str]) -> str:
        return "+".join(BaseConverter.to_url(self, word) for word in value)


@pytest.mark.parametrize(("pattern", "path", "expected"), [
    ("/<int:n>", "/007", {"n": 7}),
    ("/<int(min=2, max=9):n>", "/9", {"n": 9}),
    ("/<int(signed=True):n>", "/-3", {"n": -3}),
    ("/<float:n>", "/1.50", {"n": 1.5}),
    ("/<path:p>", "/a/b/", {"p": "a/b/"}),
    ("/<path:p>(/)", "/a/b/", {"p": "a/b"}),
    ("/<path:p>/edit", "/a/b/edit", {"p": "a/b"}),
    ("/<uuid:u>", f"/{NUMBER}", {"u": NUMBER}),
    ("/<any(de, 'en-GB'):lang>", "/en-GB", {"lang": "en-GB"}),
    ("/<string(length=2):s>", "/ab", {"s": "ab"}),
    ("/<str:s>-<int:n>", "/a-b-1", {"s": "a-b", "n": 1}),
    ("/<default:s>", "/a", {"s": "a"}),
])
def test_a_converter_gives_values_of_its_type(pattern: str, path: str, expected: dict[str, Any]):
    found = match(pattern, path)

    assert found == expected


@pytest.mark.parametrize(("pattern", "path"), [
    ("/<int:n>", "/a"),
    ("/<int:n>", "/-1"),
    ("/<int:n>", "/1\n"),
    ("/<int:n>", "/" + "9" * 5000),                  # more digits than Python reads
    ("/<int(min=2):n>", "/1"),
    ("/<path:p>", "/"),
    ("/<uuid:u>", "/6fa459ea"),
    ("/<any(a,b):x>", "/c"),
])
def test_a_converter_does_not_take(pattern: str, path: str):
    found = match(pattern, path)

    assert found is None


def test_an_application_may_have_converters_of_its_own():
    seen: list[object] = []

    class Plain(View):
        def handle_request(self, request: Request) -> None:
            seen.append(request.match_info["words"])

    app = App(__file__)
    app.settings.SECRET_KEY = "k" * 32
    app.converters["words"] = Words
    app.route("/<words:words>", interactive=False)(Plain)

    Client(app).get("/a+b%20c")

    assert seen == [["a", "b c"]]


def test_a_converter_with_arguments_that_nobody_knows_is_told_before_anybody_comes():
    app = App(__file__)

    with pytest.raises(ValueError, match="no converter 'words'"):
        app.route("/<words(1):x>")


def test_a_route_that_was_made_by_hand_may_use_a_converter_that_comes_later():
    route = Route("/<words():w>", Page)

    found = Router([route], {"words": Words}).resolve("/a+b")

    assert found.match_info == {"w": ["a", "b"]}


def test_resolving_gives_three_things_as_the_reference_does():
    route = Route("/<x>", Page)

    matched, found, match_info = Router([route]).resolve("/a")

    assert (matched, found, match_info) == (True, route, {"x": "a"})
    assert list(Router().resolve("/a")) == [False, None, {}]


def test_the_cost_of_a_path_does_not_depend_on_the_number_of_literal_routes():
    looked_at: list[str] = []

    class Counted(str):
        def __eq__(self, other: object) -> bool:
            looked_at.append(str(self))
            return str.__eq__(self, other)

        __hash__ = str.__hash__

    router = Router([Route(Counted(f"/{number}(/)" if number % 2 else f"/{number}"), Page) for number in range(2000)])
    looked_at.clear()

    for path in ("/1998", "/1999/", "/nowhere"):
        router.resolve(path)

    assert len(looked_at) <= 3


@pytest.mark.parametrize(("pattern", "values", "path"), [
    ("/a", {}, "/a"),
    ("/a(/)", {}, "/a"),
    ("/a.b/{}", {}, "/a.b/%7B%7D"),
    ("/<x>", {"x": "a b/c?d".replace("/", "")}, "/a%20bc%3Fd"),
    ("/<x>", {"x": "ü&=+%"}, "/%C3%BC&=+%25"),
    ("/<x>", {"x": 5}, "/5"),
    ("/<x>(/)", {"x": "a", "more": 1}, "/a"),
    ("/<int:n>", {"n": 7}, "/7"),
    ("/<int(fixed_digits=3):n>", {"n": 7}, "/007"),
    ("/<path:p>", {"p": "a/b c"}, "/a/b%20c"),
    ("/<uuid:u>", {"u": NUMBER}, f"/{NUMBER}"),
    ("/<words:w>", {"w": ["a", "b/?"]}, None),
    ("/<words:w>", {"w": ["a", "b?"]}, "/a+b%3F"),
    ("/<x>", {"x": "a/b"}, None),
    ("/<x>", {"x": ""}, None),
    ("/<x>", {"x": ".."}, None),                     # a browser asks for the folder above
    ("/a/<x>/b", {"x": "."}, None),
    ("/<x>", {"x": "\ud800"}, None),
    ("/<x:[0-9]+>", {"x": "a"}, None),
    ("/<x:.*>", {"x": "/example.org"}, None),        # would be another host
    ("/<int:n>", {"n": "a"}, None),
    ("/<int:n>", {"n": None}, None),
    ("/<int:n>", {"n": -1}, None),
    ("/<any(a,b):x>", {"x": "c"}, None),
    ("/<x>-<y>", {"x": "1", "y": "2-3"}, None),      # read as "1-2" and "3"
])
def test_the_path_of_a_route_is_quoted_and_checked(pattern: str, values: dict[str, object], path: str | None):
    router = Router([Route(pattern, Page, "name")], {"words": Words})

    try:
        found = router.reverse("name", **values)
    except ValueError:
        found = None

    assert found == path


@pytest.mark.parametrize(("name", "values", "text"), [
    ("nobody", {}, "no route named 'nobody' found"),
    ("user", {}, "missing URL arg: name"),
    ("user", {"name": "a/b"}, "'/user/<name>' does not take 'a/b' as name"),
    ("all", {}, "the route named 'all' takes every path"),
])
def test_a_path_that_cannot_be_told_is_explained(name: str, values: dict[str, object], text: str):
    router = Router([Route("/user/<name>", Page, "user"), Route(MATCH_ALL, Page, "all")])

    with pytest.raises(ValueError) as told:
        router.reverse(name, **values)

    assert str(told.value).startswith(text)


def test_values_may_be_given_in_the_order_of_the_pattern():
    router = Router([Route("/<a>/<b>", Page, "name")])

    path = router.reverse("name", "1", "2")

    assert path == "/1/2"


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
PARTS = st.sampled_from([
    ("<{}>", TEXTS), ("<{}:[a-c/]+>", st.text("abc/", min_size=1)), ("<int:{}>", st.integers(0, 10**30)),
    ("<float:{}>", st.floats(0, 1e9)), ("<path:{}>", TEXTS), ("<uuid:{}>", st.uuids()),
    ("<int(signed=True):{}>", st.integers()), ("<any(a,b):{}>", st.sampled_from(["a", "b", "c"])),
])


@given(st.data(), st.lists(st.tuples(PARTS, st.text("/-.a{", min_size=1)), max_size=4), st.sampled_from(["", "(/)"]))
def test_a_path_that_was_made_of_values_leads_back_to_them(data: st.DataObject, parts: Any, ending: str):
    names = [f"n{place}" for place in range(len(parts))]
    values = {name: data.draw(strategy) for name, ((_, strategy), _) in zip(names, parts, strict=True)}
    pattern = "/" + "".join(part.format(name) + text for name, ((part, _), text) in zip(names, parts, strict=True)) + ending
    router = Router([Route(pattern, Page, "name")])
    seen: list[dict[str, Any]] = []

    class Plain(View):
        def handle_request(self, request: Request) -> None:
            seen.append(dict(request.match_info))

    try:
        url = router.reverse("name", **values)
    except ValueError:
        return

    # Over HTTP, as a browser asks for it: quoting and unquoting included.
    app = App(__file__)
    app.settings.SECRET_KEY = "k" * 32
    app.route(pattern, interactive=False)(Plain)
    Client(app).get(url)
    assert seen == [values]


def test_the_application_tells_the_path_of_a_route():
    app = App(__file__)
    app.route("/user/<int:number>", name="user")(Page)

    path = app.reverse("user", number=5)
    app.route("/late", name="late")(Page)

    assert path == "/user/5"
    assert app.reverse("late") == "/late"


def test_of_two_routes_with_one_name_the_first_keeps_it(caplog: pytest.LogCaptureFixture):
    first, second = Route("/a", Page, "name"), Route("/b", Page, "name")

    router = Router([first, second])

    assert router.get_route("name") is first
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert router.get_route("nobody") is None


@pytest.mark.parametrize(("patterns", "reached"), [
    (["/a", "/a"], False),
    (["/<x>", "/a"], False),
    (["/a", "/<x>"], True),
    (["/<x>", "/<y>"], False),
    (["/<x>", "/<int:y>"], True),
    (["/a", "/a(/)"], True),
    (["/a(/)", "/a/"], False),
    (["/<x>", "/<y>(/)"], True),
    ([MATCH_ALL, "/<x>"], False),
    ([MATCH_ALL, MATCH_ALL], False),
    (["/a", MATCH_ALL], True),
    (["/b", "/_lona_sync/a"], False),
])
def test_a_route_that_is_never_reached_is_told(patterns: list[str | int], reached: bool):
    router = Router([Route(pattern, Page) for pattern in patterns])

    warnings = [warning for warning in router.warnings() if "never reached" in warning]

    assert (warnings == []) is reached


@pytest.mark.parametrize(("pattern", "told"), [
    ("/d/<id", "'<'"), ("/d/{id}", "'{id}'"), ("/d/{id:int}/x", "'{id:int}'"), ("/d/:id", "':id'"), ("/d/:id/x", "':id'"),
    ("/d/a:b", ""), ("/d/<x:a{2}>", ""), ("/d/<id>:run", ""),
])
def test_a_part_that_is_named_in_the_way_of_others_is_told(pattern: str, told: str):
    router = Router([Route(pattern, Page)])

    warnings = [warning for warning in router.warnings() if "literal text" in warning]

    assert [told in warning for warning in warnings] == [True] * bool(told)


def test_a_hook_that_is_misspelt_is_told_with_the_right_name():
    class Wrong(View):
        def handle_requst(self) -> None:
            """Meant as another."""

        def on_clean_up(self) -> None:
            """Meant as another."""

        def handle_message(self) -> None:
            """Of its own."""

    warnings = list(Router([Route("/", Wrong), Route("/again", Wrong)]).warnings())

    assert [warning.rpartition(" ")[2] for warning in warnings] == ["handle_request?", "on_cleanup?"]


def test_a_word_in_the_place_of_a_regular_expression_is_told():
    warnings = list(Router([Route("/<slug:title>", Page)]).warnings())

    assert len(warnings) == 1
    assert "app.converters" in warnings[0]


@pytest.mark.parametrize("hook", ["handle_request", "handle_input_event", "on_stop"])
def test_a_coroutine_is_refused_where_the_route_is_declared(hook: str):
    async def wrong(self: View, *args: object) -> None:
        """Would never run."""

    with pytest.raises(TypeError, match=f"Wrong.{hook} is a coroutine function"):
        Route("/", type("Wrong", (View,), {hook: wrong}))


@pytest.mark.parametrize("import_string", ["shop_views.Shop", "views/shop_views.py::Shop", "{}/views/shop_views.py::Shop"])
def test_a_view_may_be_named_by_an_import_string(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, import_string: str):
    (tmp_path / "views").mkdir()
    (tmp_path / "views" / "shop_views.py").write_text(
        "from lona_sync import View\n\nclass Shop(View):\n    def handle_request(self, request):\n        return 'the shop'\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path / "views"))
    app = App(tmp_path / "app.py")
    app.settings.SECRET_KEY = "k" * 32
    app.routes.append(Route("/", import_string.format(tmp_path), interactive=False))

    response = Client(app).get("/")

    assert response.text == "the shop"
    assert app.routes[0].import_string.endswith("Shop")
    sys.modules.pop("shop_views", None)


@pytest.mark.parametrize(("import_string", "error"), [
    ("nowhere_at_all.View", "ModuleNotFoundError"),
    ("lona_sync.Nobody", "ImportError"),
    ("nowhere.py::View", "ImportError"),
    ("pathlib.Path", "TypeError"),
    ("../outside/nowhere.py::View", "ImportError"),
])
def test_a_view_that_cannot_be_loaded_is_500_at_its_place_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, import_string: str, error: str,
):
    app = App(tmp_path / "app.py")
    app.settings.SECRET_KEY = "k" * 32
    app.routes.append(Route("/broken", import_string, interactive=False))
    app.route("/", interactive=False)(Page)

    statuses = [Client(app).get(path).status_code for path in ("/", "/broken")]

    assert statuses == [200, 500]
    told = [record for record in caplog.records if "cannot be loaded" in record.getMessage()]
    assert [record.exc_info[0].__name__ for record in told if record.exc_info] == [error]


def test_a_file_is_executed_once(tmp_path: Path):
    (tmp_path / "a.py").write_text("VALUE = object()\n")

    first, second = acquire("a.py::VALUE", tmp_path), acquire(f"../{tmp_path.name}/a.py::VALUE", tmp_path)

    assert first is second
