"""Brings what browsers want of a view's files to the process that has the view, and says what it answers.

    any worker                                        the view's
    PATCH …/files/<view>/<upload>
    session, offset                       ──────→     is it his? has it come so far? a lease
    writes the body into the view's folder
    "so far"                              ──────→     counts it, tells the view; cancelled? → no
    "that was all"                        ──────→     complete? the input has its files
    204, the offset                       ←──────     yes

The bytes never travel between processes: all of a machine share the folder (`uploads/folder.py`), and whoever has the connection
writes there. So an upload is as fast at the wrong worker as at the right one, and only short messages have to be exchanged. To hand
over the socket instead, as for WebSockets, would mean to speak HTTP on it ourselves: servers have read an unknown part of the body
by then, and what they do at its end cannot be had. What a view makes while it is downloaded has no file: it comes through a socket
whose end is handed over.

A question is a dict of JSON, the same one for a view of this process, so that there is one way.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import SplitResult, urlsplit

import gevent
from gevent import socket
from werkzeug.datastructures import MultiDict

from ...errors import StopReason
from ...settings import Settings
from ...siblings import Away, Siblings, Silent, Talk, Trouble
from ...siblings.siblings import answer_of
from ...uploads import Claim, Elsewhere, Gone, Part, Refused, Unusable
from ...views.bucket import Bucket
from ...views.envelope import Envelope
from ...views.request import Request
from ...views.runtime import ViewRuntime
from ...views.users import is_guest, same_owner
from ...views.visitor import Visitor
from ..sockets.handover import view_is_gone

logger = logging.getLogger("lona_sync.server.files")

#: What the others are asked for.
KIND = "files"

#: Whoever asks this has a lease or a batch, which nobody guesses, and got it when it was looked at who he is.
_LEASED = frozenset(["advance", "end", "come", "commit", "abort"])

#: Files that one message may announce.
MOST_FILES = 1000

Fields = dict[str, Any]                              # Any: JSON


class Refusal(Exception):
    """What the browser is told instead: an HTTP status, a sentence, and how far the upload has come, if that is the reason."""

    def __init__(self, status: int, text: str = "", offset: int | None = None) -> None:
        super().__init__(status, text, offset)
        self.status = status
        self.text = text
        self.offset = offset


class Views(Protocol):
    """Whose views these are."""

    def find(self, view_id: str, visitor: Visitor) -> ViewRuntime | None:
        """The view, if this visitor has opened it."""


class Desk:
    """`find_any`: the view, whoever has opened it. `admit`: who comes with such an envelope to where we are mounted, if he may."""

    def __init__(
        self, *, views: Views, find_any: Callable[[str], ViewRuntime | None], admit: Callable[[Envelope, str], Visitor | None],
        siblings: Siblings, settings: Settings, counters: Counter[str],
    ) -> None:
        self._views = views
        self._find_any = find_any
        self._admit = admit
        self._siblings = siblings
        self._timeout = settings.SIBLING_TIMEOUT
        self._chunk = settings.UPLOAD_CHUNK
        self._require_session = settings.BUCKETS_REQUIRE_SESSION
        self._counters = counters
        self._verbs: dict[str, Callable[[ViewRuntime, Fields], Fields]] = {
            "declare": self._declare, "state": self._state, "begin": self._begin, "advance": self._advance, "end": self._end,
            "cancel": self._cancel, "list": self._list, "add": self._add, "come": self._come, "commit": self._commit,
            "abort": self._abort, "delete": self._delete, "load": self._load,
        }
        siblings.on(KIND, self._answer)

    def ask(self, verb: str, view: str, visitor: Visitor, **fields: Any) -> Fields:
        """What the view's process says. Waits when that is another one. Raises `Refusal`."""
        answer, end = self._ask(verb, view, visitor, fields)
        if end is not None:
            end.close()
        return answer

    def load(self, view: str, visitor: Visitor, **fields: Any) -> tuple[Fields, socket.socket | None]:
        """The same for something to be loaded: with what it is made through, if it has no path."""
        return self._ask("load", view, visitor, fields)

    def is_local(self, view: str) -> bool:
        """Whether a question costs nothing."""
        return self._siblings.owner_of(view) is None

    def _ask(self, verb: str, view: str, visitor: Visitor, fields: Fields) -> tuple[Fields, socket.socket | None]:
        owner = self._siblings.owner_of(view)
        if owner is None:
            return self._do(verb, view, visitor, fields)
        asked: Fields = {"verb": verb, "view": view, "fields": fields}
        if verb not in _LEASED:
            asked |= {"envelope": visitor.envelope.as_json(), "base": visitor.base}
        try:
            with gevent.Timeout(self._timeout, Silent("no answer")):
                with self._siblings.open(owner, KIND, **asked) as talk:
                    answer = answer_of(talk)
                    end = socket.socket(fileno=talk.descriptors.pop()) if talk.descriptors else None
        except Trouble as error:
            if view_is_gone(error):
                raise Refusal(404) from None
            self._counters["files.unanswered"] += 1
            raise Refusal(503, "The server has not answered. Try again.") from None
        if "refusal" in answer:
            raise Refusal(*answer["refusal"])
        return answer, end

    def _answer(self, request: Fields, talk: Talk) -> Fields | None:
        verb, view, fields, base = request.get("verb"), request.get("view"), request.get("fields"), request.get("base", "")
        if verb not in self._verbs or not isinstance(view, str) or not isinstance(fields, dict) or not isinstance(base, str):
            raise Away(f"this asks for nothing: {request!r:.200}")
        try:
            visitor = None
            if verb not in _LEASED:
                visitor = self._admit(Envelope.from_json(request.get("envelope")), base)
                if visitor is None:
                    raise Refusal(403)
            answer, end = self._do(verb, view, visitor, fields)
        except ValueError as error:
            raise Away(str(error)) from None
        except Refusal as refusal:
            return {"refusal": [refusal.status, refusal.text, refusal.offset]}
        if end is None:
            return answer
        with end:
            talk.send(answer, b"", [end.fileno()])
        return None

    def _do(self, verb: str, view: str, visitor: Visitor | None, fields: Fields) -> tuple[Fields, socket.socket | None]:
        if verb in _LEASED or ("bucket" in fields and not self._require_session):
            runtime = self._find_any(view)
        else:
            assert visitor is not None
            runtime = self._views.find(view, visitor)
        if runtime is None or runtime.stopped:
            raise Refusal(404)
        end = None
        try:
            answer = self._verbs[verb](runtime, {**fields, "visitor": visitor})
            end = answer.pop("end", None)
        except Gone:
            raise Refusal(404) from None
        except Elsewhere as elsewhere:
            raise Refusal(409, "", elsewhere.offset) from None
        except Refused as refused:
            status = {"busy": 429, "type": 415, "open": 507, "server": 507, "disk": 507, "session": 507}.get(refused.reason, 413)
            raise Refusal(status, refused.text) from None
        except StopReason:
            raise Refusal(404) from None
        except Unusable as error:
            logger.error("nothing can be uploaded: %s", error)
            raise Refusal(507, "There is no room for it at the moment. Try again later.") from None
        return answer, end

    # Resumable uploads of file inputs.

    def _declare(self, runtime: ViewRuntime, fields: Fields) -> Fields:
        claims = [Claim(*each) for each in fields["files"]]
        return {"files": runtime.files.declare(fields["input"], claims, fields["visitor"]), "chunk": self._chunk}

    def _state(self, runtime: ViewRuntime, fields: Fields) -> Fields:
        offset, size = runtime.files.state(fields["upload"])
        return {"offset": offset, "size": size}

    def _begin(self, runtime: ViewRuntime, fields: Fields) -> Fields:
        lease = runtime.files.begin(fields["upload"], fields["offset"])
        return {"lease": lease.number, "path": lease.path, "size": lease.size}

    def _advance(self, runtime: ViewRuntime, fields: Fields) -> Fields:
        runtime.files.advance(fields["upload"], fields["lease"], fields["offset"])
        return {}

    def _end(self, runtime: ViewRuntime, fields: Fields) -> Fields:
        offset, complete = runtime.files.end(fields["upload"], fields["lease"])
        return {"offset": offset, "complete": complete}

    def _cancel(self, runtime: ViewRuntime, fields: Fields) -> Fields:
        runtime.files.cancel(fields["upload"])
        return {}

    # Buckets.

    def _bucket(self, runtime: ViewRuntime, fields: Fields) -> Bucket:
        bucket = runtime.files.buckets.get(fields["bucket"])
        if not isinstance(bucket, Bucket):
            raise Gone
        return bucket

    def _list(self, runtime: ViewRuntime, fields: Fields) -> Fields:
        bucket = self._bucket(runtime, fields)
        if not bucket.index:
            raise Refusal(401, "This bucket has no index.")
        files = [[file.name, file.size] for file in bucket.files]
        return {"folder": bucket.get_path(), "files": files, "max_files": bucket.max_files, "max_size": bucket.max_size}

    def _add(self, runtime: ViewRuntime, fields: Fields) -> Fields:
        shelf = self._bucket(runtime, fields).shelf
        files, room = shelf.room()
        batch = shelf.begin_batch(fields["length"])
        return {"batch": batch.id, "folder": str(batch.folder), "files": files, "room": room}

    def _come(self, runtime: ViewRuntime, fields: Fields) -> Fields:
        shelf = self._bucket(runtime, fields).shelf
        shelf.advance_batch(shelf.batch(fields["batch"]), fields["come"])
        return {}

    def _commit(self, runtime: ViewRuntime, fields: Fields) -> Fields:
        bucket = self._bucket(runtime, fields)
        added = bucket.shelf.commit(bucket.shelf.batch(fields["batch"]), [Part(*each) for each in fields["parts"]])
        names = [file.name for file in added]
        if names:
            bucket.added(names)
        return {"names": names}

    def _abort(self, runtime: ViewRuntime, fields: Fields) -> Fields:
        shelf = self._bucket(runtime, fields).shelf
        shelf.abort(shelf.batch(fields["batch"]))
        return {}

    def _delete(self, runtime: ViewRuntime, fields: Fields) -> Fields:
        bucket = self._bucket(runtime, fields)
        if not bucket.delete(fields["name"]):
            raise Refusal(404, "There is no such file.")
        bucket.deleted([fields["name"]])
        return {}

    # Downloads.

    def _load(self, runtime: ViewRuntime, fields: Fields) -> Fields:
        offer = runtime.downloads.find(fields["download"])
        visit, visitor = runtime.request, fields["visitor"]
        # Else it is one whom `may_join` has let in. That may be a guest, too, who has no key by which he could have opened it.
        is_opener = same_owner(visitor.owner) == same_owner(visit.opened_by) or (visitor.is_guest and is_guest(visit.opened_by))
        request = Request(
            url=_split(fields["url"]), GET=MultiDict(), POST=MultiDict(), user=visit.user if is_opener else visitor.user,
            interactive=False, base=visit.base, envelope=visitor.envelope, connection=visitor,
        )
        try:
            allowed = runtime.view.may_download(request)
        except Exception:
            logger.exception("%r: error in may_download", runtime)
            raise Refusal(500) from None
        if not allowed:
            self._counters["downloads.forbidden"] += 1
            raise Refusal(403)
        self._counters["downloads"] += 1
        answer = {"name": offer.name, "type": offer.content_type, "inline": offer.inline}
        if offer.path is not None:
            return {**answer, "path": str(offer.path)}
        if fields["look"]:                           # HEAD: nothing is made
            return answer
        return {**answer, "end": runtime.downloads.stream(offer)}


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        raise Refusal(400) from None
