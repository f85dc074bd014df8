"""What views need of templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from markupsafe import Markup

from .request import Request


class Renderer(Protocol):
    """Fills templates in, for the page that `request` was made for. Raises what they raise; never waits for a network.

    `context`: whatever a template can print.
    """

    def template(self, name: str, context: Mapping[str, Any], request: Request) -> Markup:
        """The file with this name, which is searched in `TEMPLATE_DIRS`."""

    def template_string(self, text: str, context: Mapping[str, Any], request: Request) -> Markup:
        """The template `text`, in a sandbox."""
