"""One running view: its greenlets, its tree, its clients, and how it ends.

A view *is* its greenlets: the procedure, what it spawned, and the handlers at work. They are kept in one set, and stopping the view
throws the stop reason into each of them. That is done by a greenlet outside of the set, since a greenlet that ends its own view
would end in the middle of it. From the moment of the request no handler starts any more and every call of the view raises.

    started ─ handle_request returns ─→ finished: on_stop(None) ─┐
       │                                                         ├─ last client leaves ─→ on_cleanup, out of the registry
       ├─ an exception ─→ crashed: error page, on_stop(error) ───┘
       └─ last client leaves, server stops ─→ greenlets killed, on_stop(reason), on_cleanup

`on_stop` and `on_cleanup` run once each, in this order, whatever happens; nothing depends on a `finally` of a greenlet that may
never have started.

A daemon view does not end with its last client. A client whose socket was lost still counts as one until its time is over.

Its parts have files of their own, and `View` asks some of them directly: what it shows (screen), returns (outcomes), keeps
(keeping), waits for (waiting, blocking). What is left is long because it is where they meet: how they are put together, the order
of beginning and ending, who stays when nobody looks, and what each part asks of its `Host`.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol, TypeVar

import gevent
import greenlet
from gevent import monkey
from werkzeug.exceptions import HTTPException

from ..channels import Message, Subscription
from ..channels.owner import current_owner
from ..errors import ServerStop, StopReason, UserAbort, ViewCrashed, WrongThreadError
from ..html.node import Node
from ..settings import Settings
from ..wire import protocol
from ..wire.document import Document
from ..wire.room import Room
from .accounts import account_of
from .answers import Answers
from .audience import Audience
from .blocking import Blocking
from .calls import Calls
from .client import Client
from .clock import Clock
from .dispatch import Dispatcher
from .downloads import Downloads
from .exits import called_exit, is_of_process
from .farewell import Farewell
from .files import ViewFiles
from .first_sign import FirstSign
from .greenlets import Greenlets, Work
from .group import Group
from .hooks import GO_ON
from .keeping import Kept
from .last_page import LastPage
from .lock import ViewLock
from .outcomes import Outcomes
from .ownership import Ownership
from .pages import is_expected
from .place import Place
from .plain import PlainAnswer
from .pour import Pour
from .raw_messages import RawMessages
from .request import Request
from .responses import AbstractResponse
from .screen import Screen
from .surroundings import Surroundings
from .tasks import Task
from .turn import Turn
from .users import same_owner
from .view import View
from .view_events import ViewEvents
from .visitor import Visitor
from .waiting import Waiting
from .workload import Load, Workload

T = TypeVar("T")
logger = logging.getLogger("lona_sync.views")
get_thread: Callable[[], int] = monkey.get_original("_thread", "get_ident")     # the patched one tells greenlets apart


class Roster(Protocol):
    """Whoever keeps the running views: hears how this one fares."""

    def start(self, view_class: type[View], request: Request) -> ViewRuntime:
        """Start another view beside. Raises an exception when there may be no more."""

    def replaced(self, runtime: ViewRuntime) -> None:
        """Another view goes on in it."""

    def left(self, runtime: ViewRuntime) -> None:
        """The view has ended and is to be forgotten."""

    def suspended(self, runtime: ViewRuntime) -> None:
        """No socket shows the view at the moment; it waits for one."""

    def resumed(self, runtime: ViewRuntime) -> None:
        """A socket shows the view again."""

    def joinable(self, runtime: ViewRuntime, yes: bool) -> None:
        """The view may, or may no longer, be joined by its user's other windows."""


class ViewRuntime:
    """Carries one instance of `view_class`. `start` begins its procedure, with or without a client."""

    __slots__ = (
        "__weakref__", "_answers", "_calls", "_dispatcher", "_document", "_downloads", "_ending", "_farewell", "_files",
        "_greenlets", "_has_left", "_is_daemon", "_kept", "_killed", "_leaving", "_plain", "_procedure", "_roster", "_surroundings",
        "_thread", "_unmade", "_waiting", "clients", "failure", "finished", "first_sign", "holding", "id", "ownership", "place",
        "released", "request", "screen", "started", "stop_reason", "turn", "view",
    )

    def __init__(
        self, view_class: type[View], request: Request, *, id: str, roster: Roster, surroundings: Surroundings,
    ) -> None:
        settings, clock, counters = surroundings.settings, surroundings.clock, surroundings.counters
        self.id = id
        self.request = request
        self.stop_reason: StopReason | None = None
        self.failure: Exception | None = None                     # what the page stands for, if it is one of an error
        self.finished = False                                     # the procedure has ended
        self.holding = False                                      # its browsers keep what they have to say
        self.released = False                                     # and are sent to another process
        self.started = clock.now()
        self._roster = roster
        self._surroundings = surroundings
        self._thread = gevent.get_hub().thread_ident              # not asked anew: it would be another int for each view
        self._greenlets = Greenlets(self, clock)
        self.turn = Turn(self)
        self._document = Document(
            host=self, log_bytes=settings.LOG_BYTES, log_frames=settings.LOG_FRAMES,
            room=Room(max_nodes=settings.MAX_NODES, max_characters=settings.MAX_TREE_CHARACTERS, counters=counters),
        )
        self.clients = Audience(
            stage=self, document=self._document, clock=clock, max_lost=settings.MAX_SUSPENDED_WINDOWS,
            resume_timeout=settings.RESUME_TIMEOUT if view_class.resume_timeout is None else view_class.resume_timeout,
        )
        self.place = Place(request=request, document=self._document, hears=view_class.on_url_change is not View.on_url_change)
        self.ownership = Ownership(host=self, guests=self._greenlets, turn=self.turn)
        self._calls = Calls(host=self, turn=self.turn, limit=settings.CALL_SOON_QUEUE)
        self._is_daemon = False
        self._procedure: Task[None] | None = None
        self._killed: gevent.GreenletExit | None = None           # what ended the procedure alone, while the view lives on
        self._ending: gevent.Greenlet[..., None] | None = None               # kills the greenlets, runs on_stop
        self._leaving: gevent.Greenlet[..., None] | None = None              # the same, and then on_cleanup
        self._has_left = False                                    # at once, without `_leaving`
        self._unmade: Exception | None = None                     # what the view's own `__init__` raised
        self.first_sign = FirstSign(host=self, document=self._document, clock=clock)
        self.screen = Screen(host=self, document=self._document, clients=self.clients, sign=self.first_sign)
        # Made when they are first asked for: most views never do.
        self._answers: Answers | None = None
        self._downloads: Downloads | None = None
        self._farewell: Farewell | None = None
        self._files: ViewFiles | None = None
        self._kept: Kept | None = None
        if request.restored is not None:
            self.kept.restore(request.restored)
        self._plain = None
        if not request.has_window:
            self._plain = PlainAnswer(host=self, outcomes=self.outcomes, pour=Pour(self.turn.outside))
        request.runs_in = self
        self.view = self._make(view_class)
        self._dispatcher = Dispatcher(
            host=self, hooks=self.view, document=self._document, turn=self.turn, limit=settings.EVENT_QUEUE, clock=clock,
            counters=counters,
        )
        self._waiting = Waiting(
            host=self, turn=self.turn, clock=clock, dispatcher=self._dispatcher, screen=self.screen,
        )

    # Parts that most views never need; and those that remember nothing, each time anew.

    @property
    def answers(self) -> Answers:
        """What browsers answer to calls."""
        if self._answers is None:
            self._answers = Answers(
                host=self, turn=self.turn, end_call=self._document.end_call, clock=self.clock, counters=self._counters,
            )
        return self._answers

    @property
    def blocking(self) -> Blocking:
        """Its waits for threads, coroutines and the time."""
        return Blocking(host=self, turn=self.turn, clock=self.clock, coroutines=self._surroundings.coroutines)

    @property
    def downloads(self) -> Downloads:
        """What it offers to be downloaded."""
        if self._downloads is None:
            self._downloads = Downloads(
                files=self.files, screen=self.screen, clock=self.clock, spawn=self.spawn, timeout=self._settings.DOWNLOAD_TIMEOUT,
            )
        return self._downloads

    @property
    def farewell(self) -> Farewell:
        """What it hears of its end."""
        if self._farewell is None:
            self._farewell = Farewell(
                host=self, hooks=self._surroundings.hooks, ownership=self.ownership, greenlets=self._greenlets, clock=self.clock,
                patience=self._settings.STOP_TIMEOUT, counters=self._counters,
            )
        return self._farewell

    @property
    def files(self) -> ViewFiles:
        """What it has of files."""
        if self._files is None:
            self._files = ViewFiles(
                host=self, store=self._surroundings.store, clock=self.clock, view=self.id,
                session=account_of(self.request.opened_by), base=self.request.base,
                buckets_prefix=f"/{self._settings.BUCKETS_URL_PREFIX.strip('/')}/",
            )
        return self._files

    @property
    def kept(self) -> Kept:
        """What it keeps beyond its process."""
        if self._kept is None:
            self._kept = Kept(
                host=self, document=self._document, sign=partial(self._surroundings.seal, self.request, self.id),
                limit=self._settings.KEPT_SIZE,
            )
        return self._kept

    @property
    def _last_page(self) -> LastPage:
        """The page that stands where it has failed."""
        return LastPage(
            host=self, screen=self.screen, pages=self._surroundings.error_pages, start=self._roster.start, clock=self.clock,
            patience=self._settings.STOP_TIMEOUT,
        )

    @property
    def outcomes(self) -> Outcomes:
        """What becomes of what it returns."""
        return Outcomes(
            host=self, screen=self.screen, document=self._document, clients=self.clients, renderer=self._surroundings.renderer,
            sign=self.first_sign,
        )

    @property
    def raw_messages(self) -> RawMessages:
        """What it says to the scripts of its pages."""
        return RawMessages(
            screen=self.screen, clients=self.clients, connections=self._surroundings.connections, turn=self.turn,
            clock=self.clock, settings=self._settings, counters=self._counters,
        )

    @property
    def view_events(self) -> ViewEvents:
        """What other views tell it."""
        return ViewEvents(host=self, calls=self._calls, outcomes=self.outcomes, counters=self._counters)

    @property
    def _workload(self) -> Workload:
        return Workload(
            dispatcher=self._dispatcher, ownership=self.ownership, calls=self._calls, files=self._files, greenlets=self._greenlets,
            log=self._document.log,
        )

    @property
    def _settings(self) -> Settings:
        return self._surroundings.settings

    @property
    def clock(self) -> Clock:
        """What it lives by."""
        return self._surroundings.clock

    @property
    def _counters(self) -> Counter[str]:
        return self._surroundings.counters

    @property
    def _outlives_procedure(self) -> bool:
        """Whether it goes on as a daemon when its procedure has returned."""
        stops = self.view.STOP_DAEMON_WHEN_VIEW_FINISHES
        return not (self._settings.STOP_DAEMON_WHEN_VIEW_FINISHES if stops is None else stops)

    def __repr__(self) -> str:
        return f"<ViewRuntime {type(self.view).__name__} {self.request.url.geturl()}>"

    @property
    def document(self) -> Document:
        return self._document

    @property
    def stopped(self) -> bool:
        return self.stop_reason is not None

    @property
    def leaving(self) -> bool:
        """True from the request to stop on; a view that has crashed may still be shown before it."""
        return self._has_left or self._leaving is not None

    @property
    def waits_for(self) -> object:
        """What the procedure waits for in a call of the view's; None: nothing."""
        return None if self._procedure is None else self._greenlets.waits_for(self._procedure)

    @property
    def at_rest(self) -> bool:
        """Whether all that was begun is done, or waits for a browser or a message. What was spawned may sleep, as clocks do."""
        return self.stopped or self._workload.is_done

    @property
    def load(self) -> Load:
        """What has piled up. Never waits."""
        return self._workload.load

    @property
    def now(self) -> float:
        """By the clock of `started` and of `work`."""
        return self.clock.now()

    @property
    def computes(self) -> bool:
        """See `Greenlets.computes`."""
        return self._greenlets.computes

    def work(self) -> list[tuple[greenlet.greenlet, Work]]:
        """See `Greenlets.work`."""
        return self._greenlets.work()

    def start(self) -> None:
        """Begin the procedure in a greenlet of its own. Never waits."""
        self._procedure = self._spawn("procedure", self._run_procedure)
        if self._plain is not None:
            plain = self._plain
            self._procedure.rawlink(lambda _: plain.end())

    @property
    def plain(self) -> PlainAnswer:
        """What it answers to plain HTTP; only of a view that has no window."""
        assert self._plain is not None
        return self._plain

    def await_end(self) -> gevent.GreenletExit | None:
        """Wait until the procedure has ended. What ended it alone, while the view lives on, if anything has."""
        assert self._procedure is not None
        self._procedure.join()
        return self._killed

    def note(self, waits_for: object) -> None:
        """The running greenlet is about to wait for this; None: it goes on."""
        self._greenlets.note(waits_for)
        if self.first_sign.awaited is not None and greenlet.getcurrent() is self._procedure:
            self.first_sign.note(waits_for)

    def stop(self, reason: StopReason) -> None:
        """Request the end. Returns at once; from now on no handler starts and every call of the view raises `reason`."""
        self.first_sign.give()
        if not self.leaving:
            if self.stop_reason is None:
                self.stop_reason = reason
                self._quiet()
                self._kill()                                      # once: a second kill would break into what cleans up
            if self._is_over:
                self._has_left = True
                self._go()
            else:
                self._leaving = gevent.spawn(self._leave, reason)

    def crash(self, error: Exception) -> None:
        """End the procedure with an error, whose page stays until the last client leaves. Never waits."""
        if self.stop_reason is not None:
            logger.error("%r failed while it was being stopped", self, exc_info=error)
            return
        self.failure = self.failure or error                      # an error view that fails leaves the page of the error it was for
        if not (is_expected(error) or (isinstance(error, HTTPException) and not self.is_interactive)):      # which answers
            logger.error("%r crashed", self, exc_info=error)
            self._counters["views.crashed"] += 1
        self.stop_reason = ViewCrashed(error)
        self._quiet()
        if self.is_interactive:
            self._last_page.present(self.failure, self.request)
        else:
            self.first_sign.give()
        self._kill()
        self._ending = gevent.spawn(self._end, error)
        if self.clients.has_left:
            self.stop(UserAbort())                                # a daemon with nobody looking; nobody could ever come back

    def _stand_in(self, view_class: type[View], error: Exception) -> None:
        """The view has said by `error` that it is not for this visit: another goes on in this greenlet, in the same windows."""
        self._is_daemon = False                                   # first: who leaves meanwhile ends it
        self._roster.joinable(self, False)
        self.failure = self.request.exception = error
        self.unsubscribe_all()
        self._dispatcher.clear()
        self.turn.clear()
        self._calls.clear()
        here = greenlet.getcurrent()
        self._greenlets.kill(ViewCrashed(error), but=here)
        self._count_abandoned(self._greenlets.join(self._settings.STOP_TIMEOUT, but=here))
        self.farewell.tell_stop(error)
        self.farewell.clean_up()
        self._unmade = None
        self.view = self._make(view_class)
        self.farewell.begin_again()
        self._roster.replaced(self)
        self._dispatcher.call(self.view)
        self._run_procedure()

    def hold(self) -> None:
        """The process is to end, and this does not come to rest: no event is accepted any more, so that it can do what there is."""
        self.holding = True

    def release(self) -> None:
        """The process is to end, and another one is to go on from here: no event is accepted any more, and nobody joins."""
        self.released = True
        self._roster.joinable(self, False)
        self.clients.expect_nobody()

    def wait(self, timeout: float | None) -> None:
        """Wait until a stopped view has left."""
        if self._leaving is not None:
            self._leaving.join(timeout)

    def _make(self, view_class: type[View]) -> View:
        """The view. What its own `__init__` raises becomes its crash; what it subscribes and spawns there is its own."""
        token = current_owner.set(self.ownership)
        try:
            return view_class(self, self.request)
        except (Exception, SystemExit) as error:
            if isinstance(error, SystemExit):
                if is_of_process(error):
                    raise
                error = called_exit(error)
            self._unmade = error
            return View(self, self.request)
        finally:
            current_owner.reset(token)

    def _run_procedure(self) -> None:
        try:
            if self._unmade is not None:
                raise self._unmade
            # Who was kept out may see the page that says so.
            answer = self._surroundings.hooks.handle_request(self.request, self.view) if self.request.exception is None else GO_ON
            if answer is GO_ON:
                answer = self.view.handle_request(self.request)
            if self._plain is None:
                self.outcomes.execute(answer)
            else:
                self._plain.give(answer)
        except Exception as error:
            view_class = self._surroundings.error_pages.view_for(error) if is_expected(error) and self.is_interactive else None
            if view_class is None or self.stopped or self.failure is not None or self.clients.has_left:
                self.crash(error)                                 # also of a daemon at which nobody looks
            else:
                self._stand_in(view_class, error)
            return
        except gevent.GreenletExit as reason:
            if self.stopped:
                raise                                             # `_end` tells it
            self._killed = reason                                 # by the user's code, or it asked for the result of a killed child
            logger.warning("%r: its procedure was ended by %r; the page stays as it is", self, reason)
        self.finished = True
        self.first_sign.give()
        if self._is_daemon and not self._outlives_procedure:
            self._roster.joinable(self, False)
        self.farewell.tell_stop(self._killed)
        if self.clients.has_left and not self.stopped and not (self._is_daemon and self._outlives_procedure):
            self.stop(UserAbort())                                # a daemon that finished with nobody looking

    def _quiet(self) -> None:
        """From here on nothing new begins."""
        self.unsubscribe_all()
        self._dispatcher.clear()
        self.turn.clear()
        self._calls.clear()
        self._roster.joinable(self, False)

    def _kill(self) -> None:
        """What runs of the view ends, soon. Never waits."""
        assert self.stop_reason is not None
        self._greenlets.kill(self.stop_reason)

    def _end(self, reason: BaseException) -> None:
        """Wait until nothing of the view runs, then tell it. In a greenlet outside of the view."""
        self._count_abandoned(self._greenlets.join(self._settings.STOP_TIMEOUT))
        self.finished = True
        self.farewell.tell_stop(reason)

    def _count_abandoned(self, number: int) -> None:
        if number:
            self._counters["greenlets.abandoned"] += number
            logger.error("%r: %d greenlets did not end within %s s and were abandoned", self, number, self._settings.STOP_TIMEOUT)

    def _leave(self, reason: StopReason) -> None:
        try:
            if self._ending is not None:
                self._ending.join()
            else:
                self._end(reason)
            self.farewell.clean_up()
        finally:                                                  # a hook may end the process
            self._go()

    @property
    def _is_over(self) -> bool:
        """Whether there is nothing to wait for at its end: it has answered a request of plain HTTP, and nothing of it runs."""
        idle = self.finished and self._ending is None and not len(self._greenlets)
        return self._plain is not None and idle and self._files is None and self.farewell.is_over

    def _go(self) -> None:
        if self._files is not None:
            self._files.close()
        self.clients.dismiss()
        self._document.close()
        self._roster.left(self)

    def spawn(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> Task[T]:
        """See `View.spawn`."""
        self.check()
        return self._spawn("spawned", function, args, kwargs)

    def spawn_child(
        self, failed: Callable[[Exception], None], function: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any],
    ) -> Task[T]:
        """As `spawn`; its error is told to `failed`, and is not the view's."""
        task: Task[T] = Task(self, failed, function, args, kwargs)
        self._greenlets.start(task, "spawned")
        return task

    def group(self, timeout: float | None) -> Group:
        """See `View.group`."""
        return Group(host=self, turn=self.turn, clock=self.clock, timeout=timeout)

    def _spawn(
        self, kind: str, function: Callable[..., T], args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None,
    ) -> Task[T]:
        task: Task[T] = Task(self, None, function, args, kwargs)
        self._greenlets.start(task, kind)
        return task

    def handle(self, job: Callable[[], object]) -> None:
        """Do this job of the turn's in a new greenlet of the view."""
        self._spawn("handler", job)

    def ended(self, task: greenlet.greenlet) -> None:
        """One of its greenlets has ended, or has gone on to work for somebody else."""
        self._dispatcher.waits.forget(task)
        self._dispatcher.make_room()                              # also when it has kept nothing: the queue may have been cleared

    def call_soon(self, function: Callable[..., object], *args: Any) -> None:
        """See `View.call_soon`."""
        if self.stopped:
            return
        if not self._calls.put(function, args):
            self._counters["calls.refused"] += 1
            raise RuntimeError(f"{self._settings.CALL_SOON_QUEUE} calls wait already for this view; its hub cannot keep up")

    def check(self) -> None:
        """Raise the stop reason of a stopped view, or `WrongThreadError`."""
        self.guard()
        if self.stop_reason is not None:
            raise self.stop_reason.copy()

    def mark(self) -> None:
        """A frame that changes nothing: see `Document.mark`. Never waits."""
        self._document.mark()
        self.clients.wake()

    def show_changes(self) -> None:
        """The `show()` that follows a handler; nothing in a stopped view, or in one that has no browser to show to."""
        if self.stop_reason is None and self.request.has_window:
            self.screen.show_changes()

    def shown(self) -> None:
        """By `Screen.show`, in the greenlet that has called it."""
        if self._procedure is not None:                           # a view's own `__init__` may show, and sleep, too
            self._dispatcher.busy.shown()

    def sleeps(self) -> None:
        """What runs is about to sleep."""
        if self._procedure is not None:                           # as in `shown`
            self._dispatcher.busy.sleeps()

    def leaves_page(self) -> None:
        """What runs has sent the windows to another page."""
        self._dispatcher.busy.leaves()

    @property
    def waiting(self) -> Waiting:
        """Whatever `View.await_…` waits for."""
        return self._waiting

    @property
    def is_interactive(self) -> bool:
        return self.request.has_window

    def changed(self, node: Node, visitor: Visitor) -> None:
        """This visitor has changed the value of this input, and no browser has reported it as an event. Never waits."""
        self._dispatcher.changed(node, visitor)

    def find(self, number: int) -> Node | None:
        """The node with this number; None: it is gone."""
        return self._document.find(number)

    def answer(self, response: AbstractResponse) -> None:
        """Execute what a handler returned."""
        self.outcomes.execute(response)

    def guard(self) -> None:
        """Raise `WrongThreadError` in any thread but the hub's."""
        if get_thread() != self._thread:
            raise WrongThreadError(
                "a view and its tree belong to the thread of gevent's hub, and this is another thread. "
                "Use view.call_soon(function, …) or Channel.send(…); both may be called from any thread."
            )

    def check_waits(self, what: str) -> None:
        """Raise unless the running greenlet may wait for `what` now."""
        self.check()
        if not self._greenlets.ask():
            raise RuntimeError(
                f"only a greenlet of the view may await its {what}, since it has to end with it. Start it by view.spawn(function), "
                "not by gevent.spawn."
            )

    def make_lock(self) -> ViewLock:
        """What `node.lock` is. Asked for once, if ever."""
        return ViewLock(guard=self.guard, wait=partial(self.turn.outside, "the lock of the tree"), released=self.clients.wake)

    # What the audience tells (`audience.Stage`).

    def deserted(self) -> None:
        if self.released:
            self.stop(ServerStop())                               # nobody has left: they have been sent away
        elif self.stopped or not self._is_daemon or (self.finished and not self._outlives_procedure) \
                or not self.clients.was_watched:                  # else each program that reads the page would leave one behind
            self.stop(UserAbort())

    def unwatched(self) -> None:
        self._document.log.max_bytes = self._settings.WINDOW       # who comes back after more than that gets a snapshot
        if not self._is_daemon:
            self._roster.suspended(self)

    def watched(self) -> None:
        self._document.log.max_bytes = self._settings.LOG_BYTES
        self._roster.resumed(self)

    def shown_to(self, visitor: Visitor) -> None:
        """A connection of this visitor shows the view. If it is who has opened it, this is the one that he has now."""
        if same_owner(visitor.owner) == same_owner(self.request.opened_by):
            self.request.connection = visitor

    def receive(self, client: Client, message: protocol.Event) -> None:
        """One event of this client's browser. Never waits."""
        self._dispatcher.receive(client, message)

    @property
    def is_watched(self) -> bool:
        """See `View.is_watched`."""
        return len(self.clients) > self.clients.lost

    @property
    def is_daemon(self) -> bool:
        """See `View.is_daemon`."""
        return self._is_daemon

    @is_daemon.setter
    def is_daemon(self, value: bool) -> None:
        self.check()
        if not isinstance(value, bool):
            raise TypeError(f"is_daemon is True or False, not {value!r}")
        if not self.is_interactive:
            raise RuntimeError("a view that is not interactive cannot be a daemon: nobody could join it")
        self._is_daemon = value
        self._roster.joinable(self, value and (not self.finished or self._outlives_procedure))
        if value:
            self._roster.resumed(self)                            # it needs no browser any more: it is not one that waits for it
        elif self.clients.has_left:
            self.stop(UserAbort())
        elif self.clients.all_lost:
            self._roster.suspended(self)

    def subscribe(self, topic: str, handler: Callable[[Message], object], *, implicit_show: bool) -> Subscription:
        """See `View.subscribe`."""
        self.check()
        return self.ownership.subscribe(topic, handler, implicit_show=implicit_show)

    def unsubscribe_all(self) -> None:
        """See `View.unsubscribe_from_all_channels`."""
        self.ownership.unsubscribe_all()
