"""Views that write down which events come."""

from __future__ import annotations

import json
from typing import Any

from lona_sync import App, InputEvent, View
from lona_sync.html import (
    CHANGE,
    CLICK,
    CUSTOM,
    DOUBLE_CLICK,
    DRAG_END,
    DRAG_ENTER,
    DRAG_LEAVE,
    DRAG_START,
    DROP,
    HTML,
    KEY_DOWN,
    KEY_UP,
    POINTER_ENTER,
    POINTER_LEAVE,
    RESIZE,
    SCROLL_END,
    THROTTLE,
    VISIBLE,
    A,
    Button,
    Div,
    Form,
    Li,
    Node,
    P,
    Submit,
    TextInput,
    Ul,
)

app = App(__file__)


class Notebook(View):
    """Writes each event that reaches the view into the page, one line each: name, node, data."""

    def handle_request(self, request: object) -> object:
        self.notes = P(_id="notes", _style="white-space: pre; margin: 0")
        return HTML(self.content(), self.notes)

    def content(self) -> Node:
        raise NotImplementedError

    def handle_input_event(self, event: InputEvent) -> None:
        name = str(event.node.id_list) if event.node is not None else ""
        line = f"{event.name} {name} {json.dumps(self.data(event), sort_keys=True)}"
        self.notes.set_text(self.notes.get_text() + line + "\n")

    def data(self, event: InputEvent) -> Any:
        return event.data


@app.route("/keys")
class Keys(Notebook):
    def content(self) -> Node:
        return Div(
            TextInput(_id="some", events=[KEY_DOWN("Enter", "Ctrl+S", "a", "Mod+Shift+K", "?")], input_delay=0),
            TextInput(_id="all", events=[KEY_DOWN, KEY_UP], input_delay=0),
            TextInput(_id="kept", events=[KEY_DOWN("x", prevent_default=True)], input_delay=0),
            _id="page", events=[KEY_DOWN("Escape")],
        )

    def data(self, event: InputEvent) -> Any:
        if event.name == "change":
            return event.data
        return event.data["key"], event.data["repeat"]


@app.route("/modifiers")
class Modified(Notebook):
    def content(self) -> Node:
        keys = ["Shift", "Ctrl+Shift", "Shift+1", "Ctrl+Shift+1", "Ctrl+1"]
        return Div(TextInput(_id="field", events=[KEY_DOWN(*keys)], input_delay=5000))

    def data(self, event: InputEvent) -> Any:
        return event.data["key"]


@app.route("/enter")
class Enter(View):
    def handle_request(self, request: object) -> None:
        field, said = TextInput(_id="field", input_delay=0, events=[KEY_DOWN("Enter")]), P(_id="said")
        self.show(HTML(field, said))
        while True:
            self.await_event(KEY_DOWN("Enter"), field)
            said.set_text(f"{said.get_text()}[{field.value}]")
            self.show()


@app.route("/pointer")
class Pointer(Notebook):
    def content(self) -> Node:
        events = [POINTER_ENTER, POINTER_LEAVE, DOUBLE_CLICK]
        inner = Div(Div("deep", _style="height: 20px"), _id="inner", _style="height: 40px", events=events)
        return Div(inner, _id="outer", _style="height: 90px", events=[POINTER_ENTER, POINTER_LEAVE])

    def data(self, event: InputEvent) -> Any:
        return sorted(event.data)[-2:]


@app.route("/scroll")
class Scroll(Notebook):
    def content(self) -> Node:
        tall = Div(_style="height: 900px; width: 50px")
        return Div(tall, _id="box", _style="height: 100px; width: 300px; overflow: auto", events=[SCROLL_END])


@app.route("/drag")
class Drag(Notebook):
    def content(self) -> Node:
        events = [DRAG_ENTER, DRAG_LEAVE]
        return Div(
            Li("item", _id="item", draggable=True, events=[DRAG_START, DRAG_END], _style="height: 20px"),
            Ul(Li("first", _style="height: 20px"), _id="list", events=[*events, DROP], _style="height: 60px"),
            Div("no", _id="no", events=events, _style="height: 60px"),
        )

    def data(self, event: InputEvent) -> Any:
        data = event.data
        source = data.get("source")
        return str(source.id_list) if source is not None else data.get("dropped")

    def handle_input_event(self, event: InputEvent) -> None:
        if event.name == "drop" and event.node is not None and event.data["source"] is not None:
            event.node.append(event.data["source"])
        super().handle_input_event(event)


@app.route("/endless")
class Endless(View):
    """Rows are added as long as the last one can be seen."""

    def handle_request(self, request: object) -> object:
        self.rows = Ul(_style="height: 200px; overflow: auto; margin: 0", _id="rows")
        self.add()
        return self.rows

    def add(self) -> None:
        for _ in range(3):
            self.rows.append(Li(str(len(self.rows)), _style="height: 50px"))
        self.rows.nodes[-1].handle_visible = self.more                           # type: ignore[union-attr]

    def more(self, event: InputEvent) -> None:
        if event.data["visible"] and event.node is self.rows.nodes[-1]:
            self.add()


@app.route("/sentinel")
class Sentinel(View):
    """Three rows more each time that what is behind them is in sight, up to 21; `#count` says how often that was reported."""

    def handle_request(self, request: object) -> object:
        self.rows, self.count = Ul(_style="margin: 0", _id="rows"), P("0", _id="count", _style="margin: 0")
        end = Div("…", events=[VISIBLE], handle_visible=self.more, _style="height: 20px", _id="end")
        box = Div(self.rows, end, _style="height: 300px; overflow: auto", _id="box")
        return HTML(box, self.count, Button("say", handle_click=self.say))

    def more(self, event: InputEvent) -> None:
        if event.data["visible"]:
            self.count.set_text(str(int(self.count.get_text()) + 1))
            for _ in range(3 if len(self.rows) < 21 else 0):
                self.rows.append(Li(str(len(self.rows)), _style="height: 40px"))

    def say(self, event: InputEvent) -> None:
        self.rows.nodes[0].set_text("said")                                      # type: ignore[union-attr]


@app.route("/visible")
class Visible(Notebook):
    def content(self) -> Node:
        self.mark = Div("mark", _id="mark", events=[VISIBLE], _style="height: 20px")
        self.box = Div(Div(_style="height: 300px"), self.mark, _id="box", _style="height: 100px; overflow: auto")
        return Div(
            Button("deaf", _id="deaf", handle_click=lambda event: self.mark.events.clear()),
            Button("listen", _id="listen", handle_click=lambda event: self.mark.events.append(VISIBLE)),
            Button("move", _id="move", handle_click=lambda event: self.box.insert(0, self.mark)),
            Button("remove", _id="remove", handle_click=lambda event: self.mark.remove()),
            self.box,
        )

    def data(self, event: InputEvent) -> Any:
        return event.data["visible"]


@app.route("/resize")
class Resize(Notebook):
    def content(self) -> Node:
        self.box = Div(_id="box", _style="height: 10px; width: 100px", events=[RESIZE])
        return Div(self.box, Button("wider", handle_click=self.widen))

    def widen(self, event: InputEvent) -> None:
        self.box.style["width"] = "200px"


@app.route("/custom")
class Custom(Notebook):
    def content(self) -> Node:
        return Div(Div(_id="inner"), _id="outer", events=[CUSTOM("cell edited: ä", prevent_default=True), CUSTOM("ended")])


@app.route("/prevent")
class Prevent(Notebook):
    def content(self) -> Node:
        return Div(
            A("plain", href="#plain", _id="plain"),
            Div(A("kept", href="#kept"), _id="kept", events=[CLICK(prevent_default=True)]),
            Div(Button("stopped", _id="stopped", events=[CLICK(stop_propagation=True)]), _id="around", events=[CLICK]),
        )

    def data(self, event: InputEvent) -> Any:
        return None


@app.route("/throttle")
class Throttle(Notebook):
    def content(self) -> Node:
        return TextInput(_id="field", events=[THROTTLE(200)], bubble_up=True)


@app.route("/once")
class Once(View):
    """A button that takes its time, until "go" is clicked: in a handler, and one in a procedure."""

    def handle_request(self, request: object) -> None:
        text, count = P(_id="text"), P("0", _id="count")

        def handle(event: InputEvent) -> None:
            text.set_text(text.get_text() + "handled ")
            self.await_click(go)

        go = Button("go", _id="go")
        self.button = Button("wait", _id="awaited", disable_on_click=True)
        self.show(HTML(Button("handle", _id="handled", disable_on_click=True, handle_click=handle), self.button, go, text, count))
        number = 0
        while True:
            self.await_click(self.button)
            self.await_click(go)
            number += 1
            count.set_text(str(number))
            self.show()


@app.route("/form")
class FormView(View):
    def handle_request(self, request: object) -> None:
        form = Form(
            TextInput(name="name", _id="name", required=True, input_delay=5000), TextInput(name="tag", input_delay=0),
            TextInput(name="tag", input_delay=0), Submit("Save", _id="save"),
        )
        text, go = P(_id="text"), Button("go", _id="go")
        self.show(HTML(form, text, go))
        field: Any = form.nodes[0]
        while True:
            event = self.await_submit(form)
            self.await_click(go)
            text.set_text(f"{text.get_text()}{json.dumps(event.data, sort_keys=True)} {field.value};")
            self.show()


@app.route("/buttons")
class ButtonsInFormView(View):
    """Which of them send their form, and which are clicked."""

    def handle_request(self, request: object) -> None:
        def note(event: InputEvent) -> None:
            told.append(f"{event.name} ")

        told = P(_id="told")
        form = Form(
            TextInput(name="name"), Button("plain", handle_click=note), Button("sends", type="submit"),
            Button("both", type="submit", handle_click=note), handle_submit=note,
        )
        self.show(HTML(form, told))


@app.route("/quiet")
class Quiet(View):
    """Nothing but events that nobody handles."""

    def handle_request(self, request: object) -> object:
        return HTML(Button("x", _id="button"), TextInput(_id="field", events=[CHANGE]))


if __name__ == "__main__":
    app.run()
