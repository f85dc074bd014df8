import '/lona_sync/client/context.js';
import {VERSION} from '/lona_sync/client/protocol.js';
import {FakeClock, Network, cleanup, equal, raises, stage, test} from './harness.js';

const STARTED = 1, SNAPSHOT = 2, FRAME = 3, REDIRECT = 8, REFUSED = 10;

function started(settings = {}) {
  stage('<nav><a href="/elsewhere">elsewhere</a><form action="/search"><input name="q" value="x"></form></nav><div id="lona"></div>');
  history.replaceState(null, '', '/start');
  document.title = 'before';
  const clock = new FakeClock();
  const network = new Network();
  const context = new Lona.LonaContext({socket: '/_lona_sync/socket', ...settings});
  const it = {clock, context, told: [], get socket() { return network.last; }};
  context.add_connect_hook((who) => it.told.push(['connect', who === context]));
  context.add_disconnect_hook((who) => it.told.push(['disconnect', who === context]));
  context.add_view_timeout_hook((who, window) => it.told.push(['view', window === context.get_default_window()]));
  context.add_input_event_timeout_hook((who, window) => it.told.push(['input', window === context.get_default_window()]));
  context.setup();
  cleanup(() => context.stop());
  it.socket.open();
  it.socket.receive(0, VERSION, {window: 64_000, ping: 20});
  it.show = () => {
    it.socket.receive(STARTED, 1, 'view', 'secret', 1, 0);
    it.socket.receive(SNAPSHOT, 1, 1, 0, 'Title', 1, ['button'], [1, {'@on': 'click'}, 'push', 0]);
    it.socket.take();
  };
  return it;
}

test('a context shows the view of the address, and tells of connections', () => {
  const it = started();

  equal(it.socket.take(), [[0, VERSION], [1, 1, '/start', null]]);
  it.socket.fail(1006);

  equal(it.told, [['connect', true], ['disconnect', true]]);
});

test('to reconnect does not wait for the next try', () => {
  const it = started();
  it.show();
  const first = it.socket;
  it.socket.fail(1006);

  it.context.reconnect();

  equal(it.socket === first, false);
});

test('title and address stay when they are not to be touched', () => {
  const it = started({update_title: false, update_address_bar: false});
  it.show();

  it.context.run_view('/other', {a: '1'});

  equal([document.title, location.pathname], ['before', '/start']);
  equal(it.socket.take(), [[3, 1], [1, 2, '/other', {a: '1'}]]);
});

test('links and forms outside of the target start views when they are asked to', () => {
  const it = started();
  it.show();

  it.context.patch_input_events('nav');
  document.querySelector('nav a').click();
  document.querySelector('nav form').requestSubmit();

  equal(it.socket.take().filter(([kind]) => kind === 1).map(([, , url]) => url), ['/elsewhere', '/search?q=x']);
});

test('who waits for an event to be taken is told, once for each', () => {
  const it = started();
  it.show();

  document.querySelector('button').click();
  it.clock.advance(10_000);
  it.socket.receive(5, 1, 1);
  document.querySelector('button').click();
  it.clock.advance(10_000);

  equal(it.told.slice(1), [['input', true], ['input', true]]);
});

for (const [why, answer] of [['says nothing', () => {}], ['is busy', (it) => it.socket.receive(REFUSED, 1, 'busy')]]) {
  test(`who waits for a view is told, once for each, when the server ${why}`, () => {
    const it = started();
    answer(it);
    it.clock.advance(1000);
    equal(it.told.slice(1), []);

    it.clock.advance(10_000);
    it.context.run_view('/other');
    it.clock.advance(10_000);

    equal(it.told.slice(1), [['view', true], ['view', true]]);
  });
}

test('a view that starts in time is none to be told of', () => {
  const it = started();
  it.clock.advance(1000);

  it.show();
  it.clock.advance(10_000);

  equal(it.told.slice(1), []);
});

test('times and what goes to the console are settings of the global', () => {
  const said = [];
  const {debug} = console;
  console.debug = (...words) => said.push(words);
  cleanup(() => { console.debug = debug; Object.assign(Lona.settings, {DEBUG: false, VIEW_START_TIMEOUT: 2}); });
  Object.assign(Lona.settings, {DEBUG: true, VIEW_START_TIMEOUT: 30});
  const it = started();

  it.clock.advance(15_000);
  it.show();

  equal(it.told.slice(1), []);
  equal(said.map(([, name]) => name), ['STARTED', 'SNAPSHOT']);
  equal(Lona.settings.PING_INTERVAL, 20);
});

test('who wants to hear of what was shown does', () => {
  const it = started();
  const shown = [];
  it.context.add_rendering_hook((who, window) => shown.push([who === it.context, window.root_node, window.root.textContent]));

  it.show();
  it.socket.receive(FRAME, 1, 2, 0, [[0, 2, 'changed']]);

  equal(shown.map(([who, , text]) => [who, text]), [[true, 'push'], [true, 'changed']]);
});

for (const [option, mode] of [['follow_redirects', 0], ['follow_http_redirects', 1]]) {
  test(`a redirect is not followed without ${option}`, () => {
    const it = started({[option]: false});
    it.show();

    it.socket.receive(REDIRECT, 1, 'http://lona.test/other', mode);

    equal([location.pathname, it.socket.take()], ['/start', []]);
  });
}

test('a redirect is followed', () => {
  const it = started({follow_http_redirects: false});
  it.show();

  it.socket.receive(REDIRECT, 1, '/other', 0);

  equal([location.pathname, it.socket.take()], ['/other', [[3, 1], [1, 2, '/other', null]]]);
});

test('the classes of widgets are there by name, and to set one registers it', async () => {
  class Mine {}
  class Other {}

  Lona.register_widget_class('context-mine', Mine);
  Lona.widget_classes['context-other'] = Other;

  equal([Lona.widget_classes['context-mine'] === Mine, Lona.widget_classes['context-other'] === Other], [true, true]);
  equal([Lona.protocol.VERSION, Object.keys(Lona.widget_classes)], [VERSION, ['context-mine', 'context-other']]);
});

test('a second window is another view, and the first one stays the default', () => {
  const it = started();
  it.show();
  const other = stage('<div id="other"></div>').firstChild;

  const number = it.context.create_window(other, '/second');

  equal(number, 2);
  equal(it.context.get_default_window() === it.context.windows.get(1), true);
  equal(it.socket.take(), [[1, 2, '/second', null]]);
});

test('raw messages come to handlers until one returns nothing', () => {
  const it = started();
  const heard = [];
  it.context.add_message_handler((who, text) => { heard.push(['first', who === it.context, text]); return text === 'on'; });
  it.context.add_message_handler((who, text) => { heard.push(['second', text]); });

  it.socket.receive(12, 0, 'on');
  it.socket.receive(12, 1, 'stop');

  equal(heard, [['first', true, 'on'], ['second', 'on'], ['first', true, 'stop']]);
});

test('raw messages go out as text, while there is a connection', () => {
  const it = started();
  it.socket.take();

  const sent = [it.context.send('text'), it.context.send({a: [1]})];
  equal(it.socket.take(), [[9, 'text'], [9, '{"a":[1]}']]);
  it.socket.fail(1006);

  equal([...sent, it.context.send('lost')], [true, true, false]);
});

test('a window has the names of the reference', () => {
  const it = started();
  it.show();
  const window = it.context.get_default_window();

  window.fire_input_event(window.root_node.querySelector('button'), 'mine', 1);

  equal([window.root_node.id, window.lona_context === it.context, it.socket.take().at(-1).slice(4)], ['lona', true, ['mine', 1, 1]]);
  raises(() => window.set_html('<p>x</p>'), 'a view is shown here');
});
