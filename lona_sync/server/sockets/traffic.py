"""What is logged of each message, for `--debug-mode messages`."""

from __future__ import annotations

import logging
import re

traffic = logging.getLogger("lona_sync.server.websockets")

#: Characters of a message that are logged.
LOGGED_CHARACTERS = 1000
#: Secrets of windows, and what views keep.
_SECRET = re.compile(r'"[\w.:=-]{16,}"')


def excerpt(text: str) -> str:
    """What is logged of a message: no secrets of ours, and not all of a large one."""
    return _SECRET.sub('"…"', text[:LOGGED_CHARACTERS]) + ("…" if len(text) > LOGGED_CHARACTERS else "")
