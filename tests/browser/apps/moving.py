"""A view that is to survive its server."""

from __future__ import annotations

from lona_sync import App, View
from lona_sync.html import H1, HTML, Button, Li, Node, P, Ul
from lona_sync.views.request import Request

app = App(__file__)


@app.route("/")
class Notes(View):
    """Notes are added and deleted; one that was deleted stays so."""

    def handle_request(self, request: Request) -> None:
        state = request.restored or {"notes": ["a", "b", "c"], "added": 0}
        added, field = P(state["added"], _id="added"), Node(tag_name="input", name="note")
        add, notes = Button("Add", _id="add"), Ul()
        buttons: dict[Button, str] = {}
        for note in state["notes"]:
            button = Button("Delete")
            buttons[button] = note
            notes.append(Li(note, " ", button))
        self.show(HTML(H1("Notes"), added, field, add, notes))
        while True:
            clicked = self.await_click(add, *buttons).node
            if clicked is add:
                state["added"] += 1
                added.set_text(state["added"])
            else:
                assert isinstance(clicked, Button)
                state["notes"].remove(buttons.pop(clicked))
                notes.remove(clicked.parent)
            self.state_to_keep = state
            self.show()


if __name__ == "__main__":
    app.run()
