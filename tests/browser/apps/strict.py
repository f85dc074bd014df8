"""The views of `painted` that ask something of their page, under a strict Content-Security-Policy."""

from __future__ import annotations

from typing import Any

from lona_sync import App, Request, View
from lona_sync.html import H1
from tests.browser.apps.painted import DialogView, NoticesView, RawView, ScriptsView

app = App(__file__)
app.settings.CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; connect-src 'self' ws:; "
    "img-src data: 'self'"
)


class Ears:
    """Tells each raw message back."""

    def handle_websocket_message(self, data: Any) -> Any:
        data.connection.send_str(f"heard {data.message}")
        return data


app.settings.MIDDLEWARES = [Ears]
app.route("/notices")(NoticesView)
app.route("/scripts")(ScriptsView)
app.route("/raw")(RawView)
app.route("/dialog")(DialogView)
app.add_template("own.html", """<!doctype html><html><head><title>{{ title }}</title><link rel="icon" href="data:,">
{{ Lona.load_scripts() }}
<script type="module" nonce="{{ Lona.nonce }}">
window.lona_context = new Lona.LonaContext({target: '#lona', title: 'own'});
lona_context.setup();
</script></head><body><div id="lona">{{ Lona.body }}</div></body></html>""")


class OwnFrontend(View):
    """Makes the page by a template of its own."""

    def handle_request(self, request: Request) -> object:
        return {"template": "own.html"}


@app.route("/own", frontend_view=OwnFrontend)
class OwnView(View):
    started = 0

    def handle_request(self, request: Request) -> object:
        type(self).started += 1
        return H1(f"own {self.started}")


if __name__ == "__main__":
    app.run()
