"""Programs as one writes them for Lona, with the name of the package changed and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from lona_sync import App, Channel, View
from lona_sync.errors import ForbiddenError, NotFoundError
from lona_sync.exceptions import UserAbort
from lona_sync.html import (
    BLUR,
    CHANGE,
    CLICK,
    FOCUS,
    H1,
    HTML,
    A,
    Button,
    CheckBox,
    Div,
    Form,
    Li,
    Node,
    P,
    Select2,
    Submit,
    TextInput,
    Ul,
)
from lona_sync.html import Option2 as Option
from lona_sync.pytest import eventually
from lona_sync.responses import (
    HtmlResponse,
    HttpRedirectResponse,
    JsonResponse,
    RedirectResponse,
    TemplateResponse,
    TemplateStringResponse,
)
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
            assert not message.is_expired()
            self.messages.append(Li(message.data['text']))

        def on_view_event(self, view_event):
            self.messages.append(Li(f'{view_event.name}: {view_event.data}'))

    @app.route('/sender')
    class Sender(View):
        def handle_request(self, request):
            Channel('news.sport').send({'text': 'goal'}, expiry=datetime.now() + timedelta(minutes=1))
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


def test_what_decorators_leave_behind(app):
    @app.middleware()
    class First:
        pass

    @app.middleware
    class Second:
        pass

    @app.error_403_view()
    class Refused(View):
        pass

    @app.error_500_view
    class Failed(View):
        pass

    @app.route('/b', 'b', False)
    @app.route('/a', name='a')
    class Both(View):
        STATIC_FILES = [*View.STATIC_FILES]

    settings = [app.settings.get(name) for name in ('MIDDLEWARES', 'ERROR_403_VIEW', 'ERROR_500_VIEW')]
    assert settings == [[First, Second], Refused, Failed]
    assert [(route.raw_pattern, route.view, route.name, route.interactive) for route in app.routes] == [
        ('/a', Both, 'a', True), ('/b', Both, 'b', False),
    ]
    assert [(route.http_pass_through, route.frontend_view) for route in app.routes] == [(False, None)] * 2


@pytest.mark.filterwarnings('ignore::DeprecationWarning')
@pytest.mark.parametrize('answer', [
    RedirectResponse('/there'), HttpRedirectResponse('/there'), {'redirect': '/there'}, {'http_redirect': '/there'},
], ids=['window', 'page', 'window as a dict', 'page as a dict'])
@pytest.mark.parametrize('place', [
    'handle_request', 'handle_input_event_root', 'handle_click', 'handle_input_event', 'on_view_event',
])
def test_where_redirects_may_be_returned(app, place, answer):
    def at(name, otherwise=None):
        return answer if name == place else otherwise

    @app.route('/')
    class Leaving(View):
        def handle_request(self, request):
            handlers = {'handle_click': self.handle_click} if place == 'handle_click' else {}
            return at('handle_request', HTML(Button('go', **handlers)))

        def handle_click(self, input_event):
            return at('handle_click')

        def handle_input_event_root(self, input_event):
            return at('handle_input_event_root', input_event)

        def handle_input_event(self, input_event):
            return at('handle_input_event', input_event)

        def on_view_event(self, view_event):
            return at('on_view_event')

    @app.route('/there')
    class There(View):
        def handle_request(self, request):
            return HTML(P('there'))

    page = Client(app).open('/')
    if place == 'on_view_event':
        app.server.fire_view_event('go')
        page.settle()
    elif place != 'handle_request':
        page.click('button')

    assert page.text('p') == 'there'


@pytest.mark.parametrize('call', [
    lambda view: view.show('x'), lambda view: view.set_title('x'), lambda view: view.await_click(),
    lambda view: view.await_input_event(), lambda view: view.send_str('x'), lambda view: setattr(view, 'is_daemon', True),
], ids=['show', 'set_title', 'await_click', 'await_input_event', 'send_str', 'is_daemon'])
def test_what_is_for_interactive_views_alone(app, call):
    @app.route('/', interactive=False)
    class Plain(View):
        def handle_request(self, request):
            with pytest.raises(RuntimeError):
                call(self)
            return f"{self.sleep(0, 'slept')} {self.ping()}"

    assert Client(app).http.get('/').text == 'slept pong'


def test_what_a_frontend_view_is_told(app):
    told = []

    @app.frontend_view
    class Frontend(View):
        def handle_request(self, request):
            told.append((request.frontend, request.interactive, request.method))
            return TemplateResponse('lona/frontend.html', {'request': request})

        def on_stop(self, reason):
            told.append(reason)

        def on_cleanup(self):
            told.append('cleanup')

    @app.route('/')
    class Framed(View):
        def handle_request(self, request):
            assert (request.frontend, request.interactive) == (False, True)
            return HTML(P('framed'))

    page = Client(app).open('/')

    assert page.text('p') == 'framed'
    assert told == [(True, False, 'GET'), None, 'cleanup']


def test_error_pages_of_templates_and_of_views(app):
    app.add_template('lona/403.html', '<p>{{ request.url.path }} {{ exception }}</p>')
    app.add_template('lona/500.html', '<p>{{ request.url.path }} {{ exception }}</p>')

    @app.error_404_view
    class NotFound(View):
        def handle_request(self, request):
            return HTML(P(f'{request.url.path} {request.route} {dict(request.match_info)}'))

    @app.route('/refused')
    class Refused(View):
        def handle_request(self, request):
            raise ForbiddenError('not you')

    @app.route('/failed')
    class Failed(View):
        def handle_request(self, request):
            raise ValueError('<oops>')

    texts = [Client(app).open(url).text('p') for url in ('/refused', '/failed', '/nowhere')]

    assert texts == ['/refused not you', '/failed <oops>', '/nowhere None {}']


def test_which_daemon_is_joined_and_how_it_is_let_go(app):
    @app.route('/<name>')
    class Daemon(View):
        def handle_request(self, request):
            self.is_daemon = True
            self.set_title(request.match_info['name'])
            self.show(HTML(Button('let go', handle_click=self.let_go)))
            self.sleep(3600)

        def let_go(self, input_event):
            self.is_daemon = False

    client = Client(app)
    client.open('/a?query=1').close()
    again = client.open('/a?query=2')
    client.open('/b')

    assert again.title == 'a'
    assert len(app.server.get_views(url='/a')) == 2
    again.click('button')
    again.close()
    for attempt in eventually():
        with attempt:
            assert [view.request.match_info['name'] for view in app.server.get_views(url='/a')] == ['b']


def test_what_an_input_event_tells(app):
    events = []

    @app.route('/')
    class Told(View):
        def handle_request(self, request):
            button = Button('x', _id=['one', 'two'], _class='red blue')
            self.show(HTML(Div(button, _id='around'), TextInput(events=[FOCUS, BLUR])))
            for wait in (self.await_click, self.await_focus, self.await_blur):
                events.append(wait())

    page = Client(app).open('/')
    page.click('button')
    page.focus('input')
    page.blur('input')

    click, focus, blur = events
    assert (click.name, click.tag_name, click.id_list, click.class_list) == ('click', 'BUTTON', ['one', 'two'], ['red', 'blue'])
    assert click.node_has_id('two') and click.node_has_class('red') and not click.node_has_id('around')
    assert click.nodes[:2] == (click.node, click.node.parent) and click.target_node is click.node
    assert set(click.data) == {'alt_key', 'ctrl_key', 'shift_key', 'meta_key', 'node_width', 'node_height', 'x', 'y'}
    assert click.connection.user == click.request.user
    assert (focus.name, focus.data, blur.name, blur.data) == ('focus', None, 'blur', None)


def test_handlers_run_beside_what_a_view_waits_for(app):
    @app.route('/')
    class Busy(View):
        def handle_request(self, request):
            return HTML(Button('x', handle_click=lambda input_event: self.sleep(3600)))

    pages = [Client(app).open('/') for _ in range(20)]
    for page in pages:
        page.click('button')

    assert '404' in Client(app).open('/nowhere').text('h1')


def test_a_view_that_leaves_in_a_handler_of_a_channel_is_no_failure(app, caplog):
    failed = []

    @app.error_500_view
    class Failed(View):
        def handle_request(self, request, exception):
            failed.append(exception)

    @app.route('/')
    class Waits(View):
        def handle_request(self, request):
            self.subscribe('slow', lambda message: self.sleep(3600))
            self.show(HTML(P('x')))

        def on_cleanup(self):
            failed.append('cleanup')

    page = Client(app).open('/')
    Channel('slow').send()
    page.settle()
    page.close()

    for attempt in eventually():
        with attempt:
            assert failed == ['cleanup']
    assert caplog.records == []
