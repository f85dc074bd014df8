"""The version of lona_sync, kept here only: `setup.py` and the command line read it."""

from __future__ import annotations

VERSION = (0, 1, 0)
VERSION_STRING = ".".join(map(str, VERSION))
