"""`RadioButton`, `RadioGroup`, and `RadioChoice`: the buttons of one name in a form, without a group around them.

Which buttons exclude each other is HTML's rule: those of the same name in the same form, or outside of all forms. A browser
unchecks the others by itself and reports only the one that was checked, so the same is done here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from ..children import Child, walk
from ..event_types import CHANGE
from ..mutations import TreeNode
from ..node import Node
from ..properties import Value
from .choice import NOT_OFFERED, Choice, check_texts, find_choice
from .field import REQUIRED, Field
from .form_owner import candidates, form_owner
from .label import Label, refer

#: The name of buttons that were given none.
NO_NAME = "radio"
#: With the number of the group, the name of those that have one around them.
GROUP_PREFIX = "lona-radio-"


class RadioButton(Choice, Field):
    """One choice. `value` may be any object; a browser sees `str(value)`, or nothing with `render_value=False`.

    Without a `RadioGroup` around it, it has its own `handle_change` only. `required`: one of its name must be checked.
    """

    __slots__ = ("_render", "_value")
    TAG_NAME = "input"
    ATTRIBUTES: ClassVar[Mapping[str, Value]] = {"type": "radio", "name": NO_NAME}
    EVENTS = (CHANGE,)
    HTML_HAS_READONLY = False

    def __init__(self, value: Any = "", checked: bool = False, **kwargs: Any) -> None:     # Any: the user's own; as for Choice
        super().__init__(value=value, **kwargs)
        if checked is not False:
            self.checked = checked

    @property
    def checked(self) -> bool:
        """True: it is the one of its name that is chosen; setting it takes that away from the others."""
        return self._flag("checked")

    @checked.setter
    def checked(self, value: bool) -> None:
        if value is True:
            for other in self._others():
                other.refuse("")
                if other.checked:
                    other.checked = False
        self._set_flag("checked", value)
        self.refuse("")

    @property
    def has_own_name(self) -> bool:
        """False: its name is the one that all have, or that its group has made for it."""
        return self.name != NO_NAME and not self.name.startswith(GROUP_PREFIX)

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
        self._set_bubble_up(value)

    def receive(self, data: object, client: int) -> None:
        if data is not True:
            raise ValueError(f"a user can only check a radio button, so its value must be true, not {type(data).__name__}")
        self._defend()
        for other in self._others():
            other.refuse("")
            if other.checked:
                other.attributes.receive("checked", False, client)
        self.attributes.receive("checked", True, client)
        self.refuse("")

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

    @property
    def refusal(self) -> str:
        """Why what was posted under its name cannot be the choice; '' since another was made."""
        return self._refusal

    def refuse(self, why: str) -> None:
        self._refusal = why

    def _fill(self, texts: Sequence[str]) -> str:
        self.checked = self.wire_value in texts
        return ""

    @property
    def is_readonly(self) -> bool:
        """Whether its choice cannot be changed: it is read-only, or its group is, or the one that is checked now."""
        group = self.group
        if self.readonly or (group is not None and group.readonly):
            return True
        return any(other.checked and other.readonly for other in self._others())

    def _shown_state(self) -> Iterable[tuple[Node, str]]:
        # What is checked comes last: it unchecks all others in a browser.
        buttons = sorted([self, *self._others()], key=lambda button: button.checked)
        return [(button, "checked") for button in buttons]

    def _others(self) -> Iterator[RadioButton]:
        """The buttons that cannot be checked together with this one."""
        if not self.name:
            return
        form = form_owner(self)
        for node in walk(self.root) if form is None else candidates(form):
            if isinstance(node, RadioButton) and node is not self and node.name == self.name and form_owner(node) is form:
                yield node

    def _default_wire_value(self) -> str:
        return "on"

    def _problem(self) -> str:
        if not self.required or self.checked or any(other.checked for other in self._others()):
            return ""
        return REQUIRED


class RadioButtons:
    """What can be done with radio buttons of which one is chosen."""

    __slots__ = ()

    @property
    def radio_buttons(self) -> tuple[RadioButton, ...]:
        """All buttons in document order."""
        raise NotImplementedError

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
        chosen = find_choice(self.radio_buttons, value)
        if chosen is None and value is not None:
            raise ValueError(f"no radio button has the value {value!r}; there are {list(self.values)!r}")
        self._check(chosen)

    def _check(self, chosen: RadioButton | None) -> None:
        for button in self.radio_buttons:
            button.refuse("")
            if button is not chosen and button.checked:
                button.checked = False
        if chosen is not None:
            chosen.checked = True

    def _choose(self, texts: Sequence[str]) -> None:
        """Check the button that a browser has posted."""
        enabled = [button for button in self.radio_buttons if not button.is_disabled and not button.is_readonly]
        if not enabled:
            return
        check_texts(enabled)
        chosen = next((button for button in enabled if button.wire_value in texts), None)
        former = self.checked_radio_button
        if texts or former is None or not former.is_disabled:  # a browser posts no disabled one, but it stays checked
            self._check(chosen)
        for button in enabled:
            button.refuse("" if chosen is not None or not texts else NOT_OFFERED)


class RadioChoice(RadioButtons):
    """What a form makes of the radio buttons of one name that have no `RadioGroup` around them."""

    __slots__ = ("_buttons",)

    def __init__(self, buttons: Iterable[RadioButton]) -> None:
        self._buttons = tuple(buttons)

    @property
    def radio_buttons(self) -> tuple[RadioButton, ...]:
        return self._buttons

    @property
    def controls(self) -> Sequence[Node]:
        """The nodes that show what is wrong."""
        return self._buttons

    @property
    def error(self) -> str:
        """What is wrong with the choice, as a sentence; '' when nothing is."""
        return next(filter(None, [button.error for button in self._buttons]), "")

    @property
    def valid(self) -> bool:
        return not self.error

    def fill(self, texts: Sequence[str]) -> None:
        """See `Field.fill`."""
        self._choose(texts)


class RadioGroup(RadioButtons, Field):
    """A choice of one of the `RadioButton`s inside, at any depth.

    Its `handle_change`, and who waits for it, gets the event of a button with `event.node` this group and `event.data` its value.

    It is a `<fieldset>`, so that it may stand in a form; a `Legend` in it says what is to be chosen. Its buttons exclude no others
    on the page: those without a name get one, the group's (`RadioGroup(name="color")`) or one that nobody else has. They get it
    as they come into the group; one that comes later into a node inside of it needs to be given the name of the others.
    """

    __slots__ = ()
    TAG_NAME = "fieldset"
    ATTRIBUTES: ClassVar[Mapping[str, Value]] = {"role": "radiogroup"}
    ARIA_READONLY = True

    def __init__(self, *nodes: Child, **kwargs: Any) -> None:      # Any: as for Node
        super().__init__(*nodes, **kwargs)
        self.welcome(self.children)
        checked = self.checked_radio_button
        if checked is not None:
            checked.checked = True                            # of several the last one counts, as in a browser

    @property
    def name(self) -> str:
        """What a form calls the choice: the group's own name, else that of its buttons; '' when nobody gave them one."""
        own = self._raw("name")
        return own or next((button.name for button in self.radio_buttons if button.has_own_name), "")

    @name.setter
    def name(self, name: str) -> None:
        former = self._raw("name")
        followers = [button for button in self.radio_buttons if not button.has_own_name or button.name == former]
        self._set_name(name)
        for button in followers:
            button.name = self._button_name

    @property
    def required(self) -> bool:
        """True: one button must be checked."""
        return self._flag("aria-required")

    @required.setter
    def required(self, value: bool) -> None:
        self._set_flag("aria-required", value, "required")

    @property
    def radio_buttons(self) -> tuple[RadioButton, ...]:
        """All buttons in document order."""
        return tuple([node for node in walk(self) if isinstance(node, RadioButton)])

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
                refer(label, "for", buttons[0])
        self.extend(nodes)
        if buttons[0].checked:
            buttons[0].checked = True
        return buttons[0]

    def welcome(self, nodes: Iterable[TreeNode]) -> None:
        newcomers = [button for node in nodes for button in walk(node) if isinstance(button, RadioButton)]
        checked = [button for button in newcomers if button.checked and button.group is not self]
        if checked:                                           # who comes last is checked, wherever it stands, as in a browser
            for button in (*self.radio_buttons, *checked[:-1]):
                if button.checked:
                    button.checked = False
        for button in newcomers:
            if button.name and not button.has_own_name:
                button.name = self._button_name

    def issues(self, event_name: str) -> bool:
        return event_name == "change" or super().issues(event_name)       # by its buttons: no browser has to be told

    def handle_input_event(self, event: Any) -> Any:          # Any: see Handler
        if event.name == "change" and isinstance(event.node, RadioButton) and event.node.group is self:
            event.node = self
            event.data = self.value
        return super().handle_input_event(event)

    def receive(self, data: object, client: int) -> None:
        raise ValueError("a radio group has no value of its own; its buttons report theirs")

    @property
    def _button_name(self) -> str:
        return self._raw("name") or f"{GROUP_PREFIX}{self.id}"

    def _fill(self, texts: Sequence[str]) -> str:
        strangers = [button.name for button in self.radio_buttons if button.name != self.name]
        if strangers:
            raise ValueError(
                f"a browser posts a radio button under its own name, and in the group {self.name!r} there are some named "
                f"{', '.join(map(repr, dict.fromkeys(strangers)))}. Name the group only, and its buttons get its name."
            )
        self._choose(texts)
        return ""

    def _get_refusal(self) -> str:
        return next(filter(None, [button.refusal for button in self.radio_buttons]), "")

    def _problem(self) -> str:
        return REQUIRED if self.required and self.checked_radio_button is None else ""
