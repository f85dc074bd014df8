"""Templates: Jinja2 files that the framework, the application and its packages bring along, and templates in strings.

Everything that a template prints is escaped, whatever the file is called. Nodes, and what is marked with `|safe`, are markup
already.

A file is code of the application's, as a Python file is: it may call what it is given. A string is more easily put together from
what somebody has typed, so it is rendered in Jinja2's sandbox, which lets it read values and call their methods, but neither reach
names that begin with `_` nor change lists and dicts; and it is not given what a file is (`template_names.py`). The sandbox is the
second wall. The first one is to hand over what was typed in the context, and never to write it into the string.
"""

from __future__ import annotations

import functools
import logging
import os
import time
from collections.abc import Callable, Container, Mapping
from pathlib import Path
from typing import Any

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ..static.folders import Folders

logger = logging.getLogger("lona_sync.server.templating")

CORE = Path(__file__).parents[2] / "templates"
_FRESH = 1.0                             # seconds
_KEPT_STRINGS = 200                      # compiled ones…
_KEPT_STRING = 10_000                    # … of so many characters at most: 10 KiB of bytecode each

#: What templates find of Python's builtins: what makes values of values. Nothing that reads, writes, imports, evaluates or looks
#: into objects: `open`, `eval`, `getattr`, `type`, `vars` and the like. `range` and `dict` are Jinja2's own.
_BUILTINS: dict[str, object] = {
    function.__name__: function for function in (
        abs, all, any, bin, bool, chr, divmod, enumerate, float, hex, int, isinstance, len, list, oct, ord, repr, reversed, round,
        set, str, sum, tuple, zip,
    )
}
#: Those that call what they are given, which the sandbox would not see. It has Jinja2's filters of the same names.
_CALLING: dict[str, object] = {function.__name__: function for function in (filter, map, max, min, sorted)}


class Templates:
    """The templates of one application. `context` and `filters`: what all of them find besides.

    `folders` are searched in order; the framework's own come last. A template that has changed is noticed after a second: to ask
    the disk for a dozen of them each time would take longer than the page. `debug`: it is noticed at once, and the log says which
    names a template wants and nobody gave; else these are nothing, as always with Jinja2.
    """

    def __init__(
        self, folders: Folders, *, context: Mapping[str, Any], filters: Mapping[str, Callable[..., Any]], debug: bool = False,
    ) -> None:
        loader = _Loader(folders, 0.0 if debug else _FRESH)
        undefined = jinja2.make_logging_undefined(logger) if debug else jinja2.Undefined
        self._files = jinja2.Environment(
            loader=loader, autoescape=True, undefined=undefined, trim_blocks=True, lstrip_blocks=True,
        )
        self._strings = _Sandbox(
            loader=loader, autoescape=True, undefined=undefined, trim_blocks=True, lstrip_blocks=True,
        )
        self._files.globals.update(_CALLING)
        for environment in (self._files, self._strings):
            environment.globals.update({**_BUILTINS, **context})
            environment.filters.update(filters)
        self._compiled = functools.lru_cache(maxsize=_KEPT_STRINGS)(self._strings.from_string)

    def render(self, name: str, context: Mapping[str, Any]) -> str:      # Any: whatever a template can print
        """The template with this name, filled in. Raises `jinja2.TemplateNotFound`, and what the template raises."""
        return self._files.get_template(name.lstrip("/")).render(context)

    def render_string(self, text: str, context: Mapping[str, Any]) -> str:
        """The template `text`, in the sandbox. Raises `jinja2.exceptions.SecurityError` for what it may not do there."""
        if len(text) > _KEPT_STRING:
            return self._strings.from_string(text).render(context)
        return self._compiled(text).render(context)

    def __contains__(self, name: str) -> bool:
        try:
            self._files.get_template(name)
        except jinja2.TemplateNotFound:
            return False
        return True

    def names(self) -> list[str]:
        """The names of all templates."""
        return self._files.list_templates()

    def get(self, name: str) -> jinja2.Template:
        """The template with this name, as Jinja2 has it. Raises `jinja2.TemplateNotFound`."""
        return self._files.get_template(name)


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2's looks at what a method belongs to: it refuses `'{0.__class__}'.format(x)` and `items.append(x)`. Of a class it gives
    out all of them, and `str.format('{0.__class__}', x)` and `list.append(items, x)` do the same.
    """

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        is_builtin = isinstance(obj, type) and issubclass(obj, (str, bytes, Container))
        return not is_builtin and super().is_safe_attribute(obj, attr, value)


class _Loader(jinja2.BaseLoader):
    """Not Jinja2's own for folders, which follows links to wherever they lead."""

    def __init__(self, folders: Folders, fresh: float) -> None:
        self._folders = folders
        self._fresh = fresh

    def get_source(self, environment: jinja2.Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        path = self._folders.find(template)
        if path is None:
            raise jinja2.TemplateNotFound(template)
        state = _state(path)
        text = path.read_text(encoding="utf-8")
        asked = time.monotonic()

        def is_current() -> bool:
            nonlocal asked
            now = time.monotonic()
            if now - asked < self._fresh:
                return True
            asked = now
            return self._folders.find(template) == path and _state(path) == state

        return text, str(path), is_current

    def list_templates(self) -> list[str]:
        return sorted(self._folders.names())


def _state(path: Path) -> tuple[int, int]:
    found = os.stat(path)
    return found.st_mtime_ns, found.st_size
