"""What a template finds as `Lona`."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from html import escape
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote

from markupsafe import Markup

from ...settings import Settings, is_secret
from ..static.files import LinkedFile

logger = logging.getLogger("lona_sync.server.templating")


class Page(NamedTuple):
    """What one page is made of besides its templates.

    `base`: where the application is mounted, '' or '/prefix'. `nonce`: the one of its Content-Security-Policy; '': it needs none.
    `title`: None: the one that all pages have. `modules`: of the client, that this page needs besides those that all need.
    `body`: what stands in the window before the client has begun. `config`: what the client is told besides what all are told.
    """
    base: str = ""
    nonce: str = ""
    title: str | None = None
    modules: tuple[str, ...] = ()
    body: Markup = Markup()
    config: Mapping[str, Any] = {}              # Any: JSON


class Client(Protocol):
    """The browser's side, as a page has to name it."""

    version: str

    @property
    def names(self) -> list[str]: ...


class Static(Protocol):
    """The static files, as a page has to name them. `base`: where the application is mounted."""

    def stylesheets(self) -> list[LinkedFile]: ...
    def scripts(self) -> list[LinkedFile]: ...
    def url(self, address: str, base: str) -> str | None: ...


class Renderer(Protocol):
    def render(self, name: str, context: Mapping[str, Any]) -> str: ...


class Sources(NamedTuple):
    """Where `Lona` has it from. `server`: the facade for users; `reverse`: see `Router.reverse`; `load`: imports by a string."""
    settings: Settings
    state: object
    server: Callable[[], object]
    reverse: Callable[..., str]
    load: Callable[[str], object]
    templates: Renderer
    client: Client
    static: Static


class Lona:
    """The names of the framework in one template. `trusted`: a file, not a string."""

    #: Of the reference's two clients, which know different things, ours is like the second one.
    client_version = 2

    def __init__(self, page: Page, trusted: bool, sources: Sources) -> None:
        self._page = page
        self._trusted = trusted
        self._sources = sources

    @property
    def server(self) -> object:
        """The same as `view.server`. In files only."""
        self._needs_trust("server")
        return self._sources.server()

    @property
    def settings(self) -> ReadableSettings:
        return ReadableSettings(self._sources.settings)

    @property
    def state(self) -> object:
        """The same as `app.state`."""
        return self._sources.state

    @property
    def nonce(self) -> str:
        """For `<script nonce="…">` and `<style nonce="…">` of the template's own; '': none is needed."""
        return self._page.nonce

    @property
    def body(self) -> Markup:
        """What stands in the window before the client has begun: the view as it is now. Empty where there is nothing yet.

        The script that comes first holds what the user does until the client is there; whatever the template, it is there in time.
        """
        if not self._page.body:
            return Markup()
        return Markup(f'<script src="{self._early}"{self.nonce_attribute}></script>') + self._page.body

    def reverse(self, name: str, /, *args: Any, **kwargs: Any) -> str:   # Any: what fits to the route
        """The path of the route with this name, below where the application is mounted."""
        return self._page.base + self._sources.reverse(name, *args, **kwargs)

    def import_(self, import_string: str) -> object:
        """What `'package.module.name'` or `'path/to/file.py::name'` means. `Lona.import` in templates; in files only."""
        self._needs_trust("import")
        return self._sources.load(import_string)

    def load_static_file(self, path: str) -> str:
        """The address of a static file; '', and an error in the log, when there is none."""
        url = self._sources.static.url(path, self._page.base)
        if url is None:
            logger.error("a template names the static file %r, which does not exist", path)
        return url or ""

    def load_stylesheets(self) -> Markup:
        """The links to the style sheets of the framework, of nodes and of views."""
        files = self._sources.static.stylesheets()
        return self._tags(self._sources.settings.STATIC_FILES_STYLE_TAGS_TEMPLATE, stylesheets=files)

    def load_scripts(self, api: bool = True) -> Markup:
        """The client, which begins by `start()` or by `Lona.LonaContext`, and all scripts that nodes and views bring along.

        `api`: with `Lona.LonaContext`; without, it comes only if some of these scripts are no modules, and may want it.
        """
        folder = self._client_folder
        scripts = self._sources.static.scripts()
        modules = [*self._sources.client.names, *self._page.modules]
        lines = []
        if self._page.body:
            lines.append(f'<link rel="preload" as="script" href="{self._early}"{self.nonce_attribute}>')
        lines += [f'<link rel="modulepreload" href="{_quoted(folder + name)}"{self.nonce_attribute}>' for name in modules]
        lines.append(f'<script type="module" src="{_quoted(folder)}lona.js"{self.nonce_attribute}></script>')
        if api or any(not script.module for script in scripts):
            lines.append(f'<script type="module" src="{_quoted(folder)}context.js"{self.nonce_attribute}></script>')
            if "join" in self._page.config:                # for a script that begins by itself
                text = _json(self._page.config["join"])
                lines.append(Markup('<script type="application/json" id="lona-sync-join">{}</script>').format(text))
        lines.append(self._tags(self._sources.settings.STATIC_FILES_SCRIPT_TAGS_TEMPLATE, scripts=scripts))
        return Markup("\n".join(filter(None, lines)))

    def start(self, target: str = "#lona", texts: Mapping[str, str] | None = None) -> Markup:
        """The element that makes the client begin by itself, with the view of the page's address in `target`.

        `texts`: words of the status bar, see `STATUS_TEXTS`; '': it does not show for this.
        """
        config = {
            "socket": f"{self._page.base}/_lona_sync/socket", "target": target, "title": self._sources.settings.TITLE,
            **self._page.config,
        }
        if texts:
            config["texts"] = {**config.get("texts", {}), **texts}
        return Markup('<script type="application/json" id="lona-sync">{}</script>').format(_json(config))

    def get_settings_as_json(self) -> Markup:
        """What `Lona.settings` of the page's scripts may be set to."""
        settings = self._sources.settings
        return _json({
            "DEBUG": settings.DEBUG, "VIEW_START_TIMEOUT": 2, "INPUT_EVENT_TIMEOUT": 2, "PING_INTERVAL": settings.PING_INTERVAL,
        })

    @property
    def _client_folder(self) -> str:
        return f"{self._page.base}/_lona_sync/client/{self._sources.client.version}/"

    @property
    def _early(self) -> str:
        """The address of what has to be there before the view is seen."""
        return _quoted(f"{self._client_folder}early.js")

    def _tags(self, template: str, **context: object) -> Markup:
        return Markup(self._sources.templates.render(template, {**context, "Lona": self}).strip())

    @property
    def nonce_attribute(self) -> Markup:
        """` nonce="…"`, or nothing when none is needed."""
        return Markup(' nonce="{}"').format(self._page.nonce) if self._page.nonce else Markup()

    def _needs_trust(self, what: str) -> None:
        if not self._trusted:
            raise PermissionError(
                f"Lona.{what} is for templates in files. A string may hold what somebody has typed: give it values in its context."
            )


setattr(Lona, "import", Lona.import_)                                    # a word that Python keeps for itself


class ReadableSettings:
    """The settings as templates see them: to be read, and without what is nobody's business, as `SECRET_KEY`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __getattr__(self, name: str) -> Any:                             # Any: as `Settings`
        # Those that are secret are not for templates, which have no use for them: what is printed by mistake is public.
        if not name.isupper() or is_secret(name, value := getattr(self._settings, name)):
            raise AttributeError(f"templates cannot read the setting {name!r}")
        return value

    def get(self, name: str, default: Any = None) -> Any:
        return getattr(self, name, default)

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._settings if not is_secret(name, getattr(self._settings, name)))


def _json(value: object) -> Markup:
    """As JSON that may stand in a `<script>`, whose end a `</script>` in a title would be."""
    return Markup(json.dumps(value).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def _quoted(url: str) -> str:
    return escape(quote(url, safe="/:@!$&'()*+,;=~"))
