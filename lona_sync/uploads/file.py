"""`UploadedFile`: a file that has come."""

from __future__ import annotations

import os
import shutil
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from .writing import apart


class UploadedFile:
    """A file that somebody has uploaded, whole, on this machine's disk.

    `name` is safe as the name of a file, and looks like what it is; `client_name` is what the browser says, and may be anything: a
    path, markup. `content_type` is what the browser says, too: nobody has looked into the file. `size`: bytes.

    It lies at `path` until its view ends, or until nobody holds this object any more, whichever is first; `save_to` keeps it.
    """

    __slots__ = ("__weakref__", "_finalizer", "_path", "client_name", "content_type", "name", "size")

    def __init__(
        self, path: Path, *, name: str, client_name: str, size: int, content_type: str, gone: Callable[[], None],
    ) -> None:
        self._path = path
        self.name = name
        self.client_name = client_name
        self.size = size
        self.content_type = content_type
        self._finalizer = weakref.finalize(self, _remove, str(path), gone)
        self._finalizer.atexit = False              # a child that was forked would do it when it ends

    def __repr__(self) -> str:
        return f"<UploadedFile {self.name!r} {self.size} bytes>"

    @property
    def path(self) -> Path:
        return self._path

    @property
    def exists(self) -> bool:
        """False: it was deleted, or its view has ended."""
        return self._path.is_file()

    def open(self) -> BinaryIO:
        """Open it to be read, as bytes. Raises `FileNotFoundError` when it was deleted."""
        return self._path.open("rb")

    def read(self) -> bytes:
        """All of it, in memory; the disk is waited for in another thread."""
        return apart(self._path.read_bytes)

    def save_to(self, target: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
        """Move it to `target`, from where it does not vanish: a path, or a folder, in which it is called `name`. Where it is now.

        Raises `FileExistsError` when something is there already, unless `overwrite`. Waits, in another thread, if it has to be
        copied to another disk. It is for this user alone (0600), as long as you do not say otherwise by `chmod`. Only what is below
        a folder by its `name` is safe: a path that you make of `client_name` is not.
        """
        path = Path(target)
        if path.is_dir():
            path /= self.name
        apart(lambda: _move(self._path, path, overwrite))
        self._path = path
        self.let_go()
        return path

    def delete(self) -> None:
        """Remove it from the disk now; nothing when it is gone already."""
        self._path.unlink(missing_ok=True)
        self.let_go()

    def let_go(self) -> None:
        """It does not belong to where it came to any more, and stays where it is."""
        found = self._finalizer.detach()
        if found is not None:
            found[2][1]()


def _remove(path: str, gone: Callable[[], None]) -> None:
    try:
        os.unlink(path)
    except OSError:                                 # with its view
        return
    finally:
        gone()


def _move(source: Path, target: Path, overwrite: bool) -> None:
    if overwrite:
        shutil.move(source, target)
        return
    # Made first: of two that want to be there one gets it, and a link that somebody has laid is not followed.
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        shutil.move(source, target)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
