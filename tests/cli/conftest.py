from __future__ import annotations

import sys
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in. Nothing is patched, and what the command changes is put back."""
    monkeypatch.setattr("gevent.monkey.patch_all", lambda: None)
    monkeypatch.setattr(sys, "argv", list(sys.argv))
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    monkeypatch.delenv("LONA_SYNC_HOST", raising=False)
    monkeypatch.delenv("LONA_SYNC_PORT", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path
