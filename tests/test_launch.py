"""The options of a run: how words become options, and which of two wins."""

from __future__ import annotations

import argparse

import pytest

from lona_sync.launch import RunOptions, override, parse_behind, spread, target_in
from lona_sync.logs import LogOptions


@pytest.mark.parametrize(("text", "expected"), [
    ("DEBUG=True", True), ("DEBUG=true", True), ("DEBUG=false", False), ("X=null", None), ("X=None", None),
    ("X=5", 5), ("X=0.5", 0.5),
    ("X='a b'", "a b"), ("X=['a', 1]", ["a", 1]), ('X={"a": 1}', {"a": 1}), ("X=", ""), ("X=My shop", "My shop"),
    ("X=https://example.org", "https://example.org"), ("X=/metrics", "/metrics"), ("X=a=b", "a=b"), ("X=1_000", 1000),
])
def test_the_value_of_an_override_is_a_literal_or_a_text(text: str, expected: object):
    name, value = override(text)

    assert (name, value, type(value)) == (text.partition("=")[0], expected, type(expected))


@pytest.mark.parametrize("text", ["", "=5", "DEBUG", "debug=1", "A B=1", "X='a", "X=[1, open('x')]", "X={1", "X=a\nb"])
def test_what_is_no_override_is_refused(text: str):
    with pytest.raises(argparse.ArgumentTypeError, match="expected"):
        override(text)


@pytest.mark.parametrize(("words", "expected"), [
    ("-o A=1 B=2 x.py", "-o A=1 -o B=2 x.py"),
    ("--settings-post-overrides A=1 B=2 --port 5", "--settings-post-overrides=A=1 --settings-post-overrides=B=2 --port 5"),
    ("--settings-post-overrides=A=1 B=2", "--settings-post-overrides=A=1 --settings-post-overrides=B=2"),
    ("--loggers +a _b x.py", "--loggers=+a --loggers=_b x.py"),
    ("--loggers a b", "--loggers=a b"),
    ("--port 5 A=1", "--port 5 A=1"),
    ("-o A=1 x.py B=2", "-o A=1 x.py B=2"),
    ("-o A=1 -- B=2", "-o A=1 -- B=2"),
    ("-o", "-o"),
    ("-o A=1 -o B=2 C=3", "-o A=1 -o B=2 -o C=3"),
])
def test_an_option_takes_what_looks_like_one_of_its_values(words: str, expected: str):
    assert spread(words.split()) == expected.split()


@pytest.mark.parametrize(("words", "expected"), [
    ("x.py --port 5", "x.py"), ("--port 5 x.py", "x.py"), ("--port=5 x.py 5", "x.py"), ("-m x", "x"), ("--shell x.py", "x.py"),
    ("-o A=1 B=2 x.py C=3", "x.py"), ("--loggers +a _b x.py", "x.py"), ("-l debug x.py", "x.py"), ("-ldebug x.py", "x.py"),
    ("--project-root there x.py", "x.py"), ("-s settings.py x.py", "x.py"),
])
def test_the_target_stands_behind_the_options(words: str, expected: str):
    found = words.split()

    assert found[target_in(found)] == expected


@pytest.mark.parametrize("words", ["", "--port", "--port 5", "-o A=1"])
def test_without_a_target_its_place_is_the_end(words: str):
    assert target_in(words.split()) == len(words.split())


def test_options_win_over_others_where_they_say_something():
    one = RunOptions(port=5, shutdown_timeout=0.0, log=LogOptions(level="debug"), pre_overrides={"A": 1})
    other = RunOptions(
        host="h", port=6, shutdown_timeout=3.0, shell=True, log=LogOptions("error", ("+a",)), pre_overrides={"A": 2, "B": 3},
    )

    merged = one.over(other)

    assert merged == RunOptions(
        host="h", port=5, shutdown_timeout=0.0, shell=True, log=LogOptions("debug", ("+a",)), pre_overrides={"A": 1, "B": 3},
    )


def test_what_nobody_says_stays_at_its_default():
    assert RunOptions().over(RunOptions()) == RunOptions()


def test_a_shell_has_no_address(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        parse_behind(["--shell-server-url", "localhost:5000"])

    assert "the shell is at no address" in capsys.readouterr().err
