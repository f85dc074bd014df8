"""The broker that a URL names."""

from __future__ import annotations

import importlib
from typing import Any

from .broker import Broker, MemoryBroker

REDIS = ("redis://", "rediss://", "unix://")


def broker_from_url(url: str, **options: Any) -> Broker:       # Any: the arguments of RedisBroker
    """`memory:` (or ''), `redis://…`, `rediss://…` or `unix://…`; `options` are those of `RedisBroker`. Connects nothing.

    ValueError for anything else; ModuleNotFoundError that says what to install when redis-py is missing.
    """
    if url in ("", "memory:"):
        return MemoryBroker()
    if not url.startswith(REDIS):
        # Without the URL: there may be a password in it.
        raise ValueError(
            "a broker is named by memory:, redis://host:6379/0, rediss://… or unix:///path, and this URL begins otherwise: "
            f"{url[:url.find(':') + 1]!r}"
        )
    try:
        importlib.import_module("redis")
    except ModuleNotFoundError as error:
        if error.name != "redis":
            raise
        raise ModuleNotFoundError("the broker on Redis needs redis-py: pip install 'lona-sync[redis]'") from None
    broker: Broker = importlib.import_module(".redis", __package__).RedisBroker(url, **options)
    return broker
