"""`node.state` and `app.state`: the user's own values."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
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


def in_threads(work: Callable[[], Any], count: int = 4) -> list[Any]:
    """What `work` returns in each of `count` real threads at once, which take turns as often as they can."""
    pool, interval = gevent.get_hub().threadpool, sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        return [task.get(timeout=60) for task in [pool.spawn(work) for _ in range(count)]]
    finally:
        sys.setswitchinterval(interval)


def test_real_threads_that_pop_from_one_list_get_each_item_once(app: App):
    app.state["queue"] = list(range(4000))

    def take() -> list[int]:
        queue, taken = app.state["queue"], []
        while True:
            try:
                taken.append(queue.pop())
            except IndexError:
                return taken

    taken = [item for items in in_threads(take) for item in items]

    assert sorted(taken) == list(range(4000))


def test_real_threads_that_pop_one_key_with_a_default_never_miss_it(app: App):
    def toggle() -> int:
        found = 0
        for _ in range(2000):
            app.state["k"] = 1
            found += app.state.pop("k", 0)
        return found

    found = in_threads(toggle)

    assert 0 < sum(found) <= 8000
    assert "k" not in app.state


def test_real_threads_that_append_and_remove_lose_nothing(app: App):
    app.state["list"] = []

    def work() -> None:
        for number in range(300):
            app.state["list"].append(number)
            app.state["list"].remove(number)
            app.state["list"].extend([-1, -2])
            assert app.state["list"].count(-1) > 0

    in_threads(work)

    assert sorted(app.state["list"]) == [-2] * 1200 + [-1] * 1200


def test_a_loop_over_items_goes_on_while_another_thread_takes_them_out(app: App):
    def work() -> int:
        seen = 0
        for _ in range(100):
            app.state.update({str(n): n for n in range(20)})
            seen += len(list(app.state.items())) + sum(1 for _ in app.state.values())
            for n in range(20):
                app.state.pop(str(n), None)
        return seen

    assert all(in_threads(work))


ACCESSES: dict[str, Callable[[Any], Any]] = {
    "len": len, "repr": repr, "list": list, "reversed": reversed, "in": lambda state: "a" in state,
    "equal": lambda state: state == {}, "get": lambda state: state.get("a"), "pop": lambda state: state.pop("a", None),
    "update": lambda state: state.update(b=1), "index": lambda state: state["list"].index(1),
    "copy": lambda state: state.copy(), "items": lambda state: list(state.items()),
}


@pytest.mark.parametrize("look", ACCESSES.values(), ids=ACCESSES)
def test_every_access_waits_for_who_holds_the_lock(app: App, look: Callable[[Any], Any]):
    app.state.update({"a": 1, "list": [1]})
    done: list[int] = []

    def access() -> None:
        look(app.state)
        done.append(1)

    with app.state.lock:
        other = gevent.spawn(access)
        gevent.sleep(0)
        early = list(done)
    other.join(timeout=5)

    assert (early, done) == ([], [1])


def test_what_waits_while_it_is_looked_through_holds_no_lock(app: App):
    app.state["list"] = []

    def slow() -> Any:
        yield 1
        gevent.sleep(0)
        yield 2

    other = gevent.spawn(lambda: app.state["list"].extend(slow()))
    gevent.sleep(0)
    app.state["list"].append(0)
    other.join(timeout=5)

    assert app.state["list"] == [0, 1, 2]
