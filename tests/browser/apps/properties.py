"""Sets attributes of nodes, one step for each click, while a user does the same in the browser."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lona_sync import App, Request, View
from lona_sync.html import (
    Button,
    CheckBox,
    Details,
    Dialog,
    Div,
    Node,
    Option,
    P,
    Progress,
    RadioButton,
    Select,
    Summary,
    TextArea,
    TextInput,
    Video,
    render,
)

app = App(__file__)


@dataclass(frozen=True)
class Scenario:
    """A node, and what the server does with it, step by step."""
    make: Callable[[], Node]
    steps: Iterable[Callable[[Node], object]]


def sets(**values: object) -> Callable[[Node], object]:
    return lambda node: node.attributes.update({name.replace("_", "-"): value for name, value in values.items()})


def value(value: object) -> Callable[[Node], object]:
    return lambda node: setattr(node, "value", value)


def deletes(name: str) -> Callable[[Node], object]:
    return lambda node: node.attributes.pop(name)


def plain(tag: str, *children: object, **attributes: object) -> Callable[[], Node]:
    return lambda: Node(*children, tag_name=tag, _id="node", **attributes)


SCENARIOS = {
    "text": Scenario(lambda: TextInput("a", _id="node", input_delay=1), [value("b"), value("b"), value("")]),
    "area": Scenario(lambda: TextArea("a\n", _id="node", input_delay=1), [value("\nb"), value("")]),
    "box": Scenario(lambda: CheckBox(_id="node"), [value(False), value(True), value(True)]),
    "radio": Scenario(lambda: RadioButton(value="x", _id="node"), [lambda node: setattr(node, "checked", False)]),
    "select": Scenario(lambda: Select([Option("A", value="a"), Option("B", value="b")], _id="node"), [value("a"), value("b")]),
    "plain text": Scenario(plain("input", value="a"), [sets(value="a"), sets(value="b"), deletes("value")]),
    "plain box": Scenario(plain("input", type="checkbox", checked=True), [sets(checked=True), sets(checked=False)]),
    "indeterminate": Scenario(
        plain("input", type="checkbox", indeterminate=True),
        [sets(indeterminate=True), sets(indeterminate=False), sets(indeterminate=True)],
    ),
    "details": Scenario(
        lambda: Details(Summary("more"), P("text"), _id="node", open=True),
        [sets(open=True), sets(open=False), sets(open=True), deletes("open")],
    ),
    "dialog": Scenario(lambda: Dialog("text", _id="node"), [sets(open=True), sets(open=False)]),
    "video": Scenario(lambda: Video(_id="node", muted=True, controls=True), [sets(muted=False, controls=False), sets(muted=True)]),
    "progress": Scenario(lambda: Progress(_id="node", max=10), [sets(value=3), deletes("value")]),
    "flags": Scenario(
        plain("input", disabled=True, readonly=True, required=True, hidden=True, draggable=True, aria_hidden=True),
        [sets(disabled=False, readonly=False, required=False, hidden=False, draggable=False, aria_hidden=False),
         sets(hidden="until-found", disabled="", readonly="no")],
    ),
}


@app.route("/live/<name>")
class LiveView(View):
    def handle_request(self, request: Request) -> None:
        scenario = SCENARIOS[request.match_info["name"]]
        node, button, done = scenario.make(), Button("step", _id="step"), P("0", _id="done")
        self.show(Div(node, button, done))
        for number, step in enumerate(scenario.steps):
            self.await_click(button)
            step(node)
            done.set_text(number + 1)
            self.show()


@app.route("/page/<name>", interactive=False)
class PageView(View):
    def handle_request(self, request: Request) -> str:
        return f"<!doctype html><body>{render(SCENARIOS[request.match_info['name']].make())}"
