"""Static files of folders: which one is found, what browsers keep of it, and that nothing else is."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import gevent
import pytest
from gevent.pywsgi import WSGIServer
from werkzeug.test import Client, TestResponse

from lona_sync import App, View
from lona_sync.server.http.sending import File
from lona_sync.server.static.contents import ROOM, SMALL, Contents
from lona_sync.server.static.fingerprints import Fingerprints, split_fingerprint, with_fingerprint
from lona_sync.static_files import Script, StyleSheet

SECRET = "this is a secret"
FOR_EVER = "public, max-age=31536000, immutable"


class Visitor(Client):
    """Reads each answer to its end, as servers do."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        return super().open(*args, buffered=True, **options)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with static files, and a secret beside them."""
    (tmp_path / "secret.css").write_text(SECRET)
    static = tmp_path / "static"
    (static / "css").mkdir(parents=True)
    (static / "css" / "a.css").write_text("a {}")
    (static / ".env").write_text(SECRET)
    (static / ".git").mkdir()
    (static / ".git" / "config").write_text(SECRET)
    return tmp_path


def app_of(project: Path, *folders: str, **settings: Any) -> App:
    app = App(project / "script.py")
    app.settings.update({"SECRET_KEY": "k" * 32, "STATIC_DIRS": list(folders or ("static",)), **settings})
    app.route("/")(View)
    return app


def test_a_file_of_a_folder_is_served_with_its_type(project: Path):
    response = Visitor(app_of(project)).get("/static/css/a.css")

    assert (response.status_code, response.text) == (200, "a {}")
    assert response.content_type == "text/css; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-cache"


def test_the_name_that_pages_use_is_kept_for_ever(project: Path):
    app = app_of(project)
    url = app.parts.static.url("css/a.css", "/tools")

    response = Visitor(app).get(url.removeprefix("/tools"))

    assert re.fullmatch(r"/tools/static/css/a\.[0-9a-f]{16}\.css", url)
    assert response.text == "a {}"
    assert response.headers["Cache-Control"] == FOR_EVER


def test_a_changed_file_has_another_name_and_the_former_one_is_not_kept(project: Path):
    app = app_of(project, DEBUG=True)
    before = app.parts.static.url("css/a.css", "")

    (project / "static" / "css" / "a.css").write_text("another {}")
    after = app.parts.static.url("css/a.css", "")
    former = Visitor(app).get(before)

    assert before != after
    assert (former.text, former.headers["Cache-Control"]) == ("another {}", "no-cache")


def test_a_file_whose_name_looks_like_one_with_a_fingerprint_is_found(project: Path):
    (project / "static" / "x.0123456789abcdef.css").write_text("real")

    response = Visitor(app_of(project)).get("/static/x.0123456789abcdef.css")

    assert (response.text, response.headers["Cache-Control"]) == ("real", "no-cache")


def test_who_has_the_file_is_told_so_and_parts_can_be_asked_for(project: Path):
    client = Visitor(app_of(project))
    first = client.get("/static/css/a.css")

    same = client.get("/static/css/a.css", headers={"If-None-Match": first.headers["ETag"]})
    part = client.get("/static/css/a.css", headers={"Range": "bytes=0-0"})
    resumed = client.get("/static/css/a.css", headers={"Range": "bytes=2-", "If-Range": first.headers["ETag"]})
    beyond = client.get("/static/css/a.css", headers={"Range": "bytes=90-"})

    assert (same.status_code, same.data) == (304, b"")
    assert (part.status_code, part.text, part.headers["Content-Range"]) == (206, "a", "bytes 0-0/4")
    assert (resumed.status_code, resumed.text) == (206, "{}")
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, "bytes */4")


def test_a_large_file_is_read_in_blocks_while_others_run(project: Path):
    content = os.urandom(1_000_000)
    (project / "static" / "film.bin").write_bytes(content)
    turns = 0

    def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            gevent.sleep(0)

    counting = gevent.spawn(count)
    response = Visitor(app_of(project)).get("/static/film.bin")
    part = Visitor(app_of(project)).get("/static/film.bin", headers={"Range": "bytes=500000-"})
    counting.kill()

    assert response.data == content
    assert part.data == content[500000:]
    assert turns > 0


def test_other_methods_are_refused(project: Path):
    response = Visitor(app_of(project)).post("/static/css/a.css")

    assert response.status_code == 405


def test_the_first_folder_counts_and_the_applications_own_before_all(project: Path):
    (project / "other" / "css").mkdir(parents=True)
    (project / "other" / "css" / "a.css").write_text("other {}")
    app = app_of(project, "other", "static")
    client = Visitor(app)
    first = client.get("/static/css/a.css").text

    app.add_static_file("css/a.css", string="own {}")
    second = client.get("/static/css/a.css").text
    app.add_static_file("css/a.css", path="static/css/a.css")
    third = client.get("/static/css/a.css").text

    assert (first, second, third) == ("other {}", "own {}", "a {}")


def test_a_folder_counts_before_what_classes_declare(project: Path):
    class Declaring(View):
        STATIC_FILES = (Script("x", Path(__file__).name, url="x.js"), Script("y", Path(__file__).name, url="y.js"))

    (project / "static" / "x.js").write_text("mine()")
    app = app_of(project)
    app.route("/declaring")(Declaring)
    client = Visitor(app)

    assert client.get("/static/x.js").text == "mine()"
    assert "Declaring" in client.get("/static/y.js").text


@pytest.mark.parametrize("name", ["lona/style.css", "favicon.ico"])
def test_the_framework_brings_a_look_and_an_icon_which_may_be_replaced(project: Path, name: str):
    app = app_of(project)
    before = Visitor(app).get(f"/static/{name}")

    app.add_static_file(name, string="mine")

    assert before.status_code == 200 and len(before.data) > 200
    assert Visitor(app).get(f"/static/{name}").text == "mine"


def test_the_look_is_linked_unless_a_setting_says_no(project: Path):
    with_it = Visitor(app_of(project)).get("/").text
    without = Visitor(app_of(project, DEFAULT_STYLE=False)).get("/").text

    assert re.search(r'<link rel="stylesheet" href="/static/lona/style\.[0-9a-f]{16}\.css">', with_it)
    assert "style.css" not in without and "lona/style" not in without


def test_files_are_switched_on_and_off_by_their_name(project: Path):
    class Declaring(View):
        STATIC_FILES = (
            Script("off", Path(__file__).name, url="off.js", enabled_by_default=False),
            StyleSheet("on", Path(__file__).name, url="on.css"),
            StyleSheet("both", Path(__file__).name, url="both.css"),
        )

    app = app_of(project, STATIC_FILES_ENABLED=["off", "both"], STATIC_FILES_DISABLED=["on", "both"])
    app.route("/declaring")(Declaring)
    client = Visitor(app)

    found = [client.get(f"/static/{name}").status_code for name in ("off.js", "on.css", "both.css")]

    assert found == [200, 404, 404]


def test_a_proxy_may_serve_them_instead(project: Path, caplog: pytest.LogCaptureFixture):
    client = Visitor(app_of(project, STATIC_FILES_SERVE=False))

    page, response = client.get("/"), client.get("/static/css/a.css")

    assert "/static/lona/style." in page.text
    assert response.status_code == 404
    assert "STATIC_FILES_SERVE is False" in caplog.text


def test_a_template_of_its_own_names_the_style_sheets(project: Path):
    class Declaring(View):
        STATIC_FILES = (StyleSheet("x", Path(__file__).name, url="x.css"),)

    app = app_of(project, STATIC_FILES_STYLE_TAGS_TEMPLATE="mine.html")
    app.route("/declaring")(Declaring)
    app.add_template("mine.html", string="{% for sheet in stylesheets %}<!-- {{ sheet.name }} {{ sheet.url }} -->{% endfor %}")

    assert "<!-- x x.css -->" in Visitor(app).get("/").text


def test_a_template_of_its_own_names_the_scripts(project: Path):
    class Declaring(View):
        STATIC_FILES = (Script("y", Path(__file__).name, url="y.js"),)

    app = app_of(project, STATIC_FILES_SCRIPT_TAGS_TEMPLATE="mine.html")
    app.route("/declaring")(Declaring)
    app.add_template("mine.html", string="{% for script in scripts %}<!-- {{ script.name }} {{ script.url }} -->{% endfor %}")

    assert "<!-- y y.js -->" in Visitor(app).get("/").text


def test_a_module_keeps_its_name_since_others_import_it(project: Path):
    class Declaring(View):
        STATIC_FILES = (Script("m", Path(__file__).name, url="m.js", module=True),)

    app = app_of(project)
    app.route("/declaring")(Declaring)

    assert '<script src="/static/m.js" type="module"></script>' in Visitor(app).get("/").text


def test_a_page_names_a_changed_file_anew_within_a_second(project: Path, monkeypatch: pytest.MonkeyPatch):
    now = 1000.0
    monkeypatch.setattr("lona_sync.server.static.files.time.monotonic", lambda: now)
    static = app_of(project).parts.static
    first = static.url("css/a.css", "")

    (project / "static" / "css" / "a.css").write_text("another {}")
    second = static.url("css/a.css", "")
    now += 1.0
    third = static.url("css/a.css", "")

    assert first == second != third


@pytest.mark.parametrize(("name", "fingerprinted"), [
    ("a.css", "a.0123456789abcdef.css"), ("x/a.min.js", "x/a.min.0123456789abcdef.js"), ("LICENSE", "LICENSE.0123456789abcdef"),
    ("a.b/c", "a.b/c.0123456789abcdef"), ("ü ä.svg", "ü ä.0123456789abcdef.svg"),
])
def test_a_name_gets_a_fingerprint_and_loses_it(name: str, fingerprinted: str):
    assert with_fingerprint(name, "0123456789abcdef") == fingerprinted
    assert split_fingerprint(fingerprinted) == (name, "0123456789abcdef")


@pytest.mark.parametrize("name", ["a.css", "a.0123.css", "a.0123456789ABCDEF.css", ".0123456789abcdef.css", ""])
def test_a_name_without_a_fingerprint_has_none(name: str):
    assert split_fingerprint(name) is None


def test_a_fingerprint_is_of_the_content_alone(tmp_path: Path):
    fingerprints = Fingerprints()
    for name, text in {"a": "x", "b": "x", "c": "y"}.items():
        (tmp_path / name).write_text(text)
    os.utime(tmp_path / "b", (1, 1))

    first, second, third = (fingerprints.of(tmp_path / name) for name in "abc")

    assert first == second != third


def test_what_was_opened_has_the_fingerprint_of_its_content_until_another_file_takes_its_place(tmp_path: Path):
    fingerprints = Fingerprints()
    path = tmp_path / "a.css"
    path.write_text("a {}")
    with closing(File(path)) as file:
        assert fingerprints.of_opened(path, file.state) == fingerprints.of(path)

        (tmp_path / "new").write_text("b {}")
        (tmp_path / "new").rename(path)

        assert fingerprints.of_opened(path, file.state) is not None       # it is known, and what is sent is still the former
        assert Fingerprints().of_opened(path, file.state) is None
        path.unlink()
        assert Fingerprints().of_opened(path, file.state) is None


def test_a_small_file_that_has_settled_is_read_once_until_it_changes(tmp_path: Path):
    contents = Contents()
    path = _settled(tmp_path / "a.css", "a {}")
    assert contents.of(path) is None

    with closing(File(path)) as file:
        contents.keep(path, file, "0123456789abcdef", [])
        assert file.read() == b"a {}"                                      # from its beginning
    content = contents.of(path)

    assert content is not None and (content.body, content.fingerprint) == (b"a {}", "0123456789abcdef")
    path.write_text("b {}")
    assert contents.of(path) is None
    path.unlink()
    assert contents.of(path) is None                                       # and nothing is known of it any more


def test_a_file_that_is_changed_just_now_or_is_large_is_read_each_time(tmp_path: Path):
    contents = Contents()
    changing = tmp_path / "changing.css"
    changing.write_text("a {}")
    large = _settled(tmp_path / "large.css", "x" * (SMALL + 1))
    for path in (changing, large):
        with closing(File(path)) as file:
            contents.keep(path, file, "0123456789abcdef", [])

        assert contents.of(path) is None


def test_there_is_room_for_so_many_bytes_of_files_and_the_one_goes_that_was_asked_for_longest_ago(tmp_path: Path):
    contents = Contents()
    paths = [_settled(tmp_path / f"{number}.css", "x" * SMALL) for number in range(ROOM // SMALL + 1)]
    for path in paths:
        contents.of(paths[0])
        with closing(File(path)) as file:
            contents.keep(path, file, "0123456789abcdef", [])

    assert [path for path in paths if contents.of(path) is None] == [paths[1]]


def test_an_answer_from_memory_is_the_one_from_the_disk(project: Path):
    _settled(project / "static" / "css" / "a.css", "a {}")
    client = Visitor(app_of(project))

    first, second, head = client.get("/static/css/a.css"), client.get("/static/css/a.css"), client.head("/static/css/a.css")
    part = client.get("/static/css/a.css", headers={"Range": "bytes=1-2"})
    same = client.get("/static/css/a.css", headers={"If-None-Match": first.headers["ETag"]})

    assert first.data == second.data == b"a {}" and head.data == b""
    assert dict(first.headers) == dict(second.headers) == dict(head.headers)
    assert (part.status_code, part.data) == (206, b" {")
    assert (same.status_code, same.data) == (304, b"")


@pytest.mark.parametrize(("headers", "status"), [
    ({"If-None-Match": "{etag}"}, 304), ({"If-None-Match": 'W/{etag}, "another"'}, 304), ({"If-None-Match": "*"}, 304),
    ({"If-None-Match": "{etag}", "If-Modified-Since": "Mon, 01 Jan 1990 00:00:00 GMT"}, 304),
    ({"If-None-Match": '"another"'}, 200), ({"If-None-Match": "{etag}", "If-Match": '"another"'}, 412),
    ({"If-Match": "{etag}"}, 200), ({"If-Modified-Since": "{modified}"}, 304), ({"Range": "bytes=1-"}, 206),
    ({"Range": "bytes=9-"}, 416), ({"Range": "bytes=1-", "If-Range": '"another"'}, 200),
    ({"Range": "bytes=1-", "If-None-Match": "{etag}"}, 206),
])
def test_a_condition_has_the_same_answer_from_memory_as_from_the_disk(project: Path, headers: dict[str, str], status: int):
    _settled(project / "static" / "css" / "a.css", "a {}")
    app = app_of(project)
    first = Visitor(app_of(project, DEBUG=True)).get("/static/css/a.css")
    given = {
        name: value.format(etag=first.headers["ETag"], modified=first.headers["Last-Modified"]) for name, value in headers.items()
    }

    answers = [Visitor(app).get("/static/css/a.css", headers=given) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [status, status]
    assert answers[0].data == answers[1].data
    for name in ("ETag", "Cache-Control", "Content-Range", "Content-Length"):
        assert answers[0].headers.get(name) == answers[1].headers.get(name), name


def test_a_file_that_is_now_called_like_one_with_a_fingerprint_is_found_within_a_second(
    project: Path, monkeypatch: pytest.MonkeyPatch,
):
    now = 1000.0
    monkeypatch.setattr("lona_sync.server.static.files.time.monotonic", lambda: now)
    _settled(project / "static" / "css" / "a.css", "a {}")
    app = app_of(project)
    address = app.parts.static.url("css/a.css", "")
    visitor = Visitor(app)
    before = [visitor.get(address) for _ in range(3)]

    (project / address.lstrip("/")).write_text("really {}")
    now += 1.0
    after = visitor.get(address)

    assert [(answer.text, answer.headers["Cache-Control"]) for answer in before] == [("a {}", FOR_EVER)] * 3
    assert (after.text, after.headers["Cache-Control"]) == ("really {}", "no-cache")


def test_what_is_asked_for_by_a_name_with_its_fingerprint_is_looked_for_once_a_second(
    project: Path, monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("lona_sync.server.static.files.time.monotonic", lambda: 1000.0)
    _settled(project / "static" / "css" / "a.css", "a {}")
    app = app_of(project)
    address = app.parts.static.url("css/a.css", "")
    visitor = Visitor(app)
    for _ in range(2):
        visitor.get(address)
    monkeypatch.setattr("lona_sync.server.static.folders.Folders.find", lambda folders, name: pytest.fail(f"asked for {name}"))

    assert visitor.get(address).text == "a {}"


def _settled(path: Path, text: str) -> Path:
    """A file that was changed last long ago."""
    path.write_text(text)
    os.utime(path, (1_000_000_000, 1_000_000_000))
    return path


# Nothing but what lies in the folders.

TRICKS = [
    "../secret.css", "css/../../secret.css", "..%2fsecret.css", "%2e%2e/secret.css", "%2e%2e%2fsecret.css", "%252e%252e/secret.css",
    "..%252fsecret.css", "..\\secret.css", "..%5csecret.css", "css%5c..%5c..%5csecret.css", "%5c..%5csecret.css",
    "....//secret.css",
    ".%2e/secret.css", "%c0%ae%c0%ae/secret.css", "..%c0%afsecret.css", "%uff0e%uff0e/secret.css", "．．/secret.css",
    "css/a.css%00", "css/a.css%00.css", "..%00/secret.css", "%00", "link.css", "links/secret.css", "css/up/secret.css", "loop",
    "/etc/hostname", "//etc/hostname", "%2fetc%2fhostname", "file:///etc/hostname", "/proc/self/environ", "~/secret.css",
    ".env", ".git/config", "css/.", "css/./a.css", "css//a.css", "css/", "css", ".", "..", "", "%20", "pipe", "CON", "nul",
    "aux.css",
    "css/a.css/", "css/a.css/..", "css/a.css:hidden", "css/a.css::$DATA", "CSS/A.CSS", "a" * 300, "a/" * 2000 + "b", "%0d%0aX-A:b",
    "css/a.css%0a", "css/a.css%20", "%ff", "\U0001f600",
]


@pytest.fixture
def tricky(project: Path) -> App:
    static = project / "static"
    (static / "link.css").symlink_to(project / "secret.css")
    (static / "links").symlink_to(project)
    (static / "css" / "up").symlink_to("../..")
    (static / "loop").symlink_to("loop")
    os.mkfifo(static / "pipe")
    (static / "alias.css").symlink_to("css/a.css")
    return app_of(project)


@pytest.mark.parametrize("trick", TRICKS)
def test_no_address_leads_out_of_the_folders(tricky: App, trick: str):
    response = Visitor(tricky).get(f"/static/{trick}")

    assert response.status_code == 404
    assert SECRET not in response.text


def test_a_link_within_a_folder_is_a_file_of_it(tricky: App):
    assert Visitor(tricky).get("/static/alias.css").text == "a {}"


def test_a_folder_may_be_a_link(project: Path):
    (project / "linked").symlink_to(project / "static")

    assert Visitor(app_of(project, "linked")).get("/static/css/a.css").text == "a {}"


@pytest.mark.parametrize("what", ["the file", "its folder"])
def test_a_link_that_leads_out_and_has_just_taken_the_place_of_a_file_is_none(project: Path, what: str):
    folder = project / "static" / "inner"
    folder.mkdir()
    (folder / "page.css").write_text("a file")
    outside = project / "outside"
    outside.mkdir()
    (outside / "page.css").write_text("a secret")
    visitor = Visitor(app_of(project))
    before = visitor.get("/static/inner/page.css").text
    (folder / "page.css").unlink()
    if what == "the file":
        (folder / "page.css").symlink_to(outside / "page.css")
    else:
        folder.rmdir()
        folder.symlink_to(outside)

    answer = visitor.get("/static/inner/page.css")

    assert before == "a file"
    assert answer.status_code == 404


def test_a_link_to_the_file_that_has_been_moved_out_is_none(project: Path):
    file = _settled(project / "static" / "css" / "a.css", "a {}")
    visitor = Visitor(app_of(project))
    before = [visitor.get("/static/css/a.css").text for _ in range(2)]         # from the disk, and from memory
    file.rename(project / "moved.css")
    file.symlink_to(project / "moved.css")

    answer = visitor.get("/static/css/a.css")

    assert before == ["a {}", "a {}"]
    assert answer.status_code == 404


def test_what_a_link_leads_to_that_comes_in_the_last_moment_is_not_kept(project: Path, monkeypatch: pytest.MonkeyPatch):
    file = _settled(project / "static" / "css" / "a.css", "a {}")
    secret = _settled(project / "secret.css", SECRET)

    def open_when_it_has_become_a_link(path: Path) -> File:
        monkeypatch.undo()
        file.unlink()
        file.symlink_to(secret)
        return File(path)

    monkeypatch.setattr("lona_sync.server.static.files.File", open_when_it_has_become_a_link)
    visitor = Visitor(app_of(project))
    visitor.get("/static/css/a.css")

    assert visitor.get("/static/css/a.css").status_code == 404


def test_a_link_that_leads_out_is_said_in_the_log(tricky: App, caplog: pytest.LogCaptureFixture):
    Visitor(tricky).get("/static/link.css")

    assert "link.css is not used: it leads out of" in caplog.text


def _ask(address: Any, path: bytes) -> bytes:
    """What a server answers to these bytes, which no client library would send."""
    with socket.create_connection(address, timeout=10) as client:
        client.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = b""
        while block := client.recv(65536):
            answer += block
        return answer


RAW = [
    b"/static/../secret.css", b"/static/../../../../../../etc/hostname", b"/static/%2e%2e/secret.css", b"/static/..%2fsecret.css",
    b"/static//etc/hostname", b"/static///etc/hostname", b"/static/..\\secret.css", b"/static/%5c..%5csecret.css",
    b"/static/css/a.css%00", b"/static/\xff\xfe", b"/static/\xc0\xae\xc0\xae/secret.css", b"http://localhost/static/../secret.css",
    b"/static/./../secret.css", b"/static/css/../../secret.css", b"//static/../secret.css",
    b"/static/link.css", b"static/../secret.css",
]


@pytest.fixture
def serve(tricky: App) -> Any:
    servers: list[WSGIServer] = []

    def start() -> tuple[str, int]:
        server = WSGIServer(("127.0.0.1", 0), tricky, log=None, error_log=None)
        server.start()
        servers.append(server)
        return "127.0.0.1", server.server_port

    yield start
    for server in servers:
        server.stop(timeout=1)


@pytest.mark.parametrize("path", RAW)
def test_no_bytes_on_a_socket_lead_out_of_the_folders(serve: Callable[[], tuple[str, int]], path: bytes):
    address = serve()

    answer = gevent.get_hub().threadpool.apply(_ask, (address, path))

    assert not re.match(rb"HTTP/1\.[01] 2", answer), answer[:200]
    assert SECRET.encode() not in answer
