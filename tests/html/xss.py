"""What an attacker would try: each case builds nodes with something of his in them, or is refused with a `ValueError`.

He chooses a text, a value, a name or a piece of markup; the program is naive, but it uses nodes. Wherever his script runs it
calls `tripped(1)`. `test_xss.py` beside this file builds them all, `tests/browser/test_xss.py` shows them to a browser.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from lona_sync.html import (
    HTML,
    SVG,
    A,
    Button,
    Div,
    Form,
    IFrame,
    Img,
    Math,
    Node,
    NoScript,
    Object,
    Option,
    P,
    Pre,
    Select,
    Style,
    Table,
    Td,
    Template,
    Text,
    TextArea,
    TextInput,
    Title,
    Tr,
    TreeNode,
    parse_html,
)

RUN = "tripped(1)"
IMG = f"<img src=x onerror={RUN}>"
URL = f"javascript:{RUN}"


@dataclass(frozen=True)
class Case:
    name: str
    build: Callable[[], TreeNode]
    refused: bool


TEXTS = [
    f"<script>{RUN}</script>", IMG, f"\"'>{IMG}", f"' onmouseover={RUN} '", f"<svg onload={RUN}>", f"<!--><script>{RUN}</script>",
    f"]]>{IMG}", f"--></title></style></textarea></noscript></xmp></iframe></noembed></noframes></template></select>{IMG}",
    f"</plaintext></svg></math></table></script>{IMG}", f"<scr\0ipt>{RUN}</scr\0ipt>", f"&lt;script&gt;{RUN}&lt;/script&gt;",
    f"\\u003cscript>{RUN}</script>", f"%3Cscript%3E{RUN}%3C/script%3E", f"+ADw-script+AD4-{RUN}+ADw-/script+AD4-",
    f"{{{{constructor.constructor('{RUN}')()}}}}", f"${{{RUN}}}", f"\u2028<script>{RUN}</script>\u2029",
    f"<\ud800script>{RUN}</script>",
    f"\uff1cscript\uff1e{RUN}\uff1c/script\uff1e", f"'-{RUN}-'", f"\";{RUN};//", URL, f"<a href='{URL}'>x</a>",
]


def foreign(tag: str, *children: object, **attributes: str) -> Node:
    return Node(*children, tag_name=tag, attributes=attributes)


#: Where a text can stand. Each gets all texts.
PLACES: Mapping[str, Callable[[str], TreeNode]] = {
    "div": Div, "pre": Pre, "button": Button, "title": Title, "noscript": NoScript, "template": Template, "text alone": Text,
    "value of a textarea": TextArea, "value of an input": TextInput, "option": lambda text: Select(Option(text, value=text)),
    **{tag: lambda text, tag=tag: foreign(tag, text) for tag in (
        "textarea", "noembed", "noframes", "xmp", "plaintext", "iframe", "listing", "select", "table", "frameset", "x-y", "marquee",
    )},
    "cell": lambda text: Table(Tr(Td(text))),
    "svg": SVG, "svg title": lambda text: SVG(foreign("title", text)), "svg desc": lambda text: SVG(foreign("desc", text)),
    "svg style": lambda text: SVG(Style(text)), "foreignObject": lambda text: SVG(foreign("foreignObject", text)),
    "math": Math, "mtext": lambda text: Math(foreign("mtext", text)), "math style": lambda text: Math(Style(text)),
    "annotation-xml": lambda text: Math(foreign("annotation-xml", text, encoding="text/html")),
    "marked as text": lambda text: HTML("\\" + text), "set later": lambda text: _with_text(Div("before"), text),
    "attributes": lambda text: Div([Img(attributes={name: text}) for name in (
        "title", "alt", "data-x", "aria-label", "name", "lang", "width", "srcset", "sizes", "data-lona-x", "rel", "target",
    )]),
    "placeholder": lambda text: TextInput(placeholder=text), "value of a button": lambda text: Button("x", value=text),
    "label of a group": lambda text: foreign("optgroup", label=text), "class": lambda text: Div("x", _class=text),
    "id": lambda text: Div("x", _id=text), "classes": lambda text: Div(_class=[text.replace(" ", "/")]),
    "css string": lambda text: Div(_style={"content": '"' + text.replace('"', "'").replace("\\", "/") + '"'}),
}

SCRIPT_URLS = [
    URL, f" {URL}", f"\x01\x1f{URL}", f"\0{URL}", f"java\tscript:{RUN}", f"java\nscript:{RUN}", f"java\rscript:{RUN}",
    f"jAvAsCrIpT:{RUN}", f"javascript\t:{RUN}", f"javascript://x%0a{RUN}", f"javascript:/*</title>*/{RUN}", f"vbscript:{RUN}",
]
#: Who loads or opens what an attribute names.
USERS_OF_URLS = {
    "a": "href", "area": "href", "base": "href", "link": "href", "iframe": "src", "frame": "src", "embed": "src", "object": "data",
    "form": "action", "button": "formaction", "input": "formaction", "img": "src", "video": "poster", "audio": "src",
    "body": "background", "math": "href", "use": "xlink:href", "animate": "values", "set": "to", "script": "src",
    "blockquote": "cite", "A": "HREF",
}
#: What a browser takes for an address, or for an address that it does not open.
OTHER_URLS = [
    f"&#106;avascript:{RUN}", f"java%73cript:{RUN}", f"\u00a0{URL}", f"\u200b{URL}", f"feed:{URL}", f"view-source:{URL}", f"x{URL}",
    f"./{URL}", f"#{URL}", f"?{URL}", f"livescript:{RUN}", f"data:text/html,<script>{RUN}</script>",
    f"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='{RUN}'/>", f"data:text/javascript,{RUN}", f"data:,{RUN}",
    f"\uff4aavascript:{RUN}", "//", "http://", "\\\\",
]
DOCUMENTS = [
    f"data:text/html,<script>{RUN}</script>", f"data:text/html;base64,{RUN}", f" d\na\tta:Text/HTML,<script>{RUN}</script>",
    f"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='{RUN}'/>", f"data:application/xhtml+xml,{RUN}",
    f"data:text/xml,{RUN}", f"data:image/x+xml,{RUN}", f"data:text/plain+xml,{RUN}",
]

#: Markup that `parse_html` refuses.
REFUSED_MARKUP = [*r"""
<script>tripped(1)</script>
<SCRIPT SRC='data:,tripped(1)'></SCRIPT>
<script/x src=//x>
<img src=x onerror=tripped(1)>
<img src='javascript:tripped(1)'>
<img src=javascript:tripped(&quot;1&quot;)>
<img src=`x` onerror=tripped(1)>
<img/src='x'/onerror=tripped(1)>
<p OnClick=tripped(1)>x
<a href='&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;&#58;tripped(1)'>x</a>
<a href='jav&#x09;ascript:tripped(1)'>x</a>
<a href='jav&Tab;ascript:tripped(1)'>x</a>
<a href='java&NewLine;script:tripped(1)'>x</a>
<a href='javascript&colon;tripped(1)'>x</a>
<a href=' &#14; javascript:tripped(1)'>x</a>
<a ping='javascript:tripped(1)' href=#>x</a>
<area href='javascript:tripped(1)'>
<base href='javascript:tripped(1)//'>
<base href='//evil/'>
<body><base href=/elsewhere/>
<svg/onload=tripped(1)>
<svg><script>tripped(1)</script></svg>
<svg><script xlink:href='data:,tripped(1)' />
<svg><a:script>tripped(1)</a:script></svg>
<svg><a xlink:href='javascript:tripped(1)'><text>x</text></a></svg>
<svg><a XLINK:HREF='javascript:tripped(1)'><text>x</text></a></svg>
<svg><a><animate attributeName=href values='x;javascript:tripped(1)' /><text>x</text></a>
<svg><a><set attributeName=href to='javascript:tripped(1)' /><text>x</text></a>
<svg><animate onbegin=tripped(1) attributeName=x dur=1s>
<svg><animate attributeName=href from='javascript:tripped(1)' to=x>
<svg><use href="data:image/svg+xml,<svg id='x' onload='tripped(1)'/>#x">
<svg><a:use href="data:image/svg+xml,<svg id='x' onload='tripped(1)'/>#x">
<svg><style><img src=x onerror=tripped(1)></style></svg>
<svg><foreignObject><img src=x onerror=tripped(1)>
<svg><title><img src=x onerror=tripped(1)>
<math><mtext><img src=x onerror=tripped(1)>
<math><img src=x onerror=tripped(1)>
<math href='javascript:tripped(1)'>x</math>
<math><maction actiontype=x xlink:href='javascript:tripped(1)'>x</maction></math>
<iframe srcdoc='&lt;script>tripped(1)&lt;/script>'></iframe>
<iframe src='javascript:tripped(1)'></iframe>
<frame src='javascript:tripped(1)'><iframe src='javascript:tripped(1)'>
<iframe src='data:text/html,<script>tripped(1)</script>'></iframe>
<embed src='javascript:tripped(1)'>
<object data='javascript:tripped(1)'></object>
<embed src='data:image/svg+xml,<svg onload=tripped(1)>'>
<meta http-equiv=refresh content='0;url=javascript:tripped(1)'>
<meta http-equiv=refresh content="0; URL = 'javascript:tripped(1)'">
<meta http-equiv=refresh content='0;javascript:tripped(1)'>
<meta http-equiv=refresh content='.5 , "java&#10;script:tripped(1)"'>
<meta http-equiv=refresh content='0 javascript:tripped(1)'>
<link rel=stylesheet href='javascript:tripped(1)'>
<body><p onload=tripped(1)>
<form action='javascript:tripped(1)'><input type=submit></form>
<form><button formaction='javascript:tripped(1)'>x</button></form>
<input type=submit formaction='javascript:tripped(1)'>
<input type=image src=x onerror=tripped(1)>
<input autofocus onfocus=tripped(1)>
<select autofocus onfocus=tripped(1)>
<details open ontoggle=tripped(1)><summary>x
<marquee onstart=tripped(1)>x</marquee>
<video><source onerror=tripped(1)></video>
<video poster='javascript:tripped(1)'></video>
<audio src='javascript:tripped(1)'></audio>
<table background='javascript:tripped(1)'><td>x</table>
<bgsound src='javascript:tripped(1)'>
<layer src='javascript:tripped(1)'>
<isindex onfocus=tripped(1)>
<template><img src=x onerror=tripped(1)></template>
<template><script>tripped(1)</script></template>
<!--><img src=x onerror=tripped(1)>-->
<!---><img src=x onerror=tripped(1)>-->
<!-- --!><img src=x onerror=tripped(1)>-->
<![CDATA[><img src=x onerror=tripped(1)>]]>
</textarea><img src=x onerror=tripped(1)>
<textarea></textarea><img src=x onerror=tripped(1)>
<title></title><img src=x onerror=tripped(1)>
<style></style><img src=x onerror=tripped(1)>
<xmp></xmp><img src=x onerror=tripped(1)>
<noscript><img src=x onerror=tripped(1)></noscript>
<a title='x'onclick=tripped(1)>x</a>
<x-y onclick=tripped(1)>x</x-y>
<svg></p><style><g title="</style><img src=x onerror=tripped(1)>">
""".strip().splitlines(), "<b><script\n>tripped(1)", "<p \x0conclick=tripped(1)>x", f'<IMG """><SCRIPT>{RUN}</SCRIPT>"\\>']
#: Markup that `parse_html` takes, for it is harmless.
TAKEN_MARKUP = r"""
&lt;script&gt;tripped(1)&lt;/script&gt;
<b title='<img src=x onerror=tripped(1)>'>x</b>
<textarea><img src=x onerror=tripped(1)></textarea>
<title><img src=x onerror=tripped(1)></title>
<style><img src=x onerror=tripped(1)></style>
<xmp><img src=x onerror=tripped(1)></xmp>
<iframe><img src=x onerror=tripped(1)></iframe>
<noembed><img src=x onerror=tripped(1)></noembed>
<plaintext><img src=x onerror=tripped(1)>
<!--<img src=x onerror=tripped(1)>-->
<![CDATA[img src=x onerror=tripped(1)>]]>
<?xml img src=x onerror=tripped(1)?>
<%= tripped(1) %>
</p img src=x onerror=tripped(1)>
<svg><style>&lt;img src=x onerror=tripped(1)&gt;</style></svg>
<svg><title><style><img src=x onerror=tripped(1)></style></title></svg>
<svg><set attributeName=onmouseover to=tripped(1)>x
<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=tripped(1)&gt;'>
<form><math><mtext></form><form><mglyph><style></math><img src onerror=tripped(1)>
<noscript><p title='</noscript><img src=x onerror=tripped(1)>'>x</p></noscript>
<p title='</title></style></textarea><img src=x onerror=tripped(1)>'>x</p>
<body onload=tripped(1)>x
<html onclick=tripped(1)>x
<a href='data:text/html,<script>tripped(1)</script>'>x</a>
<a href='java%0ascript:tripped(1)'>x</a>
<img srcset='javascript:tripped(1)'>
<img lowsrc='javascript:tripped(1)' dynsrc='javascript:tripped(1)'>
<object><param name=src value='javascript:tripped(1)'></object>
<link rel=import href='data:text/html,<script>tripped(1)</script>'>
<link rel=stylesheet href='data:text/css,*{x:expression(tripped(1))}'>
<base target=_top>
<div style='width: expression(tripped(1))'>x</div>
<p style='color: red; x: {} } * {}' title=x>
<p style='color: url(x'>
<p style='color: url(javascript:tripped(1))'>
<p style='a:b;/*'>x
<p style='*width: expression(1)'>
<p style='background: \75rl(x)'>
<td style='background: url("javascript:tripped(1)")'>x</td>
<p style='-moz-binding: url("javascript:tripped(1)"); behavior: url("javascript:tripped(1)")'>x</p>
<img/src=x/onerror=tripped(1)>
<p style="content: '</style><img src=x onerror=tripped(1)>'">x</p>
<p x='`' y='` onclick=tripped(1)'>x</p>
<p data-lona-node-id='1' data-lona-x=tripped(1)>x
<select><option>&lt;img src=x onerror=tripped(1)></select>
<img src="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='tripped(1)'/>">
<video src='data:text/html,<script>tripped(1)</script>'></video>
<meta name=description content='javascript:tripped(1)'>
<a href=x target=javascript:tripped(1)>x</a>
<svg><image href='<img src=x onerror=tripped(1)>'/><text>&lt;img src=x onerror=tripped(1)></text></svg>
""".strip().splitlines()

STYLES_REFUSED = [
    f"red; background: url('{URL}')", f"url({URL})", "red}", f"red }} * {{ background: url({URL})", "url(x", "'x", "red /* x",
    "x\\", f"url(x'){URL};y:')",
]
STYLES_TAKEN = [f"url('{URL}')", f"expression({RUN})", f"'</style>{IMG}'", f"</style>{IMG}", f"\\3c/style>{IMG}", "red !important"]

NAMES_REFUSED = [
    "onclick", "ONCLICK", "onError", "onx", f"x onerror={RUN}", f"x/onerror={RUN}", f"x>{IMG}", "x\0y", "x=y", "'", '"', "<", "",
    "\u00a0onclick", " onclick", "onclick\t", "xlink:on:click",
]
TAGS_REFUSED = [f"img src=x onerror={RUN}", f"img/onerror={RUN}", f"b>{IMG}<b", "", "1", "script\0", " script", "!--", "?xml", "/p"]


def _with_text(node: Node, text: str) -> Node:
    node.set_text(text)
    return node


def _link(url: str) -> Node:
    return Div(
        A("x", href=url), SVG(foreign("a", foreign("text", "x"), **{"xlink:href": url})), Form(Button("x"), action=url),
        Img(src=url),
    )


def cases() -> Iterator[Case]:
    """All cases; their names are different."""
    for place, make in PLACES.items():
        yield Case(f"texts in {place}", lambda make=make: Div([make(text) for text in TEXTS]), refused=False)
    for tag, name in USERS_OF_URLS.items():
        for url in SCRIPT_URLS:
            yield Case(f"{url!r} in <{tag} {name}>", lambda tag=tag, name=name, url=url: foreign(tag, **{name: url}), refused=True)
    for url in OTHER_URLS:
        yield Case(f"address {url!r}", lambda url=url: _link(url), refused=False)
    for url in DOCUMENTS:
        yield Case(f"document {url!r} in iframe", lambda url=url: IFrame(src=url), refused=True)
        yield Case(f"document {url!r} in object", lambda url=url: Object(data=url), refused=True)
    yield Case("srcdoc", lambda: IFrame(srcdoc=IMG), refused=True)
    for markup in REFUSED_MARKUP:
        yield Case(f"markup {markup}", lambda markup=markup: Div(parse_html(markup, flat=False)), refused=True)
    for markup in TAKEN_MARKUP:
        yield Case(f"markup {markup}", lambda markup=markup: Div(parse_html(markup, flat=False)), refused=False)
    for value in STYLES_REFUSED:
        yield Case(f"style {value}", lambda value=value: Div(_style={"color": value}), refused=True)
    yield Case("styles", lambda: Div([Div("x", _style={"color": value, "--x": value}) for value in STYLES_TAKEN]), refused=False)
    for value in STYLES_TAKEN:
        yield Case(f"text of style {value}", lambda value=value: Style(f"* {{ --x: {value} }}"), refused=False)
    for name in NAMES_REFUSED:
        yield Case(f"attribute {name!r}", lambda name=name: P("x", attributes={name: RUN}), refused=True)
        yield Case(f"style name {name!r} with colon", lambda name=name: P("x", _style={f"{name}:x;{name}": RUN}), refused=True)
    for tag in TAGS_REFUSED:
        yield Case(f"tag {tag!r}", lambda tag=tag: Node(tag_name=tag), refused=True)
    yield Case("keyword of a handler", lambda: Div("x", onclick=RUN), refused=True)
    yield Case("class with a blank", lambda: Div(_class=[f"x onclick={RUN}"]), refused=True)
    yield Case("words of attributes", lambda: Div("x", _class=[f"'onclick={RUN}"], _id=[f'"onclick={RUN}']), refused=False)
