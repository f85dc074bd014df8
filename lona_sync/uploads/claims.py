"""What is said of files that are to come, and why they are not taken."""

from __future__ import annotations

from typing import NamedTuple

#: Characters of what a browser says that a file is called, or is.
LONGEST_CLAIM = 1000

#: What the user is told, by the reason.
TEXTS = {
    "size": "This file is too large.",
    "files": "These are too many files.",
    "type": "Files of this kind are not taken.",
    "session": "You have uploaded as much as you may at one time.",
    "server": "There is no room for it at the moment. Try again later.",
    "disk": "There is no room for it at the moment. Try again later.",
    "open": "Too many uploads are not finished yet.",
    "busy": "Too many uploads at the same time.",
}


class Refused(Exception):
    """It cannot be taken. `reason`: a word of `TEXTS`; `text` is a sentence for the user."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason
        self.text = text


class Gone(Exception):
    """There is no such upload any more: it is complete, or was cancelled, or waited too long, or its view has ended."""


class Elsewhere(Exception):
    """The upload has come to another offset than the one that was named."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"the upload has come to {offset}")
        self.offset = offset


class Limits(NamedTuple):
    """`file_bytes`: of one file. Of one session: `open` uploads that are not complete, `at_once` that bring bytes at the moment.

    `idle`: seconds without a byte after which an upload is given up. `stall`: after which a connection is taken for dead.
    """
    file_bytes: int
    open: int
    at_once: int
    idle: float
    stall: float


class Claim(NamedTuple):
    """What a browser says of a file. `modified`: when, in milliseconds; with name and size it tells whether it is the same one."""
    name: str
    size: int
    content_type: str = ""
    modified: int = 0


class Lease(NamedTuple):
    """The right to write into `path` from `offset` on, up to `size`, until somebody else gets it."""
    number: int
    path: str
    offset: int
    size: int


class Part(NamedTuple):
    """One file of a batch: what it is called in the batch's folder, and what its browser says of it."""
    part: str
    name: str
    content_type: str
