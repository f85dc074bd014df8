"""The modes inside of a table, where rows and cells open and close one another."""

from __future__ import annotations

from .in_body import end_template, start_template
from .rules import Mode
from .tokens import EndTag, StartTag, Text
from .tree import BLANKS, TABLE_PARTS, TABLE_SCOPE, Tree

_BODIES = ("tbody", "tfoot", "thead")
_CELLS = ("td", "th")
_INSIDE_OF_TABLES = "caption col colgroup tbody td tfoot th thead tr"


def _text_in_table(tree: Tree, token: Text) -> None:
    data = token.data.replace("\0", "")
    if data.strip(BLANKS) or (tree.current.kind not in TABLE_PARTS and tree.current.kind != "template"):
        tree.apply_fostered(token)
    else:
        tree.insert_text(data)


def _foster(tree: Tree, token: StartTag | EndTag) -> None:
    tree.apply_fostered(token)


def _ignore(tree: Tree, token: StartTag | EndTag) -> None:
    tree.ignore(token)


IN_TABLE = Mode(text=_text_in_table, other_start=_foster, other_end=_foster)
IN_TABLE.start("template")(start_template)
IN_TABLE.end("template")(end_template)
IN_TABLE.end("body html caption col colgroup tbody td tfoot th thead tr")(_ignore)


@IN_TABLE.start("caption")
def _start_caption(tree: Tree, token: StartTag) -> None:
    tree.pop_to(["table"])
    tree.mark()
    tree.insert(token)
    tree.mode = "in caption"


@IN_TABLE.start("colgroup")
def _start_colgroup(tree: Tree, token: StartTag) -> None:
    tree.pop_to(["table"])
    tree.insert(token)
    tree.mode = "in column group"


@IN_TABLE.start("col")
def _start_col(tree: Tree, token: StartTag) -> None:
    tree.pop_to(["table"])
    tree.insert_implied("colgroup", token.offset)
    tree.again("in column group", token)


@IN_TABLE.start("tbody tfoot thead")
def _start_body(tree: Tree, token: StartTag) -> None:
    tree.pop_to(["table"])
    tree.insert(token)
    tree.mode = "in table body"


@IN_TABLE.start("td th tr")
def _start_row_without_body(tree: Tree, token: StartTag) -> None:
    tree.pop_to(["table"])
    tree.insert_implied("tbody", token.offset)
    tree.again("in table body", token)


@IN_TABLE.start("table")
def _start_table(tree: Tree, token: StartTag) -> None:
    tree.mistake(token, "</table> expected, <table> received")
    if tree.in_scope("table", TABLE_SCOPE):
        tree.pop_until("table")
        tree.reset_mode()
        tree.again(tree.mode, token)


@IN_TABLE.end("table")
def _end_table(tree: Tree, token: EndTag) -> None:
    if tree.in_scope("table", TABLE_SCOPE):
        tree.pop_until("table")
        tree.reset_mode()
    else:
        tree.ignore(token)


@IN_TABLE.start("script style")
def _start_raw(tree: Tree, token: StartTag) -> None:
    tree.insert_raw(token)


@IN_TABLE.start("input")
def _start_input(tree: Tree, token: StartTag) -> None:
    if token.attributes.get("type", "").lower() == "hidden":
        tree.mistake(token, "an <input> cannot stand between rows and cells")
        tree.insert_void(token)
    else:
        tree.apply_fostered(token)


@IN_TABLE.start("form")
def _start_form(tree: Tree, token: StartTag) -> None:
    tree.mistake(token, "a <form> cannot stand between rows and cells")
    inside_template = tree.is_open("template")
    if tree.form is None or inside_template:
        # The standard leaves it out in a template; Chromium does not, and what a browser shows counts here.
        form = tree.insert(token)
        tree.open.pop()
        if not inside_template:
            tree.form = form


def _text_in_body(tree: Tree, token: Text) -> None:
    tree.apply("in body", token)


def _in_body(tree: Tree, token: StartTag | EndTag) -> None:
    tree.apply("in body", token)


IN_CAPTION = Mode(text=_text_in_body, other_start=_in_body, other_end=_in_body)
IN_CAPTION.end("body html col colgroup tbody td tfoot th thead tr")(_ignore)


def _leave_caption(tree: Tree, token: StartTag | EndTag) -> bool:
    if not tree.in_scope("caption", TABLE_SCOPE):
        tree.ignore(token)
        return False
    tree.close("caption", token)
    tree.clear_to_mark()
    tree.mode = "in table"
    return True


@IN_CAPTION.end("caption")
def _end_caption(tree: Tree, token: EndTag) -> None:
    _leave_caption(tree, token)


@IN_CAPTION.start(_INSIDE_OF_TABLES)
@IN_CAPTION.end("table")
def _end_caption_and_go_on(tree: Tree, token: StartTag | EndTag) -> None:
    if _leave_caption(tree, token):
        tree.again("in table", token)


def _text_in_columns(tree: Tree, token: Text) -> None:
    data = token.data
    if tree.current.kind != "colgroup":
        data = "".join([character for character in data if character in BLANKS])
    rest = data.lstrip(BLANKS)
    tree.insert_text(data[:len(data) - len(rest)])
    if rest:
        _leave_columns(tree, Text(rest, token.offset))


def _leave_columns(tree: Tree, token: StartTag | EndTag | Text) -> None:
    if tree.current.kind != "colgroup":
        tree.mistake(token, "only <col> can stand here; this is left out")
    else:
        tree.open.pop()
        tree.again("in table", token)


IN_COLUMN_GROUP = Mode(text=_text_in_columns, other_start=_leave_columns, other_end=_leave_columns)
IN_COLUMN_GROUP.start("template")(start_template)
IN_COLUMN_GROUP.end("template")(end_template)
IN_COLUMN_GROUP.start("html")(_ignore)
IN_COLUMN_GROUP.end("col")(_ignore)


@IN_COLUMN_GROUP.start("col")
def _insert_col(tree: Tree, token: StartTag) -> None:
    tree.insert_void(token)


@IN_COLUMN_GROUP.end("colgroup")
def _end_colgroup(tree: Tree, token: EndTag) -> None:
    if tree.current.kind == "colgroup":
        tree.open.pop()
        tree.mode = "in table"
    else:
        tree.ignore(token)


def _text_as_in_table(tree: Tree, token: Text) -> None:
    tree.apply("in table", token)


def _as_in_table(tree: Tree, token: StartTag | EndTag) -> None:
    tree.apply("in table", token)


IN_TABLE_BODY = Mode(text=_text_as_in_table, other_start=_as_in_table, other_end=_as_in_table)
IN_TABLE_BODY.end("body html caption col colgroup td th tr")(_ignore)


@IN_TABLE_BODY.start("tr")
def _start_row(tree: Tree, token: StartTag) -> None:
    tree.pop_to(_BODIES)
    tree.insert(token)
    tree.mode = "in row"


@IN_TABLE_BODY.start("td th")
def _start_cell_without_row(tree: Tree, token: StartTag) -> None:
    tree.mistake(token, f"<tr> expected, <{token.name}> received")
    tree.pop_to(_BODIES)
    tree.insert_implied("tr", token.offset)
    tree.again("in row", token)


@IN_TABLE_BODY.end("tbody tfoot thead")
def _end_body(tree: Tree, token: EndTag) -> None:
    if not tree.in_scope(token.name, TABLE_SCOPE):
        tree.ignore(token)
        return
    tree.pop_to(_BODIES)
    tree.open.pop()
    tree.mode = "in table"


@IN_TABLE_BODY.start("caption col colgroup tbody tfoot thead")
@IN_TABLE_BODY.end("table")
def _end_body_and_go_on(tree: Tree, token: StartTag | EndTag) -> None:
    if not tree.in_scope(_BODIES, TABLE_SCOPE):
        tree.ignore(token)
        return
    tree.pop_to(_BODIES)
    tree.open.pop()
    tree.again("in table", token)


IN_ROW = Mode(text=_text_as_in_table, other_start=_as_in_table, other_end=_as_in_table)
IN_ROW.end("body html caption col colgroup td th")(_ignore)


@IN_ROW.start("td th")
def _start_cell(tree: Tree, token: StartTag) -> None:
    tree.pop_to(["tr"])
    tree.insert(token)
    tree.mode = "in cell"
    tree.mark()


def _leave_row(tree: Tree, token: StartTag | EndTag) -> bool:
    if not tree.in_scope("tr", TABLE_SCOPE):
        tree.ignore(token)
        return False
    tree.pop_to(["tr"])
    tree.open.pop()
    tree.mode = "in table body"
    return True


@IN_ROW.end("tr")
def _end_row(tree: Tree, token: EndTag) -> None:
    _leave_row(tree, token)


@IN_ROW.start("caption col colgroup tbody tfoot thead tr")
@IN_ROW.end("table")
def _end_row_and_go_on(tree: Tree, token: StartTag | EndTag) -> None:
    if _leave_row(tree, token):
        tree.again("in table body", token)


@IN_ROW.end("tbody tfoot thead")
def _end_body_of_row(tree: Tree, token: EndTag) -> None:
    if not tree.in_scope(token.name, TABLE_SCOPE):
        tree.ignore(token)
    else:
        _end_row_and_go_on(tree, token)


IN_CELL = Mode(text=_text_in_body, other_start=_in_body, other_end=_in_body)
IN_CELL.end("body html caption col colgroup")(_ignore)


@IN_CELL.end("td th")
def _end_cell(tree: Tree, token: EndTag) -> None:
    if not tree.in_scope(token.name, TABLE_SCOPE):
        tree.ignore(token)
        return
    tree.close(token.name, token)
    tree.clear_to_mark()
    tree.mode = "in row"


@IN_CELL.start(_INSIDE_OF_TABLES)
@IN_CELL.end("table tbody tfoot thead tr")
def _end_cell_and_go_on(tree: Tree, token: StartTag | EndTag) -> None:
    wanted = _CELLS if isinstance(token, StartTag) else token.name
    if not tree.in_scope(wanted, TABLE_SCOPE):
        tree.ignore(token)
        return
    tree.close(_CELLS, token)
    tree.clear_to_mark()
    tree.again("in row", token)
