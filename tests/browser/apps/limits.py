"""An application that has no room for a second page of one user."""

from __future__ import annotations

from lona_sync import App, Request, View
from lona_sync.html import H1

app = App(__file__)
app.settings.MAX_VIEWS_PER_USER = 1


@app.route("/")
class Orders(View):
    def handle_request(self, request: Request) -> None:
        self.show(H1("Orders"))
        self.sleep(1000)
