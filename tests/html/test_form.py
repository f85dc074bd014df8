from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from datetime import date
from types import SimpleNamespace
from typing import NamedTuple

import pytest

from lona_sync.html import (
    CheckBox,
    DateInput,
    Div,
    FieldList,
    FieldSet,
    Form,
    FormError,
    Label,
    Legend,
    Meter,
    NumberInput,
    Option,
    Output,
    PasswordInput,
    Progress,
    RadioButton,
    RadioChoice,
    RadioGroup,
    Select,
    Submit,
    TextInput,
    parse_html,
)
from lona_sync.html.mutations import Insert, Remove, SetAttribute
from tests.html.owners import Recorder


def make(**kwargs):
    return Form(
        Label("Name", TextInput("Ann", name="name", required=True)),
        Div(Label("Age", NumberInput(30, name="age", min=0))),
        Submit("Save"),
        **kwargs,
    )


def messages(form):
    return [message.get_text() for message in form.query_selector_all(".lona-error")]


def submit(form):
    return SimpleNamespace(name="submit", node=form, target_node=form, data={})


def test_a_form_as_the_reference_has_it_is_a_plain_form():
    form = Form(TextInput(_name="q"), Submit(), _action="/search", _method="post")

    assert str(form) == (
        '<form method="post" action="/search"><input type="text" name="q" value=""><input type="submit" value="Submit"></form>'
    )
    assert not form.interactive and type(parse_html("<form></form>")) is Form


def test_a_form_posts_unless_it_says_otherwise():
    form, search = Form(PasswordInput(name="a")), Form(TextInput(name="q"), method="get")

    assert form.attributes["method"] == "post" and search.attributes["method"] == "get"
    assert str(parse_html("<form></form>")) == "<form></form>"


def test_fields_are_found_by_their_names_at_any_depth_and_in_order():
    form = make()

    form.append(FieldSet(Select(Option(value=1), name="last"), TextInput("no name")))

    assert list(form.fields) == ["name", "age", "last"]
    assert form.fields["age"] is form[1][0][1]


def test_fields_elsewhere_may_belong_to_a_form_by_its_name():
    form = Form(TextInput("1", name="a"), TextInput("2", name="b", form="other"), CheckBox(name="c", form=""), _id="f")
    page = Div(
        TextInput("3", name="d", form="f"),
        RadioButton(1, name="r", form="f"), form, RadioButton(2, name="r", form="f", checked=True),
        Form(TextInput("5", name="g", form="f"), _id="other"), RadioButton(3, name="r", checked=True),
    )

    assert list(form.fields) == ["d", "r", "a", "g"] and form.values == {"d": "3", "r": 2, "a": "1", "g": "5"}
    assert page[4].values == {"b": "2"}
    page[1].checked = True
    assert [page[1].checked, page[3].checked, page[5].checked] == [True, False, True]


def test_two_ids_are_one_name_to_a_browser_that_no_field_has():
    form = Form(_id="a b")

    Div(form, TextInput(name="x", form="a"))

    assert form.values == {}


def test_values_are_typed():
    form = Form(DateInput(date(2026, 1, 2), name="day"), CheckBox(True, name="box"), NumberInput("5", name="number"), make()[0])

    assert form.values == {"day": date(2026, 1, 2), "box": True, "number": 5, "name": "Ann"}


def test_values_can_be_set():
    form = make()

    form.values = {"age": 31}
    form.values |= {"name": "Bob"}

    assert form.values == {"name": "Bob", "age": 31}
    with pytest.raises(ValueError, match="no field named 'nam'; there are 'name', 'age'"):
        form.values = {"age": 1, "nam": "x"}
    assert form.values == {"name": "Bob", "age": 31}


def test_radio_buttons_of_one_name_are_one_choice():
    form = Form(Label("a", RadioButton(1, name="x")), Label("b", RadioButton(2, name="x", checked=True)), RadioButton(3, name="y"))
    choice = form.fields["x"]

    assert type(choice) is RadioChoice and choice.values == (1, 2) and form.values == {"x": 2, "y": None}
    form.values = {"x": 1, "y": 3}
    assert form.values == {"x": 1, "y": 3} and choice.checked_radio_button.value == 1
    with pytest.raises(ValueError, match="no radio button has the value 5"):
        choice.value = 5


def test_a_radio_group_is_a_field_of_its_name():
    form = Form(
        RadioGroup(Legend("color"), RadioButton(1), RadioButton(2, checked=True), name="color"),
        RadioGroup(RadioButton(3, name="size", checked=True)),
        RadioGroup(RadioButton(4, checked=True)),
    )

    assert form.values == {"color": 2, "size": 3} and form.fields["color"] is form[0]


def test_several_fields_of_one_name_are_a_list():
    form = Form(TextInput("a", name="tag"), TextInput("", name="tag", required=True))

    fields = form.fields["tag"]

    assert type(fields) is FieldList and form.values == {"tag": ["a", ""]} and fields.error == "This field is required."
    form.values = {"tag": ["b", "c"]}
    assert form.values == {"tag": ["b", "c"]} and fields.valid
    with pytest.raises(ValueError, match="2 fields named 'tag' need a list of as many values"):
        fields.value = ["x"]


def test_errors_are_those_of_the_fields():
    form = make()
    assert form.valid and form.errors == {}

    form.values = {"name": "", "age": -1}

    assert not form.valid
    assert form.errors == {"name": "This field is required.", "age": "The least value allowed is 0."}


def test_what_is_disabled_by_its_fieldset_is_never_wrong():
    inner, legend = TextInput(name="a", required=True), CheckBox(name="b", required=True)

    form = Form(FieldSet(Legend(legend), Div(inner), disabled=True))

    assert form.errors == {"b": "This field is required."} and inner.is_disabled and not inner.disabled


class Passwords(Form):
    def check(self, values):
        if values["one"] != values["two"]:
            return {"two": "The passwords differ."}
        if values["one"] == "1234":
            return "This is no password."
        return None


def passwords(one, two, **kwargs):
    return Passwords(TextInput(one, name="one", required=True), TextInput(two, name="two"), **kwargs)


def test_check_looks_at_all_values_when_each_will_do():
    assert passwords("a", "b").errors == {"two": "The passwords differ."}
    assert passwords("1234", "1234").errors == {"": "This is no password."}
    assert passwords("", "b").errors == {"one": "This field is required."} and passwords("a", "a").valid


def test_validators_come_after_check():
    def short(values):
        return {"one": "short" if len(values["one"]) < 3 else ""}

    form = passwords("a", "b", validators=[short, lambda values: None])

    assert form.errors == {"two": "The passwords differ."}
    form.values = {"two": "a"}
    assert form.errors == {"one": "short"}
    form.values = {"one": "abc", "two": "abc"}
    assert form.valid


@pytest.mark.parametrize(("answer", "error", "message"), [
    ({"three": "x"}, ValueError, "no field named 'three'; there are 'one', 'two'"),
    ({"one": 5}, TypeError, "an error must be a sentence, not int: 5"),
    (False, TypeError, "a check of a form returns a sentence, a dict of sentences, or None, not bool"),
    (["one"], TypeError, "not list"),
])
def test_a_wrong_answer_of_a_check_is_told_to_its_author(answer, error, message):
    form = passwords("a", "a", validators=[lambda values: answer])

    with pytest.raises(error, match=message):
        form.errors  # noqa: B018 (reading it is the act)


def test_a_validator_is_a_function():
    with pytest.raises(TypeError, match="a validator must be a function that takes the values, not 'x'"):
        Form(validators=["x"])


@dataclass
class User:
    name: str
    age: int
    _: KW_ONLY
    note: str = ""
    tags: list[str] = field(default_factory=list, init=False)


class Pair(NamedTuple):
    name: str
    age: int


def test_a_valid_form_becomes_an_object():
    assert make().into(User) == User("Ann", 30) and make().into(Pair) == Pair("Ann", 30) and make().into(dict) == make().values


def test_an_invalid_form_becomes_none():
    form = make()
    form.values = {"name": ""}

    with pytest.raises(FormError, match=r"name: This field is required\.") as caught:
        form.into(User)

    assert caught.value.errors == {"name": "This field is required."} and isinstance(caught.value, ValueError)


@pytest.mark.parametrize(("before", "meanwhile", "after"), [("-30", "30", 30), ("30", "-30", 30)])
def test_what_changes_while_a_check_waits_does_not_get_into_the_object_unchecked(before, meanwhile, after):
    form = make(validators=[lambda values: form.fields["age"].receive(meanwhile, 1)] if before == "30" else ())
    if before == "-30":
        form.fields["name"].validators = [lambda name: form.fields["age"].receive(meanwhile, 1)]
    form.fields["age"].receive(before, 1)

    made = form.into(dict)

    assert made == {"name": "Ann", "age": after}


def test_names_that_do_not_fit_are_told_even_when_the_form_is_not_valid():
    form = Form(TextInput(name="name", required=True), TextInput(name="tags"), TextInput(name="x"))

    with pytest.raises(TypeError, match="User cannot be made of this form: no field named 'age'; the class has no 'tags', 'x'"):
        form.into(User)


def test_errors_are_shown_behind_their_fields_and_pointed_to():
    form = make()
    form.values = {"name": "", "age": -1}

    form.show_errors()

    label, message = form[0], form[1]
    name = label[1]
    assert message.get_text() == "This field is required." and message.attributes == {"role": "alert"}
    assert message.class_list == ["lona-error"]
    assert name.attributes["aria-invalid"] == "true" and name.attributes["aria-describedby"] == str(message.id_list)
    assert form[2][1].get_text() == "The least value allowed is 0."


def test_shown_errors_go_when_they_no_longer_hold():
    form = make()
    before = str(form)
    form.values = {"name": "", "age": -1}
    form.show_errors()
    form.values = {"name": "Bob", "age": 2000}
    form.fields["age"].max = 100
    age = form.fields["age"]
    recorder = Recorder(form)

    form.show_errors()

    assert messages(form) == ["The greatest value allowed is 100."] and age.attributes["aria-invalid"] == "true"
    assert not any(isinstance(mutation, Insert) for mutation in recorder.recorded)
    form.values = {"name": "Ann", "age": 30}
    age.max = None
    form.show_errors()
    assert str(form) == before


def test_a_description_that_was_there_stays():
    form = Form(TextInput(name="a", required=True, _aria_describedby="hint"))

    form.show_errors()
    assert form[0].attributes["aria-describedby"] == f"hint {form[1].id_list}"
    form.clear_errors()

    assert form[0].attributes["aria-describedby"] == "hint" and "aria-invalid" not in form[0].attributes and len(form) == 1


def test_a_description_follows_when_the_id_of_the_message_changes():
    form = Form(TextInput(name="a", required=True, _aria_describedby="hint"))
    form.show_errors()

    form[1].id_list = ["why"]
    described = form[0].attributes["aria-describedby"]
    form.clear_errors()

    assert (described, form[0].attributes["aria-describedby"]) == ("hint why", "hint")


def test_the_error_of_a_choice_stands_behind_its_last_button():
    form = Form(Label(RadioButton(1, name="x", required=True), "one"), Label(RadioButton(2, name="x"), "two"), Submit())

    form.show_errors()

    assert [node.tag_name for node in form] == ["label", "label", "span", "input"]
    assert form[0][0].attributes["aria-describedby"] == form[1][0].attributes["aria-describedby"] == str(form[2].id_list)


def test_of_several_fields_of_one_name_the_wrong_one_is_marked():
    form = Form(*[TextInput(name="tag", required=True) for _ in range(3)])
    form.values = {"tag": ["a", "", ""]}
    form.show_errors()
    assert [str(node.attributes.get("aria-invalid")) for node in form] == ["None", "true", "true", "None"]

    form.values = {"tag": ["", "b", "c"]}
    form.show_errors()

    assert [node.tag_name for node in form] == ["input", "span", "input", "input"]
    assert form[0].attributes["aria-invalid"] == "true" and "aria-invalid" not in form[2].attributes


def test_the_error_of_the_whole_form_stands_first():
    form = passwords("1234", "1234")

    form.show_errors()

    assert form[0].get_text() == "This is no password." and messages(form) == ["This is no password."]


def test_an_error_that_only_the_program_knows_is_shown_at_once():
    form = make()

    form.set_error("name", "This name is taken.")
    form.set_error("", "Nobody is at home.")

    assert messages(form) == ["Nobody is at home.", "This name is taken."]
    assert form.errors == {"name": "This name is taken.", "": "Nobody is at home."} and not form.valid


def test_what_was_said_of_a_value_does_not_hold_for_another_one():
    form = make()
    form.set_error("name", "This name is taken.")

    form.fields["name"].receive("Bob", 1)

    assert form.valid
    form.fields["name"].receive("Ann", 1)
    assert not form.valid
    form.clear_errors()
    assert form.valid and messages(form) == []


@pytest.mark.parametrize(("name", "sentence", "error"), [
    ("nam", "x", ValueError), ("name", "", TypeError), ("name", None, TypeError),
])
def test_a_wrong_error_is_refused(name, sentence, error):
    form = make()

    with pytest.raises(error):
        form.set_error(name, sentence)

    assert form.valid and messages(form) == []


def test_a_message_whose_place_is_gone_comes_again():
    form = make()
    form.values = {"name": ""}
    form.show_errors()

    form.nodes = [Label("Name", TextInput(name="name", required=True))]
    form.show_errors()

    assert messages(form) == ["This field is required."]


def test_submits_are_issued_when_somebody_handles_them():
    class Handling(Form):
        def handle_submit(self, event):
            return None

    form = make()

    assert Handling().wire_attributes()["@on"] == make(handle_submit=print).wire_attributes()["@on"] == "submit:once"
    assert "@on" not in form.wire_attributes()
    recorder = Recorder(form)
    form.issue_submit()
    form.issue_submit()
    assert recorder.recorded == [SetAttribute(form, "@on", "submit:once")]


def test_what_is_not_valid_is_shown_and_not_handled():
    form = make(handle_submit=lambda event: events.append(event))
    events = []
    form.values = {"age": -1}
    recorder = Recorder(form)
    recorder.tell = lambda node, method, args: events.append((node, method))
    event = submit(form)

    assert form.has_handler("submit")
    assert form.handle_input_event(event) is None
    assert events.pop() == (form.fields["age"], "focus") and not events and messages(form) == ["The least value allowed is 0."]

    form.values = {"age": 1}
    assert form.handle_input_event(event) is None
    assert events == [event] and messages(form) == []


def test_with_novalidate_all_is_handled():
    form = make(novalidate=True)
    form.values = {"age": -1}
    event = submit(form)

    assert form.handle_input_event(event) is event

    assert form.novalidate and messages(form) == [] and not form.valid
    form.novalidate = False
    assert "novalidate" not in form.attributes


def test_a_submit_forgets_what_was_said_of_the_one_before():
    form = make()
    form.set_error("name", "This name is taken.")

    form.handle_input_event(submit(form))

    assert form.valid and messages(form) == []


def test_other_events_inside_of_a_form_go_on():
    form = make()
    event = SimpleNamespace(name="click", node=form[2], data=None)

    assert form.handle_input_event(event) is event and not form.has_handler("click")


def test_messages_are_taken_out_of_the_tree_that_is_shown():
    form = make()
    recorder = Recorder(form)

    form.set_error("age", "No.")
    form.clear_errors()

    assert [type(mutation) for mutation in recorder.recorded if isinstance(mutation, (Insert, Remove))] == [Insert, Remove]


def test_measures_and_results_have_values():
    progress, meter, output = Progress(max=10), Meter(value=0.5, min=0, max=2), Output("a")

    progress.value, meter.value, output.value = 3, None, 5

    assert (progress.value, progress.max, meter.value, meter.min, meter.max, output.value) == (3, 10, None, 0, 2, "5")
    assert str(progress) == '<progress max="10" value="3"></progress>' and str(meter) == '<meter max="2" min="0"></meter>'
    with pytest.raises(TypeError, match="value must be a number or None"):
        progress.value = True
