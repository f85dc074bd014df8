"""The tools for tests of views: pages, time, the network."""

from __future__ import annotations

from typing_extensions import assert_type

from lona_sync import App, View
from lona_sync.testing import Client, Page, VirtualClock
from lona_sync.testing.elements import ModelElement

app = App(__file__)
app.route("/")(View)

clock = VirtualClock()
client = Client(app, clock=clock)
other = Client(app)
page = client.open("/")

assert_type(page, Page)
assert_type(page.find("p"), ModelElement)
assert_type(page.text(), str)
assert_type(client.clock.now(), float)
client.clock.advance(5)
client.clock.advance(hours=24, minutes=0.5)

client.network.drop()
client.network.drop(after_frame=3)
client.network.vanish(page=page, before_event=2)
client.network.delay(0.2, after_frame=1)
client.network.throttle(None)
client.network.chaos(seed=1, rate=0.1, faults=["drop", "reorder"])
client.network.heal()
assert_type(client.network.happened["drop"], int)

client.clock.advance(weeks=1)                                # error: call-arg
client.network.drop(at_frame=3)                              # error: call-arg
client.network.drop(after_frame="3")                         # error: arg-type
client.network.drop(page=client)                             # error: arg-type
client.network.chaos(seed=1, faults=["flood"])               # error: list-item
