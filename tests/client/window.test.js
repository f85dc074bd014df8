import {late} from '/lona_sync/client/tokens.js';
import {Window} from '/lona_sync/client/window.js';
import {FakeClock, cleanup, equal, raises, same, stage, test} from './harness.js';

const OPEN = 1, RESUME = 2, CLOSE = 3, EVENT = 4, ACK = 5, ERROR = 7;

/** A window that is online; `started` with a button 1 and an input 2 when asked. */
function opened({started = true, answers = {}} = {}) {
  const clock = new FakeClock();
  const it = {
    clock, online: true, sent: [], calls: [], numbers: 0,
    take: () => it.sent.splice(0),
    told: () => it.calls.splice(0),
    receive: (name, ...fields) => it.window.receive(name, fields, name === 'FRAME' || name === 'SNAPSHOT' ? 100 : 0),
    $: (selector) => it.window.root.querySelector(selector),
  };
  const note = (name) => (...values) => it.calls.push([name, ...values.map(String)]);
  it.window = new Window(stage(), {
    claim: () => ++it.numbers, release: note('release'), send: (text) => it.online && it.sent.push(JSON.parse(text)) > 0,
    title: note('title'), follow: note('follow'), go: note('go'), shown: note('shown'), load: note('load'),
    say: (what) => {
      it.calls.push(['say', what]);
      return answers[what];
    },
  });
  cleanup(() => it.window.close());
  it.window.open('/a?b');
  if (started) {
    it.receive('STARTED', 'view', 'secret', 9, 0);
    it.receive('SNAPSHOT', 1, 0, 'title', 1, ['button', 'input'], [1, {'@on': 'click'}, 0, 2, {'@on': 'change:300'}, 0]);
    it.take();
    it.told();
  }
  return it;
}

const type = (control, value) => {
  control.value = value;
  control.dispatchEvent(new InputEvent('input', {bubbles: true}));
};

/** What waits for the script that is loaded when it is needed has run. */
const loaded = async () => {
  await late('./stale.js');
  await null;
};

const silent = (action) => {
  const original = console.error;
  console.error = () => {};
  try {
    action();
  } finally {
    console.error = original;
  }
};

test('opening names the address', () => {
  const it = opened({started: false});

  equal([it.take(), it.window.state], [[[OPEN, 1, '/a?b', null]], 'opening']);
});

test('a started window shows its snapshot and tells title and page', () => {
  const it = opened({started: false});

  it.receive('STARTED', 'view', 'secret', 9, 0);
  it.receive('SNAPSHOT', 1, 0, 'Hello', 1, ['b'], [1, 'x', 0]);

  equal(it.window.root.innerHTML, '<b>x</b>');
  equal(it.told(), [['say', 'started'], ['title', 'null'], ['title', 'Hello'], ['shown']]);
});

test('only the first snapshot of a view tells the page to scroll', () => {
  const it = opened();

  it.receive('SNAPSHOT', 5, 0, null, 1, ['b'], [1, 0]);

  equal(it.told(), [['title', 'null']]);
});

test('events are numbered and carry the last frame', () => {
  const it = opened();

  it.$('button').click();
  it.receive('FRAME', 4, 0, []);
  it.$('button').click();

  equal(it.take().map((message) => message.slice(0, 6)), [[EVENT, 1, 1, 1, 1, 1], [EVENT, 1, 2, 4, 1, 1]]);
  equal(it.window.pending.length, 2);
});

test('events that a frame acknowledges are kept no longer', () => {
  const it = opened();
  for (let i = 0; i < 3; i++) it.$('button').click();

  it.receive('ACK', 1);
  equal(it.window.pending.length, 2);
  it.receive('FRAME', 2, 2, []);
  equal(it.window.pending.length, 1);
  it.receive('SNAPSHOT', 3, 3, null, 0, [], []);

  equal(it.window.pending.length, 0);
});

test('an old acknowledgement changes nothing', () => {
  const it = opened();
  for (let i = 0; i < 3; i++) it.$('button').click();

  it.receive('ACK', 2);
  it.receive('ACK', 1);

  equal(it.window.pending.map(({number}) => number), [3]);
});

test('events are numbered after the last one that the server knows', () => {
  const it = opened({started: false});
  it.receive('STARTED', 'view', 'secret', 9, 5);
  it.receive('SNAPSHOT', 1, 5, null, 1, ['button'], [1, {'@on': 'click'}, 0]);
  it.take();

  it.$('button').click();

  equal(it.take().map((message) => message[2]), [6]);
});

test('a form is posted once, also when its view has gone', () => {
  const it = opened({started: false});
  it.window.open('/c', {a: '1'});
  it.receive('STARTED', 'view', 'secret', 9, 0);
  it.take();

  it.receive('GONE');
  it.receive('STARTED', 'again', 'secret', 9, 0);
  it.window.disconnected();
  it.window.connected();

  equal(it.take(), [[OPEN, 2, '/c', null], [RESUME, 2, 'again', 'secret', 0]]);
});

test('after a loss the window resumes and sends again what the server does not have', () => {
  const it = opened();
  for (let i = 0; i < 3; i++) it.$('button').click();
  it.take();

  it.online = false;
  it.window.disconnected();
  it.$('button').click();
  it.online = true;
  it.window.connected();
  equal(it.take(), [[RESUME, 1, 'view', 'secret', 1]]);
  it.receive('STARTED', 'view', 'secret', 9, 2);

  equal(it.take().map((message) => message[2]), [3, 4]);
  equal(it.$('button') !== null, true);
});

test('a full queue that has room again gets the rest in order', () => {
  const it = opened();
  for (let i = 0; i < 4; i++) it.$('button').click();
  it.take();

  it.receive('RESEND', 1);

  equal(it.take().map((message) => message[2]), [2, 3, 4]);
});

test('a window that was never started opens again, with its form', () => {
  const it = opened({started: false});
  it.window.open('/c', {a: '1'});
  it.take();

  it.window.disconnected();
  it.window.connected();

  equal(it.take(), [[OPEN, 2, '/c', {a: '1'}]]);
});

test('frames are acknowledged after a second, once for all of them', () => {
  const it = opened();
  it.clock.advance(1000);
  it.take();

  it.receive('FRAME', 2, 0, []);
  it.clock.advance(600);
  it.receive('FRAME', 3, 0, []);
  equal(it.window.unacknowledged, 200);
  it.clock.advance(400);

  equal([it.take(), it.window.unacknowledged, it.clock.waiting], [[[ACK, 1, 3]], 0, 0]);
});

test('an event acknowledges, and nothing more is sent for it', () => {
  const it = opened();
  it.receive('FRAME', 2, 0, []);

  it.$('button').click();
  it.take();
  it.clock.advance(5000);

  equal([it.take(), it.window.unacknowledged], [[], 0]);
});

test('asked to, a window acknowledges at once, but not twice', () => {
  const it = opened();

  it.window.acknowledge();
  it.window.acknowledge();

  equal(it.take(), [[ACK, 1, 1]]);
});

test('a delayed change goes before a custom event', () => {
  const it = opened();
  type(it.$('input'), 'x');

  equal(it.window.fire(it.$('button'), 'mine', {a: 1}), true);

  equal(it.take(), [[EVENT, 1, 1, 1, 2, 2, 'x'], [EVENT, 1, 2, 1, 'mine', 1, {a: 1}]]);
});

test('a custom event needs no node, but a name', () => {
  const it = opened();

  it.window.fire(null, 'mine');
  raises(() => it.window.fire(null, ''), '1 to 128');
  raises(() => it.window.fire(null, 'x'.repeat(129)), '1 to 128');

  equal(it.take(), [[EVENT, 1, 1, 1, 'mine', 0, null]]);
});

test('a delayed change goes before the window leaves its view', () => {
  const it = opened();
  type(it.$('input'), 'x');

  it.window.close();

  equal(it.take(), [[EVENT, 1, 1, 1, 2, 2, 'x'], [CLOSE, 1]]);
  equal([it.window.root.innerHTML, it.clock.waiting, it.window.state], ['', 0, 'closed']);
});

test('another view gets another number, so that what is left of the first one goes nowhere', () => {
  const it = opened();

  it.window.open('/c');

  equal(it.take(), [[CLOSE, 1], [OPEN, 2, '/c', null]]);
  equal(it.told(), [['release', '1']]);
});

test('the old tree stays until the new view starts, and issues nothing', () => {
  const it = opened();
  it.window.open('/c');
  it.take();

  it.$('button').click();
  equal([it.take(), it.window.pending.length], [[], 0]);
  it.receive('STARTED', 'other', 'secret', 1, 0);

  equal([it.window.root.innerHTML, it.window.pending.length], ['', 0]);
});

test('the change that a user has not finished does not meet the next view', () => {
  const it = opened();
  type(it.$('input'), 'x');
  it.window.open('/c');
  it.take();
  it.receive('STARTED', 'other', 'secret', 1, 0);
  it.receive('SNAPSHOT', 1, 0, null, 2, ['input'], [1, {'@on': 'change:300', value: 'new'}, 0]);

  it.clock.advance(500);

  equal([it.take(), it.$('input').value], [[], 'new']);
});

test('a value is not set while the user types, and is when his change is acknowledged', () => {
  const it = opened();
  type(it.$('input'), 'mine');

  it.receive('FRAME', 2, 0, [[1, 2, 'value', 'theirs']]);
  equal(it.$('input').value, 'mine');
  it.clock.advance(300);
  it.receive('FRAME', 3, 1, [[1, 2, 'value', 'MINE']]);

  equal(it.$('input').value, 'MINE');
});

test('the values of this client are known already', () => {
  const it = opened();
  it.$('input').value = 'abc';

  it.receive('FRAME', 2, 0, [[1, 2, 'value', 'ab', 9]]);

  equal(it.$('input').value, 'abc');
});

test('a patch that does not fit is told, and a snapshot asked for; what is under way is dropped', () => {
  const it = opened();
  const button = it.$('button');

  silent(() => it.receive('FRAME', 2, 0, [[0, 77, 'x']]));
  const [error, resume, ...more] = it.take();
  equal([error[0], error[2].includes('77'), resume, more], [ERROR, true, [RESUME, 1, 'view', 'secret', 0], []]);
  it.receive('FRAME', 3, 0, [[1, 1, 'title', 'x']]);
  it.receive('STARTED', 'view', 'secret', 9, 0);
  it.receive('SNAPSHOT', 3, 0, null, 1, ['button', 'input'], [1, {'@on': 'click', title: 'x'}, 0, 2, {'@on': 'change:300'}, 0]);

  same(it.$('button'), button);
  equal([button.title, it.take()], ['x', []]);
});

test('a snapshot that cannot be shown is told once and not asked for again', () => {
  const it = opened();

  silent(() => it.receive('SNAPSHOT', 2, 0, null, 1, ['not a tag'], [1, 0]));

  equal(it.take().map(([kind]) => kind), [ERROR]);
});

for (const [fields, told] of [[[], 'gone'], [[1], 'restarted']]) {
  test(`a view that has gone is opened anew, and the user is told: ${told}`, () => {
    const it = opened();
    it.$('button').click();
    it.take();

    it.receive('GONE', ...fields);

    equal(it.take(), [[OPEN, 1, '/a?b', null]]);
    equal(it.told(), [['say', told]]);
  });
}

test('a busy server is asked again, later each time, until it starts', () => {
  const it = opened({started: false});
  it.take();
  it.told();

  it.receive('REFUSED', 'busy');
  it.clock.advance(1000);
  equal(it.take(), [[OPEN, 1, '/a?b', null]]);
  it.receive('REFUSED', 'busy');
  it.clock.advance(1999);
  equal(it.take(), []);
  it.clock.advance(1);

  equal([it.take().length, it.told()], [1, [['say', 'busy'], ['say', 'busy']]]);
});

test('whose user has too many pages open is asked again, too', () => {
  const it = opened({started: false});
  it.take();

  it.receive('REFUSED', 'crowded');
  it.clock.advance(1000);

  equal([it.take(), it.told()], [[[OPEN, 1, '/a?b', null]], [['say', 'crowded']]]);
});

test('a refused window is not asked for again', () => {
  const it = opened({started: false});
  it.take();

  it.receive('REFUSED', 'windows');
  it.clock.advance(100_000);

  equal([it.take(), it.told().at(-1)], [[], ['say', 'refused']]);
});

test('a redirect in the window is a followed link, relative to its address', () => {
  const it = opened();

  it.receive('REDIRECT', 'c?d', 0);

  equal(it.told().filter(([name]) => name === 'follow'), [['follow', 'http://lona.test/c?d']]);
  equal(it.take().at(-1), [OPEN, 2, '/c?d', null]);
});

test('an address with two slashes in front leads to no other host', () => {
  const it = opened();
  it.window.open('//elsewhere.test/b');

  it.receive('REDIRECT', 'c', 0);
  it.receive('REDIRECT', '/d', 0);

  const led = it.told().filter(([name]) => /follow|load/.test(name));
  equal(led, [['follow', 'http://lona.test//elsewhere.test/c'], ['follow', 'http://lona.test/d']]);
});

test('a redirect of the page, or to elsewhere, loads a page', () => {
  const it = opened();

  it.receive('REDIRECT', '/c', 1);
  it.receive('REDIRECT', 'https://example.org/', 0);

  equal(it.told(), [['load', 'http://lona.test/c'], ['load', 'https://example.org/']]);
});

test('a thousand events may wait, and a refused change is kept by its field', () => {
  const it = opened();
  it.online = false;
  for (let i = 0; i < 1001; i++) it.$('button').click();
  equal([it.window.pending.length, it.window.fire(null, 'mine')], [1000, false]);
  type(it.$('input'), 'x');
  it.clock.advance(300);

  it.online = true;
  it.receive('ACK', 500);
  it.receive('FRAME', 2, 0, [[1, 2, 'value', 'y']]);
  it.$('button').click();

  equal(it.$('input').value, 'x');
  equal(it.take().map((message) => [message[2], message[4]]), [[1001, 2], [1002, 1]], 'numbers and types');
});

test('an event that is too long for the server is refused', () => {
  const it = opened();

  raises(() => it.window.fire(null, 'mine', 'x'.repeat(1_048_000)), 'too large');

  equal([it.take(), it.window.pending.length], [[], 0]);
});

test('a frame of a view that has gone is not acknowledged to the next one', () => {
  const it = opened();

  it.receive('GONE');
  it.take();
  it.clock.advance(5000);

  equal([it.take(), it.window.unacknowledged], [[], 0]);
});

test('an element is pending until its last event is acknowledged, whatever happens to the socket', () => {
  const it = opened();
  const pending = () => [...it.window.root.querySelectorAll('[data-lona-pending]')].map(({localName}) => localName);
  const seen = [pending()];

  it.$('button').click();
  it.$('button').click();
  type(it.$('input'), 'x');
  it.clock.advance(300);
  seen.push(pending());
  it.receive('ACK', 1);
  seen.push(pending());
  it.receive('SNAPSHOT', 2, 1, null, 1, ['button', 'input'], [1, {'@on': 'click'}, 0, 2, {'@on': 'change:300'}, 0]);
  seen.push(pending());
  it.window.connected();
  it.receive('STARTED', 'view', 'secret', 9, 2);
  seen.push(pending());
  it.receive('FRAME', 3, 3, []);
  seen.push(pending());

  equal(seen, [[], ['button', 'input'], ['button', 'input'], ['button', 'input'], ['input'], []]);
});

test('nothing is pending in the next view, nor for an event that was refused', () => {
  const it = opened();
  it.$('button').click();

  it.receive('GONE');
  it.receive('STARTED', 'other', 'secret', 9, 0);
  it.receive('SNAPSHOT', 1, 0, null, 1, ['button'], [1, {'@on': 'click'}, 0]);
  const fresh = it.$('[data-lona-pending]');
  for (let i = 0; i < 1000; i++) it.window.fire(null, 'x');
  it.$('button').click();

  equal([fresh, it.$('[data-lona-pending]')], [null, null]);
});

test('a button that counts once is clicked once until the server has the click', () => {
  const it = opened({started: false});
  it.receive('STARTED', 'view', 'secret', 9, 0);
  it.receive('SNAPSHOT', 1, 0, null, 1, ['button'], [1, {'@on': 'click:once focus'}, 0]);
  it.take();

  it.$('button').focus();
  it.$('button').click();
  it.$('button').click();
  it.receive('FRAME', 2, 2, []);
  it.$('button').click();

  equal(it.take().map(([, , number, , type]) => [number, type]), [[1, 3], [2, 1], [3, 1]]);
});

test('an event says what its user saw, also when it is sent again later', () => {
  const it = opened();
  it.online = false;
  it.$('button').click();
  it.receive('FRAME', 2, 0, []);
  it.$('button').click();
  it.online = true;

  it.window.connected();
  it.receive('STARTED', 'view', 'secret', 9, 0);

  equal(it.take().filter(([kind]) => kind === EVENT).map(([, , number, frame]) => [number, frame]), [[1, 1], [2, 2]]);
});

test('an event that is sent again confirms no frame that came since', () => {
  const it = opened();
  it.online = false;
  it.$('button').click();
  it.online = true;
  it.receive('FRAME', 2, 0, []);

  it.receive('RESEND', 0);
  it.take();
  it.clock.advance(1000);

  equal(it.take(), [[ACK, 1, 2]]);
});

test('a click while the tree is fetched anew is kept', () => {
  const it = opened();
  silent(() => it.receive('FRAME', 2, 0, [[0, 99, 'x']]));
  it.take();

  it.$('button').click();

  equal([it.window.state, it.window.pending.length, it.take().map(([kind]) => kind)], ['broken', 1, [EVENT]]);
});

test('what the server did not count is shown at its element, and no longer kept', async () => {
  const it = opened();
  it.$('button').click();

  it.receive('STALE', 1);
  await loaded();

  equal([it.$('button').hasAttribute('data-lona-dropped'), it.window.pending.length, it.told()], [true, 0, [['say', 'stale']]]);
  it.clock.advance(1000);
  equal(it.$('button').hasAttribute('data-lona-dropped'), false);
});

for (const [means, sent] of [[true, [[8, 1, 2, 1, 1, 1]]], [false, []]]) {
  test(`who is asked whether he meant it says ${means ? 'yes' : 'no'}`, async () => {
    const it = opened({answers: {ask: means}});
    it.$('button').setAttribute('data-lona-stale', 'ask');
    it.$('button').click();
    it.take();

    it.receive('STALE', 1);
    await loaded();

    equal([it.told(), it.take().map((message) => message.slice(0, 6))], [[['say', 'ask']], sent]);
  });
}

test('an event of another socket that was not counted is no matter', () => {
  const it = opened();

  it.receive('STALE', 7);

  equal(it.told(), []);
});

test('what a view tells to keep goes to the one that is started in its place, and to no other', () => {
  const it = opened();
  it.receive('FRAME', 2, 0, [[12, 'old']]);
  it.receive('SNAPSHOT', 3, 0, null, 1, ['p'], [1, 0], 'snapshot');
  it.receive('FRAME', 4, 0, [[12, 'token']]);

  it.receive('GONE', 1);
  it.receive('REFUSED', 'busy');
  it.clock.advance(1000);
  const anew = it.take();
  it.receive('STARTED', 'next', 'secret', 1, 0);
  it.receive('SNAPSHOT', 1, 0, null, 1, ['p'], [1, 0]);
  it.receive('GONE');
  const third = it.take();
  it.receive('STARTED', 'another', 'secret', 1, 0);
  it.receive('SNAPSHOT', 1, 0, null, 1, ['p'], [1, 0], 'kept');
  it.window.open('/elsewhere');

  equal(anew, [[OPEN, 1, '/a?b', null, 'token'], [OPEN, 1, '/a?b', null, 'token']]);
  equal(third, [[OPEN, 1, '/a?b', null]]);
  equal(it.take(), [[CLOSE, 1], [OPEN, 2, '/elsewhere', null]]);
});

/** A view that is moved to another process after `act`, of which nothing was taken; the next one shows `tags` and `stream`. */
async function moved({act = () => {}, tags, stream}) {
  const it = opened();
  it.receive('SNAPSHOT', 2, 0, null, 1, SAME.tags, SAME.stream);
  it.take();
  it.told();
  act(it);
  it.take();
  it.receive('GONE', 2);
  it.opened = it.take();
  it.receive('STARTED', 'next', 'secret', 1, 0);
  it.receive('SNAPSHOT', 1, 0, null, 101, tags, stream);
  await late('./moved.js');
  await null;
  return it;
}

const SAME = {tags: ['button', 'input', 'div'], stream: [1, {'@on': 'click'}, 'Add', 0, 2, {'@on': 'change'}, 0, 3, 'x', 0]};
const click = (it) => it.$('button').click();

test('a click that the old process has not taken is made in the view that has moved, under its new names', async () => {
  const it = await moved({...SAME, act: (it) => { click(it); click(it); }});

  equal(it.opened, [[OPEN, 1, '/a?b', null]]);
  equal(it.take().map(([...event]) => [...event.slice(0, 6), event[6][5]]), [[EVENT, 1, 1, 1, 1, 101, 101], [EVENT, 1, 2, 1, 1, 101, 101]]);
});

test('what is done between the goodbye and the new view waits for it', async () => {
  const it = opened();
  it.receive('SNAPSHOT', 2, 0, null, 1, SAME.tags, SAME.stream);
  it.receive('GONE', 2);
  it.take();

  click(it);
  const before = it.take();
  it.receive('STARTED', 'next', 'secret', 1, 0);
  it.receive('SNAPSHOT', 1, 0, null, 101, SAME.tags, SAME.stream);
  await late('./moved.js');
  await null;

  equal(before, []);
  equal(it.take().map((event) => event.slice(0, 6)), [[EVENT, 1, 1, 1, 1, 101]]);
});

test('a click on what the new view does not show is not made, and the user is told', async () => {
  const it = await moved({...SAME, stream: [1, {'@on': 'click'}, 'Delete', 0], act: click});

  equal(it.take(), []);
  equal(it.told().filter(([what]) => what === 'say'), [['say', 'started'], ['say', 'stale']]);
});

test('a view that moves says nothing of it', async () => {
  const it = await moved(SAME);

  equal(it.told().filter(([what]) => what === 'say'), [['say', 'started']]);
});

test('among its like an element is known by its text: a click on the second row is never one on the third', async () => {
  const rows = (...names) => names.flatMap((name) => [1, name, 2, {'@on': 'click'}, 'Delete', 0, 0]);
  const spec = {tags: ['li', 'button']};
  const it = opened();
  it.receive('SNAPSHOT', 2, 0, null, 1, spec.tags, rows('a', 'b', 'c'));

  it.window.root.querySelectorAll('button')[1].click();
  it.receive('GONE', 2);
  it.take();
  it.receive('STARTED', 'next', 'secret', 1, 0);
  it.receive('SNAPSHOT', 1, 0, null, 101, spec.tags, rows('a', 'c'));
  await late('./moved.js');
  await null;

  equal(it.take(), []);
});

test('a change that was not taken, and what was not even sent, are in the fields of the new view', async () => {
  const [tags, stream] = [['input'], [1, {'@on': 'change', name: 'a'}, 0, 1, {'@on': 'change', name: 'b'}, 0]];
  const it = opened();
  it.receive('SNAPSHOT', 2, 0, null, 1, tags, stream);
  const [a, b] = it.window.root.querySelectorAll('input');
  type(a, 'sent');
  a.dispatchEvent(new Event('change', {bubbles: true}));
  type(b, 'half ty');
  b.focus();
  b.setSelectionRange(4, 4);
  it.receive('GONE', 2);
  it.take();
  it.receive('STARTED', 'next', 'secret', 1, 0);
  it.receive('SNAPSHOT', 1, 0, null, 101, tags, stream);
  await late('./moved.js');
  await null;

  const [c, d] = it.window.root.querySelectorAll('input');
  equal([c.value, d.value, document.activeElement === d, d.selectionStart], ['sent', 'half ty', true, 4]);
  equal(it.take(), [[EVENT, 1, 1, 1, 2, 101, 'sent']]);
  d.blur();
  equal(it.take(), [[EVENT, 1, 2, 1, 2, 102, 'half ty']]);
});

test('what the server has changed meanwhile is not taken for the user\'s', async () => {
  const field = (value) => [1, {'@on': 'change', name: 'a', value}, 0];
  const it = opened();
  it.receive('SNAPSHOT', 2, 0, null, 1, ['input'], field('old'));
  it.receive('GONE', 2);
  it.take();

  it.receive('STARTED', 'next', 'secret', 1, 0);
  it.receive('SNAPSHOT', 1, 0, null, 101, ['input'], field('new'));
  await late('./moved.js');
  await null;

  equal([it.$('input').value, it.take()], ['new', []]);
});

test('after a crash only that is done which was never sent', async () => {
  const it = opened();
  it.receive('SNAPSHOT', 2, 0, null, 1, SAME.tags, SAME.stream);
  click(it);
  it.online = false;
  click(it);
  it.online = true;
  it.receive('GONE', 1);
  it.take();

  it.receive('STARTED', 'next', 'secret', 1, 0);
  it.receive('SNAPSHOT', 1, 0, null, 101, SAME.tags, SAME.stream);
  await late('./moved.js');
  await null;

  equal(it.take().map(([kind, , number, , type]) => [kind, number, type]), [[EVENT, 1, 1]]);
});

test('a view that changes its URL is opened there when it has to begin anew', () => {
  const it = opened();

  it.receive('FRAME', 2, 0, [[13, 1, '/a?page=2#x', 2]]);
  equal(it.told().at(-1), ['go', 'http://lona.test/a?page=2#x', '2']);
  it.receive('GONE', 1);

  equal(it.take().at(-1), [OPEN, 1, '/a?page=2', null]);
});

test('a URL that is known, or that this window has gone to, is none of news', () => {
  const it = opened();
  it.receive('FRAME', 2, 0, [[13, 1, '/a?page=2', 2]]);
  it.told();

  it.receive('FRAME', 3, 0, [[13, 1, '/a?page=2', 2], [13, 2, '/a?page=1', 3, 9]]);
  it.receive('SNAPSHOT', 4, 0, null, 1, ['b'], [1, 0], '', [2, '/a?page=1', 3]);

  equal(it.told().filter(([what]) => what === 'go'), []);
});

test('a window that has just begun takes the place of its address', () => {
  const it = opened({started: false});
  it.receive('STARTED', 'view', 'secret', 9, 0);

  it.receive('SNAPSHOT', 1, 0, null, 1, ['b'], [1, 0], '', [3, '/a?page=3', 2]);

  equal(it.told().filter(([what]) => what === 'go'), [['go', 'http://lona.test/a?page=3', '3']]);
});

test('back is told to the view, and scrolled to when it has answered', async () => {
  const it = opened();

  const isTold = it.window.moved(new URL('/a?page=1#x', location.href));
  equal([isTold, it.take()], [true, [[EVENT, 1, 1, 1, 19, 0, '/a?page=1#x']]]);
  it.told();
  it.receive('ACK', 1);
  await null;

  equal(it.told().filter(([what]) => what === 'shown'), [['shown']]);
});

test('back cannot be told to a view that is not shown', () => {
  const it = opened({started: false});

  equal(it.window.moved(new URL('/a', location.href)), false);
});
