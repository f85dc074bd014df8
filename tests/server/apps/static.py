"""Static files of a folder that the environment names, with a secret beside it."""

from __future__ import annotations

import os
from pathlib import Path

from lona_sync import App, View

app = App(Path(os.environ["PROJECT"]) / "script.py")
app.settings.SECRET_KEY = "k" * 32
app.settings.STATIC_DIRS = ["static"]
app.route("/")(View)
