"""One view's tree as its browsers see it: it owns the tree, hears of each change, and keeps the log of frames.

A change is encoded when it is recorded, not when it is shown. If P is inserted and then the attached X moves into P, a late
encoding of P would already contain X, and the patch "move X into P" after it would meet two of them.

Invariant: a client that has the snapshot of frame n, or has applied all frames up to n, has the tree as it was when frame n was
closed. A snapshot first closes the open frame and carries its number, so nothing is applied twice.

Nothing here waits: from `record` to the end of the append there is no switch. What may change a tree comes through here, so it has
many short methods: the tree, its title, what is kept, calls into browsers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol

from ..errors import TreeInUseError, TreeTooLargeError
from ..html.mutations import (
    DeleteData,
    DropItem,
    Insert,
    InsertData,
    Move,
    Mutation,
    PutItem,
    Remove,
    SetAttribute,
    SetClass,
    SetData,
    SetStyle,
    SetText,
    TreeNode,
)
from ..html.node import Node
from ..html.size import growth, measure, size_of
from ..html.stream import Stream
from ..html.text import Text
from ..html.widget_data import as_json
from ..nothing import NOTHING
from .encoding import (
    EMPTY_TREE,
    encode_call,
    encode_item,
    encode_json,
    encode_keep,
    encode_mutation,
    encode_put,
    encode_string,
    encode_text,
    encode_title,
    encode_tree,
    encode_url,
)
from .log import Cursor, Log, Patches
from .protocol import MAX_NAME
from .room import Room

MAX_CALLS = 1000                 # that no browser has answered
_NODE_BYTES = 10                 # that a node takes in a snapshot, besides its characters


class TreeLock(AbstractContextManager["TreeLock"], Protocol):
    """What `node.lock` is: re-entrant, and it knows who holds it."""

    def held_elsewhere(self) -> bool:
        """True while another greenlet than the running one holds it."""


class Answers(Protocol):
    """Whoever hears what browsers answer to calls."""

    def ask(self, begin: Callable[[], int], timeout: float | None) -> Any:      # Any: JSON
        """What a browser answers to the call that `begin` makes. Waits. Raises what `Node.call` promises."""

    def lost(self, call: int, reason: str) -> None:
        """Nobody will answer the call. Never waits."""


class Host(Protocol):
    """Whose document it is."""

    @property
    def answers(self) -> Answers: ...

    def guard(self) -> None:
        """Called before anything changes; raises when the caller may not do so."""

    def make_lock(self) -> TreeLock:
        """Called when somebody asks for the lock the first time: most documents never need one."""


class _Call(NamedTuple):
    """A call that no browser has answered yet. `node`: None: of the page itself."""
    node: TreeNode | None
    method: str
    patch: str
    awaited: bool


class Snapshot(NamedTuple):
    """The whole tree as it stands after frame `number`; `body` is its title, its tree, and what is to be kept, encoded."""
    number: int
    body: bytes


class Document:
    """The tree of one view, its nodes by number, and its frames.

    Who hears of the answer to a call says so by `end_call`.
    """

    __slots__ = (
        "_calls", "_host", "_kept", "_last_call", "_last_snapshot", "_lock", "_nodes", "_open",
        "_open_bytes", "_overflow", "_place", "_serial", "_snapshot", "closed", "log", "room", "root", "title",
    )

    def __init__(self, *, host: Host, room: Room, log_bytes: int, log_frames: int) -> None:
        self._host = host
        self.room = room
        self._calls: dict[int, _Call] = NOTHING          # that nobody has answered
        self._last_call = 0
        self._lock: TreeLock | None = None
        self._nodes: dict[int, Node] = {}                # those that browsers report of; others are never looked up
        self._open: Patches = NOTHING
        self._open_bytes = 0
        self._overflow = False                           # the open frame was too big; a snapshot will tell it
        self._serial = 0                                 # of the last patch that stands for itself
        self._snapshot: Snapshot | None = None           # shared by clients that need the same one
        self._last_snapshot = 0                          # its bytes, also when it is gone
        self.closed = False
        self.log = Log(log_bytes, log_frames)
        self.root: TreeNode | None = None
        self.title: str | None = None
        self._kept = ""
        self._place: tuple[int, str, int] | None = None     # how often it has changed, where it is now, and how it got there

    @property
    def lock(self) -> TreeLock:
        """Re-entrant; while a greenlet holds it, no other one shows, sends or renders this tree."""
        if self._lock is None:
            self._lock = self._host.make_lock()
        return self._lock

    @property
    def locked(self) -> bool:
        """True while another greenlet holds the lock, so that nobody may look at the tree now."""
        return self._lock is not None and self._lock.held_elsewhere()

    def show(self, root: TreeNode) -> None:
        """Make `root` the tree. The frame that says so is a snapshot, so all frames before it are forgotten.

        Raises `TreeInUseError` for a tree that another view shows, `ValueError` for a part of a tree, and `TreeTooLargeError`.
        """
        self._show(root, self.room.check_all)

    def show_last(self, root: TreeNode) -> None:
        """The same for a page of ours, which no limit keeps from being shown."""
        self._show(root, None)

    def _show(self, root: TreeNode, check: Callable[[int, int], None] | None) -> None:
        self._host.guard()
        if root is self.root:
            return
        if root.parent is not None:
            raise ValueError(
                f"show() takes a whole tree, and {root!r} is inside of {root.parent!r}. Take it out with remove() first."
            )
        if root.owner is not None and root.owner is not self and not root.owner.closed:
            raise TreeInUseError(
                "this tree is shown in another view that still runs. A tree belongs to one view; "
                "build one for each view and connect them by a Channel."
            )
        size = self._take(root, check)
        if self.root is not None:
            self._let_go(self.root)
        self.root = root
        self.room.nodes, self.room.characters = size
        self._open = NOTHING
        self._open_bytes = 0
        self._overflow = True

    def set_title(self, title: str) -> None:
        """The page's title, for those who look now and for those who come later."""
        self._host.guard()
        if title != self.title:
            self._add("title", encode_title(title))
            self.title = title

    def keep(self, token: str) -> None:
        """What browsers keep for when the view has gone, from the next frame on; '' is nothing."""
        self._host.guard()
        if token != self._kept:
            self._add("keep", encode_keep(token))
            self._kept = token

    def go(self, url: str, *, replace: bool, hears: bool, client: int = 0) -> None:
        """The address that windows show, from the next frame on. `url`: as browsers have it.

        `replace`: in the place of the present one in their history; `hears`: the view can be taken back to where it has been. The
        window of `client` is there already.
        """
        self._host.guard()
        number = self._place[0] + 1 if self._place else 1
        self._place = number, url, replace + 2 * hears
        self._add(self._next_serial(), encode_url(self._place, client))

    def record(self, mutation: Mutation) -> None:
        """Note a change that is about to happen; see `Owner`."""
        if self.closed:
            return
        self._host.guard()
        match mutation:
            case SetText():
                text = mutation.node                     # most changes are of texts: no detours for them
                assert isinstance(text, Text)
                grown = len(mutation.text) - len(text.data)
                if grown > 0:
                    self.room.check(0, grown)
                self.room.characters += grown
                if not self._overflow:
                    self._add((text.number, "#"), encode_text(text.number, mutation.text))
            case SetStyle() | SetData() | InsertData() | DeleteData():
                grown = growth(mutation)
                if grown > 0:
                    self.room.check(0, grown)
                self._write(mutation, grown)
            case SetAttribute(node=node, name=name, client=client):
                grown = growth(mutation)
                if grown > 0 and not client:             # what users type MESSAGE_BYTES limits, and whom would an error tell?
                    self.room.check(0, grown)
                if name in ("@on", "draggable") and isinstance(node, Node):
                    self._nodes[node.number] = node
                self._write(mutation, grown)
            case SetClass():
                # Those that come and go in one change are several mutations, of which none may be refused when others were taken.
                self._write(mutation, growth(mutation))
            case Insert(node=node):
                self.room.take(*self._take(node))
                self._write(mutation, 0)
            case Remove(node=node):
                self._write(mutation, 0)
                nodes, characters = self._let_go(node)
                self.room.take(-nodes, -characters)
            case Move(node=Node() as moved, parent=parent, before=before) if moved.namespace != moved.namespace_in(parent):
                # An element cannot change its namespace: a <g> that leaves its <svg> has to be made anew.
                self.record(Remove(moved))
                self.record(Insert(parent, moved, before))
            case PutItem():
                self._put(mutation)
            case Move() | DropItem():
                self._write(mutation, 0)

    def _write(self, mutation: Mutation, grown: int) -> None:
        """Add to the open frame what lets the tree grow by so many characters."""
        self.room.characters += grown
        if not self._overflow:
            key, patch = encode_mutation(mutation)
            self._add(self._next_serial() if key is None else key, patch)

    @property
    def changed(self) -> bool:
        """Whether something has changed since the last frame."""
        return bool(self._open) or self._overflow

    def close_frame(self) -> bool:
        """End the open frame and append it to the log; False when nothing has changed since the last one."""
        if self._overflow:
            self.log.cut()                               # what was called in it follows the snapshot
        elif self._open:
            self.log.append(self._open, self._open_bytes)
        else:
            return False
        self._open = NOTHING
        self._open_bytes = 0
        self._overflow = False
        return True

    def mark(self) -> None:
        """Append a frame that changes nothing: who has applied it has read what came before. The open frame stays open."""
        self.log.append({}, 0)

    def snapshot(self) -> Snapshot:
        """The whole tree, encoded once for all who need it at this moment. Closes the open frame."""
        self.close_frame()
        if self._snapshot is None or self._snapshot.number != self.log.last:
            title = "null" if self.title is None else encode_string(self.title)
            tree = EMPTY_TREE if self.root is None else encode_tree(self.root)
            kept = f",{encode_string(self._kept)}" if self._kept or self._place else ""
            place = f",{encode_json(self._place)}" if self._place else ""
            self._snapshot = Snapshot(self.log.last, f"{title},{tree}{kept}{place}".encode())
            self._last_snapshot = len(self._snapshot.body)
        snapshot = self._snapshot
        if len(self.log.cursors) < 2:
            self._snapshot = None                        # nobody to share it with: an idle view keeps no copy of its page
        if self._calls:
            # A snapshot is a state, and a call is none. Those who have heard of it already know its number. The frame has no size,
            # so that it is never too much for the log: or who reads this snapshot would need another one, for ever.
            self.log.append({self._next_serial(): call.patch for call in self._calls.values()}, 0)
        return snapshot

    def check_room(self, nodes: Sequence[TreeNode], former: Sequence[TreeNode]) -> None:
        """See `Owner`."""
        if self.closed:
            return
        self._host.guard()
        arriving = [node for node in nodes if node.owner is not self]
        if not arriving:
            return
        count, characters = measure(arriving)
        if former and not self.room.has(count, characters):
            gone = measure(former, {id(node) for node in nodes})
            count, characters = count - gone[0], characters - gone[1]
        self.room.check(count, characters)

    def call(self, node: TreeNode | None, method: str, args: Sequence[Any], timeout: float | None) -> Any:
        """Call a method in the browser, and wait for the answer; see `Node.call`."""
        return self._host.answers.ask(lambda: self._begin_call(node, method, args, awaited=True), timeout)

    def tell(self, node: TreeNode | None, method: str, args: Sequence[Any]) -> None:
        """Call a method in the browser, with the next frame. When too many wait, the oldest one of these is lost.

        Of several of a node that nobody has come to hear only the last one counts; those of the page are all told.
        """
        self._host.guard()
        told = [number for number, call in self._calls.items() if not call.awaited]
        same = [each for each in told if node is not None and self._calls[each].node is node and self._calls[each].method == method]
        for number in same:
            del self._calls[number]                      # nobody has come since, so the later one will do
        if told and len(self._calls) >= MAX_CALLS:
            del self._calls[told[0]]
            self._host.answers.lost(told[0], "too many calls wait for a browser")
        self._begin_call(node, method, args, awaited=False)

    def end_call(self, number: int) -> bool:
        """A browser has answered the call, or nobody wants to know any more; False: that was known."""
        return self._calls.pop(number, None) is not None

    def _begin_call(self, node: TreeNode | None, method: str, args: Sequence[Any], *, awaited: bool) -> int:
        self._host.guard()
        if not isinstance(method, str) or not 1 <= len(method) <= MAX_NAME:
            raise ValueError(f"a method is named by 1 to {MAX_NAME} characters, not {method!r}")
        if len(self._calls) >= MAX_CALLS:
            raise RuntimeError(f"{MAX_CALLS} calls wait for a browser already; is nobody there to answer them?")
        number = self._last_call + 1
        patch = encode_call(node, number, method, as_json(args))
        self._last_call = number
        if not self._calls:
            self._calls = {}
        self._calls[number] = _Call(node, method, patch, awaited)
        if not self._overflow:
            self._add(self._next_serial(), patch)
        return number

    def _lose_calls(self) -> None:
        """Those to nodes that have left: a browser would not find them."""
        for number, call in list(self._calls.items()):
            if call.node is not None and call.node.owner is not self:
                del self._calls[number]
                self._host.answers.lost(number, f"{call.node!r} has left the page")

    def since(self, cursor: Cursor, room: int) -> bytes | None:
        """The patches up to the last frame that `cursor` has to be sent; None: a snapshot. The caller asks only when it is behind.

        Several frames that are larger than `room` bytes, and than twice the tree, are a snapshot, too: of an endless stream, say.
        """
        if not cursor.sent:                              # nothing has a place yet, not even a title that was set before the tree
            return None
        patches = self.log.since(cursor.sent)
        # Not a single frame: the one behind a snapshot, with the calls, would lead to the next snapshot, for ever.
        if patches is not None and cursor.sent + 1 < self.log.last and len(patches) > max(room, 2 * self._snapshot_size()):
            return None
        return patches

    def _snapshot_size(self) -> int:
        """About how many bytes the next snapshot has."""
        return max(self.room.characters + _NODE_BYTES * self.room.nodes, self._last_snapshot)

    def find(self, number: int) -> Node | None:
        """The node with this number; None when it is gone, or was never one that browsers report of."""
        return self._nodes.get(number)

    def close(self) -> None:
        """Nobody looks any more. The tree is free to be shown elsewhere; changes to it are no longer recorded."""
        self.closed = True
        self._calls = NOTHING
        self.root = None
        self._nodes = {}
        self._open = NOTHING
        self._snapshot = None
        self.log = Log(1, 1)

    def _put(self, mutation: PutItem) -> None:
        """Send the item, and keep no more of it than the text of what was sent."""
        stream, item = mutation.node, mutation.item
        assert isinstance(stream, Stream)
        text = encode_item(item, mutation.number)
        # Who has not been told of the stream yet has to find in a snapshot what he could not read in the log.
        unread = not self.log.cursors or any(cursor.sent < stream.since for cursor in self.log.cursors)
        stream.admit(mutation.number, text, mutation.place, stream.limit if unread else stream.keep)
        if not self._overflow:
            self._add(self._next_serial(), encode_put(stream, mutation.place, text))

    def _next_serial(self) -> int:
        self._serial += 1
        return self._serial

    def _add(self, key: tuple[int, str] | int | str, patch: str) -> None:
        if not self._open:
            self._open = {}
        replaced = self._open.pop(key, "")
        self._open[key] = patch
        self._open_bytes += len(patch) - len(replaced)
        self._snapshot = None
        if self._open_bytes > self.log.max_bytes:
            # A loop that appends and removes without ever calling show() would fill the memory.
            self._open = NOTHING
            self._open_bytes = 0
            self._overflow = True

    def _take(self, root: TreeNode, check: Callable[[int, int], None] | None = None) -> tuple[int, int]:
        """Own `root` and all below it, numbered in document order so that their numbers need not be sent. How many, and characters.

        `check` raises for what is too large, and nothing has happened then.
        """
        nodes = self._nodes
        count = characters = 0
        streams: list[Stream] = []
        pending = [root]
        while pending:
            node = pending.pop()
            count += 1
            characters += size_of(node)
            if not node.number:
                node.take_number()
            node.owner = self
            if isinstance(node, Node):
                if node.is_reported:
                    nodes[node.number] = node
                text = node.text_alone
                if text is not None:
                    count += 1
                    characters += len(text)
                    continue
                children = node.children
                if children:
                    pending.extend(reversed(children))
                elif isinstance(node, Stream):
                    streams.append(node)
        if check is not None:
            try:
                check(count, characters)
            except TreeTooLargeError:
                self._let_go(root)
                raise
        for stream in streams:
            stream.since = self.log.last + 1
            for number, (place, item) in stream.tail.items():
                if isinstance(item, TreeNode):
                    stream.tail[number] = place, encode_item(item, number)
        return count, characters

    def _let_go(self, root: TreeNode) -> tuple[int, int]:
        """Own `root` and all below it no longer. How many, and characters."""
        nodes = self._nodes
        count = characters = 0
        pending = [root]
        while pending:
            node = pending.pop()
            count += 1
            characters += size_of(node)
            node.owner = None
            if isinstance(node, Node):
                nodes.pop(node.number, None)
                text = node.text_alone
                if text is not None:
                    count += 1
                    characters += len(text)
                elif node.children:
                    pending.extend(node.children)
        if self._calls:
            self._lose_calls()
        return count, characters
