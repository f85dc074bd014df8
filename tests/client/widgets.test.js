import {late} from '/lona_sync/client/tokens.js';
import {registerWidget} from '/lona_sync/client/widgets.js';
import {Window, loadWidgets} from '/lona_sync/client/window.js';
import {FakeClock, cleanup, equal, raises, same, stage, test} from './harness.js';

const EVENT = 4, ERROR = 7;
const INSERT = 4, REMOVE = 5, MOVE = 6, DATA = 8, CALL = 11;
const SET = 0, PUT_IN = 1, DELETE = 2;

await loadWidgets();
await late('./calls.js');

let names = 0;

/** A window that shows a div 1; widgets of the class `name` write into `log`. */
function opened(members = {}) {
  const it = {
    clock: new FakeClock(), log: [], sent: [], name: `widget-${++names}`, frame: 1, made: [],
    take: () => it.sent.splice(0),
    told: () => it.log.splice(0),
    snapshot: (tags, stream, first = 1) => it.window.receive('SNAPSHOT', [++it.frame, 0, null, first, tags, stream], 100),
    patch: (...patches) => it.window.receive('FRAME', [++it.frame, 0, patches], 100),
    show: (data, view = 'view') => {
      it.window.receive('STARTED', [view, 'secret', 9, 0], 0);
      it.snapshot(['div'], [1, {'@widget': [it.name, data]}, 0]);
    },
    register: () => registerWidget(it.name, it.Widget),
    $: (selector) => it.window.root.querySelector(selector),
  };
  it.Widget = class {
    constructor(window, element, data) {
      Object.assign(this, {window, element, data, id: it.made.push(this)});
      it.log.push(['made', element.title || element.localName, structuredClone(data.data)]);
      members.made?.(this);
    }

    onDataUpdated(data) {
      it.log.push(['updated', structuredClone(data.data)]);
      members.updated?.(this);
    }

    destroy() {
      it.log.push(['destroyed', this.id]);
      members.destroyed?.(this);
    }
  };
  Object.assign(it.Widget.prototype, members.methods);
  it.window = new Window(stage(), {
    claim: () => 1, release() {}, title() {}, follow() {}, shown() {}, load() {}, say() {},
    send: (text) => it.sent.push(JSON.parse(text)),
  });
  cleanup(() => it.window.close());
  it.window.open('/');
  return it;
}

/** Errors are meant here. */
function quiet() {
  const original = console.error;
  console.error = () => {};
  cleanup(() => { console.error = original; });
}

const answers = (it) => it.take().filter(([type, , , , kind]) => type === EVENT && kind === 0).map((event) => event[6]);
const errors = (it) => it.take().filter(([type]) => type === ERROR).map(([, , text]) => text.split('\n')[0]);
const settled = () => new Promise((resolve) => { const channel = new MessageChannel(); channel.port1.onmessage = resolve; channel.port2.postMessage(0); });

test('a widget is made when the whole message was applied, the outermost first', () => {
  const it = opened({made: ({element}) => it.log.push(element.isConnected && element.textContent)});
  it.register();
  it.window.receive('STARTED', ['view', 'secret', 9, 0], 0);

  it.snapshot(['div', 'p'], [1, {title: 'outer', '@widget': [it.name, {a: 1}]}, 2, {title: 'inner', '@widget': [it.name, [2]]}, 'text', 0, 0]);

  equal(it.told(), [['made', 'outer', {a: 1}], 'text', ['made', 'inner', [2]], 'text']);
});

test('it gets the window, the element and the data', () => {
  const it = opened();
  it.register();

  it.show({a: 1});

  const [{window, element, data}] = it.made;
  same(window.root_node, it.window.root);
  same(element, it.$('div'));
  equal(data, {data: {a: 1}});
});

test('it fires events of its element, or of another one, also as the reference writes it', () => {
  const it = opened();
  it.register();
  it.show({});
  it.take();
  const [{window, element}] = it.made;

  window.fire(element, 'one', 1);
  window.fire_input_event(undefined, 'two', {a: 2});

  equal(it.take().map((message) => message.slice(4)), [['one', 1, 1], ['two', 1, {a: 2}]]);
  raises(() => window.set_html('<b>x</b>'), 'on the server');
});

test('one message tells of changes once, however many there are', () => {
  const it = opened();
  it.register();
  it.show({list: [1, 2, 3], object: {}});
  it.told();

  it.patch([DATA, 1, SET, ['list', 0], 'x'], [DATA, 1, PUT_IN, ['list', 1], {deep: []}], [DATA, 1, PUT_IN, ['list', 1, 'deep', 0], 'y'],
    [DATA, 1, DELETE, ['list', 3]], [DATA, 1, SET, ['object', 'a'], null], [DATA, 1, SET, ['object', 'b'], 2], [DATA, 1, DELETE, ['object', 'b']]);

  equal(it.told(), [['updated', {list: ['x', {deep: ['y']}, 2], object: {a: null}}]]);
});

test('all of the data can be replaced, by data of another kind, too', () => {
  const it = opened();
  it.register();
  it.show({a: 1});
  it.told();

  it.patch([DATA, 1, SET, [], [1, 2]], [DATA, 1, PUT_IN, [2], 3]);

  equal(it.told(), [['updated', [1, 2, 3]]]);
  equal(it.made[0].data.data, [1, 2, 3]);
});

test('a message that changes other things tells nobody', () => {
  const it = opened();
  it.register();
  it.show({a: 1});
  it.told();

  it.patch([1, 1, 'title', 'x'], [INSERT, 1, 0, 5, ['p'], [1, 0]]);

  equal(it.told(), []);
});

test('a widget that was inserted with its changes is made once, and told of nothing', () => {
  const it = opened();
  it.register();
  it.show({});
  it.told();

  it.patch([INSERT, 1, 0, 5, ['p'], [1, {'@widget': [it.name, {n: 1}]}, 0]], [DATA, 5, SET, ['n'], 2]);

  equal(it.told(), [['made', 'p', {n: 2}]]);
});

test('a widget ends when its element leaves, also deep inside of what leaves', () => {
  const it = opened();
  it.register();
  it.window.receive('STARTED', ['view', 'secret', 9, 0], 0);
  it.snapshot(['div'], [1, 1, 1, {'@widget': [it.name, {}]}, 0, 0, 0]);
  it.told();

  it.patch([REMOVE, 2]);

  equal(it.told(), [['destroyed', 1]]);
});

test('a widget whose element moves goes on', () => {
  const it = opened();
  it.register();
  it.window.receive('STARTED', ['view', 'secret', 9, 0], 0);
  it.snapshot(['div'], [1, 1, 0, 1, {'@widget': [it.name, {}]}, 0, 0]);
  it.told();

  it.patch([MOVE, 3, 2, 0]);

  equal(it.told(), []);
  same(it.made[0].element.parentNode.parentNode.parentNode, it.window.root);
});

test('a widget that leaves and comes back is another one', () => {
  const it = opened();
  it.register();
  it.window.receive('STARTED', ['view', 'secret', 9, 0], 0);
  it.snapshot(['div', 'p'], [1, 2, {'@widget': [it.name, {n: 1}]}, 0, 0]);
  it.told();

  it.patch([REMOVE, 2], [INSERT, 1, 0, 2, ['p'], [1, {'@widget': [it.name, {n: 2}]}, 0]]);

  equal(it.told(), [['destroyed', 1], ['made', 'p', {n: 2}]]);
});

test('a snapshot keeps the widget, and tells of other data only', () => {
  const it = opened();
  it.register();
  it.show({a: {b: 1}});
  it.told();

  it.snapshot(['div'], [1, {title: 'x', '@widget': [it.name, {a: {b: 1}}]}, 0]);
  equal(it.told(), []);
  it.snapshot(['div'], [1, {title: 'x', '@widget': [it.name, {a: {b: 2}}]}, 0]);

  equal(it.told(), [['updated', {a: {b: 2}}]]);
  equal(it.made[0].data.data, {a: {b: 2}});
});

test('a snapshot that gives the element another widget ends the one before', () => {
  const it = opened();
  it.register();
  registerWidget(`${it.name}-other`, it.Widget);
  it.show({});
  it.told();

  it.snapshot(['div'], [1, {'@widget': [`${it.name}-other`, {n: 2}]}, 0]);

  equal(it.told(), [['destroyed', 1], ['made', 'div', {n: 2}]]);
});

test('the next view ends all widgets, and so does the end of the window', () => {
  const it = opened();
  it.register();
  it.show({n: 1});
  it.told();

  it.show({n: 2}, 'another view');
  equal(it.told(), [['destroyed', 1], ['made', 'div', {n: 2}]]);
  it.window.close();

  equal(it.told(), [['destroyed', 2]]);
});

test('a widget may have none of the methods', () => {
  const it = opened();
  registerWidget(it.name, class {});

  it.show({n: 1});
  it.patch([DATA, 1, SET, ['n'], 2], [REMOVE, 1]);

  equal(errors(it), []);
});

test('a script that comes late finds its elements, with the data of now', () => {
  const it = opened();
  it.show({n: 1});
  it.patch([DATA, 1, SET, ['n'], 2]);

  it.register();
  it.clock.advance(20_000);

  equal([it.told(), errors(it)], [[['made', 'div', {n: 2}]], []]);
});

test('a script that does not come is reported, once, and may come after that', () => {
  quiet();
  const it = opened();
  it.show({n: 1});

  it.clock.advance(9_000);
  it.patch([DATA, 1, SET, ['n'], 2]);
  equal(errors(it), []);
  it.clock.advance(20_000);
  equal(errors(it), [`frame 3: Error: no script has registered a widget ${it.name}`]);
  it.register();

  equal(it.told(), [['made', 'div', {n: 2}]]);
});

test('an element that has left is not missed by a script', () => {
  const it = opened();
  it.show({});

  it.patch([REMOVE, 1]);
  it.clock.advance(20_000);
  it.register();

  equal([it.told(), errors(it)], [[], []]);
});

for (const [where, event] of [['made', 'constructor'], ['updated', 'onDataUpdated'], ['destroyed', 'destroy']]) {
  test(`a widget that throws in ${event} is reported and breaks nothing else`, () => {
    quiet();
    const it = opened({[where]: ({element}) => { if (element.title === 'bad') throw new Error('mine'); }});
    it.register();
    it.window.receive('STARTED', ['view', 'secret', 9, 0], 0);
    it.snapshot(['div', 'p'], [1, 2, {title: 'bad', '@widget': [it.name, {}]}, 0, 2, {'@widget': [it.name, {}]}, 0, 0]);

    it.patch([DATA, 2, SET, ['n'], 1], [DATA, 3, SET, ['n'], 1]);
    it.patch([REMOVE, 2], [REMOVE, 3], [1, 1, 'title', 'applied']);

    equal(it.log.filter(([what]) => what === where).length, 2);
    equal(errors(it).map((text) => text.includes('Error: mine')), [true]);
    equal(it.window.root.innerHTML, '<div title="applied"></div>');
  });
}

test('what a widget puts beside its children survives patches and snapshots', () => {
  const it = opened({made: ({element}) => {
    element.prepend(Object.assign(document.createElement('i'), {textContent: 'first'}));
    element.append(document.createElement('canvas'));
  }});
  it.register();
  it.window.receive('STARTED', ['view', 'secret', 9, 0], 0);
  const spec = (...texts) => [1, {'@widget': [it.name, {}]}, ...texts.map(([id, text]) => [2, {'@id': id}, [id + 1, text], 0]).flat(), 0];
  it.snapshot(['div', 'p'], spec([10, 'a'], [20, 'b']));
  const canvas = it.$('canvas');

  it.patch([INSERT, 1, 20, 30, ['p'], [1, 'new', 0]], [REMOVE, 10]);
  equal(it.$('div').innerHTML, '<i>first</i><p>new</p><p>b</p><canvas></canvas>');
  it.snapshot(['div', 'p'], spec([20, 'b'], [40, 'c']));

  equal([...it.$('div').children].map(({textContent}) => textContent).sort(), ['', 'b', 'c', 'first']);
  same(it.$('canvas'), canvas);
  equal([...it.$('div').querySelectorAll('p')].map(({textContent}) => textContent), ['b', 'c']);
});

test('a widget says something by a custom event, of its element or the nearest around', () => {
  const it = opened({made: ({element}) => element.append(document.createElement('canvas'))});
  it.register();
  it.show({});
  it.take();

  const [{window, element}] = it.made;
  equal([window.fire(element, 'zoomed', {by: 2}), window.fire(it.$('canvas'), 'drawn')], [true, true]);

  equal(it.take(), [[EVENT, 1, 1, 2, 'zoomed', 1, {by: 2}], [EVENT, 1, 2, 2, 'drawn', 1, null]]);
});

test('what would end the connection is not sent', () => {
  const it = opened();
  it.show({});
  it.take();
  const nested = (levels) => JSON.parse('['.repeat(levels) + ']'.repeat(levels));

  for (const data of ['y'.repeat(1_048_000), nested(61), Array(9_990).fill([])]) {
    raises(() => it.window.fire(null, 'x', data), 'too large, or too deep');
  }
  equal([it.window.fire(null, 'x', nested(60)), it.window.fire(null, 'x', Array(9_989).fill([]))], [true, true]);

  equal(it.take().length, 2);
});

test('what is not JSON is an error where it is fired, and not an empty object', () => {
  const it = opened();
  it.show({});
  it.take();

  for (const data of [() => 1, new Map([[1, 2]]), document.body, [Symbol('x')], {deep: new Set()}, 10n]) {
    raises(() => it.window.fire(null, 'x', data), '');
  }
  it.window.fire(null, 'x', {date: new Date(0), none: undefined, box: new DOMRect(1, 2, 3, 4).toJSON().x});

  equal(it.take().map((message) => message[6]), [{date: '1970-01-01T00:00:00.000Z', box: 1}]);
});

test('what a script gives to an event of its own, and is not JSON, is reported once', () => {
  quiet();
  const it = opened();
  it.window.receive('STARTED', ['view', 'secret', 9, 0], 0);
  it.snapshot(['div'], [1, {'@on': '*zoom'}, 0]);
  it.take();

  it.$('div').dispatchEvent(new CustomEvent('zoom', {detail: new Map(), bubbles: true}));

  equal(errors(it), ['frame 2: Error: expected JSON, got [object Map]']);
});

test('widgets of the old kind are set up, told and taken down', () => {
  const it = opened();
  registerWidget(it.name, class {
    constructor(window) { this.window = window; }
    setup() { it.log.push(['setup', this.root_node.localName, this.nodes.map(({data}) => data), {...this.data}]); }
    data_updated() { it.log.push(['data_updated', structuredClone(this.data)]); }
    deconstruct() { it.log.push(['deconstruct']); }
  });
  it.window.receive('STARTED', ['view', 'secret', 9, 0], 0);
  it.snapshot(['div'], [1, {'@widget': [it.name, {n: 1}]}, 'x', 0]);

  it.patch([DATA, 1, SET, ['n'], 2]);
  it.patch([DATA, 1, SET, [], {all: 'new'}]);
  it.patch([REMOVE, 1]);

  equal(it.told(), [['setup', 'div', ['x'], {n: 1}], ['data_updated', {n: 2}], ['data_updated', {all: 'new'}], ['deconstruct']]);
});

test('a change of data that is not there breaks the frame and not the page', () => {
  quiet();
  const it = opened();
  it.register();
  it.show({a: 1});
  it.take();

  it.patch([DATA, 1, SET, ['no', 'such', 'place'], 1]);

  equal([it.window.state, it.take().map(([type]) => type)], ['broken', [ERROR, 2]]);
});

// Calls.

test('a call is made when the whole message was applied, and its result is an event', async () => {
  const it = opened({methods: {add(a, b) { return [a + b, this.element.title]; }}});
  it.register();
  it.show({});
  it.take();

  it.patch([CALL, 1, 1, 'add', [1, 2]], [1, 1, 'title', 'later']);
  await settled();

  equal(it.take(), [[EVENT, 1, 1, 3, 0, 0, [1, true, [3, 'later']]]]);
});

test('the element is asked where the widget has no such method, or where there is no widget', async () => {
  const it = opened();
  it.register();
  it.show({});
  it.patch([INSERT, 1, 0, 5, ['p'], [1, {title: 'x'}, 0]]);
  it.take();

  it.patch([CALL, 1, 1, 'getAttribute', ['class']], [CALL, 2, 5, 'getAttribute', ['title']]);
  await settled();

  equal(answers(it), [[1, true, null], [2, true, 'x']]);
});

test('of a promise the result is waited for, and others need not wait', async () => {
  let resolve;
  const it = opened({methods: {later: () => new Promise((done) => { resolve = done; }), now: () => 'now'}});
  it.register();
  it.show({});
  it.take();

  it.patch([CALL, 1, 1, 'later', []], [CALL, 2, 1, 'now', []]);
  await settled();
  equal(answers(it), [[2, true, 'now']]);
  resolve('later');
  await settled();

  equal(answers(it), [[1, true, 'later']]);
});

test('what goes wrong is an answer, too', async () => {
  const loop = {};
  loop.loop = loop;
  const it = opened({methods: {
    throws() { throw new Error('mine'); }, rejects: () => Promise.reject(new Error('later')), circular: () => loop, big: () => 10n,
    large: () => 'x'.repeat(1 << 20), deep: () => JSON.parse('['.repeat(61) + ']'.repeat(61)), verbose() { throw new Error('y'.repeat(1 << 20)); }, nothing() {},
  }});
  it.register();
  it.show({});
  it.take();

  it.patch(...['throws', 'rejects', 'circular', 'big', 'large', 'verbose', 'nothing', 'missing', 'deep'].map((name, n) => [CALL, n + 1, 1, name, []]),
    [CALL, 10, 77, 'focus', []]);
  await settled();

  const told = Object.fromEntries(answers(it).map(([call, ...answer]) => [call, answer]));
  equal([told[1], told[2], told[5], told[7], told[8], told[9], told[10]], [
    [false, 'Error: mine'], [false, 'Error: later'], [false, 'Error: too large, or too deep'], [true, null],
    [false, 'Error: there is no method missing'], [false, 'Error: too large, or too deep'],
    [false, 'Error: the element is gone'],
  ]);
  equal([told[3][0], told[4][0], told[6][0], told[6][1].length], [false, false, false, 2000]);
});

test('whatever is thrown is told in words', async () => {
  const loop = {};
  loop.loop = loop;
  const thrown = [Object.create(null), {a: 1}, 'text', null, undefined, 5, loop, Object.assign(new Error(), {toString() { throw 1; }}), Symbol('s')];
  const it = opened({methods: {fail(which) { throw thrown[which]; }}});
  it.register();
  it.show({});

  it.patch(...thrown.map((_, which) => [CALL, which + 1, 1, 'fail', [which]]));
  await settled();

  equal(answers(it).map(([, ...answer]) => answer), ['{}', '{"a":1}', 'text', 'null', 'undefined', '5', 'an error without words',
    'an error without words', 'Symbol(s)'].map((text) => [false, text]));
});

test('a result that is not JSON is an error, and not an empty object', async () => {
  const it = opened({methods: {body: () => document.body, map: () => new Map(), inner: () => [() => 1], rect: () => new DOMRect(1, 2, 3, 4)}});
  it.register();
  it.show({});

  it.patch([CALL, 1, 1, 'body', []], [CALL, 2, 1, 'map', []], [CALL, 3, 1, 'inner', []], [CALL, 4, 1, 'rect', []]);
  await settled();

  const told = answers(it);
  equal(told.map(([, said]) => said), [false, false, false, true]);
  equal([told[0][2], told[3][2].x], ['Error: expected JSON, got [object HTMLBodyElement]', 1]);
});

test('a focus that goes nowhere is an error, and the one after it counts for itself', async () => {
  const it = opened();
  it.window.receive('STARTED', ['view', 'secret', 9, 0], 0);
  it.snapshot(['div', 'input'], [1, 2, {disabled: true}, 0, 2, {style: 'display: none'}, 0, 2, 0, 2, 0, 0]);

  it.patch(...[2, 3, 1, 4, 5].map((id, n) => [CALL, n + 1, id, 'focus', []]));
  await settled();

  const told = answers(it);
  equal(told.map(([, said]) => said), [false, false, false, true, true]);
  equal(told[0][2].includes('does not take the focus'), true);
});

test('a call that follows a snapshot once more is made once', async () => {
  const it = opened({methods: {count: () => ++it.count}});
  it.count = 0;
  it.register();
  it.show({});

  it.patch([CALL, 1, 1, 'count', []]);
  it.snapshot(['div'], [1, {'@widget': [it.name, {}]}, 0]);
  it.patch([CALL, 1, 1, 'count', []], [CALL, 2, 1, 'count', []]);
  await settled();

  equal(answers(it), [[1, true, 1], [2, true, 2]]);
});

test('the calls of the next view count from one again', async () => {
  const it = opened({methods: {hello: () => 'hello'}});
  it.register();
  it.show({});
  it.patch([CALL, 1, 1, 'hello', []]);
  await settled();
  it.take();

  it.show({}, 'another view');
  it.patch([CALL, 1, 1, 'hello', []]);
  await settled();

  equal(answers(it), [[1, true, 'hello']]);
});

test('what the view before has asked is not answered to the next one', async () => {
  let resolve;
  const it = opened({methods: {later: () => new Promise((done) => { resolve = done; })}});
  it.register();
  it.show({});
  it.patch([CALL, 1, 1, 'later', []]);
  await settled();

  it.show({}, 'another view');
  it.take();
  resolve('for the view before');
  await settled();

  equal(it.take(), []);
});

test('a window that was closed answers nothing', async () => {
  let resolve;
  const it = opened({methods: {later: () => new Promise((done) => { resolve = done; })}});
  it.register();
  it.show({});
  it.patch([CALL, 1, 1, 'later', []]);
  await settled();

  it.window.close();
  it.take();
  resolve('too late');
  await settled();

  equal(it.take(), []);
});

test('a frame that does not fit loses no answer', async () => {
  quiet();
  const it = opened({methods: {hello: () => 'hello'}});
  it.register();
  it.show({});
  it.take();

  it.patch([CALL, 1, 1, 'hello', []], [REMOVE, 99]);
  await settled();

  equal(answers(it), [[1, true, 'hello']]);
});

test('an answer is not refused for all the events that wait', async () => {
  const it = opened({methods: {hello: () => 'hello'}});
  it.register();
  it.show({});
  while (it.window.fire(null, 'x'));
  it.take();

  it.patch([CALL, 1, 1, 'hello', []]);
  await settled();

  equal(answers(it), [[1, true, 'hello']]);
});

test('calls wait for a script that comes late', async () => {
  const it = opened({methods: {one: () => 1, two: () => 2}});
  it.show({});
  it.patch([CALL, 1, 1, 'one', []], [CALL, 2, 1, 'two', []]);
  await settled();
  equal(answers(it), []);

  it.register();
  await settled();

  equal(answers(it), [[1, true, 1], [2, true, 2]]);
});

test('a call does not wait for ever for a script that does not come', async () => {
  quiet();
  const it = opened();
  it.show({});
  it.patch([CALL, 1, 1, 'one', []], [CALL, 2, 1, 'getAttribute', ['title']]);
  await settled();

  it.clock.advance(10_000);
  await settled();

  equal(answers(it), [[1, false, 'Error: there is no method one'], [2, true, null]]);
});

test('a call does not wait for an element that has left', async () => {
  const it = opened();
  it.show({});
  it.patch([CALL, 1, 1, 'one', []]);
  await settled();

  it.patch([REMOVE, 1]);
  await settled();

  equal(answers(it), [[1, false, 'Error: there is no method one']]);
});

test('focus moves the focus', async () => {
  const it = opened();
  it.window.receive('STARTED', ['view', 'secret', 9, 0], 0);
  it.snapshot(['div', 'input'], [1, 2, 0, 2, 0, 0]);

  it.patch([CALL, 1, 3, 'focus', []]);
  await settled();

  same(document.activeElement, it.window.root.querySelectorAll('input')[1]);
});
