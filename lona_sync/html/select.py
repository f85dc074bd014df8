"""`Select` and its `Option`s.

The state is in the options, as in HTML: each is selected or not. A select that is not `multiple` has one selected
option at most; where code has selected several, the last one counts, as in a browser.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .children import Child, walk
from .event_types import CHANGE
from .inputs import Control
from .node import Node


class Option(Node):
    """One choice. `value` may be any object; a browser sees `str(value)`, or nothing with `render_value=False`."""

    __slots__ = ("_render", "_value")
    TAG_NAME = "option"

    def __init__(
        self,
        *label: Child,
        value: Any = "",                                      # Any: the user's own object
        selected: bool = False,
        disabled: bool = False,
        render_value: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(*label, **kwargs)
        self._render = render_value
        self.value = value
        if selected is not False:
            self.selected = selected
        if disabled is not False:
            self.disabled = disabled

    @property
    def value(self) -> Any:
        return self._value

    @value.setter
    def value(self, value: Any) -> None:
        if self._render:
            self.attributes["value"] = self._render_value(value)
        self._value = value

    def _render_value(self, value: Any) -> str:
        """What browsers see; to be overridden."""
        return str(value)

    @property
    def selected(self) -> bool:
        return self._flag("selected")

    @selected.setter
    def selected(self, value: bool) -> None:
        if value is True:
            select = self._select()
            if select is not None and not select.multiple:
                for option in select.options:
                    if option is not self:
                        option.selected = False
        self._set_flag("selected", value)

    @property
    def disabled(self) -> bool:
        return self.is_disabled

    @disabled.setter
    def disabled(self, value: bool) -> None:
        self._set_flag("disabled", value)

    def _select(self) -> Select | None:
        node = self.parent
        while node is not None and not isinstance(node, Select):
            node = node.parent
        return node


class Select(Control):
    """A choice of one option, or of several with `multiple`. Options may stand inside of an `OptGroup`."""

    __slots__ = ()
    TAG_NAME = "select"
    EVENTS = (CHANGE,)

    def __init__(self, *options: Child, multiple: bool = False, **kwargs: Any) -> None:      # Any: as for Node
        super().__init__(*options, **kwargs)
        if multiple is not False:
            self._set_flag("multiple", multiple)
        self._keep_last_selected()

    @property
    def multiple(self) -> bool:
        return self._flag("multiple")

    @multiple.setter
    def multiple(self, value: bool) -> None:
        self._set_flag("multiple", value)
        self._keep_last_selected()

    @property
    def options(self) -> tuple[Option, ...]:
        """All options in document order."""
        return tuple([node for node in walk(self) if isinstance(node, Option)])

    @options.setter
    def options(self, options: Iterable[Child]) -> None:
        self.nodes = options
        self._keep_last_selected()

    @property
    def selected_options(self) -> tuple[Option, ...]:
        selected = tuple([option for option in self.options if option.selected])
        return selected if self.multiple else selected[-1:]

    @property
    def values(self) -> tuple[Any, ...]:                      # Any: the user's own objects, here and below
        """The values of all options."""
        return tuple([option.value for option in self.options])

    @property
    def value(self) -> Any:
        """The selected option's value; a tuple of them with `multiple`.

        A browser shows the first option when none is selected, so its value counts then. None: there are no options.
        """
        selected = self.selected_options
        if self.multiple:
            return tuple([option.value for option in selected])
        return next((option.value for option in selected or self.options), None)

    @value.setter
    def value(self, value: Any) -> None:
        if not self.multiple:
            self._find(value).selected = True
            return
        if not isinstance(value, (list, tuple)):
            raise TypeError(
                f"the value of a multiple select must be a list or tuple, not {type(value).__name__}: {value!r}"
            )
        chosen = [self._find(each) for each in value]
        for option in self.options:
            option.selected = any(option is each for each in chosen)

    def add_option(self, option: Option) -> None:
        """Put `option` at the end."""
        if not isinstance(option, Option):
            raise TypeError(f"an option must be an Option, not {type(option).__name__}: {option!r}")
        self.append(option)
        self._keep_last_selected()

    def remove_option(self, option: Option) -> None:
        """Take `option` out; `ValueError` when it is not here."""
        if option not in self and not any(option is each for each in self.options):
            raise ValueError(f"{option!r} is no option of {self!r}")
        option.remove()

    def clear_options(self) -> None:
        self.clear()

    def select_all(self) -> None:
        """Select every option; only a multiple select can."""
        if not self.multiple:
            raise RuntimeError("a select without multiple=True cannot have all options selected")
        for option in self.options:
            option.selected = True

    def select_none(self) -> None:
        for option in self.options:
            option.selected = False

    def receive(self, data: object, client: int) -> None:
        options = [node for node in walk(self) if isinstance(node, Node) and node.tag_name == "option"]
        chosen = self._indexes(data, len(options))
        for index in chosen:
            if _is_disabled(options[index]) and not options[index].attributes.wire("selected"):
                raise ValueError(f"option {index} is disabled")
        for index, option in enumerate(options):
            if (index in chosen) != bool(option.attributes.wire("selected")):
                option.attributes.receive("selected", index in chosen, client)

    def _indexes(self, data: object, count: int) -> set[int]:
        if not isinstance(data, list) or not all(type(index) is int and 0 <= index < count for index in data):
            raise ValueError(f"the value of a select must be a list of indexes below {count}")
        if len(data) > 1 and not self.multiple:
            raise ValueError("only one option can be selected")
        return set(data)

    def _find(self, value: Any) -> Option:
        for option in self.options:
            if option.value == value:
                return option
        raise RuntimeError(f"no option has the value {value!r}; there are {list(self.values)!r}")

    def _keep_last_selected(self) -> None:
        if not self.multiple:
            for option in [option for option in self.options if option.selected][:-1]:
                option.selected = False


def _is_disabled(option: Node) -> bool:
    group = option.parent
    return option.is_disabled or (isinstance(group, Node) and group.tag_name == "optgroup" and group.is_disabled)


Select2 = Select
Option2 = Option
