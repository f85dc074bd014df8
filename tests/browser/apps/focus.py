"""Views that change while somebody is busy in them: the page `/do/<name>?for=x` calls a method of the view with `?for=x`."""

from __future__ import annotations

from lona_sync import App, Channel, InputEvent, Message, Request, View
from lona_sync.html import CHANGE, HTML, Button, Div, IFrame, Li, Node, Option, P, Select, Span, TextArea, TextInput, Ul
from lona_sync.html.live_region import LiveRegion

app = App(__file__)
app.settings.LOG_FRAMES = 8                  # so that who was away for more than that gets a snapshot


def orders(request: Request) -> Channel:
    return Channel(f"orders.{request.GET['for']}")


@app.route("/do/<name>", interactive=False)
class Order(View):
    def handle_request(self, request: Request) -> str:
        orders(request).send(request.match_info["name"])
        return "done"


class Obedient(View):
    """Shows `page()`, and in `#done` the last order that was carried out."""

    def handle_request(self, request: Request) -> Node:
        self.done = P(_id="done")
        page = HTML(self.page(), self.done)
        orders(request).subscribe(self.obey)
        return page

    def page(self) -> Node:
        raise NotImplementedError

    def obey(self, message: Message) -> None:
        getattr(self, message.data)()
        self.done.set_text(message.data)


@app.route("/text")
class TextView(Obedient):
    """`#said` lists what was reported of each field."""

    def page(self) -> Node:
        self.said, self.before, self.wrapper, self.aside = P(_id="said"), P("before"), Div(), Div(_id="aside")
        self.field = TextInput("server", input_delay=100, handle_change=self.report, _id="field")
        self.late = TextInput("server", input_delay=0, handle_change=self.report, _id="late")
        self.other = TextInput("other", _id="other")
        self.area = TextArea("server", input_delay=100, handle_change=self.report, _id="area")
        self.editable = Div("editable", _id="editable", contenteditable=True, events=[CHANGE(100)], handle_change=self.report)
        self.wrapper.extend([self.before, self.field, self.late, self.area, self.editable, self.other])
        return Div(self.said, self.wrapper, self.aside)

    def report(self, event: InputEvent) -> None:
        assert event.node is not None
        self.said.append(Span(f"{next(iter(event.node.id_list))}={event.data};"))

    def change_around(self) -> None:
        self.before.set_text("changed before")
        self.wrapper.insert(0, P("a new first"))
        self.wrapper.append(P("a new last"))
        self.other.remove()
        self.wrapper.class_list.add("wide")
        self.wrapper.style["padding"] = "10px"
        for node in (self.field, self.late, self.area, self.editable):
            node.class_list.add("near")
            node.attributes["title"] = "a title"

    def move_wrapper(self) -> None:
        self.aside.append(self.wrapper)

    def move_fields(self) -> None:
        self.wrapper.nodes.reverse()

    def set_other(self) -> None:
        self.other.value = "set by the server"

    def set_all(self) -> None:
        for node in (self.field, self.late, self.area):
            node.value = "set by the server"

    def set_same(self) -> None:
        for node in (self.field, self.late, self.area):
            value = node.value
            node.value = ""
            node.value = value

    def set_editable(self) -> None:
        self.editable.set_text("set by the server")

    def remove_fields(self) -> None:
        self.wrapper.remove()

    def change_often(self) -> None:
        """More than the log keeps."""
        for number in range(2 * app.settings.LOG_FRAMES):
            self.before.set_text(number)
            self.show()


@app.route("/list")
class ListView(Obedient):
    def page(self) -> Node:
        self.rows = Ul(
            [Li(Span(f"{number:03} "), TextInput(_id=f"row-{number}")) for number in range(100)],
            _id="rows", _style="height: 200px; overflow-y: scroll",
        )
        return self.rows

    def sort_backwards(self) -> None:
        self.rows.nodes.sort(key=lambda row: row[0].get_text(), reverse=True)

    def insert_above(self) -> None:
        self.rows.nodes[0:0] = [Li(f"new {number}") for number in range(5)]

    def insert_below(self) -> None:
        self.rows.extend([Li(f"new {number}") for number in range(5)])

    def move_last_to_top(self) -> None:
        self.rows.insert(0, self.rows[-1])

    def move_first_to_end(self) -> None:
        self.rows.append(self.rows[0])

    def remove_first(self) -> None:
        del self.rows[0]


@app.route("/choice")
class ChoiceView(Obedient):
    def page(self) -> Node:
        self.said = P(_id="said")
        self.select = Select([Option(letter, value=letter) for letter in "bcd"], handle_change=self.report, _id="select")
        return Div(self.select, self.said)

    def report(self, event: InputEvent) -> None:
        self.said.append(Span(f"{self.select.value};"))

    def change_options(self) -> None:
        self.select.insert(0, Option("a", value="a"))
        self.select.append(Option("e", value="e"))
        self.select[2].set_text("C")


@app.route("/frames")
class FramesView(Obedient):
    def page(self) -> Node:
        self.frame, self.first, self.second = IFrame(src="/inside"), Div(_id="first"), Div(_id="second")
        self.first.append(self.frame)
        return Div(self.first, self.second)

    def move_frame(self) -> None:
        self.second.append(self.frame)

    def insert_around(self) -> None:
        self.first.insert(0, P("above"))
        self.first.append(P("below"))


@app.route("/inside", interactive=False)
class InsideView(View):
    def handle_request(self, request: Request) -> str:
        return "<!doctype html><title>inside</title><input>"


@app.route("/regions")
class RegionsView(Obedient):
    def page(self) -> Node:
        self.polite, self.assertive = LiveRegion(hidden=True, _id="polite"), LiveRegion(assertive=True, _id="assertive")
        return Div(self.polite, self.assertive, Button("Save"))

    def announce(self) -> None:
        self.polite.announce("Saved")
        self.assertive.announce("The disk is full")
