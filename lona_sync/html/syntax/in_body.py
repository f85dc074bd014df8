"""The modes "in body" and "in template": everything outside of tables."""

from __future__ import annotations

from .adoption import adopt
from .foreign import adjust
from .rules import Mode
from .tokens import EndTag, StartTag, Text
from .tree import BUTTON_SCOPE, HEADINGS, IMPLIED_END_IN_TABLES, LIST_SCOPE, SPECIAL, Tree

_BLOCKS = (
    "address article aside blockquote center details dialog dir div dl fieldset figcaption figure footer header hgroup "
    "main menu nav ol search section summary ul"
)
_FORMATTING = "b big code em font i s small strike strong tt u"


def _text(tree: Tree, token: Text) -> None:
    data = token.data.replace("\0", "")
    if data:
        tree.reconstruct()
        tree.insert_text(data)


def _other_start(tree: Tree, token: StartTag) -> None:
    tree.reconstruct()
    tree.insert(token)


def _other_end(tree: Tree, token: EndTag) -> None:
    tree.any_other_end(token)


IN_BODY = Mode(text=_text, other_start=_other_start, other_end=_other_end)


@IN_BODY.start("html head body frameset frame caption col colgroup tbody td tfoot th thead tr")
def _start_elsewhere(tree: Tree, token: StartTag) -> None:
    tree.ignore(token)


@IN_BODY.start("base basefont bgsound link meta param source track")
def _start_unseen(tree: Tree, token: StartTag) -> None:
    tree.insert_void(token)


@IN_BODY.start("area br embed img keygen wbr")
def _start_void(tree: Tree, token: StartTag) -> None:
    tree.reconstruct()
    tree.insert_void(token)


@IN_BODY.start("image")
def _start_image(tree: Tree, token: StartTag) -> None:
    tree.mistake(token, "the tag is called <img>")
    token.name = "img"
    tree.apply("in body", token)


@IN_BODY.start("iframe noembed noframes script style")
def _start_raw(tree: Tree, token: StartTag) -> None:
    tree.insert_raw(token)


@IN_BODY.start("xmp")
def _start_xmp(tree: Tree, token: StartTag) -> None:
    tree.close_p(token)
    tree.reconstruct()
    tree.insert_raw(token)


@IN_BODY.start("title textarea")
def _start_plain_text(tree: Tree, token: StartTag) -> None:
    tree.insert_raw(token, references=True)


@IN_BODY.start("plaintext")
def _start_plaintext(tree: Tree, token: StartTag) -> None:
    tree.close_p(token)
    tree.insert(token)
    _text(tree, tree.tokenizer.read_rest())


@IN_BODY.start("template")
def start_template(tree: Tree, token: StartTag) -> None:
    tree.insert(token)
    tree.mark()
    tree.mode = "in template"
    tree.template_modes.append("in template")


@IN_BODY.end("template")
def end_template(tree: Tree, token: EndTag) -> None:
    if not tree.is_open("template"):
        tree.ignore(token)
        return
    tree.imply_ends(names=IMPLIED_END_IN_TABLES)
    tree.close("template", token)
    tree.clear_to_mark()
    tree.template_modes.pop()
    tree.reset_mode()


@IN_BODY.start(f"{_BLOCKS} p")
def _start_block(tree: Tree, token: StartTag) -> None:
    tree.close_p(token)
    tree.insert(token)


@IN_BODY.end(f"{_BLOCKS} button listing pre select")
def _end_block(tree: Tree, token: EndTag) -> None:
    if tree.in_scope(token.name):
        tree.close(token.name, token)
    else:
        tree.ignore(token)


@IN_BODY.start("h1 h2 h3 h4 h5 h6")
def _start_heading(tree: Tree, token: StartTag) -> None:
    tree.close_p(token)
    if tree.current.kind in HEADINGS:
        tree.mistake(token, f"</{tree.current.name}> expected, <{token.name}> received")
        tree.open.pop()
    tree.insert(token)


@IN_BODY.end("h1 h2 h3 h4 h5 h6")
def _end_heading(tree: Tree, token: EndTag) -> None:
    if not tree.in_scope(HEADINGS):
        tree.ignore(token)
        return
    tree.imply_ends()
    if tree.current.kind != token.name:
        tree.mistake(token, f"</{tree.current.name}> expected, </{token.name}> received")
    tree.pop_until(HEADINGS)


@IN_BODY.start("pre listing")
def _start_pre(tree: Tree, token: StartTag) -> None:
    tree.close_p(token)
    tree.insert(token)
    tree.skip_line_break = True


@IN_BODY.start("form")
def _start_form(tree: Tree, token: StartTag) -> None:
    inside_template = tree.is_open("template")
    if tree.form is not None and not inside_template:
        tree.mistake(token, "a <form> cannot stand inside of another one; its start tag is left out")
        return
    tree.close_p(token)
    form = tree.insert(token)
    if not inside_template:
        tree.form = form


@IN_BODY.end("form")
def _end_form(tree: Tree, token: EndTag) -> None:
    if tree.is_open("template"):
        _end_block(tree, token)
        return
    form, tree.form = tree.form, None
    if form is None or not any(element is form for element in tree.open) or not tree.in_scope("form"):
        tree.ignore(token)
        return
    tree.imply_ends()
    if tree.current is not form:
        tree.mistake(token, f"</{tree.current.name}> expected, </form> received")
    tree.open = [element for element in tree.open if element is not form]


@IN_BODY.end("p")
def _end_p(tree: Tree, token: EndTag) -> None:
    if not tree.in_scope("p", BUTTON_SCOPE):
        tree.mistake(token, "missing start tag for </p>")
        tree.insert_implied("p", token.offset)
    tree.close_p(token)


@IN_BODY.start("li dd dt")
def _start_item(tree: Tree, token: StartTag) -> None:
    former = ("li",) if token.name == "li" else ("dd", "dt")
    for element in reversed(tree.open):
        if element.kind in former:
            tree.close(element.kind, token, but=element.kind)
            break
        if element.kind in SPECIAL and element.kind not in ("address", "div", "p"):
            break
    tree.close_p(token)
    tree.insert(token)


@IN_BODY.end("li")
def _end_li(tree: Tree, token: EndTag) -> None:
    if tree.in_scope("li", LIST_SCOPE):
        tree.close("li", token, but="li")
    else:
        tree.ignore(token)


@IN_BODY.end("dd dt")
def _end_description(tree: Tree, token: EndTag) -> None:
    if tree.in_scope(token.name):
        tree.close(token.name, token, but=token.name)
    else:
        tree.ignore(token)


@IN_BODY.start("button")
def _start_button(tree: Tree, token: StartTag) -> None:
    if tree.in_scope("button"):
        tree.mistake(token, "missing end tag </button>")
        tree.imply_ends()
        tree.pop_until("button")
    tree.reconstruct()
    tree.insert(token)


@IN_BODY.start("applet marquee object")
def _start_object(tree: Tree, token: StartTag) -> None:
    tree.reconstruct()
    tree.insert(token)
    tree.mark()


@IN_BODY.end("applet marquee object")
def _end_object(tree: Tree, token: EndTag) -> None:
    if tree.in_scope(token.name):
        tree.close(token.name, token)
        tree.clear_to_mark()
    else:
        tree.ignore(token)


@IN_BODY.start("table")
def _start_table(tree: Tree, token: StartTag) -> None:
    tree.close_p(token)
    tree.insert(token)
    tree.mode = "in table"


@IN_BODY.start("hr")
def _start_hr(tree: Tree, token: StartTag) -> None:
    tree.close_p(token)
    if tree.in_scope("select"):
        tree.imply_ends()
    tree.insert_void(token)


@IN_BODY.start("input")
def _start_input(tree: Tree, token: StartTag) -> None:
    if tree.in_scope("select"):
        tree.mistake(token, "</select> expected, <input> received")
        tree.pop_until("select")
    tree.reconstruct()
    tree.insert_void(token)


@IN_BODY.start("select")
def _start_select(tree: Tree, token: StartTag) -> None:
    if tree.in_scope("select"):
        tree.mistake(token, "</select> expected, <select> received")
        tree.pop_until("select")
        return
    tree.reconstruct()
    tree.insert(token)


@IN_BODY.start("option optgroup")
def _start_option(tree: Tree, token: StartTag) -> None:
    if tree.in_scope("select"):
        tree.imply_ends(but="optgroup" if token.name == "option" else "")
        if tree.in_scope("option" if token.name == "option" else ("option", "optgroup")):
            tree.mistake(token, f"</{tree.current.name}> expected, <{token.name}> received")
    elif tree.current.kind == "option":
        tree.open.pop()
    tree.reconstruct()
    tree.insert(token)


@IN_BODY.start("rb rtc rp rt")
def _start_ruby(tree: Tree, token: StartTag) -> None:
    if tree.in_scope("ruby"):
        tree.imply_ends(but="" if token.name in ("rb", "rtc") else "rtc")
    tree.insert(token)


@IN_BODY.start(_FORMATTING)
def _start_formatting(tree: Tree, token: StartTag) -> None:
    tree.insert_formatting(token)


@IN_BODY.start("a")
def _start_a(tree: Tree, token: StartTag) -> None:
    former = tree.last_formatting("a")
    if former is not None:
        tree.mistake(token, "</a> expected, <a> received")
        adopt(tree, EndTag("a", token.offset))
        tree.forget(former)
        tree.open = [element for element in tree.open if element is not former]
    tree.insert_formatting(token)


@IN_BODY.start("nobr")
def _start_nobr(tree: Tree, token: StartTag) -> None:
    tree.reconstruct()
    if tree.in_scope("nobr"):
        tree.mistake(token, "</nobr> expected, <nobr> received")
        adopt(tree, EndTag("nobr", token.offset))
    tree.insert_formatting(token)


@IN_BODY.end(f"{_FORMATTING} a nobr")
def _end_formatting(tree: Tree, token: EndTag) -> None:
    adopt(tree, token)


@IN_BODY.end("br")
def _end_br(tree: Tree, token: EndTag) -> None:
    tree.mistake(token, "the tag is called <br>")
    tree.apply("in body", StartTag("br", {}, False, token.offset))


@IN_BODY.end("body html")
def _end_document(tree: Tree, token: EndTag) -> None:
    tree.ignore(token)


@IN_BODY.start("math svg")
def _start_foreign(tree: Tree, token: StartTag) -> None:
    tree.reconstruct()
    adjust(token, token.name)
    tree.insert(token, token.name)
    if token.self_closing:
        token.self_closing = False
        tree.open.pop()


def _start_in_template(tree: Tree, token: StartTag) -> None:
    _go_on(tree, token, "in body")


def _end_in_template(tree: Tree, token: EndTag) -> None:
    tree.ignore(token)


IN_TEMPLATE = Mode(text=_text, other_start=_start_in_template, other_end=_end_in_template)
IN_TEMPLATE.end("template")(end_template)


@IN_TEMPLATE.start("base basefont bgsound link meta noframes script style template title")
def _start_head(tree: Tree, token: StartTag) -> None:
    tree.apply("in body", token)


@IN_TEMPLATE.start("caption colgroup tbody tfoot thead")
def _start_table_part(tree: Tree, token: StartTag) -> None:
    _go_on(tree, token, "in table")


@IN_TEMPLATE.start("col")
def _start_col(tree: Tree, token: StartTag) -> None:
    _go_on(tree, token, "in column group")


@IN_TEMPLATE.start("tr")
def _start_tr(tree: Tree, token: StartTag) -> None:
    _go_on(tree, token, "in table body")


@IN_TEMPLATE.start("td th")
def _start_cell(tree: Tree, token: StartTag) -> None:
    _go_on(tree, token, "in row")


def _go_on(tree: Tree, token: StartTag, mode: str) -> None:
    """The first tag decides what the template is for: paragraphs, rows, cells, …"""
    tree.template_modes[-1] = mode
    tree.again(mode, token)

