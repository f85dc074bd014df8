"""Channels, and messages as views get them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from typing_extensions import assert_type

from lona_sync import App, Channel, Message, Request, Subscription, View
from lona_sync.channels import connect
from lona_sync.html import HTML, Li, Ul

app = App(__file__)
prices = Channel("prices.*")


@app.route("/")
class Prices(View):
    def handle_request(self, request: Request) -> None:
        self.list = Ul()
        self.show(HTML(self.list))
        subscription = prices.subscribe(self.show_price, queue_size=10, overflow="drop_newest")
        assert_type(subscription, Subscription)
        assert_type(self.subscribe("news", self.show_price, implicit_show=False), Subscription)
        message = self.await_message("prices.a", prices, timeout=5)
        assert_type(message, Message)
        assert_type(message.topic, str)
        assert_type(message.missed, int)
        assert_type(message.data, Any)
        self.list.append(Li(message.topic))
        subscription.unsubscribe()

    def show_price(self, message: Message) -> None:
        self.list.append(Li(f"{message.topic}: {message.data}"))


def publish(amount: float) -> None:
    assert_type(prices.send({"amount": amount}, timedelta(seconds=5)), Message)
    with connect("redis://localhost") as link:
        link.send("prices.a", amount)
