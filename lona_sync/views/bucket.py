"""`Bucket`: a folder of one view that browsers can reach: they list it, add files, delete and load them."""

from __future__ import annotations

import os
from collections.abc import Callable

from ..uploads import Shelf, UploadedFile
from .files import bucket_url, new_id
from .request import Request

Told = Callable[[list[str]], object]


class Bucket:
    """A folder for files, which goes with the view of `request`.

        bucket = Bucket(request, max_files=10, max_size=50_000_000, on_add=lambda names: …)
        self.show(HTML(A("Your files", href=bucket.get_url(), interactive=False)))

    Only the session that has opened the view reaches it (`BUCKETS_REQUIRE_SESSION`), at an address that nobody can guess; pages
    of others cannot make a browser add or delete anything. `max_files` (None: 10,000) and `max_size` (bytes of all of them) count
    what is there already; files that would exceed them are not added, nor any that came with them.

    `index`: False: what is in it can be added and deleted, but neither listed nor loaded. `on_add` and `on_delete` are called with
    the names, in the view's turn.

    The program may put files of its own into `get_path()`. Files have flat names; what is in it are files, no folders and no links.
    """

    def __init__(
        self, request: Request, max_files: int | None = None, max_size: int | None = None, index: bool = True,
        on_add: Told | None = None, on_delete: Told | None = None,
    ) -> None:
        if request.runs_in is None:
            raise RuntimeError("a bucket belongs to a running view: make it in handle_request, of the request that you get there")
        for name, limit in (("max_files", max_files), ("max_size", max_size)):
            if limit is not None and (type(limit) is not int or limit < 0):
                raise ValueError(f"{name} must be a whole number from 0, or None, not {limit!r}")
        files = request.runs_in.files
        self.id = new_id()
        self.request = request
        self.index = index
        self.on_add = on_add
        self.on_delete = on_delete
        self._files = files
        self._shelf = files.new_shelf(max_files=max_files, max_bytes=max_size)
        files.buckets[self.id] = self

    def __repr__(self) -> str:
        return f"<Bucket {len(self._shelf.files)} files>"

    @property
    def max_files(self) -> int | None:
        return self._shelf.max_files

    @property
    def max_size(self) -> int | None:
        """Bytes of all files."""
        return self._shelf.max_bytes

    @property
    def shelf(self) -> Shelf:
        """Where they lie. For the framework."""
        return self._shelf

    @property
    def files(self) -> list[UploadedFile]:
        """What is in it, in the order in which it came."""
        return self._shelf.files

    def get_path(self, file_name: str = "") -> str:
        """The folder, or where a file of this name is, or would be. Raises ValueError for what is no flat name."""
        if not file_name:
            return str(self._shelf.path)
        if file_name in (".", "..") or "/" in file_name or "\0" in file_name:
            raise ValueError(f"a file in a bucket has a flat name, not {file_name!r}")
        return os.path.join(self._shelf.path, file_name)

    def get_file_names(self) -> list[str]:
        return [file.name for file in self._shelf.files]

    def get_size(self) -> int:
        """Bytes of all files."""
        return self._shelf.size

    def get_url(self, file_name: str = "") -> str:
        """The address of the list of files, or of one of them."""
        return bucket_url(self._files, self.id, file_name)

    def get_add_url(self) -> str:
        """Where files are posted to, as `multipart/form-data`."""
        return bucket_url(self._files, self.id, "add")

    def get_delete_url(self) -> str:
        """Where the `name` of a file is posted to, to have it deleted."""
        return bucket_url(self._files, self.id, "delete")

    def delete(self, file_name: str) -> bool:
        """Delete a file. Whether there was one of this name."""
        return self._shelf.delete(file_name)

    def added(self, names: list[str]) -> None:
        """A browser has added these. For the framework."""
        self._files.tell(self.on_add, names)

    def deleted(self, names: list[str]) -> None:
        """A browser has deleted these. For the framework."""
        self._files.tell(self.on_delete, names)
