"""`LiveRegion`: says to those who use a screen reader what others see happen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from .children import Child
from .properties import Value
from .tags import Div

# Out of sight, and yet read: `display: none`, `visibility: hidden` and the attribute `hidden` silence a screen reader, too.
VISUALLY_HIDDEN: Mapping[str, Value] = {
    "position": "absolute", "width": "1px", "height": "1px", "margin": "-1px", "padding": "0", "border": "0",
    "overflow": "hidden", "clip-path": "inset(50%)", "white-space": "nowrap",
}

_NOT_SPOKEN = "\N{NO-BREAK SPACE}"
_MOST_BLANKS = 10


class LiveRegion(Div):
    """A place whose changes are read aloud by screen readers, wherever the user is on the page.

        status = LiveRegion(hidden=True)
        self.show(HTML(status, table))
        ...
        table.nodes = rows
        status.announce(f"{len(rows)} rows found")
        self.show()

    Show it before it has something to say: what stands in it when it comes into the page is not announced. One for the whole page
    is enough. With `assertive` the reader breaks off what it is saying: for errors that cannot wait; otherwise it comes after.
    With `hidden` nobody sees it, but it is read all the same (the attribute `hidden` would silence it).
    """

    __slots__ = ()
    ATTRIBUTES: ClassVar[Mapping[str, Value]] = {"role": "status", "aria-live": "polite", "aria-atomic": "true"}

    def __init__(self, *nodes: Child, assertive: bool = False, hidden: bool = False, **kwargs: Any) -> None:   # Any: as for Node
        if assertive:
            kwargs = {"role": "alert", "aria_live": "assertive", **kwargs}
        super().__init__(*nodes, **kwargs)
        if hidden:
            self.style.update(VISUALLY_HIDDEN)

    @property
    def assertive(self) -> bool:
        """Whether it interrupts."""
        return self.attributes.get("aria-live") == "assertive"

    @property
    def announcement(self) -> str:
        """What was announced last."""
        return self.get_text().rstrip(_NOT_SPOKEN)

    def announce(self, text: object) -> None:
        """Let `str(text)` be read with the next `show()`, also when it was announced before. It is now all that stands here.

        Of several announcements in one `show()` only the last is read. '' takes the words away and says nothing.
        """
        words, former = str(text), self.get_text()
        blanks = former.removeprefix(words)
        if words and former and not blanks.strip(_NOT_SPOKEN):
            # A browser tells of changes only: "Saved" would be said once for ten clicks. And more blanks than one, since of two
            # that were announced while the connection was slow, the browser sees the second alone.
            self.set_text(words + (len(blanks) + 1) % _MOST_BLANKS * _NOT_SPOKEN)
        else:
            self.set_text(text)
