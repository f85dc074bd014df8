from __future__ import annotations

import gc

import pytest

from lona_sync.html import (
    CHANGE,
    DataList,
    Div,
    EmailInput,
    HiddenInput,
    Label,
    NumberInput,
    PasswordInput,
    SearchInput,
    TelInput,
    TextArea,
    TextInput,
    URLInput,
    parse_html,
)
from lona_sync.html.inputs.patterns import compile_pattern
from lona_sync.html.mutations import SetAttribute
from tests.html.owners import Recorder

ONE_LINE = {
    "text": TextInput, "password": PasswordInput, "search": SearchInput, "tel": TelInput, "email": EmailInput, "url": URLInput,
}


@pytest.mark.parametrize(("type", "node_class"), ONE_LINE.items())
def test_c14_every_type_of_text_has_a_class(type, node_class):
    node = node_class("a", required=True)
    recorder = Recorder(node)

    node.receive("b", 4)

    assert node.attributes["type"] == type and node.value == node.raw_value == "b" and node.events == [CHANGE(300)]
    assert recorder.recorded == [SetAttribute(node, "value", "b", 4)]
    assert node_class(None).value == node_class().value == "" and not hasattr(node, "__dict__")
    assert type_of(f"<input type={type} value=x>") == (node_class, "x")


def type_of(markup):
    node = parse_html(markup)
    return type(node), node.value


@pytest.mark.parametrize("node_class", ONE_LINE.values())
def test_one_line_has_no_line_breaks_as_in_a_browser(node_class):
    node = node_class("a\r\nb")

    node.receive("c\nd", 1)

    assert node.value == "cd" and node_class("a\r\nb").value == "ab" and TextArea("a\r\nb").value == "a\nb"


def test_c6_none_is_empty_and_events_are_not_lost_or_doubled():
    assert TextInput(value=None).value == "" and TextInput(None).valid
    assert TextInput(events=[CHANGE(100)]).events == [CHANGE(100)]


@pytest.mark.parametrize(("node", "error"), [
    (TextInput(), ""),
    (TextInput(required=True), "This field is required."),
    (TextInput("  ", required=True), ""),
    (TextInput("", minlength=3), ""),
    (TextInput("ab", minlength=3), "At least 3 characters are needed; there are 2."),
    (TextArea("abcd", maxlength=3), "At most 3 characters are allowed; there are 4."),
    (TextInput("\U0001f600\U0001f600", maxlength=3), "At most 3 characters are allowed; there are 4."),
    (TextInput("ab12", pattern="[a-z]+[0-9]{2}"), ""),
    (TextInput("ab123", pattern="[a-z]+[0-9]{2}"), "The format is not the requested one."),
    (TextInput("x", pattern="a|b", title="a or b"), "The format is not the requested one: a or b"),
    (TextInput("ax", pattern="a|b"), "The format is not the requested one."),
    (TextInput("", pattern="a"), ""),
    (TextInput("a" * 10_001, pattern="a*"), "At most 10000 characters are allowed; there are 10001."),
    (TextInput("", required=True, disabled=True), ""),
    (TextInput("", required=True, readonly=True), ""),
    (EmailInput("a@b"), ""),
    (EmailInput(" a@b.example "), ""),
    (EmailInput("a@b..c"), "This is no email address."),
    (EmailInput("a b@c"), "This is no email address."),
    (EmailInput("a@b,c@d"), "This is no email address."),
    (EmailInput("a@b , c@d", multiple=True), ""),
    (EmailInput("a@b,", multiple=True), "'' is no email address."),
    (EmailInput("a@b,c@d", multiple=True, pattern=".@b"), "The format is not the requested one."),
    (URLInput("https://example.org:80/ä?b#c"), ""),
    (URLInput("mailto:a@b"), ""),
    (URLInput("http://[::1]/"), ""),
    (HiddenInput("", required=True), ""),
], ids=str)
def test_constraints_are_checked_on_the_server(node, error):
    assert node.error == error and node.valid is (not error)


@pytest.mark.parametrize("text", [
    "example.org", "/a", "http:", "http:a", "https://", "http://a b/", "http://[x", "http://a:99999/", "http://a^b",
])
def test_what_is_no_absolute_url_is_not_valid(text):
    assert not URLInput(text).valid and URLInput(text).value == text


@pytest.mark.parametrize(("pattern", "yes", "no"), [
    (r"\d+", "12", "\u0661"),
    (r"\w", "a", "ä"),
    (r"a$", "a", "a\n"),
    (r".", "a", "\u2028"),
    (r"\s", "\u3000", "a"),
    (r"[\s]", "\ufeff", "a"),
    (r"(?<x>a|b)\k<x>", "aa", "ab"),
    (r"\u{1f600}", "\U0001f600", "u"),
    (r"\u00e4", "ä", "a"),
    (r"(?=a)(?!b)(?:a)(?<=a)(?<!b)", "a", "b"),
    (r"[^/]\/[.$(+]", "a/$", "//$"),
    (r"[\]a]+\++", "]+", "b+"),
], ids=str)
def test_patterns_are_those_of_javascript(pattern, yes, no):
    expression = compile_pattern(pattern)

    assert expression.fullmatch(yes) and not expression.fullmatch(no)


@pytest.mark.parametrize("pattern", [
    "(", "[", "*", r"\p{L}", r"\Z", r"\A", "(?i)a", "(?P<x>a)", "(?>a)", "a++", "a*+", "[[a]b]", "[a&&b]", "[]", "[^]",
    r"\u{110000}", "(?#x)", "(?(1)a)", "a{2,1}",
])
def test_a_pattern_that_cannot_be_checked_is_refused_where_it_is_set(pattern):
    node = TextInput("a")

    with pytest.raises(ValueError, match="cannot be checked on the server"):
        node.pattern = pattern

    assert node.pattern is None
    with pytest.raises(ValueError, match="cannot be checked"):
        TextInput(pattern=pattern)
    node.attributes["pattern"] = pattern
    assert node.valid


@pytest.mark.parametrize(("name", "value", "error"), [
    ("minlength", "1", TypeError), ("maxlength", True, TypeError), ("maxlength", -1, ValueError), ("pattern", 5, TypeError),
    ("required", 1, TypeError), ("validators", [5], TypeError), ("validators", 5, TypeError),
])
def test_wrong_constraints_are_refused(name, value, error):
    with pytest.raises(error):
        TextInput(**{name: value})
    with pytest.raises(error):
        setattr(TextInput(), name, value)


def test_constraints_can_be_taken_back_and_nonsense_in_attributes_is_ignored():
    node = TextInput("abc", maxlength=2, pattern="x", required=True)

    node.maxlength, node.pattern, node.required = None, None, False

    assert node.valid and not {"maxlength", "pattern", "required"} & set(node.attributes)
    assert parse_html("<input maxlength=x minlength=-1 value=abc>").valid


def test_a_check_of_ones_own_comes_after_those_of_html():
    class Even(TextInput):
        def check(self, value: str) -> str | None:
            return "odd" if len(value) % 2 else None

    node = Even("a", maxlength=3, validators=[lambda value: "no x" if "x" in value else None])

    assert node.error == "odd" and not node.valid
    node.value = "xx"
    assert node.error == "no x"
    node.value = "abcde"
    assert node.error == "At most 3 characters are allowed; there are 5."
    node.value = "ab"
    assert node.error == "" and node.valid
    node.validators = [lambda value: False]
    with pytest.raises(TypeError, match="a sentence or None, not bool"):
        assert node.error


def test_several_addresses_come_apart():
    assert EmailInput(" a@b,  c@d ", multiple=True).addresses == ("a@b", "c@d") and EmailInput("a@b,c").addresses == ("a@b,c",)
    assert EmailInput(multiple=True).addresses == ()


def test_a_hidden_input_is_for_forms_only():
    node = HiddenInput("a\nb")

    with pytest.raises(ValueError, match="nobody can change"):
        node.receive("x", 1)

    assert node.value == "a\nb" and not node.interactive and type_of("<input type=hidden value=x>") == (HiddenInput, "x")


def test_a_label_is_linked_to_its_input():
    node, named = TextInput(), TextInput(_id="mine other")

    label = Label("Name", label_for=node)

    assert label.attributes["for"] == str(node.id_list) == f"lona-{node.id}"
    assert Label(label_for=named).attributes["for"] == "mine other" and Label("Name", TextInput())[1].id_list == []
    with pytest.raises(TypeError, match="expected a node to refer to, not str"):
        Label("Name", label_for="x")


def test_a_label_follows_when_the_id_of_its_input_changes():
    node = TextInput()
    first, second, third = Label(label_for=node), Label(label_for=node), Label(label_for=node, _for="x")
    recorder = Recorder(first)
    third.attributes["for"] = "chosen"

    node.id_list.add("new")
    node.id_list = ["other", "word"]

    assert str(node.id_list) == "other word"
    assert [label.attributes["for"] for label in (first, second, third)] == ["other word", "other word", "chosen"]
    assert recorder.recorded == [SetAttribute(first, "for", "new"), SetAttribute(first, "for", "other word")]


def test_a_node_that_is_named_is_never_without_an_id():
    node = TextInput()
    label = Label(label_for=node)
    node.id_list = ["mine"]

    node.id_list.clear()

    assert label.attributes["for"] == str(node.id_list) == f"lona-{node.id}"


def test_labels_that_are_gone_are_forgotten():
    node = TextInput()

    for _ in range(100):
        Label(label_for=node)
    gc.collect()
    Label(label_for=node)

    assert len(node.id_list._references) <= 2


def test_a_datalist_stays_bound_when_its_id_changes():
    suggestions = DataList(_id="a b")
    node = TextInput(datalist=suggestions)
    bound = node.attributes["list"]

    suggestions.id_list.remove("a")

    assert (bound, node.attributes["list"]) == ("a b", "b")


def test_suggestions_are_linked_to_their_input():
    choices = DataList(options=["a", 5])

    node = TextInput(datalist=choices)

    assert str(Div(node, choices)) == (
        f'<div><input type="text" list="{choices.id_list}" value="">'
        f'<datalist id="{choices.id_list}"><option value="a"></option><option value="5"></option></datalist></div>'
    )
    assert TextInput(datalist=choices).attributes["list"] == node.attributes["list"]
    with pytest.raises(TypeError, match="list of texts"):
        DataList(options="ab")


def test_suggestions_that_stand_nowhere_go_along_with_their_input():
    choices = DataList(options=["a"])
    node = TextInput(datalist=choices)
    page = Div(node, TextInput(datalist=choices))

    assert choices.parent is node and page.query_selector("datalist") is choices
    assert str(page) == (
        f'<div><input type="text" list="{choices.id_list}" value=""><datalist id="{choices.id_list}"><option value="a"></option>'
        f'</datalist><input type="text" list="{choices.id_list}" value=""></div>'
    )
    page.append(choices)

    assert len(node) == 0 and page[-1] is choices
    with pytest.raises(ValueError, match="no end tag"):
        node.append("x")


@pytest.mark.parametrize("node_class", [TextArea, PasswordInput, HiddenInput])
def test_what_browsers_suggest_nothing_for_takes_no_suggestions(node_class):
    with pytest.raises(TypeError, match=f"browsers suggest nothing for a {node_class.__name__}"):
        node_class(datalist=DataList())


@pytest.mark.parametrize("wrong", ["cities", Div(), ["a"]], ids=repr)
def test_suggestions_are_a_data_list(wrong):
    with pytest.raises(TypeError, match="datalist must be a DataList, not"):
        TextInput(datalist=wrong)


@pytest.mark.parametrize("node_class", [TextInput, TextArea, NumberInput])
def test_a_value_as_an_attribute_names_the_argument(node_class):
    with pytest.raises(TypeError, match="write value="):
        node_class(_value="x")
