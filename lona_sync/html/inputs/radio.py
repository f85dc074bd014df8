"""`RadioButton` and `RadioGroup`.

Which buttons exclude each other is HTML's rule: those of the same name in the same form, or outside of all forms. A browser
unchecks the others by itself and reports only the one that was checked, so the same is done here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from ..children import Child, walk
from ..event_types import CHANGE
from ..mutations import TreeNode
from ..node import Node
from ..properties import Value
from .field import REQUIRED, Field
from .label import Label, id_of


class RadioButton(Field):
    """One choice. `value` may be any object; a browser sees `str(value)`, or nothing with `render_value=False`.

    Without a `RadioGroup` around it, it has its own `handle_change` only. `required`: one of its name must be checked.
    """

    __slots__ = ("_render", "_value")
    TAG_NAME = "input"
    ATTRIBUTES: ClassVar[Mapping[str, Value]] = {"type": "radio", "name": "radio"}
    EVENTS = (CHANGE,)

    def __init__(
        self,
        value: Any = "",                                      # Any: the user's own object
        checked: bool = False,
        *,
        render_value: bool = True,
        bubble_up: bool = True,
        **kwargs: Any,                                        # Any: as for Node
    ) -> None:
        super().__init__(bubble_up=bubble_up, **kwargs)
        self._render = render_value
        self.value = value
        if checked is not False:
            self.checked = checked

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
    def name(self) -> str:
        return self._raw("name")

    @name.setter
    def name(self, value: str) -> None:
        if not isinstance(value, str):
            raise TypeError(f"name must be a str, not {type(value).__name__}: {value!r}")
        self.attributes["name"] = value

    @property
    def checked(self) -> bool:
        """True: it is the one of its name that is chosen; setting it takes that away from the others."""
        return self._flag("checked")

    @checked.setter
    def checked(self, value: bool) -> None:
        if value is True:
            for other in self._others():
                if other.checked:
                    other.checked = False
        self._set_flag("checked", value)

    @property
    def group(self) -> RadioGroup | None:
        """The nearest `RadioGroup` around this button."""
        node = self.parent
        while node is not None and not isinstance(node, RadioGroup):
            node = node.parent
        return node

    @property
    def bubble_up(self) -> bool:
        """Whether a change is shown to the nodes around it; the group hears of it, then it decides."""
        group = self.group
        return self._bubble_up and (group is None or group.bubble_up)

    @bubble_up.setter
    def bubble_up(self, value: bool) -> None:
        if not isinstance(value, bool):
            raise TypeError(f"bubble_up must be True or False, not {type(value).__name__}: {value!r}")
        self._bubble_up = value

    def receive(self, data: object, client: int) -> None:
        if data is not True:
            raise ValueError(f"a user can only check a radio button, so its value must be true, not {type(data).__name__}")
        for other in self._others():
            if other.checked:
                other.attributes.receive("checked", False, client)
        self.attributes.receive("checked", True, client)

    def has_handler(self, event_name: str) -> bool:
        # The group puts itself into the event, before anybody who waits for the group can see that it is for him.
        return super().has_handler(event_name) or (event_name == "change" and self.group is not None)

    def handle_input_event(self, event: Any) -> Any:          # Any: see Handler
        """The button's own handler; then the group's, when nobody further out may see the event."""
        answer = super().handle_input_event(event)
        group = self.group
        if answer is not event or event.name != "change" or group is None or group.bubble_up or not self._bubble_up:
            return answer
        return group.handle_input_event(event)

    def _others(self) -> Iterator[RadioButton]:
        """The buttons that cannot be checked together with this one."""
        if not self.name:
            return
        form = _form_of(self)
        for node in walk(form):
            if isinstance(node, RadioButton) and node is not self and node.name == self.name and _form_of(node) is form:
                yield node

    def _get_value(self) -> Any:
        return self.value

    def _problem(self) -> str:
        if not self.required or self.checked or any(other.checked for other in self._others()):
            return ""
        return REQUIRED


class RadioGroup(Field):
    """A choice of one of the `RadioButton`s inside, at any depth.

    Its `handle_change`, and who waits for it, gets the event of a button with `event.node` this group and `event.data` its value.
    It is a `<form>`, so that its buttons exclude no others of their name, but one that is never sent (`method="dialog"`).
    HTML has no form inside of a form: there, subclass it with `TAG_NAME = "fieldset"`, and give the buttons a name.
    """

    __slots__ = ()
    TAG_NAME = "form"
    ATTRIBUTES: ClassVar[Mapping[str, Value]] = {"method": "dialog", "role": "radiogroup"}

    def __init__(self, *nodes: Child, **kwargs: Any) -> None:      # Any: as for Node
        super().__init__(*nodes, **kwargs)
        checked = self.checked_radio_button
        if checked is not None:
            checked.checked = True                            # of several the last one counts, as in a browser

    @property
    def required(self) -> bool:
        """True: one button must be checked."""
        return self._flag("aria-required")

    @required.setter
    def required(self, value: bool) -> None:
        self._set_flag("aria-required", value, "required")

    @property
    def disabled(self) -> bool:
        """Whether all buttons are disabled. Setting it does that to those that are there."""
        return all(button.disabled for button in self.radio_buttons) if self.radio_buttons else self.is_disabled

    @disabled.setter
    def disabled(self, value: bool) -> None:
        self._set_flag("disabled", value)
        for button in self.radio_buttons:
            button.disabled = value

    @property
    def radio_buttons(self) -> tuple[RadioButton, ...]:
        """All buttons in document order."""
        return tuple([node for node in walk(self) if isinstance(node, RadioButton)])

    @property
    def checked_radio_button(self) -> RadioButton | None:
        return next((button for button in reversed(self.radio_buttons) if button.checked), None)

    @property
    def values(self) -> tuple[Any, ...]:                      # Any: the user's own objects, here and below
        """The values of all buttons."""
        return tuple([button.value for button in self.radio_buttons])

    @property
    def value(self) -> Any:
        """The checked button's value; None: no button is checked."""
        button = self.checked_radio_button
        return None if button is None else button.value

    @value.setter
    def value(self, value: Any) -> None:
        buttons = self.radio_buttons
        chosen = next((button for button in buttons if button.value is value), None) or next(
            (button for button in buttons if button.value == value), None
        )
        if chosen is None and value is not None:
            raise ValueError(f"no radio button has the value {value!r}; there are {list(self.values)!r}")
        for button in buttons:
            if button is not chosen and button.checked:
                button.checked = False
        if chosen is not None:
            chosen.checked = True

    def add_button(self, *nodes: Child, **kwargs: Any) -> RadioButton:
        """Put a button with its label at the end; returns the button.

        `add_button("Red", "#f00")` makes both: the label, the value, and keywords for the `RadioButton`. `add_button(*nodes)`
        takes nodes of your own, a `RadioButton` among them, and links the `Label` among them, if there is one.
        """
        if len(nodes) == 2 and not isinstance(nodes[1], Node):
            button = RadioButton(nodes[1], **kwargs)
            nodes = (Label(button, nodes[0]),)
        elif kwargs:
            raise TypeError(f"keywords are for add_button(label, value) only, not {', '.join(kwargs)}")
        found = [node for child in nodes if isinstance(child, Node) for node in walk(child)]
        buttons = [node for node in found if isinstance(node, RadioButton)]
        if len(buttons) != 1:
            raise ValueError(
                f"add_button takes a label and a value, or nodes with one RadioButton; here are {len(buttons)}: {nodes!r}"
            )
        for label in found:
            if isinstance(label, Label) and "for" not in label.attributes:
                label.attributes["for"] = id_of(buttons[0])
        self.extend(nodes)
        if buttons[0].checked:
            buttons[0].checked = True
        return buttons[0]

    def issues(self, event_name: str) -> bool:
        return event_name == "change" or super().issues(event_name)       # by its buttons: no browser has to be told

    def handle_input_event(self, event: Any) -> Any:          # Any: see Handler
        if event.name == "change" and isinstance(event.node, RadioButton) and event.node.group is self:
            event.node = self
            event.data = self.value
        return super().handle_input_event(event)

    def receive(self, data: object, client: int) -> None:
        raise ValueError("a radio group has no value of its own; its buttons report theirs")

    def _get_value(self) -> Any:
        return self.value

    def _problem(self) -> str:
        return REQUIRED if self.required and self.checked_radio_button is None else ""


def _form_of(node: Node) -> TreeNode:
    """The form that the node belongs to; outside of all, the root of the tree."""
    above: TreeNode = node
    while above.parent is not None:
        above = above.parent
        if isinstance(above, Node) and above.tag_name == "form":
            return above
    return above
