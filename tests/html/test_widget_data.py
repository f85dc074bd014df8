"""Widget data: JSON all the way down, each change of it one mutation that names the place."""

from __future__ import annotations

import json
from copy import copy, deepcopy
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from lona_sync.html import Div, Node
from lona_sync.html.mutations import DeleteData, InsertData, SetData
from lona_sync.html.widget_data import as_json
from lona_sync.testing.items import change_data
from lona_sync.wire.protocol import DataOperation
from tests.html.owners import Recorder

SCALARS = st.none() | st.booleans() | st.integers(-10, 10) | st.sampled_from(["", "a", "ü", "</script>"])
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3))

OPERATIONS = {SetData: DataOperation.SET, InsertData: DataOperation.INSERT, DeleteData: DataOperation.DELETE}


class Chart(Node):
    TAG_NAME = "div"
    WIDGET = "chart"
    WIDGET_DATA: ClassVar = {"values": [1, 2], "labels": {"x": "time"}}


def test_a_class_names_its_widget_and_each_node_has_its_own_copy_of_the_data():
    first, second = Chart(), Chart()

    first.widget_data["values"].append(3)

    assert first.widget == "chart"
    assert first.widget_data == {"values": [1, 2, 3], "labels": {"x": "time"}}
    assert second.widget_data == {"values": [1, 2], "labels": {"x": "time"}}


def test_keywords_name_the_widget_of_one_node():
    node = Div(widget="clock", widget_data=[1, {"a": 2}])

    assert node.widget == "clock"
    assert node.widget_data == [1, {"a": 2}]
    assert node.widget_data[1]["a"] == 2


def test_a_change_is_one_mutation_that_names_the_place():
    node = Chart()
    recorder = Recorder(node)

    node.widget_data["values"][0] = 7
    node.widget_data["values"].append(9)
    node.widget_data["labels"]["y"] = None
    del node.widget_data["values"][1]
    node.widget_data = {"new": True}

    assert recorder.recorded == [
        SetData(node, ("values", 0), 7, False),
        InsertData(node, ("values", 2), 9),
        SetData(node, ("labels", "y"), None, False),
        DeleteData(node, ("values", 1)),
        SetData(node, (), {"new": True}, False),
    ]


def test_what_is_set_again_is_no_change_but_true_is_not_one():
    node = Div(widget="w", widget_data={"a": 1, "b": [1, {"c": 2}]})
    recorder = Recorder(node)

    node.widget_data["a"] = 1
    node.widget_data["b"] = [1, {"c": 2}]
    node.widget_data = {"a": 1, "b": [1, {"c": 2}]}
    unchanged = list(recorder.recorded)
    node.widget_data["a"] = True

    assert unchanged == []
    assert recorder.recorded == [SetData(node, ("a",), True, True)]


def test_what_was_put_in_is_a_copy():
    mine = [1, 2]
    node = Div(widget="w", widget_data={"list": mine})

    mine.append(3)

    assert node.widget_data["list"] == [1, 2]


def test_a_list_inside_knows_its_place_when_others_come_before_it():
    node = Div(widget="w", widget_data=[["inner"]])
    inner = node.widget_data[0]
    recorder = Recorder(node)

    node.widget_data.insert(0, "first")
    inner.append("x")

    assert recorder.recorded[-1] == InsertData(node, (1, 1), "x")


def test_what_was_taken_out_tells_nobody():
    node = Div(widget="w", widget_data={"a": {"b": 1}})
    inner = node.widget_data["a"]
    recorder = Recorder(node)
    del node.widget_data["a"]

    inner["b"] = 2

    assert inner == {"b": 2}
    assert recorder.recorded == [DeleteData(node, ("a",))]


def test_who_has_the_data_goes_on_to_have_it_when_all_of_it_is_replaced():
    node = Div(widget="w", widget_data={"a": 1})
    data = node.widget_data

    node.widget_data = {"b": 2}
    data["c"] = 3

    assert node.widget_data == data == {"b": 2, "c": 3}


def test_a_dict_that_a_list_has_replaced_tells_nobody():
    node = Div(widget="w", widget_data={"a": 1})
    former = node.widget_data
    recorder = Recorder(node)
    node.widget_data = [1]

    former["b"] = 2

    assert node.widget_data == [1]
    assert recorder.recorded == [SetData(node, (), [1], False)]


@pytest.mark.parametrize("wrong", [
    object(), {1: 2}, {"a": {2: 3}}, float("nan"), float("inf"), 2**53, b"bytes", {1, 2}, [object()],
])
def test_what_json_cannot_say_is_refused_and_changes_nothing(wrong: Any):
    node = Div(widget="w", widget_data={"a": 1})
    recorder = Recorder(node)

    with pytest.raises(ValueError, match=r"expected what JSON can say|a key"):
        node.widget_data["a"] = wrong

    assert node.widget_data == {"a": 1}
    assert recorder.recorded == []


def test_data_that_contains_itself_is_refused():
    loop: list[Any] = []
    loop.append(loop)

    with pytest.raises(ValueError, match="contain itself"):
        Div(widget="w", widget_data=loop)


def test_the_key_that_is_no_key_in_javascript_is_refused():
    node = Div(widget="w", widget_data={})

    with pytest.raises(ValueError, match="__proto__"):
        node.widget_data["__proto__"] = {"polluted": True}
    with pytest.raises(ValueError, match="__proto__"):
        node.widget_data = json.loads('{"a": {"__proto__": 1}}')


def test_what_comes_from_a_state_is_checked_too():
    node = Div(widget="w", widget_data={}, state={"mine": {"object": object()}})

    with pytest.raises(ValueError, match="expected what JSON can say"):
        node.widget_data["x"] = node.state["mine"]

    assert node.widget_data == {}


@pytest.mark.parametrize("data", [{}, []], ids=["dict", "list"])
def test_data_that_grows_deeper_step_by_step_is_refused_in_the_end(data: Any):
    node = Div(widget="w", widget_data=data)
    place: Any = node.widget_data

    with pytest.raises(ValueError, match="deeper than 50 levels"):
        for _ in range(100):
            if isinstance(data, dict):
                place["x"] = {}
                place = place["x"]
            else:
                place.append([])
                place = place[0]

    assert node.widget_data.to_json().count("{}" if data == {} else "[]") == 1


@pytest.mark.parametrize("wrong", ["text", 1, None, ("a",)])
def test_widget_data_is_a_dict_or_a_list(wrong: Any):
    with pytest.raises(ValueError, match="must be a dict or a list"):
        Div(widget="w", widget_data=wrong)


def test_a_node_without_a_widget_has_no_data():
    with pytest.raises(RuntimeError, match="Name it by widget="):
        _ = Div().widget_data


@pytest.mark.parametrize("wrong", ["", 3, "x" * 200])
def test_a_widget_has_a_name(wrong: Any):
    with pytest.raises(ValueError, match="a widget is named by"):
        Div(widget=wrong)


def test_nodes_are_equal_when_their_widgets_and_data_are():
    assert Div(widget="w", widget_data=[1]) == Div(widget="w", widget_data=[1])
    assert Div(widget="w", widget_data=[1]) != Div(widget="w", widget_data=[2])
    assert Div(widget="w", widget_data=[1]) != Div(widget="v", widget_data=[1])


def test_it_behaves_as_dict_and_list():
    node = Div(widget="w", widget_data={"a": [3, 1, 2]})
    data = node.widget_data

    data["a"].sort()
    data["a"].reverse()
    data["a"][1:] = [0]
    data["a"] += [9]
    data.setdefault("b", {})["c"] = 1
    data |= {"d": 4}

    assert data.to_python() == {"a": [3, 0, 9], "b": {"c": 1}, "d": 4}
    assert json.loads(data.to_json()) == data
    assert data.pop("d") == 4
    assert "d" not in data
    assert list(data) == ["a", "b"]
    data.clear()
    assert data == {}


def test_what_a_dict_and_a_list_have_makes_plain_ones():
    node = Div(widget="w", widget_data={"a": [1, {"b": 2}]})
    data = node.widget_data

    made = [data.copy(), data | {"c": 3}, {"c": 3} | data, data["a"].copy(), data["a"] + [4], [4] + data["a"], 2 * data["a"]]
    twins = [copy(data), deepcopy(data)]
    made[0]["a"][1]["b"] = 9

    assert made[1:] == [
        {"a": [1, {"b": 2}], "c": 3}, {"c": 3, "a": [1, {"b": 2}]}, [1, {"b": 2}], [1, {"b": 2}, 4], [4, 1, {"b": 2}],
        [1, {"b": 2}, 1, {"b": 2}],
    ]
    assert [type(each) for each in (*made, *twins)] == [dict, dict, dict, list, list, list, list, dict, dict]
    assert twins == [data, data]
    assert (list(reversed(data["a"])), list(reversed(data)), data.fromkeys("xy", 0)) == ([{"b": 2}, 1], ["a"], {"x": 0, "y": 0})


def test_several_values_of_which_one_is_wrong_change_nothing():
    node = Div(widget="w", widget_data={"list": [1]})
    recorder = Recorder(node)

    for change in (lambda data: data.update(a=1, b={1}), lambda data: data["list"].extend([2, {3}])):
        with pytest.raises(ValueError, match="what JSON can say"):
            change(node.widget_data)

    assert (node.widget_data, recorder.recorded) == ({"list": [1]}, [])


@given(JSON)
def test_what_json_can_say_is_kept_as_it_is(value: Any):
    assert as_json(value) == json.loads(json.dumps(value))


class DataMachine(RuleBasedStateMachine):
    """Random changes; who applies the mutations to a copy has the same data."""

    @initialize(data=st.dictionaries(st.sampled_from("abc"), JSON, max_size=3))
    def begin(self, data: dict[str, Any]) -> None:
        self.node = Div(widget="w", widget_data=data)
        self.copy: Any = self.node.widget_data.to_python()
        self.recorder = Recorder(self.node)

    def place(self, picks: list[int]) -> Any:
        """Some dict or list inside."""
        place: Any = self.node.widget_data
        for pick in picks:
            inner = [value for value in (place.values() if hasattr(place, "values") else place) if hasattr(value, "to_python")]
            if not inner:
                break
            place = inner[pick % len(inner)]
        return place

    @rule(picks=st.lists(st.integers(0, 9), max_size=3), key=st.sampled_from("abc"), index=st.integers(0, 5), value=JSON)
    def set(self, picks: list[int], key: str, index: int, value: Any) -> None:
        place = self.place(picks)
        if hasattr(place, "keys"):
            place[key] = value
        elif len(place):
            place[index % len(place)] = value

    @rule(picks=st.lists(st.integers(0, 9), max_size=3), index=st.integers(-3, 5), value=JSON)
    def insert(self, picks: list[int], index: int, value: Any) -> None:
        place = self.place(picks)
        if not hasattr(place, "keys"):
            place.insert(index, value)

    @rule(picks=st.lists(st.integers(0, 9), max_size=3), pick=st.integers(0, 9))
    def delete(self, picks: list[int], pick: int) -> None:
        place = self.place(picks)
        if len(place):
            del place[sorted(place)[pick % len(place)] if hasattr(place, "keys") else pick % len(place)]

    @rule(picks=st.lists(st.integers(0, 9), max_size=3))
    def reverse(self, picks: list[int]) -> None:
        place = self.place(picks)
        if not hasattr(place, "keys"):
            place.reverse()

    @invariant()
    def the_copy_follows(self) -> None:
        if not hasattr(self, "recorder"):
            return
        for mutation in self.recorder.recorded:
            operation = OPERATIONS[type(mutation)]
            value = json.loads(json.dumps(getattr(mutation, "value", None)))
            self.copy = change_data(self.copy, operation, mutation.path, value)
        self.recorder.recorded.clear()
        assert self.copy == self.node.widget_data.to_python()


TestWidgetData = DataMachine.TestCase
