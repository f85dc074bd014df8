"""Waits, groups, coroutines."""

from __future__ import annotations

import asyncio
from typing import Any

from typing_extensions import assert_type

from lona_sync import App, InputEvent, Message, Request, View
from lona_sync.html import HTML, KEY_DOWN, Button, Node, TextInput
from lona_sync.waits import Came, after, change, click, ended, event, message

app = App(__file__)


async def load(name: str) -> int:
    await asyncio.sleep(1)
    return len(name)


@app.route("/")
class Desk(View):
    def handle_request(self, request: Request) -> object:
        name, ok, cancel = TextInput(), Button("OK"), Button("Cancel")
        self.show(HTML(name, ok, cancel))
        job = self.spawn(len, "abc")
        waits = [click(ok, [cancel]), change(name)]
        came = self.await_any(*waits, event(KEY_DOWN("Enter"), name), message("jobs.*"), job, ended(job), after(5), timeout=30)
        assert_type(came, Came)
        assert_type(came.node, Node | None)
        match came:
            case Came("click", node=button) if button is ok:
                return "ok"
            case Came(value=InputEvent() as found):
                assert_type(found.name, str)
            case Came(value=Message() as told):
                assert_type(told.topic, str)
            case Came("ended", value):
                assert_type(value, Any)
        self.await_any("click")                              # error: arg-type
        self.await_any(click)                                # error: arg-type
        click("button")                                      # error: arg-type
        with self.group(timeout=5) as group:
            task = group.spawn(len, "abc")
            group.spawn(len)                                 # error: call-arg
            group.cancel()
        assert_type(task.get(), int)
        assert_type(self.await_sync(load("a")), int)
        self.await_sync(load)                                # error: arg-type
        return None
