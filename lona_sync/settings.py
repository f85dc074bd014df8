"""Every option: its unit, its default, and why that is the default. It is long since all of them stand on this one page.

An application sets them as attributes (`app.settings.WINDOW = 32 * 1024`) before it serves its first request. Names of your own
(upper case) are allowed; a name that is nearly one of ours is taken for a typing error.
"""

from __future__ import annotations

import difflib
import logging
import math
import os
import re
import runpy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .lona_settings import ALIASES, AS_HERE, WITHOUT_MEANING

logger = logging.getLogger("lona_sync.settings")

_SECRET = re.compile("KEY|SECRET|TOKEN|PASSWORD|BROKER|SESSION_STORE")
_PASSWORD = re.compile(r"://[^/\s]*@")


class Settings:
    """The options of one application. Reading an unknown name raises `AttributeError`, so `getattr(…, default)` works."""

    # Who may come in.

    #: Signs session cookies. '': from the environment (`LONA_SYNC_SECRET_KEY`), else a random one, kept in a file (0600) below
    #: the project so that all workers of one machine share it.
    SECRET_KEY: str = ""
    #: Cookie sessions. False: every visitor is one and the same anonymous user.
    SESSIONS: bool = True
    #: Name of the session cookie.
    SESSION_COOKIE: str = "lona_sync_session"
    #: Seconds that a session cookie is good for. Thirty days: a wall display survives a holiday.
    SESSION_LIFETIME: float = 30 * 24 * 3600.0
    #: Where the data of sessions is: `cookie:` (in the cookie itself, signed: users can read it, not change it, and which ones have
    #: ended is forgotten when the server restarts), `memory:` (in this process, so for one worker), `redis://host:6379/0`,
    #: `rediss://…` (TLS) or `unix:///path` (for several machines). A store of your own: `app.session_store`.
    SESSION_STORE: str = "cookie:"
    #: Characters of one session's data as JSON. A cookie has room for 2,800; in a store it may be set higher.
    SESSION_SIZE: int = 2800
    #: False: every connection is another visitor. To try out what several users do, in one browser.
    SESSIONS_REUSE: bool = True
    #: Classes, or import strings of classes, that see requests, connections and views before anybody else does…
    MIDDLEWARES: list[Any] = []                                 # noqa: RUF012  # each Settings gets a list of its own
    #: … and those of the framework, which come first. It has none.
    CORE_MIDDLEWARES: list[Any] = []                            # noqa: RUF012
    #: Origins (`https://example.org`) that may open the WebSocket besides the page's own host.
    ALLOWED_ORIGINS: tuple[str, ...] = ()
    #: Networks (`127.0.0.1`, `10.0.0.0/8`; `unix` for a unix socket) whose `X-Forwarded-*` headers are believed. Nobody by default,
    #: since anybody can send such a header.
    TRUSTED_PROXIES: tuple[str, ...] = ()

    #: Hosts that we are ('example.org', '.example.org' with all below it); who asks for another one gets 400. (): all are fine,
    #: since no answer is made of the host; with `DEBUG` only addresses and names without a dot. Set it where the server is reached
    #: by names that are not yours: a page elsewhere can point its own name at it.
    ALLOWED_HOSTS: tuple[str, ...] = ()
    #: Headers of every answer that does not say them itself, besides ours or in their place; '' as value: leave ours out.
    SECURITY_HEADERS: dict[str, Any] = {}                       # noqa: RUF012
    #: What pages may load and run. `{nonce}` stands for a new secret in each page, which `Lona.nonce` and `request.nonce` are. This
    #: one breaks no page; docs/security.md has the strict one. '': none.
    CONTENT_SECURITY_POLICY: str = "base-uri 'self'; object-src 'none'"

    # What a browser may send.

    #: Bytes of one message from a browser. Files go over HTTP; 1 MiB of typed text is a book.
    MESSAGE_BYTES: int = 1024 * 1024
    #: Bytes of a form that is posted over HTTP.
    FORM_BYTES: int = 1024 * 1024
    #: Messages read from one connection before its neighbours get their turn.
    READ_BUDGET: int = 64
    #: Windows of one connection.
    MAX_WINDOWS: int = 32
    #: Events that wait in one view, each KiB of a large one counting as one more; a full queue refuses without
    #: acknowledging, and the browser sends them again later.
    EVENT_QUEUE: int = 1000

    #: Events of one browser that are taken in a second, on average. A pointer makes 60, a key that is held down 30; at 50 µs each
    #: this is a hundredth of a processor. What exceeds it is not lost: the browser is told when to send it again.
    EVENTS_PER_SECOND: float = 200.0
    #: Events of one browser that are taken at once after a pause: as many as it keeps while it is offline.
    EVENT_BURST: int = 1000

    # What files a browser may send (docs/files.md).

    #: Folder, on a local disk with room, of files that are uploaded, until their view ends; relative to the project. All processes
    #: of the machine have to agree on it. '': below RUNTIME_DIRECTORY, which is in memory on some systems.
    UPLOAD_DIRECTORY: str = ""
    #: Bytes of one file, where its input says nothing smaller.
    UPLOAD_FILE_BYTES: int = 1024**3
    #: Bytes that one user may have here at one time, what he has announced included. Four of the largest files.
    UPLOAD_BYTES_PER_SESSION: int = 4 * 1024**3
    #: Bytes that all together may have in this process; beyond it they are told to try again later.
    UPLOAD_BYTES: int = 32 * 1024**3
    #: Bytes that stay free on the disk, whatever else is allowed: logs and databases live there, too.
    UPLOAD_DISK_RESERVE: int = 512 * 1024**2
    #: Bytes in one request of a resumable upload, to begin with; it grows while requests take less than a second, and shrinks where
    #: a proxy refuses it. nginx lets 1 MiB through, unless `client_max_body_size` says more.
    UPLOAD_CHUNK: int = 1_000_000
    #: Seconds in which 64 KiB of a file have to come, else the request is ended; its upload may go on with another one. So nobody
    #: holds a connection with a byte now and then. A line of 2 KiB/s is fast enough.
    UPLOAD_TIMEOUT: float = 30.0
    #: Seconds after which an upload of which nothing has come any more is given up. As long as a view waits for its browser.
    UPLOAD_RESUME_TIMEOUT: float = 900.0
    #: Requests with files that one user may have under way at one time. A page sends one file after the other.
    UPLOADS_AT_ONCE: int = 8
    #: Files of one user that are announced and have not come whole: a large folder of pictures.
    UPLOADS_OPEN: int = 1000
    #: Path below which buckets are reached.
    BUCKETS_URL_PREFIX: str = "/buckets/"
    #: False: whoever knows the address of a bucket reaches it, as in Lona. Addresses get into histories, logs and mails.
    BUCKETS_REQUIRE_SESSION: bool = True
    #: Seconds in which a browser has to begin what `View.download` offers.
    DOWNLOAD_TIMEOUT: float = 60.0

    # What a browser gets.

    #: Path below which static files are served.
    STATIC_URL_PREFIX: str = "/static/"
    #: Folders of static files, relative to the project; the first one that has a file wins, and the framework's own come last.
    STATIC_DIRS: list[Any] = []                                 # noqa: RUF012  # each Settings gets a list of its own
    #: False: this process serves none, since a proxy does (`lona-sync collect-static`). Pages name them all the same.
    STATIC_FILES_SERVE: bool = True
    #: Names of declared static files to use although they are not `enabled_by_default`…
    STATIC_FILES_ENABLED: list[Any] = []                        # noqa: RUF012
    #: … and of those not to use, which wins.
    STATIC_FILES_DISABLED: list[Any] = []                       # noqa: RUF012
    #: Templates of the markup that names style sheets and scripts in a page.
    STATIC_FILES_STYLE_TAGS_TEMPLATE: str = "lona/style_tags.html"
    STATIC_FILES_SCRIPT_TAGS_TEMPLATE: str = "lona/script_tags.html"
    #: Whether pages link `lona/style.css`, a look for plain HTML. It lies in a cascade layer: every rule of yours beats it.
    DEFAULT_STYLE: bool = True

    #: Folders of templates, relative to the project; the first one that has a name wins, and the framework's own come last.
    TEMPLATE_DIRS: list[Any] = []                               # noqa: RUF012
    #: What every template finds besides its context…
    TEMPLATE_EXTRA_CONTEXT: dict[str, Any] = {}                 # noqa: RUF012
    #: … and filters of its own: name → function.
    TEMPLATE_EXTRA_FILTERS: dict[str, Any] = {}                 # noqa: RUF012
    #: The page around interactive views, and what stands in the place of a view that was refused, not found, or has failed.
    FRONTEND_TEMPLATE: str = "lona/frontend.html"
    ERROR_403_TEMPLATE: str = "lona/403.html"
    ERROR_404_TEMPLATE: str = "lona/404.html"
    ERROR_500_TEMPLATE: str = "lona/500.html"
    #: Views instead of these templates: a class, or where to import it from (`"project.views.NotFound"`). '': the template.
    FRONTEND_VIEW: Any = ""
    ERROR_403_VIEW: Any = ""
    ERROR_404_VIEW: Any = ""
    ERROR_500_VIEW: Any = ""
    #: Unacknowledged bytes under way to one browser. More only fills the kernel's buffers: seconds of lag, megabytes of memory.
    WINDOW: int = 64 * 1024
    #: Bytes of frames that one view keeps for browsers that lag behind; beyond it they get a snapshot.
    LOG_BYTES: int = 8 * 1024 * 1024
    #: Frames that one view keeps, for the same reason: ten seconds of a view that shows 400 times a second.
    LOG_FRAMES: int = 4096

    # Time, in seconds.

    #: Silence after which the server pings. Proxies and browsers cut idle sockets after 60 s and more.
    PING_INTERVAL: float = 20.0
    #: An unanswered ping ends the connection after this long.
    PING_TIMEOUT: float = 20.0
    #: A browser that has unread bytes, and neither takes nor acknowledges any for this long, is let go; it may resume.
    SEND_TIMEOUT: float = 30.0
    #: How long an event waits at most for a frame to carry its acknowledgement before that goes alone: where many browsers click,
    #: half as long on average. What a handler shows by then costs no message more.
    ACK_DELAY: float = 0.05
    #: What a view keeps beyond its process (`View.state_to_keep`) is believed for this long. A week: a laptop in a drawer.
    KEPT_SECONDS: float = 7 * 24 * 3600.0
    #: A view whose socket was lost waits this long for its browser. A quarter of an hour: a train tunnel, a sleeping phone.
    RESUME_TIMEOUT: float = 900.0
    #: A stopped view's greenlets may clean up this long; what still runs then is abandoned and counted.
    STOP_TIMEOUT: float = 5.0

    #: A process that is told to end waits this long for views in the middle of something to reach a wait; then it cuts them off. An
    #: answer of a slow service takes less. With twice `STOP_TIMEOUT` and four seconds it has to stay below what the process is
    #: given: gunicorn's `--graceful-timeout` and `--timeout`, 30 s each.
    DRAIN_TIMEOUT: float = 10.0
    #: The other views leave such a process spread over this time, so that those of ten thousand browsers do not all begin anew,
    #: elsewhere, in the same moment.
    DRAIN_JITTER: float = 1.0

    #: Whether a daemon view ends when its procedure has returned and nobody shows it. A view's class may say otherwise.
    STOP_DAEMON_WHEN_VIEW_FINISHES: bool = True

    # The first paint: the page of an interactive route shows its view already, before any script has run.

    #: Start the view with the request for its page, and show it there. False: when its script asks for it. A route may differ.
    FIRST_PAINT: bool = True
    #: Seconds that a page waits for its view to show something. What takes longer is shown when it is there, over the WebSocket.
    FIRST_PAINT_SECONDS: float = 1.0
    #: Seconds that such a view waits for its page to join it: it has to load 20 KiB of scripts, and open a WebSocket. Programs that
    #: read pages never do.
    UNJOINED_SECONDS: float = 20.0
    #: Views of one user that no page has joined yet; beyond it a page comes without its view, and asks for it. One in a hurry
    #: opens ten tabs at once.
    MAX_UNJOINED_PER_USER: int = 10
    #: The same of one address (as for `MAX_VIEWS_PER_ADDRESS`), users with a cookie included: who keeps none is always a new one.
    MAX_UNJOINED_PER_ADDRESS: int = 100
    #: The same of all of them in this process.
    MAX_UNJOINED: int = 2000

    # How much of it.

    #: Running views of this process; beyond it browsers are told "busy" and try again. When idle each has about 18 KiB, and 180
    #: bytes for a node.
    MAX_VIEWS: int = 50_000
    #: Running views of one user in this process, those that wait for a lost socket included. Twenty tabs of twenty windows each.
    #: Beyond it one that waits ends for a new one; if none does, the browser is told and tries again. Connections: twice as many.
    MAX_VIEWS_PER_USER: int = 500
    #: The same of one address (IPv6: of one /64 network), for whoever has no cookie of his own to be known by: guests, and without
    #: `SESSIONS` everybody. An office, or a proxy that is not among `TRUSTED_PROXIES`, is one address.
    MAX_VIEWS_PER_ADDRESS: int = 2000
    #: Views without any browser that wait to be resumed; beyond it the one that waits longest ends.
    MAX_SUSPENDED_VIEWS: int = 10_000
    #: Windows of one view that wait to be resumed; beyond it the one that waits longest is forgotten. One user's lost tabs.
    MAX_SUSPENDED_WINDOWS: int = 100
    #: Nodes of the tree of one view, texts included. At some 250 bytes each it is 50 MB here, and more than a browser handles with
    #: ease: 10,000 rows of ten cells. A `VirtualList` shows a million rows by 500, a `Stream` keeps no nodes.
    MAX_NODES: int = 200_000
    #: Characters of that tree: texts, attributes, raw HTML and widget data; a loop that lengthens a text for ever meets it. Ten
    #: thick books; each browser that comes, or lags far behind, is sent all of it.
    MAX_TREE_CHARACTERS: int = 16 * 1024 * 1024
    #: Characters of `View.state_to_keep` as JSON. It is sent with each change of it: names and numbers, not documents. Signed it
    #: has 65,536 at most, which are reached from about 48,000 on, or later if it can be compressed.
    KEPT_SIZE: int = 8 * 1024
    #: Calls from threads that wait for one view's hub.
    CALL_SOON_QUEUE: int = 10_000

    #: Containers that a process which serves makes before Python looks for cycles among them (`gc.set_threshold`). Its own 700 are
    #: what a few requests have under way; then it comes to look at all views now and then, 0.1 s without a turn for each 500.
    GC_THRESHOLD: int = 10_000

    # Channels.

    #: How channels reach other processes: `memory:` (not at all), `redis://host:6379/0`, `rediss://…` (TLS) or `unix:///path`.
    #: '': from the environment (`LONA_SYNC_BROKER`), else `memory:`.
    CHANNEL_BROKER: str = ""
    #: Bytes of one channel message, encoded. Send a name or an id of what is larger.
    CHANNEL_MESSAGE_BYTES: int = 1024 * 1024
    #: Messages that Redis keeps of each stream, for processes that were away…
    CHANNEL_STREAM_LENGTH: int = 100_000
    #: … and for how many seconds. Five minutes: Redis moves to another machine, a process is stopped by a debugger.
    CHANNEL_STREAM_SECONDS: float = 300.0
    #: Messages that wait in this process while the broker is away; beyond it they are lost, and told to others as missed…
    CHANNEL_OUTBOX: int = 100_000
    #: … and their bytes, encoded.
    CHANNEL_OUTBOX_BYTES: int = 64 * 1024 * 1024
    #: Seconds that a process which ends waits until the broker has what was sent.
    CHANNEL_FLUSH_SECONDS: float = 5.0

    # Watching it.

    #: Path at which Prometheus finds the numbers of all processes, as '/metrics'. '': nowhere. They tell how busy you are, so it is
    #: not there by itself.
    METRICS_PATH: str = ""
    #: Networks (as TRUSTED_PROXIES) that may read them. Who comes through a proxy may not: the proxy's address says nothing of him.
    #: Nor may pages of others in a browser there: a Host has to be an address, or a name without a dot ('localhost', 'web').
    METRICS_NETWORKS: tuple[str, ...] = ("127.0.0.0/8", "::1")
    #: Who sends this as bearer token may, too, wherever he is. ASCII. '': there is none.
    METRICS_TOKEN: str = ""
    #: The hub of a process that serves is blocked when it does not turn for this long; the log then says who has blocked it. A user
    #: notices a tenth of a second. The thread that looks wakes up twice in it; 3600 is as good as none.
    WATCHDOG_SECONDS: float = 0.1

    #: Whether `lona-sync shell` may run code in this process. Only the user that runs it can; `--shell` says yes, too.
    SHELL: bool = False
    #: Commands of that shell: classes with a `NAME`, made with the session, and `run(arguments)`; or where to import them from.
    COMMANDS: list[Any] = []                                    # noqa: RUF012

    #: Networks (as METRICS_NETWORKS, with the same exceptions) whose browsers follow the source in `--live-reload`, and are shown
    #: the errors of a program that does not start, with its source.
    LIVE_RELOAD_NETWORKS: tuple[str, ...] = ("127.0.0.0/8", "::1")

    # Other processes of the application on this machine.

    #: Folder, on a local file system, below which they find each other. '': from the environment (`LONA_SYNC_RUNTIME_DIRECTORY`),
    #: else one of the user's in the system's folder for temporary files. They must agree on it; no other user may write in it.
    RUNTIME_DIRECTORY: str = ""
    #: Seconds that another process has to answer. A garbage collection or a slow import takes less, a user's patience lasts longer.
    SIBLING_TIMEOUT: float = 3.0
    #: Connections that may be on their way to one other process at one time. Each costs it less than a millisecond, so more of
    #: them would wait only for one that does nothing.
    MAX_HANDOVERS: int = 100
    #: WebSockets of this process. They are outside of what the server in front counts and limits (gunicorn:
    #: `--worker-connections`). Beyond it, and beyond three quarters of the descriptors that the process may have
    #: (`ulimit -n`), handshakes are answered 503, and other processes hand none over; pages try again.
    MAX_CONNECTIONS: int = 20_000

    # Serving.

    #: Where to import the list of routes from (`"project.routes.routes"`), for an application that declares none itself.
    ROUTING_TABLE: str = ""
    #: What `app.state` has at the beginning of a process, besides what the program has put into it.
    INITIAL_SERVER_STATE: dict[str, Any] = {}                   # noqa: RUF012

    #: Title of a page until its view sets one.
    TITLE: str = "lona_sync"
    #: Words of the bar that tells about the connection, by name: {"lost": "…"}; or by language, of which the browser's favourite is
    #: taken: {"de": {"lost": "…"}, "fr": {…}}. Names: lost, back, busy, crowded, restarted, gone, refused, ended, full, stale, ask.
    STATUS_TEXTS: dict[str, Any] = {}                           # noqa: RUF012  # a default that is never changed, only replaced
    #: Traceback in the browser when a view crashes; at this machine with consoles that run what is typed, after a PIN. Never
    #: outside of development: it shows source code.
    DEBUG: bool = False

    _chosen: set[str]                                           # names that the program, or a file, has set
    _root: Path

    def __init__(self, values: Mapping[str, Any] | None = None, *, root: Path | None = None) -> None:
        object.__setattr__(self, "_chosen", set())
        object.__setattr__(self, "_root", root or Path.cwd())
        for name in self._known():
            default = getattr(type(self), name)
            if isinstance(default, (list, dict)):
                object.__setattr__(self, name, default.copy())          # programs append to them
        self.update(values or {})
        if not self.SECRET_KEY:
            self.SECRET_KEY = os.environ.get("LONA_SYNC_SECRET_KEY", "")
        if not self.RUNTIME_DIRECTORY:
            self.RUNTIME_DIRECTORY = os.environ.get("LONA_SYNC_RUNTIME_DIRECTORY", "")
        if not self.CHANNEL_BROKER:
            self.CHANNEL_BROKER = os.environ.get("LONA_SYNC_BROKER") or "memory:"

    def __setattr__(self, name: str, value: Any) -> None:      # Any: users may add names of any type
        if not name.isupper() or name.startswith("_"):
            raise AttributeError(f"a setting has an upper case name, not {name!r}")
        default = getattr(type(self), name, None)
        if default is None and name in ALIASES:
            ours, convert = ALIASES[name]
            logger.info("setting %s is called %s here", name, ours)
            setattr(self, ours, convert(value))
            return
        self._chosen.add(name)
        if default is None and name in WITHOUT_MEANING and AS_HERE.get(name, object()) == value:
            pass                                             # it is so anyway
        elif default is None and name in WITHOUT_MEANING:
            logger.warning("setting %s changes nothing: %s", name, WITHOUT_MEANING[name])
        elif default is None:
            known = list(self._known())
            # Of a short name two letters that have changed places are a large part.
            close = [ours for ours in known if sorted(ours) == sorted(name)]
            close = close or difflib.get_close_matches(name, known, n=1, cutoff=0.85)
            if close:
                raise AttributeError(f"there is no setting {name!r}; did you mean {close[0]!r}?")
        else:
            value = _checked(name, default, value)
        object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:                    # only reached for names that are not ours
        if name in ALIASES:
            return getattr(self, ALIASES[name][0])
        why = f": {WITHOUT_MEANING[name]}" if name in WITHOUT_MEANING else ""
        raise AttributeError(f"there is no setting {name!r}{why}")

    def get(self, name: str, default: Any = None) -> Any:       # Any: as `dict.get`
        """The value of `name`, or `default` when nobody has set it."""
        return getattr(self, name, default)

    def update(self, values: Mapping[str, Any]) -> None:
        """Set several at once."""
        for name, value in values.items():
            setattr(self, name, value)

    def preset(self, values: Mapping[str, Any]) -> None:
        """Set those of them that nobody has set so far; what lists and dicts hold besides is replaced."""
        before = set(self._chosen)
        self.update({name: value for name, value in values.items() if ALIASES.get(name, (name,))[0] not in before})
        object.__setattr__(self, "_chosen", before)

    def add(self, path: str | os.PathLike[str]) -> None:
        """Run a Python file and set each name in capital letters that it leaves; it finds the settings so far as names.

        `path` is relative to the project. Names in small letters, or with `_` in front, are the file's own. Raises what the file
        raises: with half of its settings a server must not start.
        """
        file = self._root / path
        if not file.is_file():
            raise FileNotFoundError(f"there is no file of settings {str(file)!r}")
        before = {name: getattr(self, name) for name in self}
        found = runpy.run_path(str(file), init_globals=before)
        self.update({
            name: value for name, value in found.items()
            if name.isupper() and not name.startswith("_") and (name not in before or value is not before[name])
        })

    def __iter__(self) -> Iterator[str]:
        """The names of all settings, ours and yours; makes `'X' in settings` work."""
        yield from dict.fromkeys(name for name in [*self._known(), *vars(self)] if name.isupper() and not name.startswith("_"))

    @classmethod
    def _known(cls) -> Iterator[str]:
        return (name for name in vars(cls) if name.isupper())


def is_secret(name: str, value: object) -> bool:
    """Whether a setting is to be shown to nobody: by its name, or since it is a URL with a password in it, or may be one."""
    return _SECRET.search(name) is not None or (isinstance(value, str) and _PASSWORD.search(value) is not None)


def _checked(name: str, default: Any, value: Any) -> Any:
    """`value` in the type of `default`; a wrong one fails here, on the line that set it."""
    wanted = type(default)
    if name.endswith("_VIEW") and isinstance(value, type):
        return value
    if wanted is float and type(value) is int:
        value = float(value)
    if wanted is tuple and isinstance(value, list):
        value = tuple(value)
    if wanted is list and isinstance(value, tuple):
        value = list(value)
    if type(value) is not wanted:
        raise TypeError(f"setting {name} must be {wanted.__name__}, not {type(value).__name__}: {value!r}")
    if wanted is tuple and not all(isinstance(item, str) for item in value):
        raise TypeError(f"setting {name} must be a tuple of strings, not {value!r}")
    if wanted in (int, float) and not 0 < value < math.inf:
        raise ValueError(f"setting {name} must be a finite number greater than 0, not {value!r}")
    return value
