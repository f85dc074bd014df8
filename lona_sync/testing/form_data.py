"""What a browser sends of a form: HTML's "entry list", without files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .elements import ModelElement, walk

_BUTTONS = ("submit", "image", "reset", "button")


@dataclass(frozen=True, slots=True)
class Submission:
    """Where a form goes when it is submitted. `url`: '' is the page it stands on. `fields`: names and texts in document order."""
    url: str
    method: str
    fields: list[tuple[str, str]]

    @property
    def post(self) -> dict[str, str | list[str]]:
        """The fields as a dict; names that occur twice have a list."""
        found: dict[str, list[str]] = {}
        for name, text in self.fields:
            found.setdefault(name, []).append(text)
        return {name: texts if len(texts) > 1 else texts[0] for name, texts in found.items()}


def submission(form: ModelElement, button: ModelElement | None) -> Submission:
    """What becomes of `form` when it is submitted by `button` (None: by a script)."""
    options = dict(form.attributes)
    if button is not None:
        options.update({name.removeprefix("form"): text for name, text in button.attributes.items() if name.startswith("form")})
    method = str(options.get("method", "")).lower()
    method = method if method in ("post", "dialog") else "get"
    return Submission(str(options.get("action", "")), method, list(_entries(form, button)))


def submit_button(form: ModelElement) -> ModelElement | None:
    """The button that Enter in a field presses."""
    return next((element for element in _elements(form) if is_submit_button(element)), None)


def is_submit_button(element: ModelElement) -> bool:
    kind = str(element.attributes.get("type", "")).lower()
    return (element.tag == "button" and kind not in ("button", "reset")) or (element.tag == "input" and kind in ("submit", "image"))


def _entries(form: ModelElement, button: ModelElement | None) -> Iterator[tuple[str, str]]:
    for element in _elements(form):
        name = str(element.attributes.get("name", ""))
        kind = str(element.attributes.get("type", "")).lower()
        if not _is_sent(element, kind, button):
            continue
        if kind == "image":
            prefix = f"{name}." if name else ""
            yield from ((f"{prefix}x", "0"), (f"{prefix}y", "0"))
        elif name and element.tag == "select":
            yield from ((name, option.value) for option in element.selected_options if not option.is_disabled)
        elif name:
            yield name, element.value


def _is_sent(element: ModelElement, kind: str, button: ModelElement | None) -> bool:
    if element.tag not in ("button", "input", "select", "textarea") or element.is_disabled:
        return False
    if any(above.tag == "datalist" for above in element.ancestors):
        return False
    if element.tag == "button" or (element.tag == "input" and kind in _BUTTONS):
        return element is button
    return element.checked if kind in ("checkbox", "radio") else kind != "file"


def _elements(form: ModelElement) -> Iterator[ModelElement]:
    """What belongs to the form; some of it may stand elsewhere."""
    root = list(form.ancestors)[-1] if form.parent is not None else form
    return (node for _, node in walk(root) if isinstance(node, ModelElement) and node.form is form)
