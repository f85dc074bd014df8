"""The pytest plugin, as users have it: in runs of pytest of their own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

SHOP = """
from lona_sync import App, Channel, View
from lona_sync.html import HTML, Button, P

app = App(__file__)

@app.route('/')
class Shop(View):
    def handle_request(self, request):
        button, text = Button('Buy'), P('0')
        self.show(HTML(button, text))
        self.subscribe('prices', lambda message: text.set_text(message.data))
        for number in range(1, 1000):
            self.await_click(button)
            text.set_text(number)
            self.show()
            self.sleep(10)

@app.route('/plain', interactive=False)
class Plain(View):
    def handle_request(self, request):
        return 'plain'

@app.route('/hello')
class Hello(View):
    def handle_request(self, request):
        self.is_daemon = True
        return 'Hello'
"""


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Runs tests beside `shop.py`, in a process of their own, with the plugin and nothing else of this repository."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile(shop=SHOP)

    def run_tests(tests: str, *options: str) -> pytest.RunResult:
        pytester.makepyfile(test_shop=tests)
        return pytester.runpytest_subprocess("-p", "pytest_lona_sync", "-W", "error", *options)

    return run_tests


def test_the_plugin_costs_nothing_when_it_is_not_used() -> None:
    loaded = "[name for name in ('gevent', 'werkzeug', 'lona_sync') if name in sys.modules]"
    program = f"import sys, pytest, pytest_lona_sync; print({loaded})"

    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


def test_it_is_installed_for_pytest() -> None:
    setup = (ROOT / "setup.py").read_text()

    assert '"pytest11": ["pytest_lona_sync = pytest_lona_sync"]' in setup
    assert 'py_modules=["pytest_lona_sync"]' in setup


def test_a_client_opens_pages_and_nothing_is_said_about_gevent(run: Callable[..., Any]) -> None:
    result = run("""
        from shop import app

        def test_buying(lona_client, caplog):
            page = lona_client(app).open('/')
            page.click('button')
            assert page.text('p') == '1'
            assert lona_client(app).http.get('/plain').text == 'plain'
            assert caplog.text == ''
    """)

    result.assert_outcomes(passed=1)


def test_each_test_has_the_application_as_new(run: Callable[..., Any]) -> None:
    result = run("""
        import pytest
        from shop import app

        @pytest.mark.parametrize('number', range(3))
        def test_alone(lona_client, number):
            client = lona_client(app)
            page = client.open('/hello')
            assert page.text() == 'Hello'
            assert client.app.stats()['views'] == 1
    """)

    result.assert_outcomes(passed=3)


def test_no_key_is_written_into_the_project(run: Callable[..., Any], pytester: pytest.Pytester) -> None:
    run("""
        from shop import app

        def test_page(lona_client):
            lona_client(app).open('/')
    """)

    assert not (pytester.path / "instance").exists()


def test_clients_of_one_application_share_a_clock(run: Callable[..., Any]) -> None:
    result = run("""
        from shop import app

        def test_time(lona_client):
            first, second = lona_client(app), lona_client(app)
            pages = [first.open('/'), second.open('/')]
            for page in pages:
                page.click('button')
                page.click('button')
            first.clock.advance(10)
            assert [page.text('p') for page in pages] == ['2', '2']
            assert first.clock is second.clock
    """)

    result.assert_outcomes(passed=1)


def test_a_live_server_answers_while_the_test_blocks(run: Callable[..., Any]) -> None:
    result = run("""
        import urllib.request
        from shop import app

        def test_server(lona_live_server):
            server = lona_live_server(app)
            with urllib.request.urlopen(server.make_url('/plain'), timeout=10) as answer:
                assert answer.read() == b'plain'

        def test_another(lona_live_server):
            server = lona_live_server(app)
            with urllib.request.urlopen(server.url + '/plain', timeout=10) as answer:
                assert answer.read() == b'plain'

        def test_client_afterwards(lona_client):
            page = lona_client(app).open('/')
            page.click('button')
            assert page.text('p') == '1'
    """)

    result.assert_outcomes(passed=3)


def test_a_live_server_works_where_gevent_has_patched_the_process(run: Callable[..., Any], pytester: pytest.Pytester) -> None:
    pytester.makeconftest("from gevent import monkey; monkey.patch_all()")

    result = run("""
        import urllib.request
        from shop import app

        def test_server(lona_live_server):
            server = lona_live_server(app)
            with urllib.request.urlopen(server.make_url('/plain'), timeout=10) as answer:
                assert answer.read() == b'plain'

        def test_client(lona_client):
            page = lona_client(app).open('/')
            page.click('button')
            assert page.text('p') == '1'
    """)

    result.assert_outcomes(passed=2)


def test_what_lives_in_the_server_is_reached_by_call(run: Callable[..., Any]) -> None:
    result = run("""
        import urllib.request
        import pytest
        from lona_sync.errors import WrongThreadError
        from lona_sync.testing import Client
        from shop import app

        def fail():
            raise LookupError('gone')

        def test_server(lona_live_server):
            server = lona_live_server(app)
            assert server.call(app.views) == []
            assert server.call(app.server.get_views, url='/') == []
            with pytest.raises(LookupError, match='gone'):
                server.call(fail)
            with pytest.raises(WrongThreadError, match='live server'):
                Client(app).open('/')

        def test_client_first(lona_client, lona_live_server):
            lona_client(app).open('/')
            with pytest.raises(RuntimeError, match='in use already'):
                lona_live_server(app)
    """)

    result.assert_outcomes(passed=2)


def test_an_application_context_is_made_for_the_test(run: Callable[..., Any]) -> None:
    result = run("""
        from lona_sync import View
        from lona_sync.html import P

        def test_context(lona_app_context):
            def setup_app(app):
                @app.route('/')
                class Index(View):
                    def handle_request(self, request):
                        self.is_daemon = True
                        return P('here')

            context = lona_app_context(setup_app)
            page = context.client.open('/')
            assert page.text('p') == 'here'
            assert context.server.get_views(url='/')[0].is_daemon
            assert context.app.routes[0].view.__name__ == 'Index'

        def test_live(lona_app_context):
            import urllib.request

            def setup_app(app):
                @app.route('/', interactive=False)
                class Index(View):
                    def handle_request(self, request):
                        return 'live'

            context = lona_app_context(setup_app)
            assert context.make_url('/a').endswith('/a')
            with urllib.request.urlopen(context.make_url(), timeout=10) as answer:
                assert answer.read() == b'live'

        def test_prompt(lona_app_context, monkeypatch):
            import code
            import webbrowser

            opened, prompts = [], []
            monkeypatch.setattr(webbrowser, 'open', opened.append)
            monkeypatch.setattr(code, 'interact', lambda banner, local: prompts.append(local))
            context = lona_app_context(lambda app: None)
            context.debug_interactive(sync=True, globals={'x': 1})
            context.debug_interactive(webbrowser=False)
            assert opened == [context.make_url()]
            assert prompts == [{'context': context, 'x': 1}, {'context': context}]
    """)

    result.assert_outcomes(passed=3)


def test_a_project_context_has_the_settings_of_the_project(run: Callable[..., Any], pytester: pytest.Pytester) -> None:
    pytester.makepyfile(settings="TITLE = 'from the file'\nMAX_VIEWS = 7", table="from shop import app\nroutes = app.routes")

    result = run("""
        def test_settings(lona_project_context, request):
            context = lona_project_context(
                project_root=request.path.parent, settings=['settings.py'],
                settings_pre_overrides={'TITLE': 'before', 'MAX_WINDOWS': 3}, settings_post_overrides={'MAX_VIEWS': 9},
            )
            settings = context.app.settings
            assert (settings.TITLE, settings.MAX_VIEWS, settings.MAX_WINDOWS) == ('from the file', 9, 3)
            assert context.server.settings is settings

        def test_routes(lona_project_context, request):
            context = lona_project_context(
                project_root=request.path.parent, settings_post_overrides={'ROUTING_TABLE': 'table.routes'},
            )
            assert context.client.http.get('/plain').text == 'plain'
    """)

    result.assert_outcomes(passed=2)


def test_a_live_server_in_a_test_that_fails_is_ended_too(run: Callable[..., Any]) -> None:
    result = run("""
        import socket
        import pytest
        from shop import app

        ports = []

        def test_fails(lona_live_server):
            ports.append(lona_live_server(app).port)
            assert False

        def test_afterwards():
            with pytest.raises(OSError):
                socket.create_connection(('127.0.0.1', ports[0]), timeout=5)
    """)

    result.assert_outcomes(passed=1, failed=1)


def test_a_message_of_the_test_reaches_the_views_of_the_server(run: Callable[..., Any]) -> None:
    result = run("""
        import threading
        from lona_sync import Channel
        from lona_sync.testing import eventually
        from shop import app

        def test_channel(lona_live_server):
            server = lona_live_server(app)
            heard = []
            server.call(lambda: Channel('news').subscribe(lambda message: heard.append(message.data)))
            Channel('news').send(1)
            for attempt in eventually():
                with attempt:
                    assert heard == [1]

        def test_channels_are_the_tests_own_again():
            heard = []
            channel = Channel('news')
            channel.subscribe(lambda message: heard.append(message.data))
            channel.send(2)
            for attempt in eventually():
                with attempt:
                    assert heard == [2]
            channel.unsubscribe()
    """)

    result.assert_outcomes(passed=2)
