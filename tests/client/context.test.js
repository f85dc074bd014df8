import '/lona_sync/client/context.js';
import {FakeClock, Network, cleanup, equal, stage, test} from './harness.js';

const STARTED = 1, SNAPSHOT = 2, REFUSED = 10;

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
  it.socket.receive(0, 1, {window: 64_000, ping: 20});
  it.show = () => {
    it.socket.receive(STARTED, 1, 'view', 'secret', 1, 0);
    it.socket.receive(SNAPSHOT, 1, 1, 0, 'Title', 1, ['button'], [1, {'@on': 'click'}, 'push', 0]);
    it.socket.take();
  };
  return it;
}

test('a context shows the view of the address, and tells of connections', () => {
  const it = started();

  equal(it.socket.take(), [[0, 1], [1, 1, '/start', null]]);
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

test('who waits for a busy server is told, and who waits for an event to be taken, once', () => {
  const it = started();
  it.show();

  document.querySelector('button').click();
  it.clock.advance(10_000);
  it.socket.receive(REFUSED, 1, 'busy');

  equal(it.told.slice(1), [['input', true], ['view', true]]);
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
