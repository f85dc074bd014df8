"""What one view has of files: those of its inputs, its buckets, its downloads. They go with it.

Browsers send them over HTTP, to whichever process it comes; what they want is done here, in the process that has the view
(`server/files/desk.py` brings it). Nothing here waits, and nothing reads from a network.
"""

from __future__ import annotations

import logging
import math
import secrets
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from hmac import compare_digest
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from ..html.inputs.files import FileInput, UploadProgress
from ..html.node import Node
from ..uploads import Claim, Elsewhere, Gone, Incoming, Lease, Refused, Shelf, Store, Unusable, UploadedFile, safe_name
from ..uploads.claims import TEXTS
from .clock import Clock, Timer
from .visitor import Visitor

logger = logging.getLogger("lona_sync.views")

#: Where browsers send files, below the place where the application is mounted.
FILES = "/_lona_sync/files/"

#: Uploads of one view that are complete and of which a browser may still ask how far they are.
_REMEMBERED = 1000

#: Seconds without a byte after which an upload is not waited for when the process is to end.
_LATELY = 5.0

#: Seconds between two calls of `handle_progress`.
_PERIOD = 0.1


class Host(Protocol):
    """What the files need of the runtime whose they are."""

    @property
    def stopped(self) -> bool: ...

    @property
    def is_interactive(self) -> bool:
        """Whether it has browsers to show something to."""

    def find(self, number: int) -> Node | None:
        """The node of the view's tree with this number."""

    def call_soon(self, function: Callable[..., object], *args: Any) -> None: ...

    def spawn(self, function: Callable[..., object], *args: Any) -> object: ...

    def changed(self, node: Node, visitor: Visitor) -> None:
        """This visitor has changed the value of this input."""


class ViewFiles:
    """`view`: the view's id. `session`: on whose account it is. `base`: where the application is mounted.

    `buckets_prefix`: '/buckets/', see `BUCKETS_URL_PREFIX`.
    """

    __slots__ = (
        "_done", "_host", "_own", "_runs", "_shelf", "_store", "base", "buckets", "buckets_prefix", "clock", "session", "shelves",
        "view",
    )

    def __init__(
        self, *, host: Host, store: Store, clock: Clock, view: str, session: Hashable, base: str, buckets_prefix: str,
    ) -> None:
        self._host = host
        self._store = store
        self.clock = clock
        self.view = view
        self._shelf: Shelf | None = None                      # of the inputs
        self._own: Shelf | None = None                        # of what the program makes to be downloaded
        self._runs: dict[int, _Run] = {}                      # by the numbers of the inputs
        self._done: OrderedDict[str, int] = OrderedDict()     # sizes of uploads that are complete
        self.base = base
        self.buckets_prefix = buckets_prefix
        self.session = session
        self.shelves: list[Shelf] = []
        self.buckets: dict[str, Any] = {}                     # Any: `bucket.Bucket`, which knows of this

    @property
    def counters(self) -> Counter[str]:
        return self._store.counters

    @property
    def busy(self) -> bool:
        """Whether files are on their way, and have been a moment ago."""
        lately = self._store.clock() - _LATELY
        if any(incoming.touched > lately for run in self._runs.values() for incoming in run.incoming):
            return True
        return any(batch.shelf in self.shelves and batch.touched > lately for batch in self._store.batches_of(self.session))

    def new_shelf(self, *, max_files: int | None = None, max_bytes: int | None = None, keeps: bool = True) -> Shelf:
        """A folder that goes with the view. Raises `uploads.Unusable`."""
        shelf = self._store.shelf(self.session, max_files=max_files, max_bytes=max_bytes, keeps=keeps)
        self.shelves.append(shelf)
        return shelf

    def keep(self, write: Callable[[Path], object], name: str = "file", content_type: str = "") -> UploadedFile:
        """A file that the program makes. It counts for nobody, and exists as long as somebody holds it. May wait for the disk."""
        if self._own is None or self._own.removed:
            self._own = self.new_shelf(keeps=False)
        return self._own.put(name, write, content_type)

    def close(self) -> None:
        """The view has ended: nothing of it is left, but what the program has saved elsewhere."""
        for run in list(self._runs.values()):
            run.cancel()
        for shelf in self.shelves:
            shelf.remove()
        self.buckets.clear()

    def tell(self, function: Callable[[list[str]], object] | None, names: list[str]) -> None:
        """Have the program's own function called with these names, in the view's turn; what it raises is logged."""
        if function is None or self._host.stopped:
            return

        def call() -> None:
            try:
                function(names)
            except Exception:
                logger.exception("a bucket's function has failed")

        if self._host.is_interactive:
            self._host.call_soon(call)
        else:
            self._host.spawn(call)

    # Uploads of inputs.

    def declare(self, secret: str, claims: Sequence[Claim], visitor: Visitor) -> list[tuple[str, int]]:
        """This visitor has chosen these files for the input with this secret, in place of others: an id and an offset for each.

        An upload that is under way already goes on. Raises `Gone` when there is no such input, or its user may not use it;
        `Refused` or `Unusable` when one of the files cannot be taken: then none of them is.
        """
        node = self._input(secret)
        run = self._runs.get(node.number)
        if run is None:
            run = self._runs[node.number] = _Run(self, node)
        run.visitor = visitor
        return run.choose(claims)

    def incoming(self, upload: str) -> Incoming:
        """Raises `Gone`: also for an upload of another view, or to an input that is not shown any more."""
        incoming = self._store.find(upload)
        if incoming.shelf is not self._shelf:
            raise Gone
        for run in self._runs.values():
            if incoming in run.incoming:
                if self._host.find(run.node.number) is not run.node or run.node.is_disabled:
                    run.cancel()
                    raise Gone
                return incoming
        raise Gone

    def state(self, upload: str) -> tuple[int, int]:
        """How far it is, and its size. Raises `Gone`."""
        if upload in self._done:                              # the browser may not have heard of it
            return self._done[upload], self._done[upload]
        incoming = self.incoming(upload)
        return incoming.offset, incoming.claim.size

    def done(self, incoming: Incoming) -> None:
        """It is complete."""
        self._done[incoming.id] = incoming.claim.size
        if len(self._done) > _REMEMBERED:
            self._done.popitem(last=False)

    def begin(self, upload: str, offset: int) -> Lease:
        """See `Shelf.begin`."""
        if upload in self._done:
            raise Elsewhere(self._done[upload])
        incoming = self.incoming(upload)
        return incoming.shelf.begin(incoming, offset)

    def advance(self, upload: str, lease: int, offset: int) -> None:
        """See `Shelf.advance`."""
        incoming = self.incoming(upload)
        incoming.shelf.advance(incoming, lease, offset)

    def end(self, upload: str, lease: int) -> tuple[int, bool]:
        """Whoever had the lease has written all he had: how far the upload is, and whether it is complete."""
        incoming = self.incoming(upload)
        incoming.shelf.end(incoming, lease)
        run = next(run for run in self._runs.values() if incoming in run.incoming)
        return incoming.offset, run.look_at(incoming)

    def cancel(self, upload: str) -> None:
        """The browser does not send it after all, nor what was chosen with it."""
        incoming = self.incoming(upload)
        run = next(run for run in self._runs.values() if incoming in run.incoming)
        run.cancel()

    def _input(self, secret: str) -> FileInput:
        number = secret.partition(".")[0]
        node = self._host.find(int(number)) if number.isdecimal() and len(number) < 16 else None
        if not isinstance(node, FileInput) or not compare_digest(node.secret.encode(), secret.encode()):
            raise Gone
        if node.is_disabled or node.is_readonly or self._host.stopped:
            raise Gone
        return node

    # What runs ask.

    def declare_one(self, claim: Claim, moved: Callable[[], None]) -> Incoming:
        if self._shelf is None or self._shelf.removed:
            self._shelf = self.new_shelf(keeps=False)
        return self._shelf.declare(claim, moved)

    def call_soon(self, function: Callable[..., object], *args: Any) -> None:
        if not self._host.stopped:
            self._host.call_soon(function, *args)

    def changed(self, node: FileInput, visitor: Visitor) -> None:
        if not self._host.stopped:
            self._host.changed(node, visitor)

    def count(self, what: str) -> None:
        self.counters[what] += 1

    def refuse(self, reason: str, text: str = "") -> Refused:
        return self._store.refuse(reason, text)

    def forget(self, run: _Run) -> None:
        if self._runs.get(run.node.number) is run:
            del self._runs[run.node.number]


class _Run:
    """What was chosen for one input the last time, until all of it has come. It is the input's `Intake`."""

    __slots__ = ("_come", "_files", "_timer", "_told", "incoming", "node", "visitor")

    visitor: Visitor                                          # who has chosen it

    def __init__(self, files: ViewFiles, node: FileInput) -> None:
        self._files = files
        self.node = node
        self.incoming: list[Incoming] = []
        self._come: dict[str, UploadedFile] = {}              # by the id of the upload
        self._told = -math.inf
        self._timer: Timer | None = None                      # until `handle_progress` is called

    def choose(self, claims: Sequence[Claim]) -> list[tuple[str, int]]:
        under_way = {id(each): each for each in self.incoming}
        kept: list[Incoming | None] = []
        for claim in claims:
            same = next((each for each in under_way.values() if each.claim == claim), None)
            kept.append(same)
            if same is not None:
                del under_way[id(same)]
        self._drop(under_way.values())                        # first: they would take the room of those in their place
        fresh: list[Incoming] = []
        try:
            self._check(claims)
            chosen = []
            for claim, incoming in zip(claims, kept, strict=True):
                if incoming is None:
                    incoming = self._files.declare_one(claim, self._moved)
                    fresh.append(incoming)
                elif incoming.id not in self._come:
                    self._files.count("uploads.resumed")
                chosen.append(incoming)
        except (Refused, Unusable) as error:
            self._drop([*self.incoming, *fresh])
            self.node.refuses(error.text if isinstance(error, Refused) else TEXTS["disk"])
            self._end()
            raise
        self.incoming = chosen
        if not chosen:
            self.node.stops()
            self._end()
            self._take([])
            return []
        self.node.starts(self, sum(claim.size for claim in claims))
        self._moved()
        for incoming in chosen:
            self.look_at(incoming)                            # an empty file is complete
        return [(incoming.id, incoming.offset) for incoming in chosen]

    def look_at(self, incoming: Incoming) -> bool:
        """Whether it is complete. With the last one, all are the input's."""
        if incoming.id not in self._come:
            file = incoming.shelf.complete(incoming)
            if file is None:
                return False
            self._come[incoming.id] = file
            self._files.done(incoming)
            if len(self._come) == len(self.incoming):
                files = [self._come[each.id] for each in self.incoming]
                self._end()
                self._take(files)
        return True

    def cancel(self) -> None:
        """Drop what is on its way."""
        self._files.count("uploads.cancelled")
        self._drop(self.incoming)
        self.node.stops()
        self._end()

    def _check(self, claims: Sequence[Claim]) -> None:
        if self.node.max_files is not None and len(claims) > self.node.max_files:
            raise self._files.refuse("files")
        for claim in claims:
            name = safe_name(claim.name)
            problem = self.node.problem_of(name, claim.size, claim.content_type)
            if problem:
                reason = "size" if self.node.max_size is not None and claim.size > self.node.max_size else "type"
                raise self._files.refuse(reason, problem if len(claims) == 1 else f"{name}: {problem}")

    def _take(self, files: list[UploadedFile]) -> None:
        changed = bool(files or self.node.files)
        self.node.takes(files)
        if changed:
            self._files.changed(self.node, self.visitor)

    def _drop(self, uploads: Iterable[Incoming]) -> None:
        for incoming in uploads:
            incoming.shelf.cancel(incoming)
            self._come.pop(incoming.id, None)                 # nobody holds the file any more

    def _end(self) -> None:
        self.incoming = []
        self._come = {}
        self._stop_timer()
        self._files.forget(self)

    # Progress.

    def _moved(self) -> None:
        self.node.moves(sum(each.offset for each in self.incoming))
        if self.node.tells_progress and self._timer is None:
            wait = self._told + _PERIOD - self._files.clock.now()
            if wait > 0:
                self._timer = self._files.clock.timer(wait, self._tell_soon)
            else:
                self._tell_soon()

    def _tell_soon(self) -> None:
        self._stop_timer()
        self._told = self._files.clock.now()
        self._files.call_soon(self._tell)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.close()
            self._timer = None

    def _tell(self) -> None:
        progress = self.node.progress
        if isinstance(progress, UploadProgress):
            self.node.handle_progress(progress)


def bucket_url(files: ViewFiles, bucket: str, name: str = "") -> str:
    """The address of a bucket, or of a file in it."""
    return f"{files.base}{files.buckets_prefix}{files.view}/{bucket}/{quote(name, safe='')}"


def new_id() -> str:
    return secrets.token_urlsafe(18)
