"""Templates: Jinja2 files that the framework, the application and its packages bring along.

Everything that a template prints is escaped, whatever the file is called. Nodes, and what is marked with `|safe`, are markup
already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2

CORE = Path(__file__).parent.parent / "templates"


class Templates:
    """`folders` are searched in this order; the framework's own come last."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader([*folders, CORE]), autoescape=True,
            trim_blocks=True, lstrip_blocks=True,
        )

    def render(self, name: str, context: Mapping[str, Any]) -> str:      # Any: whatever a template can print
        """The template with this name, filled in. Raises `jinja2.TemplateNotFound`, and what the template raises."""
        return self._environment.get_template(name).render(context)
