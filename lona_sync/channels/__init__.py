"""Publish and subscribe by topic; `channel.py` is what users write, `hub.py` how it works."""

from .channel import Channel
from .hub import HubStats, default_hub
from .link import Link, Listener, connect
from .message import Message
from .subscription import Subscription

__all__ = ["Channel", "HubStats", "Link", "Listener", "Message", "Subscription", "connect", "stats"]


def stats() -> HubStats:
    """What the channels of this process have done so far, and what they hold now."""
    return default_hub.stats()
