import {setAttribute} from '/lona_sync/client/attributes.js';
import {Events} from '/lona_sync/client/events.js';
import {Tree} from '/lona_sync/client/tree.js';
import {FakeClock, cleanup, equal, stage, test} from './harness.js';

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
    issue: (type, node, data) => (page.full ? 0 : issued.push([type, node, data])),
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
    <select multiple data-id="3" data-on="change"><option>a<option selected>b<option selected>c</select>
    <textarea data-id="4" data-on="change"></textarea><input type="radio" checked data-id="5" data-on="change">`);
  it.$(1).value = it.$(4).value = 'text';

  for (const id of [1, 2, 3, 4, 5]) change(it.$(id));

  equal(it.issued.map(([, , data]) => data), ['text', false, [1, 2], 'text', true]);
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
