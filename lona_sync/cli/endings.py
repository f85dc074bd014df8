"""How a command ends."""

from __future__ import annotations

import os
import signal
import sys
from typing import NoReturn


class Unusable(Exception):
    """What the user named cannot be used; the text is one line for him."""


def end_quietly_by_ctrl_c() -> None:
    # Not a KeyboardInterrupt: gevent's event loop prints those before it raises them where they belong.
    signal.signal(signal.SIGINT, lambda *_: sys.exit(128 + signal.SIGINT))


def end_by_pipe() -> NoReturn:
    """`… | head -1`: nobody reads any more. Ends as other programs do of SIGPIPE."""
    # What the buffer holds must go somewhere at the end (Python's documentation of `signal`, "Note on SIGPIPE").
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(128 + signal.SIGPIPE)
