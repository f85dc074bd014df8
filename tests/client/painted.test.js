import {Page} from '/lona_sync/client/lona.js';
import {VERSION} from '/lona_sync/client/protocol.js';
import {late, loaded} from '/lona_sync/client/tokens.js';
import {Network, cleanup, equal, same, stage, test} from './harness.js';

await late('./painted.js');

const STARTED = 1, SNAPSHOT = 2, GONE = 7, REDIRECT = 8;

/** A page that shows `html`, and is about to join the view that made it. */
async function painted(html) {
  const root = stage(`<div id="lona">${html}</div>`).firstChild;
  const script = Object.assign(document.createElement('script'), {src: '/lona_sync/client/early.js'});
  await new Promise((onload) => {
    Object.assign(script, {onload});
    root.prepend(script);
  });
  const network = new Network();
  const page = new Page({socket: '/s', target: '#lona', title: 'Default', join: ['view', 'invitation']});
  page.start();
  cleanup(() => page.stop());
  await Promise.resolve();
  const it = {root, page, network, get socket() { return network.last; }};
  it.welcome = () => {
    it.socket.open();
    it.socket.receive(0, VERSION, {window: 64_000, ping: 20});
  };
  it.join = (first, tags, stream) => {
    it.welcome();
    it.socket.receive(STARTED, 1, 'view', 'secret', 1, 0);
    it.socket.receive(SNAPSHOT, 1, 1, 0, null, first, tags, stream);
  };
  it.events = () => it.socket.take().filter(([kind]) => kind === 4).map((event) => event.slice(5));
  return it;
}

test('the first message joins the view', async () => {
  const it = await painted('<p>x</p>');

  it.welcome();

  equal(it.socket.take(), [[0, VERSION], [2, 1, 'view', 'invitation', 0]]);
  equal(it.root.innerHTML, '<p>x</p>');
});

test('the elements that are there are those of the view', async () => {
  const it = await painted('<div><p>x</p><button>go</button></div>');
  const [div, p, button] = it.root.querySelectorAll('*');

  it.join(1, ['div', 'p', 'button'], [1, 2, 'x', 0, 3, {'@on': 'click'}, 'go', 0, 0]);
  it.socket.take();
  button.click();

  same(it.root.firstChild, div);
  same(it.root.querySelector('p'), p);
  equal(it.events().map(([node]) => node), [4]);
});

test('what the parser did to the markup is undone', async () => {
  const it = await painted('<table><tr><td>ab</td></tr></table>');
  const row = it.root.querySelector('tr');

  it.join(1, ['table', 'tr', 'td'], [1, 2, 3, 'a', 'b', 0, 0, 0]);

  same(it.root.querySelector('table > tr'), row);
  equal(it.root.querySelector('td').childNodes.length, 2);
  equal(it.root.querySelectorAll('tbody').length, 0);
});

test('what is not alike is made anew', async () => {
  const it = await painted('<div><p>x</p><b>y</b></div>');

  it.join(1, ['div', 'i', 'b'], [1, 2, 'x', 0, 3, 'z', 0, 0]);

  equal(it.root.innerHTML, '<div><i>x</i><b>z</b></div>');
});

test('attributes that only markup needs go', async () => {
  const it = await painted('<div><input type="number" value="3" step="any" disabled><input type="checkbox" checked></div>');
  const [number, box] = it.root.querySelectorAll('input');

  it.join(1, ['div', 'input'], [1, 2, {type: 'number', value: '3'}, 0, 2, {type: 'checkbox', checked: true}, 0, 0]);

  equal([number.outerHTML, number.value, box.outerHTML, box.checked], ['<input type="number">', '3', '<input type="checkbox">', true]);
});

test('what the view has changed meanwhile is changed, what the user has opened stays open', async () => {
  const it = await painted('<div class="a" hidden title="t"><details open><summary>s</summary></details></div>');
  const details = it.root.querySelector('details');

  it.join(1, ['div', 'details', 'summary'], [1, {class: 'b'}, 2, 3, 's', 0, 0, 0]);

  same(it.root.querySelector('details'), details);
  equal(it.root.innerHTML, '<div class="b"><details open=""><summary>s</summary></details></div>');
});

test('what was typed is newer than the value of the view, and is told', async () => {
  const it = await painted('<div><input value="old"><textarea>old</textarea></div>');
  const [input, area] = it.root.querySelectorAll('input, textarea');
  input.focus();
  input.value = 'typed';
  input.setSelectionRange(2, 3);

  it.join(1, ['div', 'input', 'textarea'], [1, 2, {value: 'old', '@on': 'change:0'}, 0, 3, {value: 'new', '@on': 'change'}, 0, 0]);
  await new Promise((done) => { setTimeout(done, 20); });

  same(document.activeElement, input);
  equal([input.value, input.selectionStart, input.selectionEnd, area.value], ['typed', 2, 3, 'new']);
  equal(it.events(), [[2, 'typed']]);
});

test('half a character is told when it is whole', async () => {
  const it = await painted('<input>');
  const input = it.root.querySelector('input');
  input.focus();
  input.value = 'に';
  input.dispatchEvent(new InputEvent('input', {bubbles: true, isComposing: true}));

  it.join(1, ['input'], [1, {'@on': 'change:0'}, 0]);
  await new Promise((done) => { setTimeout(done, 20); });
  const before = it.events();
  input.value = '日';
  input.dispatchEvent(new CompositionEvent('compositionend', {bubbles: true}));
  await new Promise((done) => { setTimeout(done, 20); });

  equal([before, it.events()], [[], [[1, '日']]]);
});

test('half a number that was typed stays, and is told', async () => {
  const it = await painted('<input type="number" value="7">');
  const input = it.root.querySelector('input');
  input.focus();
  input.select();
  document.execCommand('insertText', false, '12e');
  equal(input.validity.badInput, true);

  it.join(1, ['input'], [1, {type: 'number', value: '7', '@on': 'change'}, 0]);
  input.blur();

  equal(input.validity.badInput, true);
  equal(it.events().at(-1), [1, null]);
});

test('a box that was checked and an option that was chosen stay so', async () => {
  const it = await painted('<div><input type="checkbox"><select><option>a</option><option>b</option></select></div>');
  const [box, select] = it.root.querySelectorAll('input, select');
  box.checked = true;
  select.selectedIndex = 1;

  it.join(1, ['div', 'input', 'select', 'option'], [1, 2, {type: 'checkbox', '@on': 'change'}, 0, 3, {'@on': 'change'},
    4, {selected: true}, 'a', 0, 4, 'b', 0, 0, 0]);

  equal([box.checked, select.selectedIndex], [true, 1]);
  equal(it.events(), [[2, true], [3, [6]]]);
});

test('what came with the page was not done by its user', async () => {
  const it = await painted(`<div><input type="checkbox"><input type="range"><input type="radio" checked><input type="hidden" value="x">
    </div>`.replace(/\s+</, '<'));

  it.join(1, ['div', 'input'], [1, 2, {type: 'checkbox', '@on': 'change'}, 0, 2, {type: 'range', '@on': 'change'}, 0,
    2, {type: 'radio', checked: true, '@on': 'change'}, 0, 2, {type: 'hidden', value: 'x', '@on': 'change'}, 0, 0]);

  equal(it.events(), []);
});

/** The user chooses these, the last one at last. */
function choose(select, ...choices) {
  for (const indexes of choices) {
    [...select.options].forEach((option, index) => { option.selected = indexes.includes(index); });
    for (const type of ['input', 'change']) select.dispatchEvent(new Event(type, {bubbles: true}));
  }
}

for (const [what, attributes, options, choices, told] of [
  ['the first of several', {multiple: true}, ['', ''], [[0]], [3]],
  ['none of several', {multiple: true}, ['selected', ''], [[]], []],
  ['the first line of a list', {size: '3'}, ['', ''], [[0]], [3]],
  ['another one and the first one again', {}, ['', ''], [[1], [0]], [3]],
  ['another one and the one that was chosen again', {}, ['', 'selected'], [[0], [1]], [5]],
]) {
  test(`to choose ${what} before the join is told`, async () => {
    const it = await painted(`<div><select>${options.map((option) => `<option ${option}>x</option>`).join('')}</select></div>`);
    const select = it.root.querySelector('select');
    Object.assign(select, attributes);
    choose(select, ...choices);

    it.join(1, ['div', 'select', 'option'], [1, 2, {...attributes, '@on': 'change'},
      ...options.flatMap((option) => [3, option ? {selected: true} : {}, 'x', 0]), 0, 0]);

    equal([...select.options].flatMap(({selected}, index) => (selected ? [index] : [])), choices.at(-1));
    equal(it.events(), [[2, told]]);
  });
}

test('what a list chooses by itself was not chosen by its user', async () => {
  const it = await painted('<div><select><option disabled>choose</option><option>a</option></select></div>');

  it.join(1, ['div', 'select', 'option'], [1, 2, {'@on': 'change'}, 3, {disabled: true}, 'choose', 0, 3, 'a', 0, 0, 0]);

  equal([it.root.querySelector('select').selectedIndex, it.events()], [1, []]);
});

test('a radio button that was checked before the join stays so, and it alone is told', async () => {
  const it = await painted('<div><input type="radio" name="r" checked><input type="radio" name="r"><input type="radio" name="r"></div>');
  const [first, second, third] = it.root.querySelectorAll('input');
  second.click();

  it.join(1, ['div', 'input'], [1, 2, {type: 'radio', name: 'r', '@on': 'change'}, 0, 2, {type: 'radio', name: 'r', '@on': 'change'}, 0,
    2, {type: 'radio', name: 'r', checked: true, '@on': 'change'}, 0, 0]);

  equal([first.checked, second.checked, third.checked], [false, true, false]);
  equal(it.events(), [[3, true]]);
});

for (const [type, value, wanted] of [['range', '50', '70'], ['color', '#000000', '#ff0000'], ['date', '', '2030-02-01']]) {
  test(`a ${type} that was set before the join stays so, and is told`, async () => {
    const it = await painted(`<div><input type="${type}" value="${value}"></div>`);
    const input = it.root.querySelector('input');
    input.value = wanted;
    for (const event of ['input', 'change']) input.dispatchEvent(new Event(event, {bubbles: true}));

    it.join(1, ['div', 'input'], [1, 2, {type, value, '@on': 'change'}, 0, 0]);

    equal([input.value, it.events()], [wanted, [[2, wanted]]]);
  });
}

test('what was typed and taken back is newer than what the view has set meanwhile', async () => {
  const it = await painted('<div><input value="old"></div>');
  const input = it.root.querySelector('input');
  for (const value of ['typed', 'old']) {
    input.value = value;
    input.dispatchEvent(new Event('input', {bubbles: true}));
  }

  it.join(1, ['div', 'input'], [1, 2, {value: 'new', '@on': 'change'}, 0, 0]);

  equal([input.value, it.events()], ['old', [[2, 'old']]]);
});

test('a box that was neither nor is what its user has made of it', async () => {
  const it = await painted('<div><input type="checkbox"><input type="checkbox"><input type="checkbox"></div>');
  const [once, twice, never] = it.root.querySelectorAll('input');
  for (const box of [once, twice, twice]) box.click();

  it.join(1, ['div', 'input'], [1, ...[0, 1, 2].flatMap(() => [2, {type: 'checkbox', indeterminate: true, '@on': 'change'}, 0]), 0]);

  equal([once, twice, never].map(({checked, indeterminate}) => [checked, indeterminate]), [[true, false], [false, false], [false, true]]);
  equal(it.events(), [[2, true], [3, false]]);
});

test('what was written into an editable element stays, with the caret, and is told', async () => {
  const it = await painted('<div><p contenteditable="true">old</p></div>');
  const p = it.root.querySelector('p');
  p.focus();
  getSelection().setBaseAndExtent(p.firstChild, 1, p.firstChild, 1);
  document.execCommand('insertText', false, 'xyz');
  const text = p.firstChild;

  it.join(1, ['div', 'p'], [1, 2, {contenteditable: 'true', '@on': 'change:0'}, 'old', 0, 0]);
  await new Promise((done) => { setTimeout(done, 20); });

  equal(p.textContent, 'oxyzld');
  same(p.firstChild, text);
  equal([getSelection().anchorNode === text, getSelection().anchorOffset], [true, 4]);
  equal(it.events(), [[2, 'oxyzld']]);
});

test('what was written into an empty element stays', async () => {
  const it = await painted('<p contenteditable="true"></p>');
  const p = it.root.querySelector('p');
  p.focus();
  document.execCommand('insertText', false, 'xyz');

  it.join(1, ['p'], [1, {contenteditable: 'true', '@on': 'change'}, 0]);

  equal(p.textContent, 'xyz');
});

test('the focus is told of whoever has it', async () => {
  const it = await painted('<div><input><input></div>');
  const [first, second] = it.root.querySelectorAll('input');
  first.focus();
  second.focus();

  it.join(1, ['div', 'input'], [1, 2, {'@on': 'focus'}, 0, 2, {'@on': 'focus'}, 0, 0]);

  equal(it.events(), [[3, null]]);
});

test('a click before the join counts after it', async () => {
  const it = await painted('<div><button>go</button></div>');
  it.root.querySelector('button').click();

  it.join(1, ['div', 'button'], [1, 2, {'@on': 'click'}, 'go', 0, 0]);

  equal(it.events().map(([node]) => node), [2]);
});

test('a click elsewhere and keys before the join are told after it', async () => {
  const it = await painted('<div><p>x</p><input></div>');
  const [p, input] = it.root.querySelectorAll('p, input');
  p.click();
  p.dispatchEvent(new MouseEvent('dblclick', {bubbles: true}));
  input.dispatchEvent(new KeyboardEvent('keydown', {bubbles: true, key: 'Escape', code: 'Escape'}));

  it.join(1, ['div', 'p', 'input'], [1, 2, {'@on': 'click double_click'}, 'x', 0, 3, {'@on': 'key_down:0%2BEscape'}, 0, 0]);
  const events = [];
  for (let turn = 0; turn < 1000 && events.length < 3; turn++) {
    await new Promise((done) => { setTimeout(done); });
    events.push(...it.events());
  }

  equal(events.map(([node]) => node), [2, 2, 4]);
});

test('a click says where it was, and with what', async () => {
  const style = 'position: fixed; left: 0; top: 0';
  const it = await painted(`<button style="${style}">go</button>`);
  it.root.querySelector('button').dispatchEvent(
    new MouseEvent('click', {bubbles: true, cancelable: true, clientX: 7, clientY: 5, shiftKey: true}));

  it.join(1, ['button'], [1, {style, '@on': 'click'}, 'go', 0]);

  equal(it.events().map(([, [x, y, , , keys]]) => [x, y, keys]), [[7, 5, 4]]);
});

test('a click on a box before the join is told, too, and sets it once', async () => {
  const it = await painted('<div><label><input type="checkbox">box</label></div>');
  it.root.querySelector('label').click();

  it.join(1, ['div', 'label', 'input'], [1, {'@on': 'click'}, 2, 3, {type: 'checkbox', '@on': 'change'}, 0, 'box', 0, 0]);

  equal([it.root.querySelector('input').checked, it.events().map(([node]) => node)], [true, [3, 1]]);
});

test('scripts of the page hear a click once', async () => {
  const it = await painted('<div><button>go</button><p>x</p></div>');
  const heard = [];
  const listen = ({target}) => heard.push(target.localName);
  document.addEventListener('click', listen);
  for (const element of it.root.querySelectorAll('button, p')) element.click();

  it.join(1, ['div', 'button', 'p'], [1, 2, {'@on': 'click'}, 'go', 0, 3, 'x', 0, 0]);

  document.removeEventListener('click', listen);
  equal(heard, ['button', 'p']);
});

test('without early.js a page joins all the same', async () => {
  const it = await painted('<script></script><p>x</p>');
  const p = it.root.querySelector('p');

  it.join(1, ['p'], [1, 'x', 0]);

  same(it.root.firstChild, p);
  equal(it.root.childNodes.length, 1);
});

test('a click on a box before the join is the browser\'s', async () => {
  const it = await painted('<label><input type="checkbox">box</label>');
  it.root.querySelector('label').click();

  it.join(1, ['label', 'input'], [1, 2, {type: 'checkbox', '@on': 'change'}, 0, 'box', 0]);

  equal([it.root.querySelector('input').checked, it.events()], [true, [[2, true]]]);
});

test('a submit before the join counts after it', async () => {
  const it = await painted('<form><input name="a" value="1"><button>go</button></form>');
  it.root.querySelector('form').requestSubmit();

  it.join(1, ['form', 'input', 'button'], [1, {'@on': 'submit'}, 2, {name: 'a', value: '1'}, 0, 3, 'go', 0, 0]);

  equal(it.events(), [[1, [{a: '1'}, null]]]);
});

test('a link into another tab is the browser\'s, and told all the same', async () => {
  const it = await painted('<div><a href="#x" target="t">go</a><a href="#x">go</a></div>');
  const followed = [];
  const listen = (event) => {
    followed.push(!event.defaultPrevented);
    event.preventDefault();
  };
  it.root.addEventListener('click', listen, true);
  const [other, modified] = it.root.querySelectorAll('a');
  other.click();
  modified.dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true, ctrlKey: true}));
  it.root.removeEventListener('click', listen, true);
  equal(followed, [true, true]);

  it.join(1, ['div', 'a'], [1, 2, {href: '#x', target: 't', '@on': 'click'}, 'go', 0, 2, {href: '#x', '@on': 'click'}, 'go', 0, 0]);

  equal(it.events().map(([node]) => node), [2, 4]);
});

test('what is typed after a form was reset stays', async () => {
  const it = await painted('<form><input><button type="reset">reset</button></form>');
  const [input, button] = it.root.querySelectorAll('input, button');
  input.value = 'first';
  button.click();
  equal(input.value, '');
  input.value = 'second';

  it.join(1, ['form', 'input', 'button'], [1, 2, {'@on': 'change'}, 0, 3, {type: 'reset', '@on': 'click'}, 'reset', 0, 0]);

  equal([input.value, it.events().map(([node]) => node)], ['second', [2, 3]]);
});

test('without a socket links and buttons are the browser\'s', async () => {
  const it = await painted('<div><a href="#x">go</a></div>');
  it.root.querySelector('a').click();
  equal(location.hash, '');

  it.socket.fail(1006);

  equal(location.hash, '#x');
});

test('without a socket what only the view can do waits for one, and what else was done does not come again', async () => {
  const it = await painted('<div><button>go</button><a href="#x">go</a></div>');
  const [button, link] = it.root.querySelectorAll('button, a');
  for (const element of [button, link]) element.click();
  it.socket.fail(1006);
  for (const element of [link, button]) element.click();
  equal(location.hash, '#x');

  it.page.connection.retry();
  it.join(1, ['div', 'button', 'a'], [1, 2, {'@on': 'click'}, 'go', 0, 3, {href: '#x', '@on': 'click'}, 'go', 0, 0]);

  equal(it.events().map(([node]) => node), [2, 2]);
});

test('a view that has gone is opened anew, and what is there stays', async () => {
  const it = await painted('<p>old</p>');
  const p = it.root.querySelector('p');
  it.welcome();
  it.socket.take();

  it.socket.receive(GONE, 1);
  equal([it.socket.take(), it.root.innerHTML], [[[1, 1, '/', null]], '<p>old</p>']);
  it.socket.receive(STARTED, 1, 'other', 'secret', 1, 0);
  equal(it.root.innerHTML, '<p>old</p>');
  it.socket.receive(SNAPSHOT, 1, 1, 0, null, 1, ['p'], [1, 'new', 0]);

  same(it.root.querySelector('p'), p);
  equal([it.root.innerHTML, document.querySelector('[role=status]').textContent], ['<p>new</p>', '']);
});

test('what was done to a view does not come to the one that it sends its user to', async () => {
  const it = await painted('<div><a href="#x">go</a><input value="old"></div>');
  it.root.querySelector('a').click();
  it.root.querySelector('input').value = 'typed';
  it.welcome();
  it.socket.receive(STARTED, 1, 'view', 'secret', 1, 0);
  it.socket.take();

  it.socket.receive(REDIRECT, 1, '/other', 0);
  it.socket.receive(STARTED, 2, 'other', 'secret', 1, 0);
  equal([it.socket.take(), it.root.innerHTML], [[[3, 1], [1, 2, '/other', null]], '']);
  it.socket.receive(SNAPSHOT, 2, 1, 0, null, 1, ['div', 'a', 'input'], [1, 2, 0, 3, {value: 'other'}, 0, 0]);

  equal([it.root.querySelector('input').value, location.hash], ['other', '']);
});

test('raw HTML that is there already is not made once more', async () => {
  const it = await painted('<div><b>x</b></div><div><b>y</b></div>');
  const [same1, other] = it.root.querySelectorAll('b');

  it.join(1, ['div'], [1, {'@html': '<b>x</b>'}, 0]);

  same(it.root.querySelector('b'), same1);
  equal(other.isConnected, false);
});

test('a socket that is lost before anything was shown joins once more', async () => {
  const it = await painted('<p>x</p>');
  it.welcome();
  it.socket.receive(STARTED, 1, 'view', 'secret', 1, 0);
  const {retry} = it.page.connection;
  it.socket.fail(1006);
  retry.call(it.page.connection);
  it.welcome();

  equal(it.socket.take(), [[0, VERSION], [2, 1, 'view', 'secret', 0]]);
});

test('the module is there before the tree', () => {
  equal(typeof loaded['./painted.js'].Painted, 'function');
});
