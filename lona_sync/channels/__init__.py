"""Publish and subscribe by topic; `channel.py` is what users write, `hub.py` how it works."""

from .channel import Channel
from .message import Message
from .subscription import Subscription

__all__ = ["Channel", "Message", "Subscription"]
