"""Templates and static files that a script brings along without a folder for them: `app.add_template`, `app.add_static_file`."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from ..static.folders import Own


class OwnFiles:
    """Two folders of this process's own, made when they are needed first, and single files that lie elsewhere.

    `root`: what the paths of those are relative to.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self.templates = Own()
        self.static = Own()

    @functools.cached_property
    def _folder(self) -> Path:
        folder = Path(os.path.realpath(tempfile.mkdtemp(prefix="lona_sync-")))
        atexit.register(_remove, folder, os.getpid())
        return folder

    @functools.cached_property
    def template_dir(self) -> Path:
        """Searched before all other folders of templates."""
        return self._make("templates", self.templates)

    @functools.cached_property
    def static_dir(self) -> Path:
        """The same for static files."""
        return self._make("static", self.static)

    def add_template(self, name: str, string: str, path: str | os.PathLike[str]) -> None:
        """See `App.add_template`."""
        self._add(name, string, path, folder=lambda: self.template_dir, own=self.templates)

    def add_static_file(self, name: str, string: str, path: str | os.PathLike[str]) -> None:
        """See `App.add_static_file`."""
        self._add(name, string, path, folder=lambda: self.static_dir, own=self.static)

    def _make(self, name: str, own: Own) -> Path:
        folder = self._folder / name
        folder.mkdir()
        own.folders.append(folder)
        return folder

    def _add(
        self, name: str, string: str, path: str | os.PathLike[str], *, folder: Callable[[], Path], own: Own,
    ) -> None:
        name = name.lstrip("/")
        if not name or any(part in ("", ".", "..") for part in name.split("/")):
            raise ValueError(f"a file is named as 'lona/style.css', not {name!r}")
        if os.fspath(path):
            real = Path(os.path.realpath(self._root / path))
            if not real.is_file():
                raise FileNotFoundError(f"there is no file {real}, which is to be {name!r}")
            own.files[name] = real
        elif string:
            target = folder() / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(string, encoding="utf-8")
            own.files.pop(name, None)                                      # the later one counts
        else:
            raise ValueError(f"{name!r} needs its text (string=) or the file that it is (path=)")


def _remove(folder: Path, process: int) -> None:
    if os.getpid() == process:                                         # not a worker that was forked after it was made
        shutil.rmtree(folder, ignore_errors=True)
