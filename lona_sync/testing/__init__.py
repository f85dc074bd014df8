"""For the tests of your views: a browser without a screen, and checks of where greenlets switch."""

from .client import Client, Page
from .clock import VirtualClock
from .dom import DOMError, ModelDOM, ModelElement, ModelText, structure_of
from .switches import assert_no_switch, assert_switches

__all__ = [
    "Client",
    "DOMError",
    "ModelDOM",
    "ModelElement",
    "ModelText",
    "Page",
    "VirtualClock",
    "assert_no_switch",
    "assert_switches",
    "structure_of",
]
