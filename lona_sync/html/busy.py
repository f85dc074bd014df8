"""How a node shows that what it was clicked for is still at work: by an attribute with a value that nobody else has.

So it is known from what the user's code sets meanwhile: `button.disabled = True` puts another value there, and stays.
"""

from __future__ import annotations

from typing import ClassVar, Protocol

from .attributes import Attributes


class _Busy(str):
    """One that is told from an equal one by `is`."""
    __slots__ = ()


BUSY = _Busy("true")


class Bearer(Protocol):
    """What is needed of a node."""
    BUSY_ATTRIBUTE: ClassVar[str]

    @property
    def attributes(self) -> Attributes: ...


def show_busy(node: Bearer, busy: bool) -> None:
    """Put the attribute there, unless the user's code has done that; or take ours away."""
    name = node.BUSY_ATTRIBUTE
    if not busy:
        if node.attributes.get(name) is BUSY:
            del node.attributes[name]
    elif node.attributes.wire(name) is False:
        node.attributes[name] = BUSY
