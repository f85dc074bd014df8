import {setAttribute} from '/lona_sync/client/attributes.js';
import {Events} from '/lona_sync/client/events.js';
import '/lona_sync/client/senses.js';
import {issue, keys, late} from '/lona_sync/client/tokens.js';
import {Tree} from '/lona_sync/client/tree.js';
import {FakeClock, cleanup, equal, stage, test} from './harness.js';

issue(document.createElement('p'), 'key_down:0+x');
await keys.loading;                  // as in a page that has had such an element for a while

const [CLICK, CHANGE, FOCUS, BLUR] = [1, 2, 3, 4];

/** A window whose elements have the ids and the events that `data-id` and `data-on` say. */
function page(html) {
  const root = stage(html);
  const tree = new Tree(root);
  const clock = new FakeClock();
  const issued = [];
  const opened = [];
  const page = {root, tree, clock, issued, opened, full: false, $: (id) => tree.get(id)};
  for (const element of root.querySelectorAll('[data-id]')) {
    tree.add(Number(element.dataset.id), element);
    if (element.dataset.on) setAttribute(element, '@on', element.dataset.on);
  }
  page.events = new Events(tree, {
    issue: (type, node, data) => (page.full ? 0 : JSON.stringify(data)?.length > 1_047_000 ? -1 : issued.push([type, node, data])),
    waits: (...event) => page.waits(...event),
    navigate: (url, post) => opened.push([url.pathname + url.search, post]),
  });
  page.events.start();
  cleanup(() => page.events.stop());
  return page;
}

/** Click as the browser does. @returns {boolean} whether the default was left to the browser */
function click(element, options = {}) {
  let left = true;
  const last = (event) => {
    left = !event.defaultPrevented;
    if (event.target.closest('a[href]')) event.preventDefault();          // the test must not go there
  };
  addEventListener('click', last);
  element.dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true, ...options}));
  removeEventListener('click', last);
  return left;
}

function type(control, value, composing = false) {
  control.value = value;
  control.dispatchEvent(new InputEvent('input', {bubbles: true, isComposing: composing}));
}

const change = (control) => control.dispatchEvent(new Event('change', {bubbles: true}));
const kinds = ({issued}) => issued.map(([type, node]) => [type, node]);

test('the innermost element with the event issues it, and no other', () => {
  const it = page('<div data-id="1" data-on="click"><p data-id="2" data-on="click"><b data-id="3"><i></i></b></p></div>');

  click(it.root.querySelector('i'));

  equal(it.issued.length, 1);
  equal(it.issued[0].slice(0, 2), [CLICK, 2]);
  equal(it.issued[0][2][5], 3, 'target');
});

test('elements without the event issue nothing', () => {
  const it = page('<p data-id="1" data-on="focus">x</p>');

  click(it.$(1));

  equal(it.issued, []);
});

test('links, buttons and submits do nothing else when clicked; boxes, selects and texts do', () => {
  const it = page(`<a href="/x" data-id="1" data-on="click"><b data-id="2" data-on="click"></b></a>
    <form onsubmit="return false"><button data-id="3" data-on="click"></button><input type="submit" data-id="4" data-on="click"></form>
    <input type="checkbox" data-id="5" data-on="click"><input type="radio" data-id="6" data-on="click">
    <div data-id="7" data-on="click"><input type="checkbox" data-id="8"></div>`);

  const left = [1, 2, 3, 4, 5, 6, 8].map((id) => click(it.$(id)));

  equal(left, [false, false, false, false, true, true, true]);
  equal([it.$(5).checked, it.$(6).checked, it.$(8).checked], [true, true, true]);
  equal(kinds(it).map(([, id]) => id), [1, 2, 3, 4, 5, 6, 7]);
});

test('a link within a clickable element is followed, and the element issues nothing', () => {
  const it = page('<div data-id="1" data-on="click"><a href="/x?y" data-id="2">x</a></div>');

  click(it.$(2));

  equal([it.opened, it.issued], [[['/x?y', null]], []]);
});

test('disabled elements issue nothing', () => {
  const it = page(`<div data-id="1" data-on="click"><button disabled data-id="2" data-on="click"><b data-id="3"></b></button></div>
    <a disabled href="/x" data-id="4" data-on="click">x</a>`);

  click(it.$(3));
  const left = click(it.$(4));

  equal([it.issued, left], [[], false]);
});

test('ignored elements are left to the browser', () => {
  const it = page('<div data-id="1" data-on="click change"><a data-lona-ignore href="/x" data-id="2" data-on="click">x</a><input data-lona-ignore></div>');

  const left = click(it.$(2));
  change(it.root.querySelector('input'));

  equal([left, it.issued, it.opened], [true, [], []]);
});

test('a click at a label is one click of what is around label and box', () => {
  const it = page('<div data-id="1" data-on="click"><label data-id="2">x <input type="checkbox" data-id="3"></label></div>');

  click(it.$(2));

  equal([kinds(it), it.$(3).checked], [[[CLICK, 1]], true]);
});

test('a window inside of a window takes its own events', () => {
  const outer = page('<div data-id="1" data-on="click change"><section></section></div>');
  const root = outer.root.querySelector('section');
  root.innerHTML = '<b></b><i></i>';
  const tree = new Tree(root);
  const issued = [];
  tree.add(1, root.firstChild);
  setAttribute(root.firstChild, '@on', 'click');
  const inner = new Events(tree, {issue: (...event) => issued.push(event), navigate() {}});
  inner.start();
  cleanup(() => inner.stop());

  click(root.firstChild);
  click(root.lastChild);

  equal([issued.length, outer.issued.length], [1, 1]);
});

test('a script in the page can keep a click to itself', () => {
  const it = page('<div data-id="1" data-on="click"><b data-id="2"></b></div>');
  it.$(2).addEventListener('click', (event) => event.stopPropagation());

  click(it.$(2));

  equal(it.issued, []);
});

test('an element that its own handler takes out of the page harms nobody', () => {
  const it = page('<div data-id="1" data-on="click"><b data-id="2"></b></div>');
  it.$(2).addEventListener('click', () => it.$(2).remove());

  click(it.$(2));

  equal(it.issued, []);
});

test('after stop nothing is issued', () => {
  const it = page('<b data-id="1" data-on="click change:300"></b><input data-id="2" data-on="change:300">');
  type(it.$(2), 'x');

  it.events.stop();
  click(it.$(1));
  it.clock.advance(1000);

  equal([it.issued, it.clock.waiting], [[], 0]);
});

test('focus and blur are issued by the element itself', () => {
  const it = page('<div data-id="1" data-on="focus blur"><input data-id="2" data-on="focus blur"></div>');

  it.$(2).focus();
  it.$(2).blur();

  equal(it.issued, [[FOCUS, 2, null], [BLUR, 2, null]]);
});

test('focus and blur are nobody\'s doing while patches are applied', () => {
  const it = page('<input data-id="1" data-on="focus blur">');

  it.events.muted = true;
  it.$(1).focus();
  it.$(1).blur();

  equal(it.issued, []);
});

test('the values of the different controls', () => {
  const it = page(`<input data-id="1" data-on="change"><input type="checkbox" data-id="2" data-on="change">
    <select multiple data-id="3" data-on="change"><option data-id="31">a<option data-id="32" selected>b<option data-id="33" selected>c</select>
    <textarea data-id="4" data-on="change"></textarea><input type="radio" checked data-id="5" data-on="change">`);
  it.$(1).value = it.$(4).value = 'text';

  for (const id of [1, 2, 3, 4, 5]) change(it.$(id));

  equal(it.issued.map(([, , data]) => data), ['text', false, [32, 33], 'text', true]);
});

test('a change of something inside is issued by the element around it', () => {
  const it = page('<form data-id="1" data-on="change"><input data-id="2" value="x"></form>');

  change(it.$(2));

  equal(it.issued, [[CHANGE, 1, 'x']]);
});

test('a delayed change is sent when nothing more comes for as long', () => {
  const it = page('<input data-id="1" data-on="change:300">');

  type(it.$(1), 'a');
  it.clock.advance(299);
  type(it.$(1), 'ab');
  it.clock.advance(299);
  equal(it.issued, []);
  it.clock.advance(1);

  equal([it.issued, it.clock.waiting], [[[CHANGE, 1, 'ab']], 0]);
});

test('a delayed change is sent before a click', () => {
  const it = page('<input data-id="1" data-on="change:300"><b data-id="2" data-on="click"></b>');
  type(it.$(1), 'a');

  click(it.$(2));
  it.clock.advance(1000);

  equal(kinds(it), [[CHANGE, 1], [CLICK, 2]]);
});

test('a delayed change is sent before the change of another field', () => {
  const it = page('<input data-id="1" data-on="change:300"><input data-id="2" data-on="change">');
  type(it.$(1), 'a');

  change(it.$(2));

  equal(kinds(it), [[CHANGE, 1], [CHANGE, 2]]);
});

test('a delayed change is sent when the field is left, before its blur', () => {
  const it = page('<input data-id="1" data-on="change:300 blur">');
  it.$(1).focus();
  type(it.$(1), 'a');

  it.$(1).blur();

  equal(kinds(it), [[CHANGE, 1], [BLUR, 1]]);
});

test('leaving a field whose change was sent long ago sends nothing', () => {
  const it = page('<input data-id="1" data-on="change:300">');
  type(it.$(1), 'a');
  it.clock.advance(300);
  it.events.changes.acknowledge(1);

  change(it.$(1));

  equal(it.issued.length, 1);
});

test('a delayed change of a field that is gone is not sent', () => {
  const it = page('<input data-id="1" data-on="change:300"><b data-id="2" data-on="click"></b>');
  type(it.$(1), 'a');

  it.$(1).remove();
  click(it.$(2));

  equal(kinds(it), [[CLICK, 2]]);
});

test('half a character is not sent', () => {
  const it = page('<input data-id="1" data-on="change:300"><b data-id="2" data-on="click"></b>');

  type(it.$(1), 'n', true);
  it.clock.advance(1000);
  click(it.$(2));
  equal(kinds(it), [[CLICK, 2]]);
  type(it.$(1), 'に', true);
  it.$(1).dispatchEvent(new CompositionEvent('compositionend', {bubbles: true}));
  it.clock.advance(300);

  equal(it.issued.at(-1), [CHANGE, 1, 'に']);
});

test('a control is newer than the server from the first key until the change is acknowledged', () => {
  const it = page('<input data-id="1" data-on="change:300">');
  const newer = () => it.events.changes.keeps(it.$(1));
  const seen = [newer()];

  type(it.$(1), 'a');
  seen.push(newer());
  it.clock.advance(300);
  seen.push(newer());
  it.events.changes.acknowledge(0);
  seen.push(newer());
  it.events.changes.acknowledge(1);
  seen.push(newer());

  equal(seen, [false, true, true, true, false]);
});

test('more typing after an event was sent keeps the control newer beyond its acknowledgement', () => {
  const it = page('<input data-id="1" data-on="change:300">');
  type(it.$(1), 'a');
  it.clock.advance(300);

  type(it.$(1), 'ab');
  it.events.changes.acknowledge(1);

  equal(it.events.changes.keeps(it.$(1)), true);
});

test('an option is as new as its select, a radio button as its group', () => {
  const it = page(`<select data-id="1" data-on="change"><option>a</select>
    <input type="radio" name="r" data-id="2" data-on="change"><input type="radio" name="r" data-id="3"><input type="radio" name="s" data-id="4">`);

  change(it.$(1));
  change(it.$(2));

  equal([it.$(1).options[0], it.$(3), it.$(4)].map((element) => it.events.changes.keeps(element)), [true, true, false]);
});

test('what was typed and taken back is nothing, unless the server has set a value meanwhile', () => {
  const it = page('<input data-id="1" data-on="change">');
  it.$(1).focus();

  type(it.$(1), '');
  it.$(1).blur();
  equal([it.issued, it.events.changes.keeps(it.$(1))], [[], false]);
  it.$(1).focus();
  type(it.$(1), '');
  it.events.changes.keeps(it.$(1));
  it.$(1).blur();

  equal(it.issued, [[CHANGE, 1, '']]);
});

test('a refused change is sent again before the next event, and many of them do not explode', () => {
  const it = page(Array.from({length: 20}, (_, i) => `<input data-id="${i + 1}" data-on="change:9">`).join('') + '<b data-id="50" data-on="click"></b>');
  it.full = true;
  for (let id = 1; id <= 20; id++) type(it.$(id), 'x');
  it.clock.advance(10);
  equal(it.events.changes.keeps(it.$(1)), true);

  it.full = false;
  click(it.$(50));

  equal([it.issued.length, it.issued.at(-1)[0]], [21, CLICK]);
});

test('a submitted form opens its address', () => {
  const it = page('<form action="/find?old"><input name="q" value="a b"><button></button></form>');

  it.root.querySelector('button').click();

  equal(it.opened, [['/find?q=a+b', null]]);
});

test('what waits stays unsent only until the form is submitted', () => {
  const it = page('<form action="/find"><input name="q" data-id="1" data-on="change:300"></form>');
  type(it.$(1), 'x');

  it.root.querySelector('form').requestSubmit();

  equal(it.opened, [['/find?q=x', null]]);
});

function press(element, key, options = {}) {
  const event = new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true, ...options});
  element.dispatchEvent(event);
  return !event.defaultPrevented;
}

/** The page gets what elements need for drags and the like by import(), a turn after they ask for it. */
const senses = () => import('/lona_sync/client/senses.js').then(() => {});

const submit = (form, submitter) => form.dispatchEvent(new SubmitEvent('submit', {bubbles: true, cancelable: true, submitter}));

test('a key filter wants its modifiers and no others, and of characters what was typed', () => {
  const it = page('<input data-id="1">');
  const hit = (filter, key, options) => {
    setAttribute(it.$(1), '@on', `key_down:${filter}`);
    it.issued.length = 0;
    press(it.$(1), key, options);
    return it.issued.length;
  };
  const mod = /Mac|iP/.test(navigator.platform) ? {metaKey: true} : {ctrlKey: true};

  const hits = [
    hit('0+Enter', 'Enter'), hit('0+a', 'a'), hit('0+A', 'A', {shiftKey: true}), hit('0+%40', '@', {ctrlKey: true, altKey: true}),
    hit('2+s', 's', {ctrlKey: true}), hit('2+s', 'S', {ctrlKey: true}), hit('2+%2B', '+', {ctrlKey: true, shiftKey: true}),
    hit('16+k', 'k', mod), hit('20+k', 'K', {...mod, shiftKey: true}), hit('2+s:0+x', 'x'),
  ];
  const misses = [
    hit('0+Enter', 'Enter', {shiftKey: true}), hit('0+a', 'A', {shiftKey: true}), hit('0+a', 'a', {ctrlKey: true}),
    hit('0+a', 'a', {metaKey: true}), hit('2+s', 's'), hit('2+s', 'S', {ctrlKey: true, shiftKey: true}),
    hit('2+s', 's', {ctrlKey: true, altKey: true}), hit('16+k', 'k'), hit('16+k', 'k', {...mod, altKey: true}), hit('0+F1', 'F2'),
  ];

  equal([hits, misses], [Array(10).fill(1), Array(10).fill(0)]);
});

for (const [name, cases] of Object.entries(await (await fetch('/tests/client/keys.json')).json())) {
  test(`a key filter: ${name}`, () => {
    const it = page('<input data-id="1">');
    for (const [token, key, code, held, wanted] of cases) {
      setAttribute(it.$(1), '@on', `key_down:${token}`);
      it.issued.length = 0;
      press(it.$(1), key, {code, altKey: held & 1, ctrlKey: held & 2, shiftKey: held & 4, metaKey: held & 8});
      equal(it.issued.length, +wanted, `events for ${token} at ${key} (${code}, ${held})`);
    }
  });
}

test('a key that one element does not want is looked at by those around it', () => {
  const it = page('<div data-id="1" data-on="key_down:0+Escape"><input data-id="2" data-on="key_down:prevent:0+Enter"></div>');

  const left = [press(it.$(2), 'Escape'), press(it.$(2), 'Enter', {code: 'Enter', repeat: true, altKey: true}), press(it.$(2), 'Enter')];

  equal(it.issued, [[7, 1, ['Escape', '', false, 0]], [7, 2, ['Enter', '', false, 0]]]);
  equal(left, [true, true, false]);
});

test('what was typed is sent before Enter, and once', () => {
  const it = page('<input data-id="1" data-on="change key_down:0+Enter">');
  it.$(1).focus();
  type(it.$(1), 'abc');

  press(it.$(1), 'Enter');
  change(it.$(1));

  equal(it.issued.map(([type, , data]) => [type, data]), [[CHANGE, 'abc'], [7, ['Enter', '', false, 0]]]);
});

/** Long enough for no message. */
const LONG = '"'.repeat(530_000);
/** The page says so by a script that it loads then. */
const refused = async (field) => {
  for (let n = 0; n < 600 && !field.validationMessage; n++) await new Promise(requestAnimationFrame);
};

test('text that no message holds is no value, and keeps its form from being sent until it is shorter', async () => {
  const it = page('<form data-id="1" data-on="submit"><textarea name="a" data-id="2" data-on="change:300"></textarea></form>');
  type(it.$(2), LONG);
  it.clock.advance(300);
  await refused(it.$(2));
  const before = [it.$(2).validationMessage, it.$(1).checkValidity()];

  type(it.$(2), LONG.slice(5_000 * 2));
  it.clock.advance(300);
  it.$(1).requestSubmit();

  equal(before, ['This is too long.', false]);
  equal(it.issued.map(([type, , data]) => [type, (data?.[0].a ?? data)?.length ?? null]), [[CHANGE, null], [CHANGE, 520_000], [6, 520_000]]);
});

test('a form whose fields fit into no message together is not sent, and its longest field says so', async () => {
  const it = page('<form data-id="1" data-on="submit"><textarea name="a"></textarea><textarea name="b"></textarea></form>');
  const [a, b] = it.$(1).elements;
  a.value = 'x'.repeat(500_000);
  b.value = 'x'.repeat(600_000);

  it.$(1).requestSubmit();
  await refused(b);
  const before = [a.validationMessage, b.validationMessage, it.issued.length];
  type(b, 'short');
  it.$(1).requestSubmit();

  equal(before, ['', 'This is too long.', 0]);
  equal(kinds(it), [[6, 1]]);
});

test('a form that closes its dialog closes it, and is reported, too', () => {
  const it = page(`<dialog><form method="dialog" data-id="1" data-on="submit"><button>OK</button></form></dialog>
    <dialog><form data-id="2" data-on="submit"><button formmethod="dialog">OK</button><button>no</button></form></dialog>
    <dialog><form method="dialog" data-id="3" data-on="submit:prevent"><button>no</button></form></dialog>`);
  const dialogs = [...it.root.querySelectorAll('dialog')];
  for (const dialog of dialogs) dialog.showModal();

  for (const button of it.root.querySelectorAll('button:not([formmethod])')) button.click();
  const before = dialogs.map(({open}) => open);
  it.root.querySelector('[formmethod]').click();

  equal([before, dialogs.map(({open}) => open)], [[false, true, true], [false, false, true]]);
  equal(kinds(it), [[6, 1], [6, 2], [6, 3], [6, 2]]);
});

test('what was changed again is sent again', () => {
  const it = page('<input data-id="1" data-on="change">');
  type(it.$(1), 'a');
  change(it.$(1));

  it.$(1).value = 'b';
  change(it.$(1));

  equal(it.issued.map(([, , data]) => data), ['a', 'b']);
});

test('a throttled change is sent while the user types, and the last one always', () => {
  const it = page('<input data-id="1" data-on="change:~100">');
  for (const text of ['a', 'ab', 'abc', 'abcd', 'abcde']) {
    type(it.$(1), text);
    it.clock.advance(40);
  }
  it.clock.advance(1000);

  equal(it.issued.map(([, , data]) => data), ['abc', 'abcde']);
});

test('half a number is no value', () => {
  const it = page('<input type="number" data-id="1" data-on="change">');
  it.$(1).focus();
  document.execCommand('insertText', false, '1e');

  change(it.$(1));

  equal(it.issued, [[CHANGE, 1, null]]);
});

test('propagation stops at the element that says so', () => {
  const it = page('<div data-id="1" data-on="click"><p data-id="2" data-on="click:stop"><b data-id="3" data-on="click"></b></p></div>');
  const heard = [];
  for (const id of [1, 2, 3]) it.$(id).addEventListener('click', () => heard.push(id));

  click(it.$(3));
  setAttribute(it.$(2), '@on', 'click');
  click(it.$(3));

  equal([heard, kinds(it)], [[3, 2, 3, 2, 1], [[CLICK, 3], [CLICK, 3]]]);
});

test('a form is submitted with its fields, after all that was typed', () => {
  const it = page(`<form data-id="1" data-on="submit"><input name="a" data-id="2" data-on="change"><input name="b" value="1">
    <input name="b" value="2"><input type="file" name="c"><button name="go" value="yes" data-id="3"></button></form>`);
  type(it.$(2), 'x');

  const left = submit(it.$(1), it.root.querySelector('button'));

  equal(it.issued, [[CHANGE, 2, 'x'], [6, 1, [{a: 'x', b: ['1', '2'], go: 'yes'}, 3]]]);
  equal([left, it.opened], [false, []]);
});

test('a form that a script has submitted names no button', () => {
  const it = page('<form data-id="1" data-on="submit"><button data-id="2"></button></form>');

  it.$(1).requestSubmit();

  equal(it.issued, [[6, 1, [{}, null]]]);
});

test('a submit that a script has taken is nothing', () => {
  const it = page('<form data-id="1" data-on="submit" onsubmit="return false"></form>');

  submit(it.$(1));

  equal([it.issued, it.opened], [[], []]);
});

test('what counts once is not issued while one waits', () => {
  const it = page('<button data-id="1" data-on="click:once"></button><form data-id="2" data-on="submit:once"></form>');
  const waiting = [];
  it.waits = (type, node) => waiting.some((event) => event.join() === [type, node].join());

  click(it.$(1));
  waiting.push([CLICK, 1], [6, 2]);
  click(it.$(1));
  const left = submit(it.$(2));

  equal([kinds(it), left], [[[CLICK, 1]], false]);
});

test('a custom event is reported by the innermost element that asked for it', () => {
  const it = page('<div data-id="1" data-on="*a%20b"><p data-id="2" data-on="*a%20b"><b></b></p></div><i data-id="3" data-on="click"></i>');
  const send = (element, detail, bubbles) => element.dispatchEvent(new CustomEvent('a b', {detail, bubbles}));

  send(it.root.querySelector('b'), [1], true);
  send(it.root.querySelector('b'), [2], false);
  send(it.$(1), undefined, false);
  send(it.$(3), 3, true);

  equal(it.issued, [['a b', 2, [1]], ['a b', 1, null]]);
});

test('a custom event may be called like one of ours', () => {
  const names = ['dropped', 'keyed', 'visible-rows', 'focused', 'scroll-far'];
  const it = page(`<div data-id="1" data-on="${names.map((name) => `*${name}`).join(' ')}"></div>`);

  for (const name of names) it.$(1).dispatchEvent(new CustomEvent(name, {detail: 5}));

  equal(it.issued, names.map((name) => [name, 1, 5]));
});

test('an element that asks no longer issues nothing, nor does one that is left to the browser', () => {
  const it = page('<div data-id="1" data-on="*x pointer_enter click:stop"></div><div data-lona-ignore><p data-id="2" data-on="*x"></p></div>');
  setAttribute(it.$(1), '@on', false);

  for (const id of [1, 2]) it.$(id).dispatchEvent(new CustomEvent('x', {bubbles: true}));
  it.$(1).dispatchEvent(new PointerEvent('pointerenter'));
  click(it.$(1));

  equal(it.issued, []);
});

test('a drop tells the text, the number of files, and no source when nothing of the window was dragged', async () => {
  const it = page('<div data-id="1" data-on="drop"><b data-id="2"></b></div><p data-id="3"></p>');
  await senses();
  const dataTransfer = new DataTransfer();
  dataTransfer.setData('text/plain', 'x'.repeat(200_000));
  dataTransfer.items.add(new File(['x'], 'x.txt'));
  const send = (element, type) => {
    const event = new DragEvent(type, {dataTransfer, bubbles: true, cancelable: true});
    element.dispatchEvent(event);
    return event.defaultPrevented;
  };

  const taken = [send(it.$(2), 'dragover'), send(it.$(3), 'dragover'), send(it.$(2), 'drop'), send(it.$(3), 'drop')];

  const [[kind, node, data]] = it.issued;
  equal([kind, node, data.slice(5, 7), data[7].length, data[8], it.issued.length], [16, 1, [2, 0], 100_000, 1, 1]);
  equal(taken, [true, false, true, false]);
});

test('an element in sight that asks for its size, too, still tells when it leaves', async () => {
  const it = page('<div data-id="1" data-on="visible">x</div>');
  const told = async (count) => {
    for (let frame = 0; frame < 60 && it.issued.length < count; frame++) await new Promise(requestAnimationFrame);
    return it.issued.map(([, , [visible]]) => visible);
  };
  await told(1);

  setAttribute(it.$(1), '@on', 'visible resize');
  await senses();
  it.$(1).style.display = 'none';

  equal(await told(2), [true, false]);
});

test('an element of another window is dragged as nothing', async () => {
  const [one, other] = ['<p data-id="1" data-on="drag_start">x</p>', '<div data-id="1" data-on="drop"></div>'].map(page);
  await senses();
  const send = (element, type) => element.dispatchEvent(new DragEvent(type, {dataTransfer: new DataTransfer(), bubbles: true}));

  send(one.$(1).firstChild, 'dragstart');
  send(other.$(1), 'drop');

  equal([kinds(one), other.issued[0][2][6]], [[[12, 1]], 0]);
});

test('an element that is disabled keeps each of its events to itself', () => {
  const it = page(`<div data-id="1" data-on="key_down drop click"><p disabled data-id="2"
    data-on="key_down drop double_click *x pointer_enter click"></p></div>`);

  press(it.$(2), 'x');
  click(it.$(2));
  for (const type of ['dblclick', 'pointerenter', 'x']) it.$(2).dispatchEvent(new CustomEvent(type, {bubbles: true}));

  equal(it.issued, []);
});

test('what a reset of a form changes is told, and nothing else', async () => {
  const it = page(`<form data-id="1"><input data-id="2" data-on="change"><input data-id="3" data-on="change" value="same">
    <input data-id="4" data-on="change" type="checkbox"><select data-id="5" data-on="change"><option data-id="6">a<option data-id="7">b</select>
    <select data-id="8" data-on="change"><option data-id="9" disabled>choose<option data-id="10">a</select></form>`);
  setAttribute(it.$(2), 'value', 'server');
  setAttribute(it.$(3), 'value', 'same');
  setAttribute(it.$(4), 'checked', true);

  it.$(1).reset();
  await late('./reset.js');
  await null;

  equal(it.issued, [[CHANGE, 2, ''], [CHANGE, 4, false]]);
});
