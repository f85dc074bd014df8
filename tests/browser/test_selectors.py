"""What a selector finds in our tree is what Chromium finds in the same tree."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from lona_sync.html import (
    H1,
    SVG,
    A,
    Button,
    CheckBox,
    Div,
    FieldSet,
    Img,
    Legend,
    Li,
    Node,
    NumberInput,
    Ol,
    OptGroup,
    Option,
    P,
    RadioButton,
    Section,
    Select,
    Span,
    Strong,
    Submit,
    Table,
    TBody,
    Td,
    TextArea,
    TextInput,
    Tr,
    Ul,
)
from lona_sync.html.node import Node as AnyNode
from tests.html.test_selectors import READS_LEVEL_4

pytestmark = pytest.mark.js

SELECTORS = [
    "*", "li", "LI", "x-card", "X-Card", "h1, p, h1", "#head", "#HEAD", ".item", ".Item", "li.item.odd", "li#l3.item",
    "ul li", "ul > li", "ul ul > li", "#l1 + li", "#l1 ~ li", "li + li + li", "h1 ~ *", "section > ul li ~ li a", "div div *",
    "section  >  ul\n>\tli", "p > strong, p > span", "section:first-child ul", "* + p", "* > * > * > a",
    "[title]", "[TITLE]", "[title='a b']", "[title~=b]", "[title~='a b']", "[title|=a]", "[lang|=en]", "[href^=http]", "[href^='']",
    "[href$='.html']", "[href*=example]", "[href*='']",
    "[class=item]", "[class='item odd']", "[class~=odd]", "[hidden]", "[hidden='']",
    "[data-n='7']", "[data-empty]", "[data-empty='']", "a[href][title]",
    "[title='\\41 \\42']", r"[title='q\"q']", '[title="\\\\d"]',
    "li:first-child", "li:last-child", "li:only-child", ":only-child", "p:first-of-type", "span:last-of-type", ":only-of-type",
    "li:nth-child(1)", "li:nth-child(odd)", "li:nth-child(even)", "li:nth-child(2n)", "li:nth-child(2n+1)", "li:nth-child(-n+2)",
    "li:nth-child(3n-1)", "li:nth-child( 2n + 1 )", "li:nth-child(n+2)", "li:nth-child(0n+2)", "li:nth-child(-3)",
    "li:nth-child(N)",
    "li:nth-last-child(1)", "li:nth-last-child(2n+1)", "*:nth-of-type(2)", "*:nth-last-of-type(2)", "p:nth-of-type(odd)",
    "tr:nth-child(2) td:nth-child(2)", ":empty", "li:empty", "p:not(:empty)", "li:not(.item)", "li:not([class])",
    ":not(li):not(a):not(div)", "section :not(*)", "li:not(:first-child):not(:last-child)",
    ":checked", "input:checked", "option:checked", ":not(:checked)", ":disabled", ":enabled", "fieldset :disabled", "input:enabled",
    ":required", "option:disabled", "legend input:enabled", ":link", "a:not(:link)", ":any-link",
    ":lang(en)", ":lang(de)", "p:lang(en-GB)", ":root", "rect", "linearGradient", "lineargradient",
    "svg [viewBox]", "svg[viewBox]", "svg[viewbox]", "svg *", "foreignObject p", "foreignobject",
    ":is(li, p).item", ":where(#head, .note)", ":scope", ":scope > section", ":scope > *", ":scope li", "*|li", "*|*",
    "p, :scope > h1",
    r"#a\:b", r"#\31 23", r".w-1\/2", r".\[x\]", "#é", r"#\e9 ", r"#back\\slash", r"#back\5c slash", "[title='é']", "[title='😀']",
]
LEVEL_4 = [
    "[title='A B' i]", "[href^=HTTP i]", "li:has(a)", "ul:has(> li > ul)", "li:has(+ li.odd)", "h1:has(~ ul)",
    "section:has(h1, nav)", "li:not(ul ul li)", "div:has(:checked)", "section:not(:has(h1))",
]


def tree() -> AnyNode:
    form = FieldSet(
        Legend("Legend", TextInput(required=True), Button("x", disabled=True)),
        Legend(TextInput()),
        CheckBox(True), CheckBox(False), RadioButton("a", checked=True, name="r"), RadioButton("b", name="r"),
        TextArea(required=True), NumberInput(), Submit(), Node(tag_name="input", type="hidden", required=True),
        Node(tag_name="input", type="range", required=True),
        Select(
            Option("1", value="1"), Option("2", value="2", selected=True), OptGroup(Option("3", value="3"), disabled=True),
            Option("4", value="4", disabled=True),
        ),
        Select(Option("1", selected=True), Option("2", selected=True), Option("3"), multiple=True, required=True),
        Div(FieldSet(Legend(CheckBox(True, disabled=True)), TextInput(disabled=True))),
        disabled=True,
    )
    return Div(
        Section(
            H1("Head", _id="head", title="a b"), P("text ", Strong("bold"), " ", Span("s"), Span("t", _class="note"), lang="en-GB"),
            Ul(
                Li(A("1", href="https://example.org/a.html", title="a-b"), _id="l1", _class="item odd"),
                Li(_id="l2", _class="item"),
                "text",
                Li(Ul(Li("x", hidden=True), Li(A("no link"))), _id="l3", _class="item odd"),
                Node("text", tag_name="x-card", data_empty=""),
                Li(Ol(Li(A("2", href="/b", title="AB")))),
                lang="de",
            ),
            P(), P("", Img(alt="")), P(" "), P("x", title='q"q'), P(title="\\d"), P(title="é"), P(title="😀"),
        ),
        Section(
            Table(TBody(Tr(Td("1"), Td("2")), Tr(Td("3"), Td("4"), _class="item"))),
            Div(_id="a:b"), Div(_id="123"), Div(_class="w-1/2 [x]"), Div(_id="é"), Div(_id="back\\slash"), Div(Div(Div(Div()))),
            lang="en",
        ),
        SVG(
            Node(tag_name="linearGradient"), Node(tag_name="rect", title="a"), Node(P("in"), tag_name="foreignObject"),
            Node(tag_name="symbol", attributes={"viewBox": "0 0 1 1"}), viewBox="0 0 1 1",
        ),
        form,
    )


def test_chromium_finds_the_same(page: Page) -> None:
    root = tree()
    for number, node in enumerate(root.query_selector_all("*")):
        node.attributes["data-n"] = str(number)
    page.evaluate("markup => { document.body.innerHTML = markup; }", str(root))
    selectors = SELECTORS + (LEVEL_4 if READS_LEVEL_4 else [])

    theirs = page.evaluate(
        """selectors => selectors.map(selector =>
            [...document.body.firstElementChild.querySelectorAll(selector)].map(element => element.dataset.n))""", selectors,
    )

    ours = [[node.attributes["data-n"] for node in root.query_selector_all(selector)] for selector in selectors]
    differing = [each for each in zip(selectors, theirs, ours, strict=True) if each[1] != each[2]]
    assert not differing and sum(map(bool, ours)) > len(selectors) * 0.8


def test_what_is_no_selector_to_chromium_is_none_to_us(page: Page) -> None:
    broken = ["", "li >", "> li", "a,,b", "..a", "#", "[a=1]", "[a!=b]", ":nth-child(x)", "a::b::c", "a)", "p:fist-child", "svg|a"]

    taken = page.evaluate(
        """selectors => selectors.filter(selector => {
            try { document.querySelector(selector); return true; } catch { return false; }
        })""", broken,
    )

    assert taken == []
    for selector in broken:
        with pytest.raises(ValueError, match="selector"):
            tree().query_selector(selector)
