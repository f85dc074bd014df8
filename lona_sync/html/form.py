"""`Form`: fields by their names, their values as one dict or object, and what is wrong with them beside them.

    @dataclass
    class User:
        name: str
        age: int

    form = Form(
        Label("Name", TextInput(name="name", required=True)),
        Label("Age", NumberInput(name="age", min=0, required=True)),
        Submit("Save"),
    )

In an interactive view `self.await_submit(form)` returns when the user has sent what is valid, and `form.into(User)` is the
user. On a route that is not interactive it is a form of plain HTTP, filled with what was posted:

    if request.POST and form.fill(request.POST):
        save(form.into(User))
        return RedirectResponse("/thanks")
    return form
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from inspect import Parameter, signature
from typing import Any, ClassVar, Protocol, TypeAlias, TypeVar

from .children import Child
from .error_message import ErrorMessage
from .event_types import SUBMIT
from .inputs.field import Field
from .inputs.field_list import FieldList
from .inputs.files import File, FileInput
from .inputs.form_owner import candidates, form_owner
from .inputs.radio import RadioButton, RadioChoice, RadioGroup
from .mutations import AttributeValue
from .node import Node
from .properties import Value
from .submissions import SENT_ALREADY, TOKEN_NAME, Once, Token, take

T = TypeVar("T")

# A sentence about the form as a whole, sentences by the names of fields, or None.
Answer: TypeAlias = Mapping[str, str] | str | None
FormValidator: TypeAlias = Callable[[dict[str, Any]], Answer]            # Any: the values, each of the type that its field says

#: In `Form.errors`, the name of the form as a whole.
WHOLE = ""


class FormError(ValueError):
    """A form was to become an object, and its values will not do. `errors`: sentences by the names of the fields."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        self.errors = dict(errors)
        super().__init__("; ".join([f"{name}: {sentence}" if name else sentence for name, sentence in errors.items()]))


class FormField(Protocol):
    """What a form has under one name: a `Field` (a `RadioGroup` is one), a `RadioChoice`, or a `FieldList`."""

    @property
    def value(self) -> Any: ...                               # Any: each has its own type
    @value.setter
    def value(self, value: Any) -> None: ...
    @property
    def error(self) -> str: ...
    @property
    def valid(self) -> bool: ...
    @property
    def controls(self) -> Sequence[Node]: ...
    def fill(self, texts: Sequence[str]) -> None: ...


class Form(Node):
    """A form. Its fields are the inputs inside of it, at any depth, that have a name; and those elsewhere in the tree that name
    it: `TextInput(name="a", form="order")` belongs to `Form(_id="order")`.

    The browser asks for the page of `action` with the values, as in any page, unless somebody wants to handle the submit here. It
    posts them: in a URL they would stand in histories and logs, passwords among them. A search that is to have an address of its
    own says `method="get"`, and finds its values in `request.GET`.

    Who handles it: `View.await_submit`, or `handle_submit` (an argument, or a method of a subclass). Then the page stays, and
    * what is not valid is not handled: the errors are shown beside the fields. With `novalidate`, as in HTML, all is handled; so
      is what a `Submit(formnovalidate=True)` sends, "save as a draft": `event.target_node` is the button.
    * there is one submit at a time: what is sent before it was handled is dropped, and the form is `aria-busy` meanwhile.

    `validators` are functions of the values, called after `check`. `once`, a `Submissions`, is for forms of plain HTTP: what was
    sent twice is taken over once.
    """

    __slots__ = ("_messages", "_once", "_told", "_validators", "repeated")
    TAG_NAME = "form"
    ATTRIBUTES: ClassVar[Mapping[str, Value]] = {"method": "post"}

    def __init__(
        self, *nodes: Child, validators: Iterable[FormValidator] = (), once: Once | None = None, **kwargs: Any,
    ) -> None:                                                # Any: as for Node
        self._told: dict[str, tuple[str, object]] = {}        # set_error(): what was said of which value
        self._messages: dict[str, ErrorMessage] = {}
        self._validators = tuple(validators)
        self._once = once
        self.repeated = False                                 # the last fill() was refused, since the same form had come before
        super().__init__(*nodes, **kwargs)
        if once is not None:
            if not callable(getattr(once, "take", None)):
                raise TypeError(f"once must be a Submissions, or have a method take(token) as it has, not {once!r}")
            self.append(Token())
        for validator in self._validators:
            if not callable(validator):
                raise TypeError(f"a validator must be a function that takes the values, not {validator!r}")
        if self._is_overridden("handle_submit"):
            self.issue_submit()

    def check(self, values: dict[str, Any]) -> Answer:        # Any: as for FormValidator
        """What is wrong with values that are right one by one; to be overridden. See `errors`.

        Returns sentences by the names of fields, one about the whole form, or None: nothing. Called when all fields are valid, and
        as often as somebody asks for the `errors`.
        """
        return None

    @property
    def fields(self) -> dict[str, FormField]:
        """What has a name, in document order. Several fields of one name are a `FieldList`, radio buttons one `RadioChoice`."""
        found: dict[str, list[Field]] = {}
        for node in candidates(self):
            if not isinstance(node, Field) or (isinstance(node, RadioButton) and node.group):
                continue
            if node.name and form_owner(node) is self:
                found.setdefault(node.name, []).append(node)
        return {name: _as_one(fields) for name, fields in found.items()}

    @property
    def values(self) -> dict[str, Any]:
        """The values of the fields by their names, valid or not. May be set, to some or all of them."""
        return {name: field.value for name, field in self.fields.items()}

    @values.setter
    def values(self, values: Mapping[str, Any]) -> None:
        fields = self.fields
        for name in values:
            self._check_name(name, fields)
        for name, value in values.items():
            fields[name].value = value

    @property
    def errors(self) -> dict[str, str]:
        """What is wrong, as sentences by the names of the fields; '' is the name of the form as a whole. Empty: nothing is.

        First counts what each field has to say, then `set_error`; when both are content, `check` and the validators.
        """
        return self._examine()[1]

    @property
    def valid(self) -> bool:
        """Whether there are no `errors`."""
        return not self.errors

    @property
    def novalidate(self) -> bool:
        """True: it may be submitted with values that are not valid."""
        return self._flag("novalidate")

    @novalidate.setter
    def novalidate(self, value: bool) -> None:
        self._set_flag("novalidate", value)

    def into(self, target: type[T]) -> T:
        """An object of a dataclass (or another class) whose arguments are called like the fields.

        Raises `FormError` when the form is not valid, `TypeError` when the names do not fit.
        """
        _check_arguments(target, self.fields)
        values, errors = self._examine()
        if errors:
            raise FormError(errors)
        return target(**values)

    def fill(
        self, posted: Mapping[str, str | Sequence[str]], files: Mapping[str, File | Sequence[File]] | None = None,
    ) -> bool:
        """Take over what a browser has posted, `request.POST`, and show what is wrong with it. Returns whether it is valid.

        Nothing of it is trusted: fields that the user could not have changed keep their values, a choice that was not offered is an
        error, and names that no field has are left alone. What is missing is empty, as a box that is not checked is not posted.
        With `once`, what comes a second time is not valid either, and `repeated` is True.
        `files`: `request.uploads`, for the file inputs; without it they are empty.
        Nothing is shown when it was sent by a button with `formnovalidate`, which needs a name: nothing else is posted of it.
        """
        self._told.clear()
        self.repeated = False
        for name, field in self.fields.items():
            field.fill(_texts(posted, name))
        for node in candidates(self):
            if isinstance(node, FileInput) and node.name and form_owner(node) is self:
                node.fill_files(_files(files or {}, node.name))
        errors = self.errors
        # Last, and when all is well: who mends what was wrong sends the next form, but who goes back sends this one again.
        if not errors and self._once is not None and not take(self._once, _texts(posted, TOKEN_NAME)):
            self.repeated = True
            self._told[WHOLE] = (SENT_ALREADY, None)
            errors = self.errors
        sent_by = [button for name, button in self._named_buttons() if _value(button) in _texts(posted, name)]
        self._show({} if any(map(self._is_let_pass_by, sent_by)) else errors)
        return not errors

    def set_error(self, name: str, sentence: str) -> None:
        """Say that a value will not do after all, and show that: "This name is taken." `name` '' is the form as a whole.

        It holds until the next submit or `fill()`, or until the field has another value.
        """
        fields = self.fields
        if name != WHOLE:
            self._check_name(name, fields)
        if not isinstance(sentence, str) or not sentence:
            raise TypeError(f"an error must be a sentence, not {sentence!r}")
        self._told[name] = (sentence, fields[name].value if name else None)
        self._show_one(name, sentence, fields)

    def show_errors(self) -> None:
        """Put each of the `errors` behind its field, and take away those that were shown and no longer hold; see `ErrorMessage`."""
        self._show(self.errors)

    def clear_errors(self) -> None:
        """Forget what `set_error` was told, and show no errors."""
        self._told.clear()
        self._show({})

    def markup_attributes(self) -> dict[str, AttributeValue]:
        attributes = super().markup_attributes()
        if "enctype" not in attributes and any(isinstance(node, FileInput) for node in candidates(self)):
            attributes["enctype"] = "multipart/form-data"             # else a browser posts their names only
        return attributes

    # Being submitted

    def issue_submit(self) -> None:
        """Have browsers report a submit instead of asking for a page. `View.await_submit` and `handle_submit` see to it."""
        if "submit" not in self.events.names():
            self.events.append(SUBMIT(once=True))

    def set_handler(self, event_name: str, handler: Callable[[Any], Any]) -> None:
        if event_name == "submit" and callable(handler):
            self.issue_submit()
        super().set_handler(event_name, handler)

    def has_handler(self, event_name: str) -> bool:
        return event_name == "submit" or super().has_handler(event_name)      # the values are looked at before anybody sees it

    def handle_input_event(self, event: Any) -> Any:          # Any: see Handler
        if event.name == "submit" and event.node is self:
            self._told.clear()
            errors = {} if self.novalidate or self._is_let_pass_by(event.target_node) else self.errors
            self._show(errors)
            if errors:
                if self.owner is not None:                    # else it was taken away while a check waited
                    self._focus(errors)
                return None
        return super().handle_input_event(event)

    def _named_buttons(self) -> Iterator[tuple[str, Node]]:
        for node in candidates(self):
            if node.tag_name in ("button", "input") and not isinstance(node, Field) and "name" in node.attributes:
                yield str(node.attributes["name"]), node

    def _is_let_pass_by(self, button: Node) -> bool:
        """Whether the button sends what is not valid, too; a browser may name any node of the page."""
        return button.attributes.wire("formnovalidate") is not False and form_owner(button) is self and not button.is_disabled

    def _examine(self) -> tuple[dict[str, Any], dict[str, str]]:
        """The values and what is wrong with them. Each is read when it is checked: a check may wait, and a browser go on."""
        values: dict[str, Any] = {}
        errors: dict[str, str] = {}
        for name, field in self.fields.items():
            values[name] = field.value
            error = field.error
            if error:
                errors[name] = error
        for name, (sentence, value) in self._told.items():
            if name == WHOLE or (name in values and values[name] == value):
                errors.setdefault(name, sentence)
        return values, errors or self._look_at(dict(values))

    def _look_at(self, values: dict[str, Any]) -> dict[str, str]:
        """What `check` and the validators say."""
        for validator in (self.check, *self._validators):
            answer = validator(values)
            if answer is not None and not isinstance(answer, (str, Mapping)):
                raise TypeError(
                    f"a check of a form returns a sentence, a dict of sentences, or None, not {type(answer).__name__}: {answer!r}"
                )
            errors = {WHOLE: answer} if isinstance(answer, str) else dict(answer or {})
            for name, sentence in errors.items():
                if name != WHOLE:
                    self._check_name(name, values)
                if not isinstance(sentence, str):
                    raise TypeError(f"an error must be a sentence, not {type(sentence).__name__}: {sentence!r}")
            errors = {name: sentence for name, sentence in errors.items() if sentence}
            if errors:
                return errors
        return {}

    def _check_name(self, name: str, names: Iterable[str]) -> None:
        if name not in names:
            raise ValueError(f"the form has no field named {name!r}; there are {', '.join(map(repr, names)) or 'none with a name'}")

    def _show(self, errors: Mapping[str, str]) -> None:
        for name in self._messages.keys() - errors.keys():
            self._messages.pop(name).take_away()
        fields = self.fields if errors else {}
        for name, sentence in errors.items():
            if name == WHOLE or name in fields:               # else the field was taken away while a check waited
                self._show_one(name, sentence, fields)

    def _show_one(self, name: str, sentence: str, fields: Mapping[str, FormField]) -> None:
        controls = fields[name].controls if name else ()
        message = self._messages.get(name)
        if message is not None and message.is_for(controls):
            message.set_text(sentence)
            return
        if message is not None:
            message.take_away()
        self._messages[name] = ErrorMessage(sentence, controls, self)

    def _focus(self, errors: Iterable[str]) -> None:
        """Lead the user to the first field with an error, as a browser does with its own."""
        for name, field in self.fields.items():
            if name in errors:
                control = field.controls[0]
                buttons = control.radio_buttons if isinstance(control, RadioGroup) else ()
                (buttons[0] if buttons else control).focus()
                return


def _as_one(fields: list[Field]) -> FormField:
    buttons = [field for field in fields if isinstance(field, RadioButton)]
    if len(buttons) == len(fields):
        return RadioChoice(buttons)
    return fields[0] if len(fields) == 1 else FieldList(fields)


def _texts(posted: Mapping[str, str | Sequence[str]], name: str) -> Sequence[str]:
    """All texts that were posted under this name."""
    if not isinstance(posted, Mapping):
        raise TypeError(f"fill() takes the fields that were posted, as request.POST, not {type(posted).__name__}: {posted!r}")
    getlist: Callable[[str], Sequence[str]] | None = getattr(posted, "getlist", None)
    texts = posted.get(name, ()) if getlist is None else getlist(name)     # by [] a MultiDict gives the first one only
    texts = [texts] if isinstance(texts, str) else list(texts)
    if not all(isinstance(text, str) for text in texts):
        raise TypeError(f"what is posted is a text or a list of texts, not {texts!r}. To set values, assign form.values.")
    return texts


def _files(posted: Mapping[str, File | Sequence[File]], name: str) -> Sequence[File]:
    """All files that were posted under this name."""
    getlist: Callable[[str], Sequence[File]] | None = getattr(posted, "getlist", None)
    found = posted.get(name, ()) if getlist is None else getlist(name)
    return found if isinstance(found, (list, tuple)) else [found]         # type: ignore[list-item]  # it is one file


def _value(button: Node) -> str:
    return str(button.attributes.get("value", ""))


def _check_arguments(target: Callable[..., object], values: Mapping[str, object]) -> None:
    """Raise what it deserves to call `target` with these arguments."""
    try:
        parameters = signature(target).parameters.values()
    except ValueError:                                        # dict, in most versions of Python
        return
    named = [each for each in parameters if each.kind in (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)]
    takes_all = any(each.kind is Parameter.VAR_KEYWORD for each in parameters)
    missing = [each.name for each in named if each.default is Parameter.empty and each.name not in values]
    extra = [] if takes_all else [name for name in values if name not in [each.name for each in named]]
    if missing or extra:
        problems = [f"no field named {', '.join(map(repr, missing))}"] * bool(missing)
        problems += [f"the class has no {', '.join(map(repr, extra))}"] * bool(extra)
        raise TypeError(f"{target.__qualname__} cannot be made of this form: {'; '.join(problems)}. Use the same names in both.")
