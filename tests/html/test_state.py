"""`node.state` and `app.state`: the user's own values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import gevent
import pytest

from lona_sync import App
from lona_sync.html import Div, P
from tests.html.owners import Recorder


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App(str(tmp_path / "app.py"))


def test_state_is_a_dict_with_dicts_and_lists_inside():
    node = Div(state={"cart": ["apple"], "user": {"name": "Ada"}})

    node.state["cart"].append("pear")
    node.state["user"]["age"] = 36
    node.state["object"] = node

    assert node.state["cart"] == ["apple", "pear"]
    assert node.state["user"] == {"name": "Ada", "age": 36}
    assert node.state["object"] is node


def test_state_is_never_sent():
    node = Div()
    recorder = Recorder(node)

    node.state["secret"] = 1
    node.state = {"other": [2]}

    assert node.state == {"other": [2]}
    assert recorder.recorded == []
    assert "secret" not in str(node)


def test_what_a_state_holds_is_the_very_object_and_not_an_equal_one():
    node = Div(state={"shown": P("x")})
    other = P("x")

    node.state["shown"] = other

    assert node.state["shown"] is other


def test_states_compare_by_value_and_turn_into_json():
    first, second = Div(state={"a": [1]}), Div(state={"a": [1]})

    assert first.state == second.state
    assert json.loads(first.state.to_json()) == {"a": [1]}


def test_the_lock_of_a_nodes_state_is_the_nodes():
    node = Div()
    owner = Recorder(node)

    with node.state.lock as held:
        assert held is owner


@pytest.mark.parametrize("wrong", [None, [1], "a"])
def test_state_is_a_dict_from_the_start(wrong: Any):
    with pytest.raises(TypeError, match="state must be a dict"):
        Div(state=wrong)


def test_who_holds_the_lock_of_the_apps_state_is_alone_with_it(app: App):
    seen: list[int] = []

    def look() -> None:
        seen.append(app.state["n"])

    with app.state.lock:
        app.state["n"] = 1
        other = gevent.spawn(look)
        gevent.sleep(0)
        app.state["n"] = 2
    other.join(timeout=5)

    assert seen == [2]


def test_real_threads_add_to_one_state_and_lose_nothing(app: App):
    app.state["n"] = 0
    pool = gevent.get_hub().threadpool

    def add() -> None:
        for _ in range(200):
            with app.state.lock:
                app.state["n"] += 1

    for task in [pool.spawn(add) for _ in range(4)]:
        task.get(timeout=30)

    assert app.state["n"] == 800
