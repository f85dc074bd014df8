"""A view that writes down what it sees, for tests of whether each input counts once."""

from __future__ import annotations

import random

from lona_sync import InputEvent, Message, Request, View
from lona_sync.html import HTML, Button, Div, P, TextInput

#: What the user can do, each in an order of its own. 'typed': numbers, as texts.
KINDS = ("awaited", "other", "handled", "slow", "typed")


class Ledger(View):
    """Writes down each input, by kind, in the order in which it saw them; its tree changes with each of them, and by itself.

    A click carries a number in the place of its x coordinate, and what is typed may be one: by these the ledger tells inputs from
    others. Some are awaited by a procedure that does not always wait, others are handled, quickly and slowly.
    """

    pause = 0.7                      # seconds between the changes that it makes by itself

    def handle_request(self, request: Request) -> None:
        self.chance = random.Random(0)
        self.seen: dict[str, list[int]] = {kind: [] for kind in KINDS}
        self.messages: list[int] = []
        self.rests = False
        self.rows, self.text = Div(), P("")
        self.field = TextInput("", _id="typed", bubble_up=True, handle_change=self.handle_typing)
        awaited, other = Button("awaited", _id="awaited"), Button("other", _id="other")
        self.tree = HTML(
            awaited, other, Button("handled", _id="handled", handle_click=lambda event: self.note(event, "handled")),
            Button("slow", _id="slow", handle_click=self.handle_slowly), self.field, self.rows, self.text,
        )
        self.subscribe("faults", self.handle_message)
        self.spawn(self.tick)
        self.show(self.tree)
        while True:
            event = self.await_click(awaited, other)
            self.note(event, "awaited" if event.node is awaited else "other")
            if self.chance.random() < 0.3:
                self.sleep(0.2)
            if self.chance.random() < 0.5:
                self.show()

    def handle_message(self, message: Message) -> None:
        self.messages.append(message.data)
        self.change(message.data)

    def note(self, event: InputEvent, kind: str) -> None:
        self.write(kind, event.data["x"])

    def write(self, kind: str, number: int) -> None:
        self.seen[kind].append(number)
        self.text.set_text(f"{kind} {number}")
        self.change(number)

    def handle_slowly(self, event: InputEvent) -> None:
        self.sleep(0.1)
        self.note(event, "slow")

    def handle_typing(self, event: InputEvent) -> None:
        if event.data.isdecimal():
            self.write("typed", int(event.data))

    def tick(self) -> None:
        while True:
            self.sleep(self.pause)
            if self.rests:
                return
            self.change(self.chance.randrange(1000))
            self.show()

    def change(self, pick: int) -> None:
        """Something about the rows."""
        rows = self.rows.nodes
        match pick % 6:
            case 0 | 1:
                self.rows.append(P("x" * (pick % 50)))
            case 2 if len(rows):
                rows.pop(pick % len(rows))
            case 3 if len(rows):
                self.rows.insert(0, rows[pick % len(rows)])
            case 4 if len(rows):
                rows[pick % len(rows)].set_text(f"row {pick}")
            case 5 if len(rows) > 12:
                self.rows.clear()
