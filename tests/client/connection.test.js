import {Connection} from '/lona_sync/client/connection.js';
import {VERSION} from '/lona_sync/client/protocol.js';
import {FakeClock, Network, cleanup, equal, test} from './harness.js';

const HELLO = [0, VERSION];
const PING = [6];

function connected({welcome = true} = {}) {
  const clock = new FakeClock();
  const network = new Network();
  const calls = [];
  const note = (name) => (...values) => calls.push([name, ...values]);
  const connection = new Connection('ws://lona.test/', {
    opened: note('opened'), ready: note('ready'), received: note('received'), lost: note('lost'), ended: note('ended'), leaving: note('leaving'),
  });
  connection.start();
  cleanup(() => connection.stop());
  if (welcome) {
    network.last.open();
    network.last.receive(0, VERSION, {window: 1000, ping: 20});
    network.last.take();
    calls.length = 0;
  }
  return {clock, network, connection, told: () => calls.splice(0).map((call) => call.slice(0, 2))};
}

test('hello goes first, and whoever wants to send is told at once', () => {
  const {network, told, connection} = connected({welcome: false});

  network.last.open();

  equal([network.last.take(), told(), connection.state], [[HELLO], [['opened']], 'open']);
});

test('the options of the server count', () => {
  const {connection} = connected();

  equal(connection.options, {window: 1000, ping: 20});
});

test('messages are handed on by name', () => {
  const {network, told} = connected();

  network.last.receive(5, 1, 7);
  network.last.receive(6);

  equal(told(), [['received', 'ACK']]);
});

test('what is sent without a socket is not sent', () => {
  const {network, connection} = connected();
  network.last.fail(1006);

  connection.send('[6]');

  equal(network.last.sent, []);
});

test('each try waits for twice as long, up to ten seconds', () => {
  const {network, clock} = connected({welcome: false});
  const waits = [];

  for (let i = 0; i < 9; i++) {
    const before = clock.time;
    const tries = network.sockets.length;
    network.last.fail(1006);
    while (network.sockets.length === tries) clock.advance(50);
    waits.push(clock.time - before);
  }

  equal(waits, [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
});

test('chance decides how much of the second half of the time it waits', () => {
  const {network, clock} = connected();
  clock.chance = 0.5;

  network.last.fail(1006);
  clock.advance(74);
  equal(network.sockets.length, 1);
  clock.advance(1);

  equal(network.sockets.length, 2);
});

test('a server that dies whenever we come is not asked ten times a second', () => {
  const {network, clock} = connected({welcome: false});

  for (let i = 0; i < 6; i++) {
    network.last.open();
    network.last.receive(0, VERSION, {window: 1000, ping: 20});
    network.last.fail(1011);
    clock.advance(10_000);
  }
  network.last.fail(1011);
  clock.advance(6_399);
  equal(network.sockets.length, 7);
  clock.advance(1);

  equal(network.sockets.length, 8);
});

test('a connection that held begins with short waits again', () => {
  const {network, clock} = connected();
  for (let i = 0; i < 5; i++) {
    network.last.fail(1006);
    clock.advance(10_000);
  }
  network.last.open();
  clock.advance(5_000);

  network.last.fail(1006);
  clock.advance(100);

  equal(network.sockets.length, 7);
});

for (const event of ['online', 'pageshow', 'visibilitychange']) {
  test(`${event} tries at once`, () => {
    const {network} = connected();
    network.last.fail(1006);

    (event === 'visibilitychange' ? document : window).dispatchEvent(new Event(event, {bubbles: true}));

    equal(network.sockets.length, 2);
  });
}

test('after a sleep an open socket has five seconds to give a sign of life', () => {
  const {network, clock, told} = connected();

  dispatchEvent(new Event('online'));
  equal(network.last.take(), [PING]);
  clock.advance(5_000);

  equal([told(), network.sockets[0].closed], [[['lost']], 4000]);
});

test('a silent connection is pinged, and dropped when nothing comes for as long again', () => {
  const {network, clock, told} = connected();

  clock.advance(20_000);
  equal(network.last.take(), [PING]);
  clock.advance(19_999);
  equal(told(), []);
  clock.advance(1);

  equal([told(), network.sockets[0].closed], [[['lost']], 4000]);
});

test('a connection that speaks is not pinged, one that answers is not dropped', () => {
  const {network, clock, told} = connected();

  clock.advance(15_000);
  network.last.receive(6);
  clock.advance(15_000);
  equal(network.last.take(), []);
  clock.advance(5_000);
  equal(network.last.take(), [PING]);
  network.last.receive(6);
  clock.advance(20_000);

  equal([told(), network.last.take()], [[], [PING]]);
});

test('a socket that does not open within ten seconds is given up', () => {
  const {network, clock} = connected({welcome: false});

  clock.advance(10_100);

  equal([network.sockets[0].closed, network.sockets.length], [4000, 2]);
});

test('what a dropped socket still says is not heard', () => {
  const {network, clock, told} = connected();
  const first = network.last;
  clock.advance(40_000);
  told();

  first.receive(5, 1, 7);
  first.fail(1006);

  equal(told(), []);
});

for (const code of [1000, 1001, 1006, 1011, 1012, 4000]) {
  test(`after ${code} it comes back`, () => {
    const {network, clock, told, connection} = connected();

    network.last.fail(code);
    equal([told(), connection.state], [[['lost']], 'waiting']);
    clock.advance(100);

    equal(network.sockets.length, 2);
  });
}

for (const code of [1002, 1003, 1007, 1009, 4500, 4501, 4502]) {
  test(`after ${code} it does not come back`, () => {
    const {network, clock, told, connection} = connected();

    network.last.fail(code);
    clock.advance(100_000);
    dispatchEvent(new Event('online'));

    equal([told(), connection.state, network.sockets.length], [[['ended', code]], 'ended', 1]);
  });
}

test('a server of another version ends it', () => {
  const {network, told} = connected({welcome: false});
  network.last.open();

  network.last.receive(0, VERSION - 1, {});

  equal(told().at(-1), ['ended', 4501]);
});

test('a page that is kept for "back" says goodbye and comes back when it is shown', () => {
  const {network, told, connection} = connected();

  dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}));
  equal([told(), network.last.closed, connection.state], [[['leaving']], 1000, 'closed']);
  dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}));

  equal(network.sockets.length, 2);
});

test('stop says goodbye, and neither timers nor listeners are left', () => {
  const {network, clock, connection} = connected();

  connection.stop();
  dispatchEvent(new Event('online'));
  dispatchEvent(new Event('pageshow'));

  equal([network.last.closed, clock.waiting, network.sockets.length, connection.state], [1000, 0, 1, 'closed']);
});

test('stop while it waits for the next try', () => {
  const {network, clock, connection} = connected();
  network.last.fail(1006);

  connection.stop();
  clock.advance(100_000);

  equal([clock.waiting, network.sockets.length], [0, 1]);
});
