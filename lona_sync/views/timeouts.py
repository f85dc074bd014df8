"""`check_timeout`: what may be given as `timeout=`."""

from __future__ import annotations

import math


def check_timeout(timeout: object) -> None:
    """Raise unless it is None, for ever, or a finite number of seconds; what is below 0 means 0."""
    if timeout is None:
        return
    if not isinstance(timeout, (int, float)):
        raise TypeError(f"timeout is a number of seconds, or None to wait for ever, not {type(timeout).__name__}: {timeout!r}")
    if not math.isfinite(timeout):
        raise ValueError(f"timeout must be finite, not {timeout!r}. To wait for ever, leave it out.")
