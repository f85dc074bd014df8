"""A site of ledgers, for real servers: `/book/<name>`. A page that fires 'tell' has its ledger written to a file, `<name>.json`.

By a file, not over HTTP: of several workers, any one may answer a request. `/stats` tells what one of them holds. `/tab/<name>` is
forgotten soon when it is lost, `/shared/<name>` never ends, and `/crash` does at the first click. `/burst` sends 200 messages.
"""

from __future__ import annotations

import gc
import itertools
import json
import os
from pathlib import Path

from greenlet import greenlet

from lona_sync import App, Channel, InputEvent, Message, Request, View
from lona_sync.html import HTML, Button, P
from lona_sync.testing.structure import structure_of
from tests.views.ledger import Ledger

app = App(__file__)
app.settings.update({
    "SECRET_KEY": "k" * 32,
    "STOP_TIMEOUT": 5,
    **{name.removeprefix("BOOKS_"): json.loads(value) for name, value in os.environ.items() if name.startswith("BOOKS_")},
})
FOLDER = Path(os.environ.get("LONA_SYNC_RUNTIME_DIRECTORY", "."))


@app.route("/book/<name>")
class Book(Ledger):
    """`?pause=0.01`: how often it changes by itself."""

    def handle_request(self, request: Request) -> None:
        self.pause = float(request.GET.get("pause", self.pause))
        super().handle_request(request)

    def handle_input_event(self, event: InputEvent) -> None:
        if event.name == "rest":
            self.rests = True
        elif event.name == "tell":
            self.show()
            self.tell(event.request.match_info["name"], event.data)

    def tell(self, name: str, question: int) -> None:
        document = self._runtime.document
        told = {
            "question": question, "seen": self.seen, "messages": self.messages, "frame": document.log.last,
            "tree": structure_of(self.tree),
        }
        file = FOLDER / f"{name}.part"
        file.write_text(json.dumps(told))
        file.rename(FOLDER / f"{name}.json")          # whoever looks meanwhile sees all of it, or what was there before


@app.route("/tab/<name>")
class Tab(Book):
    """One for visitors who do not come back."""

    resume_timeout = 1.0


@app.route("/shared/<name>")
class Shared(Book):
    """It lives as long as the server, so it keeps nothing of what it sees."""

    def handle_request(self, request: Request) -> None:
        self.is_daemon = True
        super().handle_request(request)

    def write(self, kind: str, number: int) -> None:
        super().write(kind, number)
        self.seen[kind].clear()

    def handle_message(self, message: Message) -> None:
        self.change(message.data)


@app.route("/crash")
class Crash(View):
    """Fails, as views do."""

    resume_timeout = 1.0

    def handle_request(self, request: Request) -> None:
        button = Button("crash", _id="crash")
        self.show(HTML(P("do not"), button))
        self.await_click(button)
        raise RuntimeError("somebody has clicked")


@app.route("/burst", interactive=False)
class Burst(View):
    """Messages for all ledgers of this process, numbered."""

    numbers = itertools.count(1)

    def handle_request(self, request: Request) -> str:
        for _ in range(200):
            Channel("faults").send(next(self.numbers))
        return "sent"


@app.route("/stats", interactive=False)
class Stats(View):
    """What this process holds."""

    def handle_request(self, request: Request) -> str:
        gc.collect()
        kept = app.parts.socket._readers.free            # made with the first connection, and kept
        greenlets = sum(isinstance(each, greenlet) and not each.dead and each is not kept for each in gc.get_objects())
        return json.dumps({
            "pid": os.getpid(), **app.stats(), "files": len(os.listdir("/proc/self/fd")), "greenlets": greenlets,
        })
