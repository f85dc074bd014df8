"""The server of docs/deployment.md: gunicorn at a unix socket behind nginx, with TLS, by the files that stand there."""

from __future__ import annotations

import configparser
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cluster.processes import ROOT, Process, free_port, wait_until
from tests.cluster.windows import Browser, View, cookie_of, over_tls
from tests.provision import find
from tests.redis.server import RedisServer
from tests.server.raw_client import RawClient, connect

CERTIFICATE = ROOT / "tests" / "server" / "certificate.pem"

#: A view whose title is the worker that has it, and one that tells who its visitor is said to be.
APP = """
import os
from lona_sync import App, View
from lona_sync.html import HTML, Button, P

app = App(__file__)
app.settings.TRUSTED_PROXIES = ('unix',)

@app.route("/")
class Counter(View):
    def handle_request(self, request):
        text, button = P("0"), Button("+1")
        self.show(HTML(text, button), title=str(os.getpid()))
        for n in range(1, 1000):
            self.await_click(button)
            text.set_text(f"clicked {n}")
            self.show()

@app.route("/visitor", interactive=False)
class Visitor(View):
    def handle_request(self, request):
        return request.user.address
"""


def of_docs(language: str) -> list[str]:
    """The blocks of this language in docs/deployment.md."""
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / "docs" / "deployment.md").read_text(), re.DOTALL)


def replaced(text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert old in text, f"docs/deployment.md does not say {old!r} any more"
        text = text.replace(old, new)
    return text


@dataclass
class Site:
    """A running server: the ports of nginx, and what serves behind it."""
    plain: int
    tls: int
    service: Process

    def get(self, head: str, *, tls: bool = True) -> str:
        """The answer to this request's head."""
        with over_tls(self.tls) if tls else RawClient(connect(("127.0.0.1", self.plain))) as client:
            client.send(head.replace("\n", "\r\n").encode() + b"Connection: close\r\n\r\n")
            return b"".join(iter(lambda: client.sock.recv(65_536), b"")).decode()


@pytest.fixture
def site(tmp_path: Path, redis_server: RedisServer) -> Iterator[Site]:
    nginx = find("nginx")
    assert nginx is not None, "nginx is missing: python tests/provision.py nginx"
    plain, tls = free_port(), free_port()
    web, static = of_docs("nginx")
    (service_file,) = of_docs("ini")
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "run").mkdir()
    (tmp_path / "static").mkdir()
    subprocess.run(
        [sys.executable, "-m", "lona_sync", "collect-static", "app.py", "static"], cwd=tmp_path, check=True, capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    (tmp_path / "nginx.conf").write_text(
        # pytest's folders are for nobody else, and nginx's workers are, as root, somebody else.
        ("user root; " if os.geteuid() == 0 else "")
        + f"daemon off; pid {tmp_path}/nginx.pid; error_log stderr;\nevents {{}}\nhttp {{ access_log off;\n"
        + "".join(f"{kind}_temp_path {tmp_path}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "scgi", "uwsgi"))
        + replaced(
            web.rstrip().removesuffix("}") + static + "}\n", ("listen 80;", f"listen 127.0.0.1:{plain};"),
            ("listen 443 ssl", f"listen 127.0.0.1:{tls} ssl"),
            ("/run/myapp", f"{tmp_path}/run"), ("/srv/myapp/static", f"{tmp_path}/static"),
            ("/etc/letsencrypt/live/example.org/fullchain.pem", str(CERTIFICATE)),
            ("/etc/letsencrypt/live/example.org/privkey.pem", str(CERTIFICATE)),
        ) + "}\n"
    )
    unit = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    unit.optionxform = str                                               # type: ignore[assignment,method-assign]  # as documented
    unit.read_string(replaced(service_file, ("/run/myapp", f"{tmp_path}/run"), ("/srv/myapp/venv/bin/gunicorn", "gunicorn")))
    command = shlex.split(unit["Service"]["ExecStart"])
    environment = {
        "LONA_SYNC_RUNTIME_DIRECTORY": f"{tmp_path}/run", "LONA_SYNC_BROKER": redis_server.url, "LONA_SYNC_SECRET_KEY": "k" * 32,
    }
    with ExitStack() as stack:
        service = Process([sys.executable, "-m", *command, "--no-control-socket"], tmp_path, environment)
        stack.callback(service.kill)
        wait_until(lambda: "Booting worker" in service.output, explain=lambda: service.output)
        proxy = Process([nginx, "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")], tmp_path, {})
        stack.callback(proxy.kill)
        proxy.wait_for_port(tls)
        yield Site(plain, tls, service)


def test_a_click_goes_through_nginx_and_any_worker_carries_the_view_on(site: Site):
    cookie = cookie_of(site.tls, tls=True)
    view = Browser(site.tls, cookie, tls=True).open("/")

    texts = []
    for _ in range(6):
        view.resume(Browser(site.tls, cookie, tls=True))
        texts.append(view.click())

    assert texts == [f"clicked {n}" for n in range(1, 7)]


def test_who_comes_without_tls_is_sent_to_it_and_cookies_go_only_over_it(site: Site):
    moved = site.get("GET /x?y=1 HTTP/1.1\nHost: example.org\n", tls=False)
    page = site.get("GET / HTTP/1.1\nHost: example.org\n")

    assert moved.startswith("HTTP/1.1 301 ")
    assert "\r\nLocation: https://example.org/x?y=1\r\n" in moved
    assert page.startswith("HTTP/1.1 200 ")
    assert re.search(r"\r\nSet-Cookie: [^\r]*; Secure", page, re.IGNORECASE)


def test_nginx_serves_what_was_collected_for_ever_by_its_fingerprint(site: Site):
    page = site.get("GET / HTTP/1.1\nHost: example.org\n")
    (address,) = re.findall(r'<link rel="stylesheet" href="(/static/lona/style[^"]+)"', page)

    style = site.get(f"GET {address} HTTP/1.1\nHost: example.org\n")
    nothing = site.get("GET /static/../app.py HTTP/1.1\nHost: example.org\n")

    assert "\r\nServer: nginx" in style and "--lona-accent" in style
    assert "\r\nCache-Control: public, max-age=31536000, immutable\r\n" in style
    assert "TRUSTED_PROXIES" not in nothing


def test_nobody_chooses_the_address_that_he_comes_from(site: Site):
    answer = site.get("GET /visitor HTTP/1.1\nHost: example.org\nX-Forwarded-For: 203.0.113.9\n")

    assert answer.rpartition("\r\n\r\n")[2].strip() == "127.0.0.1"


def test_a_reload_brings_browsers_to_new_workers_through_nginx(site: Site):
    view = Browser(site.tls, cookie_of(site.tls, tls=True), tls=True).open("/")

    site.service.signal(signal.SIGHUP)
    code = view.browser.close_code()

    assert code == 1012
    fresh = wait_until(lambda: opened(site, view.worker))
    assert fresh.text == "0"


def opened(site: Site, than: str) -> View | None:
    try:
        view = Browser(site.tls, cookie_of(site.tls, tls=True), tls=True).open("/")
    except (ConnectionError, AssertionError):                            # an old worker that lets nobody in any more
        return None
    return view if view.worker != than else None
