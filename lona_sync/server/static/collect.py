"""All static files written into one folder, for a proxy that serves them: `lona-sync collect-static`."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Protocol

MANIFEST = "manifest.json"


class CannotCollect(Exception):
    """The destination is none; the text says why, for whoever has typed it."""


class Files(Protocol):
    """What is to be collected: `StaticFiles`."""

    def names(self) -> Iterator[str]: ...
    def find(self, address: str) -> Path | None: ...
    def name_with_fingerprint(self, address: str) -> str | None: ...


def collect(
    files: Files, destination: Path, *, keep_clear_of: Iterable[Path] = (), clean: bool = False, dry_run: bool = False,
    say: Callable[[str], object] = print,
) -> dict[str, str]:
    """Write each file under its name and under the one that pages call it by. Returns the one → the other, as in `manifest.json`.

    Each file is put in place whole, so a proxy may serve the folder meanwhile. What an earlier run has written stays, for pages
    that are still open in browsers, unless `clean` empties the folder first. `dry_run`: only `say` what would be done.

    Raises `CannotCollect` when `destination` is no folder, or when `clean` would delete one of `keep_clear_of`, or what holds it.
    """
    destination = Path(os.path.realpath(destination))
    if not destination.is_dir():
        raise CannotCollect(f"{destination} is no folder: make it first")
    manifest = _manifest(files)
    sources = {name: path for name in manifest if (path := files.find(name)) is not None}
    if clean:
        _clean(destination, [*keep_clear_of, *sources.values()], dry_run, say)
    for name, path in sources.items():
        for target in dict.fromkeys((name, manifest[name])):
            say(f"{path} → {destination / target}")
            if not dry_run:
                _put(path, destination / target)
    if not dry_run:
        with tempfile.TemporaryDirectory(dir=destination) as folder:
            text = Path(folder) / MANIFEST
            text.write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")
            _put(text, destination / MANIFEST)
    return manifest


def _manifest(files: Files) -> dict[str, str]:
    """The name of each file → what pages call it."""
    return {name: called for name in files.names() if (called := files.name_with_fingerprint(name)) is not None}


def _clean(destination: Path, precious: Iterable[Path], dry_run: bool, say: Callable[[str], object]) -> None:
    for path in (*precious, Path.home()):
        if Path(os.path.realpath(path)).is_relative_to(destination):
            raise CannotCollect(f"{destination} holds {path}, so it is not emptied")
    for entry in sorted(destination.iterdir()):
        say(f"delete {entry}")
        if dry_run:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _put(source: Path, target: Path) -> None:
    """A copy that appears at once, readable by the proxy."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".collect-")
    os.close(handle)
    try:
        shutil.copyfile(source, name)
        shutil.copystat(source, name)
        os.chmod(name, 0o644)
        os.replace(name, target)
    except BaseException:
        os.unlink(name)
        raise
