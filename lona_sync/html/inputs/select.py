"""`Select`, a choice among `Option`s.

The state is in the options, as in HTML: each is selected or not. A select that is not `multiple` has one selected
option at most; where code has selected several, the last one counts, as in a browser.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NoReturn

from ..children import Child, walk
from ..event_types import CHANGE
from ..node import Node
from .choice import NOT_OFFERED, check_texts, find_choice
from .field import REQUIRED, Field
from .option import Option, is_disabled

_AS_IT_IS = object()             # no value was given; None may be one


class Select(Field):
    """A choice of one option, or of several with `multiple`. Options may stand inside of an `OptGroup`.

    `required`: something must be selected; a first option with the value '' is a prompt ("choose one") and does not count.
    `values=[("de", "German"), ("en", "English", True)]` makes options of values and labels; True: it is selected.
    `value=` selects by value.
    """

    __slots__ = ()
    TAG_NAME = "select"
    EVENTS = (CHANGE,)
    HTML_HAS_READONLY = False
    ARIA_READONLY = True

    def __init__(
        self, *options: Child, multiple: bool = False,
        values: Iterable[tuple[Any, Any] | tuple[Any, Any, bool]] = (),       # Any: the user's own objects
        value: Any = _AS_IT_IS,
        **kwargs: Any,                                                        # Any: as for Node
    ) -> None:
        super().__init__(*options, *map(_make_option, values), **kwargs)
        if multiple is not False:
            self._set_flag("multiple", multiple)
        self._keep_last_selected()
        if value is not _AS_IT_IS:
            self.value = value

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

    @values.setter
    def values(self, values: object) -> NoReturn:
        raise AttributeError(
            f"the values of a select are those of its options, and cannot be set to {values!r:.100}. Set the options: "
            "select.options = [Option('German', value='de'), …]; or which are selected: select.value = 'de'."
        )

    @property
    def value(self) -> Any:
        """The selected option's value; a tuple of them with `multiple`.

        The first option that is not disabled counts when none is selected, and every browser shows it, whatever order the options
        came in. None: there is none, or several lines are shown (`size`) and none of them is selected.
        """
        if self.multiple:
            return tuple([option.value for option in self.selected_options])
        option = self._shown_option()
        return None if option is None else option.value

    @value.setter
    def value(self, value: Any) -> None:
        if not self.multiple:
            self._find(value, []).selected = True
            self._refusal = ""
            return
        if not isinstance(value, (list, tuple)):
            raise TypeError(
                f"the value of a multiple select must be a list or tuple, not {type(value).__name__}: {value!r}"
            )
        chosen: list[Option] = []
        for each in value:
            chosen.append(self._find(each, chosen))
        self._select(chosen)
        self._refusal = ""

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
        if not isinstance(data, list) or not all(type(number) is int for number in data):
            raise ValueError("the value of a select must be a list of the numbers of options")
        if len(data) > 1 and not self.multiple:
            raise ValueError("only one option can be selected")
        self._defend()
        options = {int(node.id): node for node in self._all_options()}
        chosen = options.keys() & set(data)                   # by number: others may have come before it, or it may have gone
        if data and not chosen:
            raise ValueError("none of the chosen options is there any more")
        for number in chosen:
            if is_disabled(options[number]) and not options[number].attributes.wire("selected"):
                raise ValueError(f"{options[number]!r} is disabled")
        for number, option in options.items():
            if (number in chosen) != bool(option.attributes.wire("selected")):
                option.attributes.receive("selected", number in chosen, client)
        self._refusal = ""

    def _all_options(self) -> Iterator[Node]:
        """Those of any class."""
        return (node for node in walk(self) if isinstance(node, Node) and node.tag_name == "option")

    def _shown_state(self) -> Iterable[tuple[Node, str]]:
        # What is selected comes last: of several a browser shows one.
        options = sorted(self._all_options(), key=lambda option: bool(option.attributes.wire("selected")))
        return [(option, "selected") for option in options]

    def _fill(self, texts: Sequence[str]) -> str:
        enabled = [option for option in self.options if not option.is_disabled]
        check_texts(enabled)
        offered: dict[str, list[Option]] = {}
        for option in reversed(enabled):
            offered.setdefault(option.wire_value, []).append(option)
        chosen: list[Option] = []
        for text in texts:
            if not offered.get(text) or (chosen and not self.multiple):
                return NOT_OFFERED
            chosen.append(offered[text].pop())
        if self.multiple or not chosen:                       # a browser posts no disabled ones, but they stay selected
            chosen += [option for option in self.selected_options if option.is_disabled]
        self._select(chosen)
        return ""

    def _select(self, chosen: Iterable[Option]) -> None:
        kept = set(map(id, chosen))
        for option in self.options:
            option.selected = id(option) in kept

    def _find(self, value: Any, taken: Sequence[Option]) -> Option:
        option = find_choice(self.options, value, taken)
        if option is None:
            raise RuntimeError(f"no option has the value {value!r}; there are {list(self.values)!r}")
        return option

    def _shown_option(self) -> Option | None:
        """The option that a browser shows as selected, when only one can be."""
        selected = self.selected_options
        if selected or (self._whole_number("size") or 0) > 1:
            return next(iter(selected), None)
        return next((option for option in self.options if not option.is_disabled), None)

    def _problem(self) -> str:
        if not self.required:
            return ""
        if self.multiple:
            return "" if self.selected_options else REQUIRED
        option = self._shown_option()
        return REQUIRED if option is None or self._is_prompt(option) else ""

    def _is_prompt(self, option: Option) -> bool:
        """What HTML calls the placeholder label option."""
        first = option is self.options[0] and option.parent is self
        return first and (self._whole_number("size") or 0) <= 1 and option.value in ("", None)

    def _keep_last_selected(self) -> None:
        if not self.multiple:
            for option in [option for option in self.options if option.selected][:-1]:
                option.selected = False


def _make_option(choice: tuple[Any, Any] | tuple[Any, Any, bool]) -> Option:
    if not isinstance(choice, (tuple, list)) or len(choice) not in (2, 3):
        raise TypeError(f"a choice is (value, label) or (value, label, selected), not {choice!r}")
    value, label, *selected = choice
    return Option(label, value=value, selected=bool(selected and selected[0]))


Select2 = Select
Option2 = Option
