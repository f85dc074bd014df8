"""For the tests of your views: a browser without a screen, and checks of where greenlets switch."""

from .attempts import eventually
from .client import Client
from .clock import VirtualClock
from .context import LonaContext
from .dom import DOMError, ModelDOM, ModelElement, ModelText, structure_of
from .live import LiveServer, LiveServers
from .page import Page
from .painted import Painted
from .switches import assert_no_switch, assert_switches

__all__ = [
    "Client",
    "DOMError",
    "LiveServer",
    "LiveServers",
    "LonaContext",
    "ModelDOM",
    "ModelElement",
    "ModelText",
    "Page",
    "Painted",
    "VirtualClock",
    "assert_no_switch",
    "assert_switches",
    "eventually",
    "structure_of",
]
