from __future__ import annotations

import pytest

from lona_sync.errors import WrongThreadError
from lona_sync.html import Div
from lona_sync.html.mutations import SetStyle
from lona_sync.html.style import read_style
from tests.html.owners import Recorder


def test_style_is_a_dict_and_may_be_written_as_text():
    node = Div(_style="color: red; background: url(data:image/png;base64,AAAA) ;; --x:1;")

    node.style["margin"] = 0
    del node.style["--x"], node.style["never there"]

    assert node.style == {"color": "red", "background": "url(data:image/png;base64,AAAA)", "margin": 0}
    assert node.wire_attributes()["style"] == "color: red; background: url(data:image/png;base64,AAAA); margin: 0"


def test_changes_are_recorded_and_equal_values_are_not():
    node = Div(_style={"margin": 0})
    recorder = Recorder(node)

    node.style["margin"] = "0"
    node.style["margin"] = "1px"
    node.style["margin"] = ""
    node.style = "color: red"
    node.style = {}

    assert recorder.recorded == [
        SetStyle(node, "margin", "1px"), SetStyle(node, "margin", None),
        SetStyle(node, "color", "red"), SetStyle(node, "color", None),
    ]


@pytest.mark.parametrize("value", [
    "red; position: fixed", "red; background: url(//x)", "red } * { color: blue", "red}", "red</style>;x",
    "url(x", '"open', "a)", "/* open", "\\", '"a\nb"', "a(]", None, [],
], ids=repr)
def test_a_value_cannot_contain_another_declaration(value):
    node = Div()

    with pytest.raises(ValueError):
        node.style["color"] = value

    assert not node.style


@pytest.mark.parametrize("value", ['"a;b"', "'a\\';b'", "url(a;b)", "calc((1px + 2px) * 3)", '"/*"', "red !important"])
def test_quotes_and_brackets_hold_anything(value):
    assert Div(_style=f"content: {value}; top: 0").style == {"content": value, "top": "0"}


@pytest.mark.parametrize("name", ["", "a b", "a:b", "a;b", "1a", 'a"', "---a"])
def test_a_name_must_be_one(name):
    with pytest.raises(ValueError, match="style name"):
        Div().style[name] = "x"


@pytest.mark.parametrize(("name", "right"), [
    ("margin_top", "margin-top"), ("marginTop", "margin-top"), ("border_top_left_radius", "border-top-left-radius"),
    ("WebkitTransform", "-webkit-transform"),
])
def test_a_name_as_in_other_languages_names_the_right_one(name, right):
    for give in (lambda: Div(_style={name: 1}), lambda: Div(_style=f"{name}: 1"), lambda: Div().style.update({name: 1})):
        with pytest.raises(ValueError, match=f"a style name is written as in CSS: '{right}', not '{name}'"):
            give()


@pytest.mark.parametrize("name", ["--my_own", "--myOwn", "-webkit-box-flex", "-moz-x"])
def test_other_names_are_fine(name):
    assert Div(_style={name: 1}).style == {name: 1}


def test_a_number_is_written_as_it_is():
    node = Div(_style={"opacity": 0.5, "margin": 0, "line-height": 2, "z-index": -1})

    assert node.wire_attributes()["style"] == "opacity: 0.5; margin: 0; line-height: 2; z-index: -1"


@pytest.mark.parametrize("style", ["color", "a: b; color", 5, [("a", "b")]])
def test_what_is_no_style_is_a_value_error(style):
    with pytest.raises(ValueError, match="a style must be"):
        Div(_style=style)


@pytest.mark.parametrize("former", [None, "flex", "inline-block"])
def test_show_restores_the_display_that_hide_has_found(former):
    node = Div(_style={} if former is None else {"display": former})

    node.hide()
    node.hide()
    assert node.style["display"] == "none"
    node.show()
    node.show()

    assert node.style.get("display") == former


def test_show_leaves_a_display_that_was_set_meanwhile():
    node = Div(_style="display: flex")

    node.hide()
    node.style["display"] = "grid"
    node.show()

    assert node.style["display"] == "grid"


def test_show_shows_what_was_born_hidden():
    node = Div(_style="display: none")

    node.show()

    assert "display" not in node.style


def test_show_has_forgotten_the_display_before_one_that_was_set_by_hand():
    node = Div(_style="display: flex")

    node.hide()
    node.style["display"] = "grid"
    node.style["display"] = "none"
    node.show()

    assert "display" not in node.style


def test_show_remembers_over_a_none_that_changes_nothing():
    node = Div(_style="display: flex")

    node.hide()
    node.style["display"] = "none"
    node.show()

    assert node.style["display"] == "flex"


def test_a_refused_show_can_be_tried_again():
    node = Div(_style="display: flex")
    recorder = Recorder(node)
    node.hide()

    recorder.refusing = True
    with pytest.raises(WrongThreadError):
        node.show()
    recorder.refusing = False
    node.show()

    assert node.style["display"] == "flex"


def test_hide_and_show_are_one_patch_each():
    node = Div(_style="display: flex")
    recorder = Recorder(node)

    node.hide()
    node.hide()
    node.show()
    node.show()

    assert recorder.recorded == [SetStyle(node, "display", "none"), SetStyle(node, "display", "flex")]


def test_a_wrong_value_among_others_changes_nothing():
    node = Div(_style="color: red")

    for wrong in ({"left": 0, "top": None}, {"left": 0, "a b": 1}, {"left": 0, "top": "1px; right: 0"}, [("left", 0)], "left: 0"):
        with pytest.raises(ValueError):
            node.style.update(wrong)

    assert node.style == {"color": "red"}


def test_updating_with_an_empty_value_deletes():
    node = Div(_style="color: red; left: 0")

    node.style |= {"color": "", "top": 1}

    assert node.style == {"left": "0", "top": 1}
    assert node.style.pop("left") == "0" and node.style.setdefault("top", 2) == 1 and node.style.setdefault("right", 3) == 3
    assert dict(node.style) == {"top": 1, "right": 3}


def test_what_is_set_again_goes_to_the_end_as_the_later_one_wins():
    node = Div(_style={"margin": "0"})
    node.style["margin-top"] = "50px"

    node.style["margin"] = "1px"

    assert str(node.style) == "margin-top: 50px; margin: 1px"


def test_what_a_browser_takes_along_with_a_property_is_told_again():
    node = Div(_style="margin: 10px; color: red")
    node.style["margin-top"] = "50px"
    recorder = Recorder(node)

    del node.style["margin-top"]

    assert str(node.style) == "margin: 10px; color: red"
    assert recorder.recorded == [SetStyle(node, "margin-top", None), SetStyle(node, "margin", "10px")]


def test_hiding_and_showing_tells_of_nothing_else():
    node = Div(_style="margin: 10px; padding: 1px")
    recorder = Recorder(node)

    node.hide()
    node.show()

    assert recorder.recorded == [SetStyle(node, "display", "none"), SetStyle(node, "display", None)]


def test_a_property_in_capitals_is_refused_and_one_of_your_own_is_not():
    with pytest.raises(ValueError, match="as 'color', not 'COLOR'"):
        Div(_style={"COLOR": "red"})

    assert str(Div(_style={"--Own": "1"}).style) == "--Own: 1"


@pytest.mark.parametrize(("text", "style"), [
    ("/* x */ color:/**/red", "color: red"), ("color", ""), ("*zoom:1; color:red", "color: red"), ("_height:1px", ""),
    ("margin_top:1px;top:2px", "top: 2px"), ("color:red}", ""), ("font-family:'Arial", "font-family: 'Arial'"),
    ("background:url(a.png", "background: url(a.png)"), ("COLOR:RED;--A:b", "color: RED; --A: b"),
    ("color:red;;width:1px;", "color: red; width: 1px"), ("content:'a;b';color:red", "content: 'a;b'; color: red"),
    ("color:red;color:blue", "color: blue"), ("color:red;color:;top:0", "color: red; top: 0"),
    ("a:calc(1px;2px);top:0", "a: calc(1px;2px); top: 0"),
    ("color:red;x:'a\nb';top:0", "color: red"), ("/* open", ""), ("top:0;/* open", "top: 0"), ("\\", ""),
    ("margin:1px;top:0;margin:2px", "top: 0; margin: 2px"),
])
def test_the_style_of_markup_is_what_a_browser_understands_of_it(text, style):
    assert "; ".join(f"{name}: {value}" for name, value in read_style(text).items()) == style


def test_a_long_and_hostile_style_is_read_in_time_proportional_to_its_length():
    for text in ("(" * 500_000, "/*" * 250_000, "a:url(" * 80_000, "'" * 500_001, "x:" + ")" * 500_000):
        assert len(read_style(text)) <= 1
