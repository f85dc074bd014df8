"""Views whose pages are looked at before, and without, their scripts."""

from __future__ import annotations

from typing import Any
from urllib.parse import SplitResult

from lona_sync import App, NotFoundError, RedirectResponse, Request, TemplateResponse, View
from lona_sync.html import (
    CUSTOM,
    H1,
    HTML,
    KEY_DOWN,
    A,
    Button,
    CheckBox,
    Dialog,
    Div,
    Form,
    P,
    RawHTML,
    Select,
    Submit,
    TextArea,
    TextInput,
)

app = App(__file__)
started: dict[str, int] = {}


@app.route("/page")
class PageView(View):
    """Has all that a user may have begun before the view knows of it."""

    def handle_request(self, request: Request) -> None:
        started["/page"] = started.get("/page", 0) + 1
        said, count = P(_id="said"), P("0", _id="count")

        def echo(event: Any) -> None:
            said.set_text(f"{field.value}|{box.value}|{choice.value}|{area.value}")

        def click(event: Any) -> None:
            count.set_text(int(count.get_text()) + 1)

        field = TextInput("", _id="field", handle_change=echo)
        area = TextArea("", _id="area", handle_change=echo)
        box = CheckBox(_id="box", handle_change=echo)
        choice = Select(values=[("a", "A"), ("b", "B")], _id="choice", handle_change=echo)
        button = Button("count", _id="button", handle_click=click)
        self.show(HTML(
            H1("Painted"), RawHTML("<em id='raw'>raw</em>"), field, area, box, choice, button, count, said,
            A("other", href="/other", _id="link"), Div(_style="height: 3000px"), P("the end", _id="end"),
        ), title="Painted page")


@app.route("/early")
class EarlyView(View):
    """Says in which order it has heard what."""

    def handle_request(self, request: Request) -> None:
        heard = P(_id="heard")

        def hear(what: object) -> None:
            heard.set_text(f"{heard.get_text()} {what}".strip())

        def change(event: Any) -> None:
            hear(f"{event.node.tag_name}={event.node.value}")

        def key(event: Any) -> None:
            hear(f"key={event.data['key']}")

        def submit(event: Any) -> None:
            hear(f"name={event.data['name']}")

        self.show(HTML(
            TextInput(_id="field", handle_change=change, events=[KEY_DOWN("Escape")], handle_key_down=key),
            Select(values=[("salt", "Salt"), ("oil", "Oil")], multiple=True, _id="toppings", handle_change=change),
            Button("one", _id="one", handle_click=lambda event: hear("one")),
            Button("two", _id="two", handle_click=lambda event: hear("two")),
            Form(TextInput(name="name", _id="name"), Submit("send"), method="post", action="/form", handle_submit=submit),
            A("other", href="/other", _id="link"), heard,
        ))


app.add_template("bare.html", string="""<!doctype html><title>bare</title><div id="lona">{{ Lona.body }}</div>""")
app.add_template("by_hand.html", string="""<!doctype html><title>by hand</title><div id="lona">{{ Lona.body }}</div>
{{ Lona.load_scripts() }}
<script>
  addEventListener('load', () => {
    window.lona_context = new Lona.LonaContext({target: '#lona'});
    lona_context.setup();
  });
</script>""")


class Bare(View):
    def handle_request(self, request: Request) -> object:
        return TemplateResponse("bare.html")


class ByHand(View):
    def handle_request(self, request: Request) -> object:
        return TemplateResponse("by_hand.html")


app.route("/bare", frontend_view=Bare)(PageView)
app.route("/by-hand", frontend_view=ByHand)(EarlyView)


@app.route("/other")
class OtherView(View):
    def handle_request(self, request: Request) -> object:
        return HTML(H1("Other"), A("back", href="/page"))


@app.route("/form")
class FormView(View):
    """A plain form, which works without scripts."""

    def handle_request(self, request: Request) -> object:
        if request.method == "POST":
            return HTML(H1(f"Hello {request.POST['name']}"))
        return HTML(H1("Who are you?"), Form(TextInput(name="name", _id="name"), Submit("send"), method="post", action="/form"))


@app.route("/missing")
class MissingView(View):
    def handle_request(self, request: Request) -> object:
        raise NotFoundError


@app.route("/redirect")
class RedirectView(View):
    def handle_request(self, request: Request) -> object:
        return RedirectResponse("/other")


@app.route("/late")
class LateView(View):
    def handle_request(self, request: Request) -> None:
        self.sleep(1.5)
        self.show(H1("Late"))


@app.route("/ask")
class AskView(View):
    """Asks the browser before anything else."""

    def handle_request(self, request: Request) -> None:
        text = H1("asking")
        self.show(text)
        text.set_text(f"{text.call('getAttribute', 'id')} {self.run_js('return args.a + 1', args={'a': 1})}")
        self.show()


@app.route("/counted", interactive=False)
class CountedView(View):
    def handle_request(self, request: Request) -> object:
        return str(started.get("/page", 0))


@app.route("/places")
class PlacesView(View):
    """Pages of one view, each with an address of its own."""

    def handle_request(self, request: Request) -> None:
        self.heading, self.count = H1(), 0
        self.fill()
        more, replace = Button("more", _id="more"), Button("replace", _id="replace")
        self.show(HTML(self.heading, more, replace, Div(_style="height: 3000px"), A("other", href="/other", _id="link")))
        while True:
            event = self.await_click(more, replace)
            url = f"?page={self.number + 1}"
            if event.node is more:
                self.push_url(url)
            else:
                self.replace_url(url)
            self.fill()
            self.show()

    @property
    def number(self) -> int:
        return int(self.request.GET.get("page", "1"))

    def fill(self) -> None:
        self.count += 1
        self.heading.set_text(f"page {self.number}, change {self.count}")

    def on_url_change(self, url: SplitResult) -> object:
        self.fill()
        return None


@app.route("/notices")
class NoticesView(View):
    def handle_request(self, request: Request) -> None:
        info, error, many = Button("info", _id="info"), Button("error", _id="error"), Button("many", _id="many")
        self.show(HTML(info, error, many))
        while True:
            clicked = self.await_click(info, error, many).node
            if clicked is info:
                self.notify("Saved <b>all</b>", "success", seconds=5)
            elif clicked is error:
                self.notify("This has failed", "error")
            else:
                for number in range(8):
                    self.notify(f"number {number}", "info", seconds=60)


@app.route("/scripts")
class ScriptsView(View):
    def handle_request(self, request: Request) -> None:
        code, run, said = TextInput(_id="code"), Button("run", _id="run"), P(_id="said")
        self.show(HTML(code, run, said))
        while True:
            self.await_click(run)
            try:
                said.set_text(repr(self.run_js(code.value, timeout=5, args=[1, 2])))
            except Exception as error:
                said.set_text(f"{type(error).__name__}: {error}")
            self.show()


@app.route("/dialog")
class DialogView(View):
    """Hears that its dialog was closed, by whatever key."""

    def handle_request(self, request: Request) -> None:
        said, button = P("closed", _id="said"), Button("open", _id="open")
        dialog = Dialog(Button("inside"), events=[CUSTOM("close")])
        self.show(HTML(said, button, dialog))
        while True:
            self.await_click(button)
            said.set_text("open")
            dialog.call("showModal")
            self.await_event("close", dialog)
            said.set_text("closed")
            self.show()


@app.route("/raw")
class RawView(View):
    def handle_request(self, request: Request) -> None:
        button = Button("say", _id="say")
        self.show(button)
        while True:
            self.await_click(button)
            self.send_str("hello")


if __name__ == "__main__":
    app.run()
