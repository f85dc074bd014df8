"""The browser's side, as it is served."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from werkzeug.test import Client, TestResponse

from lona_sync import App, View
from lona_sync.server.static.client_files import CLIENT, ClientFiles

VERSION = ClientFiles().version


def get(path: str, **headers: str) -> TestResponse:
    app = App(__file__)
    app.route("/")(View)
    return Client(app).get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


@pytest.mark.parametrize("name", [path.name for path in sorted(CLIENT.glob("*.js"))])
def test_every_module_of_the_client_is_served(name: str):
    response = get(f"/_lona_sync/client/{VERSION}/{name}")

    assert response.status_code == 200
    assert response.data == (CLIENT / name).read_bytes()
    assert response.content_type == "text/javascript; charset=utf-8"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_the_present_version_is_kept_for_ever():
    response = get(f"/_lona_sync/client/{VERSION}/lona.js")

    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("version", ["0123456789abcdef", "x", VERSION + "0", VERSION.upper() + "_"])
def test_another_version_gets_the_present_file_and_must_ask_again(version: str):
    response = get(f"/_lona_sync/client/{version}/lona.js")

    assert response.data == (CLIENT / "lona.js").read_bytes()
    assert response.headers["Cache-Control"] == "no-cache"


def test_who_has_the_file_already_gets_304():
    first = get("/_lona_sync/client/old/lona.js")

    second = get("/_lona_sync/client/old/lona.js", If_None_Match=first.headers["ETag"])

    assert (second.status_code, second.data) == (304, b"")


def test_who_asks_by_another_method_is_not_told_that_he_has_it():
    etag = get("/_lona_sync/client/old/lona.js").headers["ETag"]

    response = Client(App(__file__)).post("/_lona_sync/client/old/lona.js", headers={"If-None-Match": etag})

    assert (response.status_code, response.data) == (200, (CLIENT / "lona.js").read_bytes())


def test_who_takes_gzip_gets_gzip() -> None:
    plain = get(f"/_lona_sync/client/{VERSION}/lona.js")

    packed = get(f"/_lona_sync/client/{VERSION}/lona.js", Accept_Encoding="br, gzip;q=0.5")
    refused = get(f"/_lona_sync/client/{VERSION}/lona.js", Accept_Encoding="gzip;q=0")

    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data == refused.data
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"


def test_a_page_names_all_modules_that_it_loads_and_none_that_is_loaded_when_it_is_needed() -> None:
    text = get("/").text

    named = set(re.findall(f'<link rel="modulepreload" href="/_lona_sync/client/{VERSION}/(.*?)">', text))
    assert {"lona.js", "tree.js", "window.js"} <= named < {path.name for path in CLIENT.glob("*.js")}
    assert not {"virtual.js", "context.js"} & named


def test_who_has_another_file_gets_the_file():
    response = get("/_lona_sync/client/old/lona.js", If_None_Match='"something else"')

    assert response.status_code == 200


@pytest.mark.parametrize("path", [
    "nothing.js", "../errors.py", "../../setup.py", "..%2ferrors.py", "%2e%2e/errors.py", "%2e%2e%2ferrors.py", "..\\errors.py",
    "/etc/hostname", "//etc/hostname", "./lona.js/", "lona.js/", "lona.js%00", "LONA.JS", "", ".", "..", "lona.js/../lona.js",
    "../../../../../../../../etc/hostname", "%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/hostname",
])
def test_no_path_leads_out_of_the_client(path: str):
    response = get(f"/_lona_sync/client/{VERSION}/{path}")

    assert response.status_code == 404


@pytest.mark.parametrize("path", ["lona.js", "", "..", "../../errors.py"])
def test_there_is_nothing_outside_of_a_version(path: str):
    response = get(f"/_lona_sync/client/{path}")

    assert response.status_code == 404


def test_the_version_changes_with_any_of_the_files(tmp_path: Path):
    (tmp_path / "a.js").write_text("1")
    (tmp_path / "b.js").write_text("2")
    before = ClientFiles(tmp_path).version

    (tmp_path / "b.js").write_text("3")

    assert ClientFiles(tmp_path).version != before


def test_two_processes_name_the_same_version():
    first, second = ClientFiles(), ClientFiles()

    assert first.version == second.version
