"""Shows each case of `tests/html/xss.py`, over the socket and as a page, and what must trip if the tripwire works."""

from __future__ import annotations

from collections.abc import Callable

from lona_sync import App, Channel, HttpRedirectResponse, Message, RedirectResponse, Request, View
from lona_sync.html import A, Button, Div, IFrame, P, RawHTML, Script, TextInput, TreeNode
from tests.html.xss import IMG, RUN, TEXTS, URL, cases

app = App(__file__)

HOSTILE = "</title><script>tripped(1)</script><img src=x onerror=tripped(1)>"


class TrustedLink(A):
    JAVASCRIPT_URLS = True


class TrustedFrame(IFrame):
    JAVASCRIPT_URLS = True


CONTROLS: dict[str, Callable[[], TreeNode]] = {
    "load": lambda: RawHTML(IMG),
    "script": lambda: Script(RUN),
    "click": lambda: TrustedLink("x", href=URL, interactive=False),
    "focus": lambda: RawHTML(f"<input onfocus={RUN}>"),
    "hover": lambda: RawHTML(f"<p onmouseover={RUN}>x</p>"),
    "frame": lambda: TrustedFrame(src=f"data:text/html,<script>{RUN}</script>"),
}
SHOWN = {str(number): case.build for number, case in enumerate(cases()) if not case.refused}
BUILDERS = {**SHOWN, **CONTROLS}


def _built(name: str) -> list[TreeNode]:
    """The case of this name, or all, which do not disturb each other when no HTML is parsed."""
    if name == "all":
        return [build() for build in SHOWN.values()]
    return [BUILDERS[name]() if name in BUILDERS else P("an address that one of the cases led to")]


@app.route("/page/<name>", interactive=False)
class PageView(View):
    def handle_request(self, request: Request) -> object:
        return Div(P("ready", _id="ready"), _built(request.match_info["name"]))


@app.route("/socket/<name>")
class SocketView(View):
    def handle_request(self, request: Request) -> object:
        return Div(_built(request.match_info["name"]), P("ready", _id="ready"))


@app.route("/later/<name>")
class LaterView(View):
    """The same by patches, after an event."""

    def handle_request(self, request: Request) -> None:
        button, place = Button("show", _id="show"), Div()
        self.show(Div(button, place))
        self.await_click(button)
        place.nodes = [*_built(request.match_info["name"]), P("ready", _id="ready")]
        self.show()


@app.route("/title")
class TitleView(View):
    def handle_request(self, request: Request) -> None:
        self.set_title(HOSTILE)
        self.show(P("ready", _id="ready"), title=HOSTILE)


@app.route("/redirect/<how>")
class RedirectView(View):
    def handle_request(self, request: Request) -> object:
        try:
            return (RedirectResponse if request.match_info["how"] == "view" else HttpRedirectResponse)(URL)
        except ValueError as error:
            return P(str(error), _id="ready")


@app.route("/channel")
class ChannelView(View):
    def handle_request(self, request: Request) -> None:
        self.list, button = Div(), Button("send", _id="send")
        self.subscribe("xss", self.handle_message)
        self.show(Div(self.list, button))
        self.await_click(button)
        for text in [*TEXTS, "end"]:
            Channel("xss").send({"text": text})
        self.await_click(button)

    def handle_message(self, message: Message) -> None:
        text = message.data["text"]
        self.list.append(P(text, title=text, _id="ready") if text == "end" else P(text, title=text, data_x=text))


@app.route("/echo")
class EchoView(View):
    """What a browser sends comes back as text, attribute, class and value."""

    def handle_request(self, request: Request) -> None:
        field, said = TextInput(_id="ready", input_delay=10, bubble_up=True), Div(_id="said")
        self.show(Div(field, said, P(request.GET.get("q", ""), title=request.GET.get("q", ""))))
        while True:
            self.await_change(field)
            said.nodes = [P(field.value, title=field.value, _class=field.value, data_x=field.value), TextInput(field.value)]
            self.show()
