"""Values of one's own, and markup of one's own."""

from __future__ import annotations

from typing import Any

from typing_extensions import assert_type

from lona_sync import App
from lona_sync.html import A, Div, Node, RawHTML, State

app = App(__file__)
with app.state.lock:
    app.state["visits"] = app.state.get("visits", 0) + 1
app.state.update({"list": [1]}, other=2)
app.state |= {"more": True}
assert_type(app.state, State)
assert_type(app.state.pop("visits", None), Any)
assert_type(app.state.copy(), dict[Any, Any])
assert_type(app.state.to_json(), str)

link = A("elsewhere", href="/file.pdf", ignore=True, state={"seen": False})
link.ignore = not link.ignore
link.state["seen"] = True
assert_type(link.ignore, bool)
assert_type(link.state, State)

raw = RawHTML("<b>mine</b>", _class="raw", ignore=True)
raw.inner_html = "<i>mine</i>"
assert_type(raw.inner_html, str)
box: Node = Div(raw, RawHTML(inner_html=""))
with raw.lock, box.lock:
    raw.inner_html += "!"

link.ignore = "yes"  # error: assignment
raw.inner_html = b"<b>"  # error: assignment
RawHTML(5)  # error: arg-type
link.state = 5  # error: assignment
app.state = {}  # error: assignment
