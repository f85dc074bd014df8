"""Examples under the strict policy of docs/security.md, and a view into which markup got in somehow."""

from __future__ import annotations

import re
from pathlib import Path

from examples.dashboard import app
from lona_sync import ForbiddenError, Request, View
from lona_sync.html import H1, HTML, Button, Div, P, RawHTML

SECURITY = Path(__file__).parents[3] / "docs" / "security.md"
_, POLICY = re.findall(r"```python\n(.*?)```", SECURITY.read_text(), re.DOTALL)
exec(POLICY, {"app": app})


@app.route("/styled")
class Styled(View):
    def handle_request(self, request: Request) -> None:
        box, button = Div("box", _style="color: rgb(1, 2, 3)"), Button("widen")
        self.show(HTML(H1("Styled"), box, button), title="styled")
        self.await_click(button)
        box.style["width"] = "123px"
        self.show()


@app.route("/injected")
class Injected(View):
    def handle_request(self, request: Request) -> object:
        markup = "<img src=nothing onerror=\"document.title = 'hacked'\"><a href=\"javascript:document.title = 'hacked'\">link</a>"
        return HTML(H1("Injected"), P("x"), RawHTML(markup))


@app.route("/injected.html", interactive=False)
class InjectedPage(View):
    def handle_request(self, request: Request) -> object:
        return "<!doctype html><title>page</title><h1>x</h1><script>document.title = 'hacked'</script>" \
            f"<script nonce=\"{request.nonce}\">document.querySelector('h1').textContent = 'ours'</script>"


@app.route("/forbidden", interactive=False)
class Forbidden(View):
    def handle_request(self, request: Request) -> object:
        raise ForbiddenError


if __name__ == "__main__":
    app.run()
