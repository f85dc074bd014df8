"""The model of what a browser shows: trees and patches in, questions of tests answered."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lona_sync.testing.dom import DOMError, ModelDOM, ModelElement, ModelText
from lona_sync.testing.elements import HTML, MATHML, SVG, parse_style

TEXT, SET, CLASS, STYLE, INSERT, REMOVE, MOVE, TITLE = range(8)
DEPTH = 10_000

LIST = (7, ["ul", "li"], [1, {"class": "x"}, 2, "one", 0, 2, "two", 0, 0])


def shown(first: int, tags: list[str], stream: list[Any]) -> ModelDOM:
    """A window that shows this tree. By way of JSON, as from the wire."""
    dom = ModelDOM()
    dom.apply_snapshot(*json.loads(json.dumps([first, tags, stream])))
    return dom


def element(tag: str, attributes: dict[str, Any]) -> tuple[ModelDOM, ModelElement]:
    """A window that shows this one element, of id 1."""
    dom = shown(1, [tag], [1, attributes, 0])
    return dom, dom.find(tag)


def test_the_example_of_the_protocol_page_has_the_ids_that_the_page_names():
    dom = ModelDOM()

    dom.apply_snapshot(*LIST)

    assert dom.html() == '<ul class="x"><li>one</li><li>two</li></ul>'
    assert {id: repr(dom.get(id)) for id in sorted(dom.ids)} == {
        7: "<ul 7>", 8: "<li 8>", 9: "<#text 9 'one'>", 10: "<li 10>", 11: "<#text 11 'two'>",
    }


def test_an_explicit_id_goes_on_counting_from_there():
    dom = shown(1, ["p", "b"], [1, 2, {"@id": 40}, "x", 0, [7, "y"], "z", 0])

    found = [(node.id, node.data) for node in map(dom.get, dom.ids) if isinstance(node, ModelText)]

    assert sorted(found) == [(7, "y"), (8, "z"), (41, "x")]


def test_an_empty_stream_is_an_empty_window():
    dom = shown(*LIST)

    dom.apply_snapshot(0, [], [])

    assert (dom.root, dom.html(), dom.text()) == (None, "", "")
    assert (dom.to_structure(), dom.find_all("*"), dom.ids) == ([], [], frozenset())


def test_a_snapshot_replaces_everything_and_frees_the_ids():
    dom = shown(*LIST)

    dom.apply_snapshot(8, ["p"], [1, "new", 0], "A title")

    assert (dom.html(), dom.ids, dom.title) == ("<p>new</p>", {8, 9}, "A title")


def test_a_snapshot_without_a_title_keeps_the_title():
    dom = ModelDOM()
    dom.title = "before"

    dom.apply_snapshot(*LIST)

    assert dom.title == "before"


def test_a_text_can_be_the_whole_window():
    dom = shown(3, [], ["only <text>"])

    dom.apply_patches([[TEXT, 3, "x < y"]])

    assert (dom.text(), dom.html(), dom.find_all("*")) == ("x < y", "x &lt; y", [])


@pytest.mark.parametrize(
    ("first", "tags", "stream", "complaint"),
    [
        (1, ["p"], [1], "open elements"),
        (1, ["p"], [0], "none is open"),
        (1, ["p"], [1, 0, 0], "none is open"),
        (1, ["p"], [2, 0], "no tag number"),
        (1, ["p"], [True, 0], "no tag number"),
        (1, ["p"], [-2, "x"], "no tag number"),
        (1, ["p"], [-1, 0], "behind a number below 0 stands a text"),
        (1, ["p"], [-1, {"title": "x"}], "the text of an element is to stand"),
        (1, ["p"], [1.0, 0], "no tag number"),
        (1, ["p"], [1, None, 0], "no tag number"),
        (1, ["p"], [1, [5], 0], "no tag number"),
        (1, ["p"], [{"class": "x"}], "attributes not after an opening number"),
        (1, ["p"], [1, "text", {"class": "x"}, 0], "attributes not after an opening number"),
        (1, ["p"], [1, {}, {}, 0], "attributes not after an opening number"),
        (1, ["p"], [1, 0, 1, 0], "one root"),
        (0, ["p"], [1, 0], "from 1"),
        (1, ["p"], [1, {"@id": 0}, 0], "from 1"),
        (1, ["p"], [1, [1, "x"], 0], "is taken by"),
        (1, ["p"], [1, {"@id": "7"}, 0], "a number is needed"),
        (1, ["p"], [1, {"title": False}, 0], "'title' cannot be False"),
        (1, ["p"], [1, {"title": 5}, 0], "'title' cannot be 5"),
        (1, ["p"], [1, {"value": True}, 0], "'value' cannot be True"),
        (1, ["p"], [1, {"@odd": "x"}, 0], "name '@odd'"),
        (1, ["p"], [1, {"a b": "x"}, 0], "name 'a b'"),
        (1, ["p"], [1, {"": "x"}, 0], "name ''"),
        (1, ["p"], [1, {"@html": "x"}, "child", 0], "takes no children"),
        (1, ["a b"], [1, 0], "tag 'a b'"),
        (1, [5], [1, 0], "a tag is a string"),
        (1, "p", [1, 0], "arrays"),
        ("1", ["p"], [1, 0], "a number is needed"),
    ],
)
def test_a_malformed_tree_is_an_error_and_changes_nothing(first, tags, stream, complaint):
    dom = shown(*LIST)
    before = dom.to_structure()

    with pytest.raises(DOMError) as caught:
        dom.apply_snapshot(first, tags, stream)

    assert complaint in str(caught.value)
    assert dom.to_structure() == before


def test_text_changes_only_the_text_node_named():
    dom = shown(*LIST)

    dom.apply_patches([[TEXT, 11, "zwei"]])

    assert dom.html() == '<ul class="x"><li>one</li><li>zwei</li></ul>'


def test_set_writes_attributes_and_false_removes_them():
    dom, link = element("a", {"href": "/", "hidden": True})

    dom.apply_patches([[SET, 1, "title", "t"], [SET, 1, "draggable", True]])
    dom.apply_patches([[SET, 1, "href", False], [SET, 1, "hidden", False]])

    assert link.attributes == {"title": "t", "draggable": True}


def test_properties_are_kept_apart_from_attributes():
    dom, box = element("input", {"type": "checkbox", "checked": True, "value": "v", "muted": True})

    dom.apply_patches([[SET, 1, "muted", False], [SET, 1, "indeterminate", True]])

    assert box.attributes == {"type": "checkbox"}
    assert box.properties == {"checked": True, "value": "v", "indeterminate": True}


def test_a_value_set_to_false_is_empty():
    dom, field = element("input", {"value": "typed"})

    dom.apply_patches([[SET, 1, "value", False]])

    assert field.value == ""


def test_events_are_set_and_removed():
    dom, button = element("button", {"@on": "click"})

    dom.apply_patches([[SET, 1, "@on", "click change:300"]])
    both = button.events
    dom.apply_patches([[SET, 1, "@on", False]])

    assert (both, button.events, button.attributes) == ("click change:300", "", {})


def test_a_class_is_added_once_and_removed_wherever_it_stands():
    dom, box = element("div", {"class": "a b"})

    dom.apply_patches([[CLASS, 1, "c", True], [CLASS, 1, "b", True], [CLASS, 1, "a", False], [CLASS, 1, "z", False]])

    assert box.attributes["class"] == "b c"


def test_one_style_property_changes_and_the_others_stay():
    dom, box = element("div", {"style": 'background: url("data:x;y"); color: red'})

    dom.apply_patches([[STYLE, 1, "color", "blue"], [STYLE, 1, "--gap", "1px"], [STYLE, 1, "margin", None]])
    dom.apply_patches([[STYLE, 1, "--gap", None], [STYLE, 1, "top", "0"]])

    assert box.attributes["style"] == 'background: url("data:x;y"); color: blue; top: 0'


@pytest.mark.parametrize(
    ("style", "parsed"),
    [
        ("", {}),
        (" ; ;a:b;", {"a": "b"}),
        ("a: url(data:image/png;base64,x=) ;b: ';'", {"a": "url(data:image/png;base64,x=)", "b": "';'"}),
        ("no colon; a: x:y", {"a": "x:y"}),
        ("a: 'open; b: c", {"a": "'open", "b": "c"}),
    ],
)
def test_styles_are_split_at_semicolons_outside_of_quotes_and_brackets(style, parsed):
    assert parse_style(style) == parsed


def test_insert_puts_a_subtree_before_the_child_named():
    dom = shown(*LIST)

    dom.apply_patches([[INSERT, 7, 10, 20, ["li", "b"], [1, 2, "new", 0, 0]], [INSERT, 7, 0, 30, [], ["end"]]])

    assert dom.html() == '<ul class="x"><li>one</li><li><b>new</b></li><li>two</li>end</ul>'
    assert {20, 21, 22, 30} < dom.ids


def test_remove_frees_all_ids_below():
    dom = shown(*LIST)

    dom.apply_patches([[REMOVE, 8]])

    assert dom.ids == {7, 10, 11}
    dom.apply_patches([[INSERT, 7, 0, 8, ["li"], [1, "one", 0]]])
    assert dom.html() == '<ul class="x"><li>two</li><li>one</li></ul>'


def test_removing_the_root_empties_the_window():
    dom = shown(*LIST)

    dom.apply_patches([[REMOVE, 7]])

    assert (dom.html(), dom.ids) == ("", frozenset())


def test_a_moved_node_stays_the_same_object():
    dom = shown(*LIST)
    second = dom.get(10)

    dom.apply_patches([[MOVE, 10, 7, 8]])

    assert dom.get(10) is second
    assert dom.html() == '<ul class="x"><li>two</li><li>one</li></ul>'


def test_a_node_moves_to_the_end_of_its_own_parent():
    dom = shown(*LIST)

    dom.apply_patches([[MOVE, 8, 7, 0]])

    assert dom.html() == '<ul class="x"><li>two</li><li>one</li></ul>'


def test_a_node_moves_into_another_parent():
    dom = shown(*LIST)

    dom.apply_patches([[MOVE, 8, 10, 11]])

    assert dom.html() == '<ul class="x"><li><li>one</li>two</li></ul>'
    assert dom.find("li li").parent is dom.get(10)


def test_the_title_is_set():
    dom = shown(*LIST)

    dom.apply_patches([[TITLE, "News"]])

    assert dom.title == "News"


@pytest.mark.parametrize(
    ("patch", "complaint"),
    [
        ([99, 1], "unknown verb 99"),
        ([True, 9, "x"], "a number is needed"),
        ([TEXT, 99, "x"], "unknown id 99"),
        ([TEXT, 8, "x"], "not a text node"),
        ([TEXT, 9, 5], "a text is a string"),
        ([TEXT, 9], "takes 3 items, not 2"),
        ([SET, 9, "title", "x"], "not an element"),
        ([SET, 8, "@id", "x"], "name '@id'"),
        ([SET, 8, "title", None], "'title' cannot be None"),
        ([SET, 8, "title", "x", 1, 1], "takes 4 items, not 6"),
        ([SET, 8, "title", "x", "1"], "a number is needed"),
        ([SET, 8, "@html", "x"], "raw HTML would destroy"),
        ([CLASS, 8, "a b", True], "one word"),
        ([CLASS, 8, "", True], "one word"),
        ([CLASS, 8, "a", 1], "on (true) or off (false)"),
        ([STYLE, 8, "color", False], "a style is a string"),
        ([INSERT, 99, 0, 20, ["p"], [1, 0]], "unknown id 99"),
        ([INSERT, 9, 0, 20, ["p"], [1, 0]], "not an element"),
        ([INSERT, 7, 9, 20, ["p"], [1, 0]], "is not a child of"),
        ([INSERT, 7, 0, 8, ["p"], [1, 0]], "is taken by <li 8>"),
        ([INSERT, 7, 0, 20, ["p"], [1, 0, 1, 0]], "one root, not 2"),
        ([INSERT, 7, 0, 0, [], []], "one root, not 0"),
        ([INSERT, 7, 0, 20, ["p"], [1]], "open elements"),
        ([REMOVE, 99], "unknown id 99"),
        ([REMOVE, True], "a number is needed"),
        ([MOVE, 8, 8, 0], "itself or below it"),
        ([MOVE, 7, 8, 0], "itself or below it"),
        ([MOVE, 8, 7, 8], "before itself"),
        ([MOVE, 8, 7, 9], "is not a child of"),
        ([MOVE, 8, 7, 99], "unknown id 99"),
        ([MOVE, 8, 9, 0], "not an element"),
        ([TITLE, None], "a title is a string"),
    ],
)
def test_a_wrong_patch_is_named_and_changes_nothing(patch, complaint):
    dom = shown(*LIST)
    before, ids = dom.to_structure(), dom.ids

    with pytest.raises(DOMError) as caught:
        dom.apply_patches([[TITLE, "the patch before"], patch])

    assert complaint in str(caught.value)
    assert f"in patch 1: {patch!r}" in str(caught.value)
    assert (dom.to_structure(), dom.ids) == (before, ids)
    assert dom.title == "the patch before"


def test_a_value_that_came_from_this_client_is_not_set_again():
    dom, field = element("input", {})
    field.value = "what the user typed since"

    dom.apply_patches([[SET, 1, "value", "what the user had typed", 3]], client=3)

    assert field.value == "what the user typed since"


def test_a_value_that_came_from_another_client_is_set():
    dom, field = element("input", {})

    dom.apply_patches([[SET, 1, "value", "theirs", 4]], client=3)

    assert field.value == "theirs"


def test_the_servers_value_waits_for_the_acknowledgement_of_the_users_change():
    dom, field = element("input", {})
    field.value = "newer"
    dom.user_changed(field, 2)

    dom.apply_patches([[SET, 1, "value", "older"], [SET, 1, "title", "t"]])
    dom.acknowledge(1)
    dom.apply_patches([[SET, 1, "value", "older, too"]])
    before = field.value
    dom.acknowledge(2)
    dom.apply_patches([[SET, 1, "value", "an answer"]])

    assert (before, field.value, field.attributes) == ("newer", "an answer", {"title": "t"})


def test_what_the_user_has_changed_is_newer_than_a_snapshot():
    spec = 1, ["form", "input", "select", "option"], [1, 2, {"value": "older"}, 0, 3, 4, "a", 0, 4, "b", 0, 0, 0]
    dom = shown(*spec)
    field, select = dom.find("input"), dom.find("select")
    field.value = "newer"
    dom.user_changed(field, 2)
    select.selected_indexes = [1]
    dom.user_changed(select, 1)

    dom.apply_snapshot(*spec)
    kept = dom.find("input").value, dom.find("select").value
    dom.acknowledge(1)
    dom.apply_snapshot(*spec)

    assert kept == ("newer", "b")
    assert (dom.find("input").value, dom.find("select").value) == ("newer", "a")


def test_the_second_of_two_changes_counts():
    dom, field = element("input", {})
    dom.user_changed(field, 1)
    dom.user_changed(field, 2)
    field.value = "newer"

    dom.acknowledge(1)
    dom.apply_patches([[SET, 1, "value", "older"]])

    assert field.value == "newer"


def test_the_options_of_a_changed_select_keep_the_users_choice():
    dom = shown(1, ["select", "option"], [1, 2, "a", 0, 2, "b", 0, 0])
    select = dom.find("select")
    select.selected_indexes = [1]
    dom.user_changed(select, 1)

    dom.apply_patches([[SET, 2, "selected", True], [SET, 4, "selected", False]])

    assert select.value == "b"


def test_find_gives_the_first_in_document_order():
    dom = shown(*LIST)

    found = dom.find("li, ul")

    assert found is dom.root
    assert dom.find("li") is dom.get(8)
    assert dom.find_all("li") == [dom.get(8), dom.get(10)]
    assert dom.find_all("p") == []


@pytest.mark.parametrize(
    "selector",
    [
        "ul.x > li:nth-child(2)", "li + li", "li:last-child", "ul li:contains('two')", "LI:nth-of-type(2)",
        "li:not(:first-child)",
    ],
)
def test_css_selectors_find_the_second_item(selector):
    dom = shown(*LIST)

    found = dom.find(selector)

    assert found is dom.get(10)


def test_what_is_not_found_is_told_with_what_there_is():
    dom = shown(*LIST)

    with pytest.raises(LookupError) as caught:
        dom.find("button")

    assert str(caught.value) == (
        "no element matches 'button'; the window shows\n"
        '<ul class="x">\n  <li>one</li>\n  <li>two</li>\n</ul>'
    )


def test_a_long_window_is_cut_in_the_message():
    dom = shown(1, ["ul", "li"], [1, *[2, 0] * 100, 0])

    with pytest.raises(LookupError) as caught:
        dom.get(5000)

    assert str(caught.value).endswith("  <li></li>\n… and 42 lines more")


def test_an_empty_window_says_so():
    with pytest.raises(LookupError) as caught:
        ModelDOM().find("p")

    assert str(caught.value) == "no element matches 'p'; the window is empty"


def test_what_is_no_selector_is_a_syntax_error():
    dom = shown(*LIST)

    with pytest.raises(SyntaxError):
        dom.find("li >")


def test_patches_and_typing_are_seen_by_the_next_search():
    dom = shown(1, ["div", "input"], [1, 2, {"value": "a"}, 0, 0])
    assert dom.find_all("input[value=b]") == []

    dom.find("input").value = "b"
    typed = dom.find_all("input[value=b]")
    dom.apply_patches([[SET, 2, "class", "late"]])

    assert typed == dom.find_all(".late") == [dom.get(2)]


def test_names_of_any_case_and_with_colons_are_found():
    dom = shown(1, ["svg", "foreignObject", "use"], [1, {"viewBox": "0 0 1 1"}, 2, 0, 3, {"xlink:href": "#a"}, 0, 0])

    found = [dom.find(selector).tag for selector in ("svg[viewBox]", "foreignObject", r"[xlink\:href='#a']")]

    assert found == ["svg", "foreignObject", "use"]


def test_characters_that_xml_does_not_know_do_no_harm():
    dom = shown(1, ["p", "b"], [1, {"title": "\x00\ud800"}, "a\x01b", 2, 0, "\x0b", "\ufffe", 0])

    found = dom.find("p > b")

    assert (found.id, dom.text()) == (3, "a\x01b\x0b\ufffe")


def test_checked_and_disabled_are_seen_by_selectors():
    dom = shown(1, ["div", "input", "button"], [1, 2, {"type": "checkbox", "checked": True}, 0, 3, {"disabled": True}, 0, 0])

    found = [dom.find(":checked").id, dom.find(":disabled").id]

    assert found == [2, 3]


def test_text_is_the_exact_text_content():
    dom = shown(1, ["p", "b"], [1, " Hello ", 2, "W\n", "orld", 0, "! ", 0])

    assert dom.text() == " Hello W\norld! "
    assert dom.text("b") == "W\norld"


def test_html_is_escaped():
    field = {"value": "v", "checked": True}
    stream = [1, {"title": '"<&'}, "<&\"", 2, 0, 3, "a < b", 0, 4, field, 0, 0]
    dom = shown(1, ["p", "br", "script", "input"], stream)

    html = dom.html()

    assert html == '<p title="&quot;&lt;&amp;">&lt;&amp;"<br><script>a < b</script><input value="v" checked></p>'


def test_pretty_html_has_a_line_for_each_element_with_children():
    dom = shown(1, ["div", "p", "br"], [1, 2, "text", 0, 2, "a", 3, 0, 0, 0])

    html = dom.pretty_html()

    assert html.splitlines() == ["<div>", "  <p>text</p>", "  <p>", "    a", "    <br>", "  </p>", "</div>"]


@pytest.mark.parametrize(
    ("tag", "attributes", "value"),
    [
        ("input", {}, ""),
        ("input", {"value": "x"}, "x"),
        ("input", {"type": "checkbox"}, "on"),
        ("input", {"type": "radio", "value": ""}, ""),
        ("textarea", {"value": "x"}, "x"),
    ],
)
def test_the_value_of_an_input_is_that_of_the_browser(tag, attributes, value):
    _, field = element(tag, attributes)

    assert field.value == value


def test_a_textarea_without_a_value_has_that_of_its_text():
    dom = shown(1, ["textarea"], [1, "text\n", 0])

    assert dom.find("textarea").value == "text\n"


def select(attributes: dict[str, Any], *options: dict[str, Any]) -> ModelElement:
    """A select whose options read "option 0", "option 1" …"""
    stream: list[Any] = [1, attributes]
    for index, option in enumerate(options):
        stream += [2, option, f" option\n{index}", 0]
    return shown(1, ["select", "option"], [*stream, 0]).find("select")


@pytest.mark.parametrize(
    ("attributes", "options", "indexes"),
    [
        ({}, [], []),
        ({}, [{}, {}], [0]),
        ({}, [{"disabled": True}, {}], [1]),
        ({}, [{}, {"selected": True}], [1]),
        ({}, [{"selected": True}, {"selected": True}], [1]),
        ({"size": "4"}, [{}, {}], []),
        ({"multiple": True}, [{}, {}], []),
        ({"multiple": True}, [{"selected": True}, {"selected": True}], [0, 1]),
    ],
)
def test_selected_options_are_those_that_a_browser_shows(attributes, options, indexes):
    field = select(attributes, *options)

    assert field.selected_indexes == indexes
    assert field.selected_options == [field.options[index] for index in indexes]


def test_the_value_of_a_select_is_that_of_its_option():
    field = select({}, {"value": "a"}, {"selected": True})

    before = field.value
    field.value = "a"

    assert (before, field.value, field.selected_indexes) == ("option 1", "a", [0])


def test_a_select_refuses_what_it_does_not_offer():
    field = select({}, {"value": "a"})

    with pytest.raises(ValueError, match="offers \\['a'\\]"):
        field.value = "b"
    with pytest.raises(ValueError, match="has 1 options"):
        field.selected_indexes = [1]

    assert field.selected_indexes == [0]


def test_options_in_groups_count():
    dom = shown(1, ["select", "optgroup", "option"], [1, 2, {"disabled": True}, 3, "a", 0, 0, 2, 3, "b", 0, 0, 0])

    field = dom.find("select")

    assert (len(field.options), field.value) == (2, "b")


def test_a_checked_radio_button_unchecks_the_others_of_its_group_and_form():
    radio = {"type": "radio", "name": "n", "checked": True}
    dom = shown(1, ["div", "form", "input"], [1, 2, 3, radio, 0, 3, {**radio, "checked": ""}, 0, 0, 3, radio, 0, 0])
    first, second, elsewhere = dom.find_all("input")

    second.checked = True

    assert (first.checked, second.checked, elsewhere.checked) == (False, True, True)


def test_a_click_on_a_checkbox_ends_its_third_state():
    _, box = element("input", {"type": "checkbox", "indeterminate": True})

    box.checked = True
    box.checked = False

    assert (box.checked, box.properties) == (False, {})


def test_disabled_comes_from_the_element_its_fieldset_or_its_option_group():
    off = {"disabled": True}
    tags = ["fieldset", "legend", "input", "div", "optgroup", "option", "select"]
    dom = shown(1, tags, [1, off, 2, 3, 0, 0, 2, 3, 0, 0, 4, 3, 0, 0, 7, 5, off, 6, 0, 0, 6, 0, 0, 0])

    disabled = [node.is_disabled for node in dom.find_all("fieldset, input, div, select, option")]

    assert disabled == [True, False, True, False, True, True, True, False]


def test_raw_html_can_be_found_and_read_but_has_no_ids():
    dom, box = element("div", {"@html": 'Hello <b class="x">W<i>or</i>ld</b>!<!-- c --> <input value="v" checked>'})

    bold = dom.find("div b.x")

    assert (bold.id, bold.text, bold.parent) == (0, "World", box)
    assert dom.text() == "Hello World! "
    assert (dom.find("input").value, dom.find("input").checked) == ("v", True)
    assert dom.ids == {1}


def test_raw_html_is_shown_as_it_was_sent():
    dom, _ = element("div", {"@html": "a<p>b &amp; c"})

    assert dom.html() == "<div>a<p>b &amp; c</div>"
    assert dom.pretty_html() == dom.html()
    assert [node.tag for node in dom.find_all("*")] == ["div", "p"]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("", ""),
        ("</div>x", "x"),
        ("<td>1</td>", "1"),
        ("a&#0;\ud800\x00", "a\ufffd\ufffd\ufffd"),
        ("ä&uuml;", "äü"),
        ("<b>x</b>\n y", "x\n y"),
    ],
)
def test_odd_raw_html_is_read_whole(raw, text):
    dom, _ = element("div", {"@html": raw})

    assert dom.text() == text


def test_raw_html_is_replaced_and_removed():
    dom, box = element("div", {"@html": "<b>1</b>"})

    dom.apply_patches([[SET, 1, "@html", "<i>2</i>"]])
    replaced = dom.find_all("b, i")
    dom.apply_patches([[SET, 1, "@html", False], [INSERT, 1, 0, 2, [], ["child"]]])

    assert [node.tag for node in replaced] == ["i"]
    assert (box.raw, dom.html()) == (None, "<div>child</div>")


def test_an_element_with_raw_html_takes_no_children():
    dom = shown(1, ["div", "p"], [1, 2, {"@html": "<b>1</b>"}, 0, 2, 0, 0])

    with pytest.raises(DOMError, match="takes no children"):
        dom.apply_patches([[MOVE, 3, 2, 0]])
    dom.apply_patches([[REMOVE, 2]])

    assert dom.ids == {1, 3}


def test_raw_html_that_lxml_would_cut_is_an_error():
    deep = "<div>" * 5000 + "x" + "</div>" * 5000

    with pytest.raises(DOMError, match="too deep"):
        element("div", {"@html": deep})


def test_namespaces_are_inherited_and_end_in_a_foreign_object():
    tags = ["div", "svg", "g", "foreignObject", "p", "math", "mi", "x-any"]
    dom = shown(1, tags, [1, 2, 3, 0, 4, 5, 0, 0, 0, 6, 7, 0, 0, 8, {"@ns": "urn:x"}, 3, 0, 0, 0])

    found = [(node.tag, node.namespace) for node in dom.find_all("*")]

    assert found == [
        ("div", HTML), ("svg", SVG), ("g", SVG), ("foreignObject", SVG), ("p", HTML), ("math", MATHML), ("mi", MATHML),
        ("x-any", "urn:x"), ("g", "urn:x"),
    ]


def test_a_structure_is_flat_and_in_document_order():
    dom = shown(*LIST)

    assert dom.to_structure() == [
        (0, 7, "ul", (("class", "x"),)),
        (1, 8, "li", ()),
        (2, 9, "#text", (("data", "one"),)),
        (1, 10, "li", ()),
        (2, 11, "#text", (("data", "two"),)),
    ]


def test_what_means_the_same_has_the_same_structure():
    fresh, _ = element("input", {"title": "t", "style": "a:1;b:2", "class": "b a"})
    patched, _ = element("input", {"class": "a", "style": "b: 2; a: 1", "value": "x", "checked": True, "@on": "click"})

    patched.apply_patches([[CLASS, 1, "b", True], [SET, 1, "value", ""], [SET, 1, "checked", False]])
    patched.apply_patches([[SET, 1, "@on", False], [SET, 1, "title", "t"]])

    assert patched.to_structure() == fresh.to_structure()


@pytest.mark.parametrize(
    "attributes",
    [
        {"title": ""}, {"hidden": True}, {"class": "x"}, {"value": "x"}, {"checked": True}, {"@on": "click"},
        {"@html": ""}, {"@ns": "urn:x"}, {"@id": 2},
    ],
)
def test_what_differs_has_another_structure(attributes):
    plain, _ = element("input", {})
    other, _ = element("input", attributes)

    assert other.to_structure() != plain.to_structure()


def test_ten_thousand_levels_work():
    dom = shown(1, ["div"], [*[1] * DEPTH, "x", *[0] * DEPTH])

    dom.apply_patches([[INSERT, DEPTH, 0, 50_000, ["b"], [*[1] * DEPTH, {"id": "deepest"}, *[0] * DEPTH]]])
    deepest = dom.find("#deepest")
    deepest.checked = True
    dom.apply_patches([[MOVE, 50_000, 1, 2]])

    assert deepest.id == 50_000 + DEPTH - 1
    assert dom.text() == "x"
    assert dom.html().count("<b>") == DEPTH - 1
    assert len(dom.pretty_html().splitlines()) > DEPTH
    assert len(dom.to_structure()) == 2 * DEPTH + 1
    assert not deepest.is_disabled
    with pytest.raises(DOMError, match="itself or below it"):
        dom.apply_patches([[MOVE, 1, deepest.id, 0]])
    dom.apply_patches([[REMOVE, 50_000]])
    assert dom.ids == set(range(1, DEPTH + 2))
