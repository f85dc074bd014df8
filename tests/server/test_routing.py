"""Which route answers which path."""

from __future__ import annotations

import pytest

from lona_sync import MATCH_ALL, App, Route, View
from lona_sync.server.routing import Router


class Page(View):
    """Any view."""


def match(pattern: str | int, path: str) -> dict[str, str] | None:
    found = Route(pattern, Page).match(path)
    return None if found is None else dict(found)


def resolved(path: str, *patterns: str | int) -> str | int | None:
    """The pattern of the route that answers `path`."""
    found = Router([Route(pattern, Page) for pattern in patterns]).resolve(path)
    return found[0].pattern if found else None


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


@pytest.mark.parametrize("pattern", ["/<x:(>", "/<x:[>", "/<x>/<x>", "/<x:*>"])
def test_a_pattern_that_cannot_work_fails_where_it_is_declared(pattern: str):
    with pytest.raises(ValueError, match=r"the pattern .* cannot work"):
        Route(pattern, Page)


@pytest.mark.parametrize("pattern", ["", "a", "<x>", "(/)", 0, 2, None])
def test_what_is_no_pattern_is_refused(pattern: object):
    with pytest.raises(ValueError, match="begins with '/' or is MATCH_ALL"):
        Route(pattern, Page)


@pytest.mark.parametrize("view", [Page.handle_request, int, "Page", None])
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

    assert found is not None
    assert found[0] is first


@pytest.mark.parametrize("pattern", ["/<int:id>", "/a/<path:rest>(/)"])
def test_a_converter_in_the_place_of_the_name_is_refused_with_the_right_order(pattern: str):
    with pytest.raises(ValueError, match="name comes first"):
        Route(pattern, View)


def test_a_route_without_its_pattern_is_told_how_to_write_it():
    with pytest.raises(TypeError, match="above the class"):
        App(__file__).route(View)
