import {Page} from '/lona_sync/client/lona.js';
import {VERSION} from '/lona_sync/client/protocol.js';
import {FakeClock, Network, cleanup, equal, raises, stage, test} from './harness.js';

const STARTED = 1, SNAPSHOT = 2, FRAME = 3;

function started(config = {}) {
  stage('<div id="lona"></div><div id="second"></div>');
  history.replaceState(null, '', '/start?a=1');
  const clock = new FakeClock();
  const network = new Network();
  const it = {clock, network, reloads: 0, get socket() { return network.last; }, text: () => document.querySelector('[role=status]').textContent};
  it.page = new Page({socket: '/_lona_sync/socket', target: '#lona', title: 'Default', ...config}, () => it.reloads++);
  it.page.start();
  it.welcome = (window = 64_000) => {
    it.socket.open();
    it.socket.receive(0, VERSION, {window, ping: 20});
  };
  it.show = (window, text) => {
    it.socket.receive(STARTED, window, `view ${window}`, 'secret', 1, 0);
    it.socket.receive(SNAPSHOT, window, 1, 0, null, window * 10, ['p', 'a'], [1, text, 0, 2, {href: '/next?b=2#here'}, 'next', 0]);
  };
  cleanup(() => it.page.stop());
  return it;
}

const kinds = (messages) => messages.map(([kind]) => kind);

test('hello and the address of the page go out as soon as the socket is open', () => {
  const it = started();

  it.welcome();

  equal(it.socket.url, 'ws://lona.test/_lona_sync/socket');
  equal(it.socket.take(), [[0, VERSION], [1, 1, '/start?a=1', null]]);
});

test('the title is the view\'s, or that of the configuration', () => {
  const it = started();
  it.welcome();

  it.socket.receive(STARTED, 1, 'view', 'secret', 1, 0);
  it.socket.receive(SNAPSHOT, 1, 1, 0, 'Mine', 1, ['b'], [1, 0]);
  equal(document.title, 'Mine');
  it.socket.receive(FRAME, 1, 2, 0, [[7, 'Other']]);
  equal(document.title, 'Other');
  it.socket.receive(SNAPSHOT, 1, 3, 0, null, 1, ['b'], [1, 0]);

  equal(document.title, 'Default');
});

test('a second window has neither title nor address bar', () => {
  const it = started();
  it.welcome();
  it.show(1, 'one');

  const second = it.page.open('#second', '/second');
  it.show(2, 'two');
  it.socket.receive(FRAME, 2, 2, 0, [[7, 'Second']]);
  second.root.querySelector('a').click();

  equal([document.title, location.pathname], ['Default', '/start']);
  equal(it.socket.take().at(-1), [1, 3, '/next?b=2', null]);
});

test('a target that is not there is named', () => {
  const it = started();

  raises(() => it.page.open('#nowhere', '/'), '#nowhere');
});

test('a followed link changes the address, and what comes late for the old view is dropped', () => {
  const it = started();
  it.welcome();
  it.show(1, 'one');
  it.socket.take();

  document.querySelector('#lona a').click();
  equal(it.socket.take(), [[3, 1], [1, 2, '/next?b=2', null]]);
  equal(location.pathname + location.search + location.hash, '/next?b=2#here');
  it.socket.receive(FRAME, 1, 2, 0, [[0, 99, 'unknown']]);

  equal(it.socket.take(), []);
});

test('frames of all windows together are acknowledged at half the window', () => {
  const it = started();
  it.welcome(2000);
  it.show(1, 'one');
  it.page.open('#second', '/second');
  it.show(2, 'two');
  it.clock.advance(1000);
  it.socket.take();

  it.socket.receive(FRAME, 1, 2, 0, [[0, 11, 'x'.repeat(500)]]);
  equal(it.socket.take(), []);
  it.socket.receive(FRAME, 2, 2, 0, [[0, 21, 'x'.repeat(500)]]);

  equal(it.socket.take(), [[5, 1, 2], [5, 2, 2]]);
});

test('bytes are counted, not characters', () => {
  const it = started();
  it.welcome(2000);
  it.show(1, 'one');
  it.clock.advance(1000);
  it.socket.take();

  it.socket.receive(FRAME, 1, 2, 0, [[0, 11, 'ツ'.repeat(400)]]);

  equal(kinds(it.socket.take()), [5]);
});

test('after a loss all windows resume', () => {
  const it = started();
  it.welcome();
  it.show(1, 'one');
  it.page.open('#second', '/second');
  it.show(2, 'two');

  it.socket.fail(1006);
  it.clock.advance(100);
  it.welcome();

  equal(it.socket.take(), [[0, VERSION], [2, 1, 'view 1', 'secret', 1], [2, 2, 'view 2', 'secret', 1]]);
});

test('the user hears of a loss that lasts', () => {
  const it = started();
  it.welcome();
  it.socket.fail(1006);
  it.clock.chance = 0.01;

  it.clock.advance(600);
  equal(it.text(), 'Connection lost, trying again…');
  it.welcome();
  equal(it.text(), 'Back');
  it.clock.advance(2000);

  equal(it.text(), '');
});

test('a page that resumes a view that has gone opens it anew and says so', () => {
  const it = started();
  it.welcome();
  it.show(1, 'one');
  it.socket.fail(1012);
  it.clock.advance(100);
  it.welcome();
  it.socket.take();

  it.socket.receive(7, 1, 1);

  equal([it.socket.take(), it.text()], [[[1, 1, '/start?a=1', null]], 'The server was restarted; the page begins anew']);
});

test('a server of another version is met with one reload, not with two', () => {
  const it = started();
  it.socket.open();
  it.socket.fail(4501);
  equal(it.reloads, 1);
  const again = new Page({socket: '/s', target: '#lona'}, () => it.reloads++);
  again.start();
  cleanup(() => again.stop());

  it.socket.fail(4501);

  equal(it.reloads, 1);
});

test('an answered hello allows the next reload', () => {
  const it = started();
  history.replaceState({reloaded: true}, '');
  it.welcome();

  it.socket.fail(4501);

  equal(it.reloads, 1);
});

test('a fatal code ends in words', () => {
  const it = started();

  it.socket.fail(4500);

  equal(it.text(), 'The connection has ended. Please reload the page.');
});

test('a page that goes sends what waits', () => {
  const it = started();
  it.welcome();
  it.socket.receive(STARTED, 1, 'view', 'secret', 1, 0);
  it.socket.receive(SNAPSHOT, 1, 1, 0, null, 1, ['input'], [1, {'@on': 'change:300'}, 0]);
  const input = document.querySelector('#lona input');
  input.value = 'x';
  input.dispatchEvent(new InputEvent('input', {bubbles: true}));
  it.socket.take();

  dispatchEvent(new PageTransitionEvent('pagehide'));

  equal(it.socket.take(), [[4, 1, 1, 1, 2, 1, 'x']]);
});

test('a redirect to a script is refused', () => {
  const it = started();
  it.welcome();

  raises(() => it.socket.receive(8, 1, 'javascript:document.title="bad"', 1), 'javascript:');
});

test('stop leaves no timer', () => {
  const it = started();
  it.welcome();
  it.show(1, 'one');

  it.page.stop();

  equal([it.clock.waiting, it.socket.closed, document.querySelector('[role=status]')], [0, 1000, null]);
});
