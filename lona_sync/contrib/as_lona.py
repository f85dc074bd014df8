"""Lets packages that were written for Lona run on lona_sync: `import lona_sync.contrib.as_lona`, before the first of them.

    import lona_sync.contrib.as_lona            # from here on `import lona` means lona_sync
    from lona_picocss import install_picocss
    from lona_sync import App

    app = App(__file__)
    install_picocss(app)

It puts modules with Lona's names (`lona`, `lona.html`, `lona.static_files`, …) into `sys.modules`, which hold what lona_sync has
under these names, and nothing else: `lona.View is lona_sync.View`. A program of your own does not need it: there the name of the
package changes (docs/coming-from-lona.md). Install such a package by `pip install --no-deps`, else pip brings Lona along.

Raises ImportError when a module of Lona itself was imported before: the same name cannot mean both.
"""

from __future__ import annotations

import importlib
import json
import sys
from types import ModuleType
from typing import Any

from ..html import HTML, Child, Div, Node, parse_html

_VIEW = ("View", "LonaView=View")
_RESPONSES = (
    "AbstractResponse", "FileResponse", "HtmlResponse", "HttpRedirectResponse", "JsonResponse", "RedirectResponse", "Response",
    "TemplateResponse", "TemplateStringResponse",
)
_ERRORS = ("ClientError", "ForbiddenError", "NotFoundError")
_EXCEPTIONS = ("ServerStop", "StopReason", "UserAbort")
_ALL = ("*",)

#: Module there → modules here and the names that it has of them; `there=here` when they differ.
_MODULES: dict[str, dict[str, tuple[str, ...]]] = {
    "lona": {
        "lona_sync": (
            "App", "LonaApp=App", *_VIEW, "Bucket", "Channel", "Request", "Route", "MATCH_ALL", "VERSION", "VERSION_STRING",
            *_RESPONSES, *_ERRORS, *_EXCEPTIONS,
        ),
    },
    "lona.app": {"lona_sync": ("App", "LonaApp=App")},
    "lona.channels": {"lona_sync": ("Channel", "Message")},
    "lona.connection": {"lona_sync.views.visitor": ("Connection=Visitor",)},
    "lona.default_views": {"lona_sync.default_views": ("FrontendView", "Error403View", "Error404View", "Error500View")},
    "lona.errors": {"lona_sync.errors": _ERRORS},
    "lona.events": {},
    "lona.events.input_event": {"lona_sync": ("InputEvent",)},
    "lona.events.view_event": {"lona_sync.views.view_events": ("ViewEvent",)},
    "lona.exceptions": {"lona_sync.exceptions": _EXCEPTIONS},
    "lona.html": {
        "lona_sync.html": (*_ALL, "HTML2=HTML"),
        "lona_sync.html.rendering": ("SELF_CLOSING_TAGS",),
        "lona_sync.html.node_classes": ("INPUT_NODE_CLASSES", "NODE_CLASSES"),
    },
    "lona.html.text_node": {"lona_sync.html": ("TextNode",)},
    "lona.middlewares": {},
    "lona.middlewares.sessions": {"lona_sync": ("AnonymousUser",)},
    "lona.pytest": {"lona_sync.testing": ("LonaContext", "eventually")},
    "lona.request": {"lona_sync": ("Request",)},
    "lona.responses": {"lona_sync.responses": _RESPONSES},
    "lona.routing": {"lona_sync.routing": ("MATCH_ALL", "Route", "Router")},
    "lona.static_files": {"lona_sync.static_files": ("SORT_ORDER", "Script", "StaticFile", "StyleSheet")},
    "lona.view": {"lona_sync.view": _VIEW},
}


def _get_client_version() -> int:
    """Which of Lona's two clients ours is like."""
    return 2


def _html(*nodes: Child, **options: Any) -> Node:                # Any: as for HTML
    """As `HTML`; but markup alone is a list of its roots, as it was with Lona's first client: `HTML('<p>…</p>')[0]` is the `P`."""
    if len(nodes) == 1 and isinstance(nodes[0], str) and "<" in nodes[0] and not nodes[0].startswith("\\"):
        return Div(parse_html(nodes[0].strip(), flat=False, **options), _style="display: contents")
    return HTML(*nodes, **options)


#: What nothing here is like; small enough to be written here.
_OWN: dict[str, dict[str, Any]] = {                              # Any: functions of all kinds
    "lona.html": {"HTML": _html, "HTML1": _html},
    "lona._json": {"dumps": json.dumps, "loads": json.loads},
    "lona.compat": {"get_client_version": _get_client_version},
}


def _module(name: str) -> ModuleType:
    module = ModuleType(name, f"What lona_sync has of `{name}`: see lona_sync.contrib.as_lona.")
    module.__path__ = []                                         # a package, so that what is below it can be imported
    for source, names in _MODULES.get(name, {}).items():
        found = importlib.import_module(source)
        for entry in names:
            if entry == "*":
                vars(module).update({each: getattr(found, each) for each in found.__all__})
                continue
            there, _, here = entry.partition("=")
            setattr(module, there, getattr(found, here or there))
    vars(module).update(_OWN.get(name, {}))
    return module


def _install() -> None:
    others = [name for name in sys.modules if name == "lona" or name.startswith("lona.")]
    if others:
        raise ImportError(
            f"{others[0]!r} was imported before lona_sync.contrib.as_lona, so it is Lona's own. Import as_lona first; and "
            "where Lona is not used any more, `pip uninstall lona`."
        )
    made = {name: _module(name) for name in sorted([*_MODULES, *_OWN])}
    for name, module in made.items():
        parent, _, last = name.rpartition(".")
        if parent:
            setattr(made[parent], last, module)
    sys.modules.update(made)


_install()
