"""Programs as one writes them for Lona, with the name of the package changed and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

import pytest

from lona_sync import App, Channel, View
from lona_sync.errors import ForbiddenError, NotFoundError
from lona_sync.exceptions import UserAbort
from lona_sync.html import CHANGE, CLICK, H1, HTML, A, Button, CheckBox, Div, Form, Li, Node, P, Select2, Submit, TextInput, Ul
from lona_sync.html import Option2 as Option
from lona_sync.pytest import eventually
from lona_sync.responses import HtmlResponse, JsonResponse, RedirectResponse, TemplateStringResponse
from lona_sync.routing import MATCH_ALL, Route
from lona_sync.static_files import SORT_ORDER, Script
from lona_sync.testing import Client


@pytest.fixture
def app() -> Iterator[App]:
    app = App(__file__)
    app.settings.SECRET_KEY = "k" * 32
    yield app
    app.stop()


def test_rock_paper_and_a_loop_of_waits(app):
    @app.route('/')
    class MyView(View):
        def handle_request(self, request):
            self.html = HTML(H1('Question'), P('Yes or no?'), Button('Yes', _id='yes'), Button('No', _id='no'))
            self.show(self.html)

            input_event = self.await_click(self.html.query_selector('#yes'), self.html.query_selector('#no'))

            if input_event.node_has_id('yes'):
                return 'You clicked <b>yes</b>'

            return HTML(P('You clicked no'))

    yes, no = Client(app).open('/'), Client(app).open('/')
    yes.click('#yes')
    no.click('#no')

    assert yes.text('b') == 'yes'
    assert no.text('p') == 'You clicked no'


def test_handlers_of_nodes_of_classes_and_of_the_view(app):
    class Clickable(Div):
        EVENTS = [CLICK]
        CLASS_LIST = ['clickable']

        def handle_click(self, input_event):
            self.set_text('class')

    @app.route('/')
    class MyView(View):
        def handle_button_click(self, input_event):
            input_event.node.set_text('callback')

        def handle_input_event_root(self, input_event):
            self.seen = input_event.name
            return input_event

        def handle_input_event(self, input_event):
            self.text.set_text(f'{self.seen} of {input_event.node.tag_name}, {sorted(input_event.data)[0]}')

        def handle_request(self, request):
            self.text = P()
            return HTML(
                Clickable('?'), Button('?', _id='a', handle_click=self.handle_button_click), Button('?', _id='b'), self.text,
            )

    page = Client(app).open('/')
    for target in ('.clickable', '#a', '#b'):
        page.click(target)

    assert (page.text('.clickable'), page.text('#a'), page.text('p')) == ('class', 'callback', 'click of button, alt_key')


def test_inputs_their_values_and_where_changes_go(app):
    @app.route('/')
    class MyView(View):
        def handle_change(self, input_event):
            self.log.append(Li(repr(input_event.node.value)))

        def handle_request(self, request):
            self.log = Ul()
            select = Select2(Option('One', value=1, selected=True), Option('Two', value=2.0), handle_change=self.handle_change)
            text = TextInput(value='x', bubble_up=True)
            box = CheckBox(handle_change=self.handle_change)
            self.show(HTML(select, text, box, self.log))

            input_event = self.await_change(text)

            self.log.append(Li(input_event.node.value))
            self.show()

    page = Client(app).open('/')
    page.type('input', 'typed')
    page.select('select', 1)
    page.check('[type=checkbox]')

    assert [item.text for item in page.find_all('li')] == ['typed', '2.0', 'True']


def test_routes_their_parts_and_redirects(app):
    @app.route('/number/<number:[0-9]+>(/)', name='number')
    class NumberView(View):
        def handle_request(self, request):
            return HTML(P(f"{request.match_info['number']} {request.GET.get('by', '')} {request.route.name}"))

    @app.route('/go')
    class Go(View):
        def handle_request(self, request):
            return RedirectResponse(self.server.reverse('number', number=5) + '?by=go')

    class CatchAll(View):
        def handle_request(self, request):
            raise NotFoundError

    app.routes.append(Route(MATCH_ALL, CatchAll))
    pages = [Client(app).open(url).text for url in ('/number/7', '/number/7/', '/go', '/number/x')]

    assert [text('p') for text in pages[:3]] == ['7  number', '7  number', '5 go number']
    assert '404' in pages[3]('h1')


def test_a_form_that_is_posted_to_its_own_view(app):
    @app.route('/')
    class FormView(View):
        def handle_request(self, request):
            if request.method == 'POST':
                return HTML(P(f"Hello {request.POST['name']}"))

            return HTML(Form(TextInput(name='name'), Submit('Go'), _method='post', _action='.'))

    page = Client(app).open('/')
    page.type('input', 'Ada')
    page.submit('form')

    assert page.text('p') == 'Hello Ada'


def test_views_that_are_not_interactive(app):
    @app.route('/json', interactive=False)
    class Api(View):
        def handle_request(self, request):
            return JsonResponse({'method': request.method, 'q': request.GET['q']})

    @app.route('/html', interactive=False)
    class Html(View):
        def handle_request(self, request):
            return HtmlResponse(HTML(P('<safe>')))

    @app.route('/template', interactive=False)
    class Template(View):
        def handle_request(self, request):
            return TemplateStringResponse('Hello {{ name }}', {'name': 'Ada'})

    @app.route('/forbidden', interactive=False)
    class Forbidden(View):
        def handle_request(self, request):
            raise ForbiddenError

    http = Client(app).http
    answers = {path: http.get(path) for path in ('/json?q=1', '/html', '/template', '/forbidden')}

    assert json.loads(answers['/json?q=1'].text) == {'method': 'GET', 'q': '1'}
    assert answers['/html'].text == '<p>&lt;safe&gt;</p>'
    assert answers['/template'].text == 'Hello Ada'
    assert answers['/forbidden'].status_code == 403


def test_a_daemon_and_what_joins_it(app):
    stopped = []

    @app.route('/')
    class Daemon(View):
        def handle_request(self, request):
            self.is_daemon = True
            self.text = P('0')
            button, end = Button('+', _id='more'), Button('end', _id='end')
            self.show(HTML(self.text, button, end))
            while self.await_click(button, end).node is button:
                self.text.set_text(int(self.text.get_text()) + 1)
                self.show()

        def on_stop(self, reason):
            stopped.append(reason)

        def on_cleanup(self):
            stopped.append('cleanup')

    client = Client(app)
    page = client.open('/')
    page.click('#more')
    page.close()
    again = client.open('/')
    again.click('#more')

    assert again.text('p') == '2'
    again.click('#end')
    again.close()
    for attempt in eventually():
        with attempt:
            assert stopped == [None, 'cleanup']


def test_a_visitor_who_leaves_ends_his_view(app):
    reasons = []

    @app.route('/')
    class Waits(View):
        def handle_request(self, request):
            try:
                self.await_click(html=HTML(Button('x')))
            except UserAbort as reason:
                reasons.append(type(reason))
                raise

        def on_stop(self, reason):
            reasons.append(type(reason))

    Client(app).open('/').close()

    for attempt in eventually():
        with attempt:
            assert reasons == [UserAbort, UserAbort]


def test_channels_and_view_events(app):
    @app.route('/')
    class Receiver(View):
        def handle_request(self, request):
            self.messages = Ul()
            self.subscribe('news.*', self.handle_message)
            self.show(HTML(self.messages))

        def handle_message(self, message):
            assert message.expiry is None or message.expiry > datetime.now()
            self.messages.append(Li(message.data['text']))

        def on_view_event(self, view_event):
            self.messages.append(Li(f'{view_event.name}: {view_event.data}'))

    @app.route('/sender')
    class Sender(View):
        def handle_request(self, request):
            Channel('news.sport').send({'text': 'goal'})
            self.server.fire_view_event('told', 1, view_classes=[Receiver])

    page = Client(app).open('/')
    Client(app).open('/sender')
    page.settle()

    assert [item.text for item in page.find_all('li')] == ['goal', 'told: 1']


def test_state_middlewares_and_settings(app):
    app.settings.INITIAL_SERVER_STATE = {'counters': {'visits': 0}}
    app.settings.MY_SETTING = 'mine'

    @app.middleware
    class Gate:
        async def on_startup(self, data):
            data.server.state['started'] = True
            return data

        def handle_request(self, data):
            if data.request.GET.get('secret') != 'x':
                raise ForbiddenError
            return data

    @app.route('/')
    class Visits(View):
        def handle_request(self, request):
            with self.server.state.lock:
                self.server.state['counters']['visits'] += 1
            state, settings = self.server.state, self.server.settings
            return HTML(P(f"{state['counters']['visits']} {state['started']} {settings.MY_SETTING}"))

    refused, allowed = Client(app).open('/'), Client(app).open('/?secret=x')

    assert '403' in refused.text('h1')
    assert allowed.text('p') == '1 True mine'


def test_views_are_looked_up_and_changed_from_outside(app):
    @app.route('/')
    class Shown(View):
        def handle_request(self, request):
            self.text = P('before')
            self.show(HTML(self.text))

    page = Client(app).open('/')
    [view] = app.server.get_views(url='/')
    with view.text.lock:
        view.text.set_text('after')
        view.show()
    page.settle()

    assert page.text('p') == 'after'
    assert app.server.get_view_class(url='/') is Shown


def test_nodes_with_scripts_of_their_own_and_links(app):
    class Chart(Node):
        TAG_NAME = 'div'
        WIDGET = 'chart'
        EVENTS = [CHANGE(200)]
        STATIC_FILES = [Script(name='lona programs', path='test_lona_programs.py', sort_order=SORT_ORDER.LIBRARY, link=False)]

    @app.route('/')
    class Charts(View):
        def handle_request(self, request):
            chart = Chart(widget_data={'values': [1]})
            chart.widget_data['values'].append(2)
            return HTML(chart, A('elsewhere', href='/elsewhere', interactive=False))

    page = Client(app).open('/')

    assert page.find('a').attributes['data-lona-ignore'] is not None
    assert page.find('div div').widget == ('chart', {'values': [1, 2]})
