"""Static files that classes declare: served as declared, and nothing else."""

from __future__ import annotations

import gc
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from lona_sync import App, View
from lona_sync.html import Node
from lona_sync.static_files import SORT_ORDER, Script, StaticFile, StyleSheet

LOG = "lona_sync.server.static"
Declare = Callable[..., type[View]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a module, with files beside it and one outside."""
    (tmp_path / "secret.js").write_text("secret")
    folder = tmp_path / "module"
    (folder / "sub").mkdir(parents=True)
    for name, text in {"chart.js": "chart()", "chart.css": "p {}", "sub/other.js": "other()", "logo.svg": "<svg/>"}.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def declare(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Declare]:
    """Makes views of a module in `folder` that declare these files."""
    module = ModuleType("module_with_static_files")
    module.__file__ = str(folder / "module.py")
    monkeypatch.setitem(sys.modules, module.__name__, module)

    def make(*files: object) -> type[View]:
        return type("Declaring", (View,), {"__module__": module.__name__, "STATIC_FILES": files})

    yield make
    gc.collect()                             # classes of nodes are found as long as they exist


class Visitor(Client):
    """Reads each answer to its end, as servers do."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        return super().open(*args, buffered=True, **options)


def app_of(*views: type[View], **settings: object) -> App:
    app = App(__file__)
    app.settings.update({"SECRET_KEY": "k" * 32, **settings})
    for number, view in enumerate(views):
        app.route(f"/{number or ''}")(view)
    return app


def get(view: type[View], path: str, **options: Any) -> TestResponse:
    return Visitor(app_of(view)).get(path, **options)


def links(response: TestResponse) -> list[str]:
    """The lines of the page that name static files of the application, without their fingerprints."""
    lines = [line for line in response.text.splitlines() if re.search(r'(src|href)="[^"]*/(static|files)/', line)]
    return [re.sub(r"\.[0-9a-f]{16}(?=\.)", "", line) for line in lines if not re.search(r"/lona/style|/favicon", line)]


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == LOG]


@pytest.mark.parametrize(("file", "type", "text"), [
    (Script("chart", "chart.js"), "text/javascript; charset=utf-8", "chart()"),
    (StyleSheet("style", "chart.css"), "text/css; charset=utf-8", "p {}"),
    (StaticFile("logo", "logo.svg"), "image/svg+xml; charset=utf-8", "<svg/>"),
    (Script("other", "sub/other.js"), "text/javascript; charset=utf-8", "other()"),
], ids=["script", "style sheet", "image", "subfolder"])
def test_a_declared_file_is_served_with_its_type(declare: Declare, file: StaticFile, type: str, text: str) -> None:
    response = get(declare(file), f"/static/{file.path}")

    assert (response.status_code, response.text) == (200, text)
    assert response.content_type.replace("application/javascript", "text/javascript") == type
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_who_has_the_file_already_is_told_so(declare: Declare) -> None:
    view = declare(Script("chart", "chart.js"))
    first = get(view, "/static/chart.js")

    same = get(view, "/static/chart.js", headers={"If-None-Match": first.headers["ETag"]})
    other = get(view, "/static/chart.js", headers={"If-None-Match": '"another"'})

    assert (same.status_code, same.data) == (304, b"")
    assert (other.status_code, other.text) == (200, "chart()")
    assert first.headers["Cache-Control"] == "no-cache"


def test_a_file_that_has_changed_is_sent_anew(declare: Declare, folder: Path) -> None:
    client = Visitor(app_of(declare(Script("chart", "chart.js"))))
    first = client.get("/static/chart.js")

    (folder / "chart.js").write_text("another chart()")
    second = client.get("/static/chart.js", headers={"If-None-Match": first.headers["ETag"]})

    assert (second.status_code, second.text) == (200, "another chart()")


def test_head_gets_the_head_only(declare: Declare) -> None:
    response = Visitor(app_of(declare(Script("chart", "chart.js")))).head("/static/chart.js")

    assert (response.status_code, response.data) == (200, b"")
    assert response.headers["Content-Length"] == str(len("chart()"))


def test_a_part_of_a_file_can_be_asked_for(declare: Declare) -> None:
    view = declare(Script("chart", "chart.js"))

    part = get(view, "/static/chart.js", headers={"Range": "bytes=0-3"})
    beyond = get(view, "/static/chart.js", headers={"Range": "bytes=100-"})

    assert (part.status_code, part.text) == (206, "char")
    assert beyond.status_code == 416


def test_no_file_stays_open(declare: Declare) -> None:
    client = Visitor(app_of(declare(Script("chart", "chart.js"))))
    etag = client.get("/static/chart.js").headers["ETag"]

    client.head("/static/chart.js")
    client.get("/static/chart.js", headers={"If-None-Match": etag})
    client.get("/static/chart.js", headers={"Range": "bytes=100-"})
    gc.collect()                             # a file that was left open warns now, and warnings are errors

    assert client.get("/static/chart.js").text == "chart()"


@pytest.mark.parametrize("path", [
    "sub/other.js", "module.py", "../secret.js", "..%2fsecret.js", "%2e%2e/secret.js", "../../../../etc/hostname", "/etc/hostname",
    "chart.js/", "./chart.js", "sub/../chart.js", "CHART.JS", "chart.js%00", "chart.js/../chart.css", "", ".", "..",
    "..\\secret.js", "chart%2ejs%2f..%2fmodule.py",
])
def test_what_was_not_declared_is_not_there(declare: Declare, path: str) -> None:
    response = get(declare(Script("chart", "chart.js")), f"/static/{path}")

    assert response.status_code == 404
    assert "secret" not in response.text


def test_files_that_lie_outside_are_left_out(declare: Declare, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    (folder / "link.js").symlink_to(folder.parent / "secret.js")
    (folder / "linked").symlink_to(folder.parent)
    paths = ["../secret.js", "sub/../../secret.js", str(folder.parent / "secret.js"), "link.js", "linked/secret.js"]
    files = [Script(f"file {number}", path, url=f"file{number}.js") for number, path in enumerate(paths)]

    page = get(declare(*files), "/")
    answers = [get(declare(*files), f"/static/{file.url}").status_code for file in files]

    assert answers == [404] * len(files)
    assert links(page) == []
    assert len([text for text in errors(caplog) if "is outside of" in text]) == len(files) * (len(files) + 1)


def test_files_of_a_package_lie_anywhere_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "outside.js").write_text("secret")
    (tmp_path / "shop" / "views").mkdir(parents=True)
    (tmp_path / "shop" / "static").mkdir()
    (tmp_path / "shop" / "static" / "cart.js").write_text("cart()")
    for folder in ("shop", "shop/views"):
        (tmp_path / folder / "__init__.py").write_text("")
    module = ModuleType("module_of_a_package")
    module.__file__ = str(tmp_path / "shop" / "views" / "cart.py")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    files = [Script("cart", "../static/cart.js", url="cart.js"), Script("outside", "../../outside.js", url="outside.js")]
    view = type("Cart", (View,), {"__module__": module.__name__, "STATIC_FILES": files})

    answers = {file.name: get(view, f"/static/{file.url}").status_code for file in files}

    assert answers == {"cart": 200, "outside": 404}
    assert "is outside of" in errors(caplog)[0]


def test_files_that_a_mixin_declares_are_relative_to_its_module(declare: Declare) -> None:
    mixin = declare(Script("chart", "chart.js"))

    class Chart(mixin):                                                  # type: ignore[misc,valid-type]  # made at run time
        pass

    page = get(Chart, "/")

    assert links(page) == ['<script src="/static/chart.js" defer></script>']
    assert get(Chart, "/static/chart.js").text == "chart()"


@pytest.mark.parametrize("path", ["missing.js", "sub", "", "."])
def test_what_is_no_file_is_left_out(declare: Declare, caplog: pytest.LogCaptureFixture, path: str) -> None:
    page = get(declare(Script("chart", path, url="chart.js"), Script("good", "chart.js", url="good.js")), "/")

    assert [line for line in links(page) if "good.js" not in line] == []
    assert "there is no file" in errors(caplog)[0]


def test_a_link_to_a_file_in_the_same_folder_is_fine(declare: Declare, folder: Path) -> None:
    (folder / "alias.js").symlink_to(folder / "chart.js")

    assert get(declare(Script("alias", "alias.js")), "/static/alias.js").text == "chart()"


def test_a_file_that_is_deleted_later_is_not_found(declare: Declare, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    client = Visitor(app_of(declare(Script("chart", "chart.js"))))
    before = client.get("/static/chart.js").status_code

    (folder / "chart.js").unlink()

    assert (before, client.get("/static/chart.js").status_code) == (200, 404)
    assert "cannot be read" in errors(caplog)[0]


def test_a_class_without_a_file_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    nowhere = type("Nowhere", (View,), {"__module__": "no such module", "STATIC_FILES": [Script("chart", "chart.js")]})

    page = get(nowhere, "/")

    assert links(page) == []
    assert "has no file that its path could be relative to" in errors(caplog)[0]


def test_what_is_no_static_file_is_named(declare: Declare, caplog: pytest.LogCaptureFixture) -> None:
    page = get(declare("chart.js", Script("chart", "chart.js")), "/")

    assert len(links(page)) == 1
    assert "STATIC_FILES holds StaticFile, StyleSheet and Script, not 'chart.js'" in errors(caplog)[0]


def test_of_two_files_of_one_name_or_address_the_first_counts(declare: Declare, caplog: pytest.LogCaptureFixture) -> None:
    view = declare(
        Script("chart", "chart.js"), Script("chart", "sub/other.js"), Script("other", "sub/other.js", url="chart.js"),
        StyleSheet("style", "chart.css"),
    )

    page = get(view, "/")

    assert [re.findall(r'"(/static/[^"]*)"', line) for line in links(page)] == [["/static/chart.css"], ["/static/chart.js"]]
    assert [text.split(":")[0] for text in errors(caplog)] == [
        "static file 'chart' is left out", "static file 'other' is left out",
    ]


def test_classes_that_say_the_same_agree(declare: Declare, caplog: pytest.LogCaptureFixture) -> None:
    first, second = declare(Script("chart", "chart.js")), declare(Script("chart", "chart.js"))

    page = Visitor(app_of(first, second)).get("/")

    assert len(links(page)) == 1
    assert errors(caplog) == []


def test_what_is_switched_off_is_neither_named_nor_served(declare: Declare, caplog: pytest.LogCaptureFixture) -> None:
    view = declare(Script("chart", "chart.js", enabled_by_default=False))

    answers = get(view, "/static/chart.js").status_code, links(get(view, "/"))

    assert answers == (404, [])
    assert errors(caplog) == []


def test_pages_name_files_in_their_order_behind_the_client(declare: Declare) -> None:
    view = declare(
        Script("mine", "chart.js"), Script("module", "sub/other.js", module=True), StyleSheet("style", "chart.css"),
        StaticFile("logo", "logo.svg"), Script("lib", "sub/other.js", url="lib.js", sort_order=SORT_ORDER.LIBRARY),
        Script("first", "chart.js", url="first.js", sort_order=1), StyleSheet("unnamed", "chart.css", url="x.css", link=False),
    )

    page = get(view, "/")

    assert links(page) == [
        '<link rel="stylesheet" href="/static/chart.css">',
        '<script src="/static/first.js" defer></script>',
        '<script src="/static/lib.js" defer></script>',
        '<script src="/static/chart.js" defer></script>',
        '<script src="/static/sub/other.js" type="module"></script>',
    ]
    assert page.text.index("/lona.js") < page.text.index("/static/first.")
    assert get(view, "/static/x.css").text == "p {}"
    assert get(view, "/static/logo.svg").text == "<svg/>"


@pytest.mark.parametrize(("files", "found"), [
    ([Script("classic", "chart.js")], True), ([Script("module", "chart.js", module=True)], False),
    ([StyleSheet("style", "chart.css")], False),
    ([Script("unnamed", "chart.js", link=False)], False),
], ids=["classic", "module", "style", "not linked"])
def test_classic_scripts_find_the_api_of_the_reference(declare: Declare, files: list[StaticFile], found: bool) -> None:
    page = get(declare(*files), "/").text

    assert ("/context.js" in page) is found
    if found:
        assert page.index("/lona.js\"></script>") < page.index("/context.js") < page.index("/static/chart.")


def test_files_of_node_classes_are_named_on_every_page(declare: Declare) -> None:
    class Chart(Node):
        STATIC_FILES = (Script("chart of a node", "test_static.py", url="node chart.js"),)

    class LineChart(Chart):
        pass

    page = get(View, "/")
    response = get(View, "/static/node chart.js")

    assert links(page) == ['<script src="/static/node%20chart.js" defer></script>']
    assert LineChart.__name__ in response.text


@pytest.mark.parametrize("url", ["100%.js", "a b.js", "ü/ö.js", "what?.js", "#1.js", "\"'<&>.js"])
def test_an_address_may_have_any_characters(declare: Declare, url: str) -> None:
    client = Visitor(app_of(declare(Script("chart", "chart.js", url=url))))

    [link] = links(client.get("/"))
    address = re.findall(r'src="([^"]*)"', link)[0]

    assert client.get(address).text == "chart()"


@pytest.mark.parametrize("prefix", ["/files/", "files", "/files", "files/", "//files//"])
def test_the_prefix_is_a_setting(declare: Declare, prefix: str) -> None:
    client = Visitor(app_of(declare(Script("chart", "chart.js")), STATIC_URL_PREFIX=prefix))

    page, answer, former = (client.get(path) for path in ("/", "/files/chart.js", "/static/chart.js"))

    assert links(page) == ['<script src="/files/chart.js" defer></script>']
    assert (answer.text, former.status_code) == ("chart()", 404)


@pytest.mark.parametrize("prefix", ["", "/", "//"])
def test_without_a_prefix_files_lie_beside_the_views(declare: Declare, prefix: str) -> None:
    client = Visitor(app_of(declare(Script("chart", "chart.js")), STATIC_URL_PREFIX=prefix))

    page = client.get("/")

    assert re.search(r'<script src="/chart\.[0-9a-f]{16}\.js" defer></script>', page.text)
    assert client.get("/chart.js").text == "chart()"
    assert page.status_code == 200


def test_below_a_mount_point_addresses_begin_with_it(declare: Declare) -> None:
    client = Visitor(app_of(declare(Script("chart", "chart.js"))))

    page = client.get("/", base_url="http://localhost/tools/")
    answer = client.get("/static/chart.js", base_url="http://localhost/tools/")

    assert links(page) == ['<script src="/tools/static/chart.js" defer></script>']
    assert answer.text == "chart()"


def test_a_view_is_not_hidden_by_files_that_are_not_there(declare: Declare) -> None:
    app = app_of(declare(Script("chart", "chart.js")))
    app.route("/static/page")(View)

    response = Visitor(app).get("/static/page")

    assert response.status_code == 200
