import {issued} from '/lona_sync/client/tokens.js';
import {Tree} from '/lona_sync/client/tree.js';
import {equal, raises, same, stage, test} from './harness.js';

const [TEXT, SET, CLASS, STYLE, INSERT, REMOVE, MOVE, TITLE] = [0, 1, 2, 3, 4, 5, 6, 7];

/** ul 1 > li 2 "a" 3, li 4 "b" 5, li 6 "c" 7 */
function list(delegate = {}) {
  const tree = new Tree(stage(), {keeps: () => false, title() {}, ...delegate});
  tree.replace({first: 1, tags: ['ul', 'li'], stream: [1, 2, 'a', 0, 2, 'b', 0, 2, 'c', 0, 0]});
  return {tree, html: () => tree.root.innerHTML};
}

/** One element 1. */
function one(tag, attributes = {}, delegate = {}) {
  const tree = new Tree(stage(), {keeps: () => false, title() {}, ...delegate});
  tree.replace({first: 1, tags: [tag], stream: [1, attributes, 0]});
  return {tree, element: tree.get(1)};
}

test('TEXT changes the text and keeps the node', () => {
  const {tree, html} = list();
  const node = tree.get(3);

  tree.apply([[TEXT, 3, '<x>']]);

  same(tree.get(3), node);
  equal(html(), '<ul><li>&lt;x&gt;</li><li>b</li><li>c</li></ul>');
});

test('SET sets and removes attributes', () => {
  const {tree, element} = one('a', {title: 'old'});

  tree.apply([[SET, 1, 'href', '/x'], [SET, 1, 'hidden', true], [SET, 1, 'title', false]]);

  same(element.outerHTML, '<a href="/x" hidden=""></a>');
});

test('SET of a property sets the property', () => {
  const {tree, element} = one('input', {type: 'checkbox'});

  tree.apply([[SET, 1, 'checked', true], [SET, 1, 'indeterminate', true]]);
  equal([element.checked, element.indeterminate], [true, true]);
  tree.apply([[SET, 1, 'checked', false], [SET, 1, 'indeterminate', false]]);

  equal([element.checked, element.indeterminate], [false, false]);
});

test('a value that is taken away is empty', () => {
  const {tree, element} = one('input', {value: 'x'});

  tree.apply([[SET, 1, 'value', false]]);

  equal(element.value, '');
});

test('a progress whose value is taken away is undetermined', () => {
  const {tree, element} = one('progress', {value: '0.5'});
  equal(element.position, 0.5);

  tree.apply([[SET, 1, 'value', false]]);

  equal(element.position, -1);
});

test('SET of @on and @html', () => {
  const {tree, element} = one('div', {'@on': 'click'});

  tree.apply([[SET, 1, '@on', 'blur'], [SET, 1, '@html', '<b>x</b>']]);
  equal([Boolean(issued(element, 'click')), Boolean(issued(element, 'blur')), element.innerHTML], [false, true, '<b>x</b>']);
  tree.apply([[SET, 1, '@on', false], [SET, 1, '@html', false]]);

  equal([Boolean(issued(element, 'blur')), element.innerHTML], [false, '']);
});

test('the same raw HTML again keeps what it has become', () => {
  const {tree, element} = one('div', {'@html': '<video></video>'});
  const video = element.firstChild;

  tree.apply([[SET, 1, '@html', '<video></video>']]);

  same(element.firstChild, video);
});

test('a value that came from this client is not set again', () => {
  const {tree, element} = one('input', {value: 'abc'});

  tree.apply([[SET, 1, 'value', 'ab', 4]], 4);
  equal(element.value, 'abc');
  tree.apply([[SET, 1, 'value', 'ab', 5]], 4);

  equal(element.value, 'ab');
});

test('a value newer than the server\'s stays', () => {
  const {tree, element} = one('input', {value: 'mine', title: 'a'}, {keeps: () => true});

  tree.apply([[SET, 1, 'value', 'theirs'], [SET, 1, 'title', 'b']]);

  equal([element.value, element.title], ['mine', 'b']);
});

test('the caret stays where it is when a value is set', () => {
  const {tree, element} = one('input', {value: 'hello world'});
  element.focus();
  element.setSelectionRange(2, 4, 'backward');

  tree.apply([[SET, 1, 'value', 'HELLO WORLD']]);

  equal([element.value, element.selectionStart, element.selectionEnd, element.selectionDirection], ['HELLO WORLD', 2, 4, 'backward']);
});

test('a number field has no caret and takes its value', () => {
  const {tree, element} = one('input', {type: 'number', value: '1'});
  element.focus();

  tree.apply([[SET, 1, 'value', '2']]);

  equal(element.value, '2');
});

test('CLASS adds and removes one class, and no empty attribute stays', () => {
  const {tree, element} = one('p', {class: 'a'});

  tree.apply([[CLASS, 1, 'b', true], [CLASS, 1, 'a', false]]);
  equal(element.className, 'b');
  tree.apply([[CLASS, 1, 'b', false]]);

  same(element.outerHTML, '<p></p>');
});

test('STYLE sets and removes one property, also important and custom ones', () => {
  const {tree, element} = one('p');

  tree.apply([[STYLE, 1, 'color', 'red !important'], [STYLE, 1, '--gap', '3px'], [STYLE, 1, 'content', '"a!b"']]);
  equal([element.style.color, element.style.getPropertyPriority('color'), element.style.getPropertyValue('--gap'), element.style.content],
    ['red', 'important', '3px', '"a!b"']);
  tree.apply([[STYLE, 1, 'color', null], [STYLE, 1, '--gap', null], [STYLE, 1, 'content', null]]);

  same(element.outerHTML, '<p></p>');
});

test('a style that the browser refuses leaves nothing of the old one', () => {
  const {tree, element} = one('p', {style: 'color: red; top: 0px'});

  tree.apply([[STYLE, 1, 'color', 'no such colour']]);

  equal(element.style.cssText, 'top: 0px;');
});

test('INSERT puts a tree before a child or last', () => {
  const {tree, html} = list();

  tree.apply([[INSERT, 1, 4, 20, ['li'], [1, 'x', 0]], [INSERT, 1, 0, 30, ['li'], [1, 'y', 0]]]);

  equal(html(), '<ul><li>a</li><li>x</li><li>b</li><li>c</li><li>y</li></ul>');
});

test('INSERT of a text', () => {
  const {tree} = list();

  tree.apply([[INSERT, 2, 3, 20, [], ['x']], [TEXT, 20, 'y']]);

  equal(tree.get(2).textContent, 'ya');
});

test('REMOVE frees the ids of all that goes', () => {
  const {tree} = list();

  tree.apply([[REMOVE, 2], [REMOVE, 4]]);

  equal([...tree.nodes.keys()], [1, 6, 7]);
});

test('MOVE keeps the element and what is below', () => {
  const {tree, html} = list();
  const node = tree.get(6);

  tree.apply([[MOVE, 6, 1, 2]]);
  same(tree.root.querySelector('li'), node);
  tree.apply([[MOVE, 2, 6, 0]]);

  equal(html(), '<ul><li>c<li>a</li></li><li>b</li></ul>');
});

test('a child that leaves its parent survives the parent', () => {
  const {tree, html} = list();

  tree.apply([[MOVE, 5, 2, 0], [REMOVE, 4], [TEXT, 5, 'x']]);

  equal(html(), '<ul><li>ax</li><li>c</li></ul>');
  equal(tree.nodes.has(5), true);
});

test('TITLE goes to the page', () => {
  const titles = [];
  const {tree} = list({title: (text) => titles.push(text)});

  tree.apply([[TITLE, 'x']]);

  equal(titles, ['x']);
});

test('a patch that names an unknown node says which', () => {
  const {tree} = list();

  raises(() => tree.apply([[TEXT, 99, 'x']]), '99');
  raises(() => tree.apply([[INSERT, 1, 98, 20, ['li'], [1, 0]]]), '98');
});

for (const way of ['moveBefore', 'insertBefore']) {
  test(`the focus and the caret stay in a field that is moved by ${way}`, () => {
    const original = Element.prototype.moveBefore;
    if (way === 'insertBefore') delete Element.prototype.moveBefore;
    try {
      const tree = new Tree(stage(), {keeps: () => false, title() {}});
      tree.replace({first: 1, tags: ['p', 'input'], stream: [1, 2, {value: 'hello'}, 0, 0, 1, 0]});
      tree.get(2).focus();
      tree.get(2).setSelectionRange(3, 3);

      tree.apply([[MOVE, 2, 3, 0]]);

      same(document.activeElement, tree.get(2));
      equal(tree.get(2).selectionStart, 3);
    } finally {
      Element.prototype.moveBefore = original;
    }
  });
}

test('what is inserted with autofocus has the focus', () => {
  const {tree} = list();

  tree.apply([[INSERT, 1, 0, 20, ['li', 'input'], [1, 2, {autofocus: true}, 0, 0]]]);

  same(document.activeElement, tree.get(21));
});

/** The browser takes the focus from what is disabled when it draws the next picture. */
const picture = () => new Promise((resolve) => { requestAnimationFrame(() => requestAnimationFrame(resolve)); });

const snapshotOf = (disabled) => ({first: 1, tags: ['div', 'button', 'input'],
  stream: [1, 2, disabled ? {disabled: true} : {'@id': 2}, 'Pay', 0, 3, {'@id': 4}, 0, 0]});

for (const [way, change] of Object.entries({
  'patches': (tree, disabled) => tree.apply([[SET, 2, 'disabled', disabled]]),
  'snapshots': (tree, disabled) => tree.replace(snapshotOf(disabled)),
})) {
  test(`a button that was disabled for a while by ${way} has the focus again`, async () => {
    const {tree} = one('div');
    tree.replace(snapshotOf(false));
    tree.get(2).focus();

    change(tree, true);
    await picture();
    change(tree, true);
    const meanwhile = document.activeElement.localName;
    change(tree, false);

    equal(meanwhile, 'body');
    same(document.activeElement, tree.get(2));
  });

  test(`who has gone elsewhere while a button was disabled by ${way} stays there`, async () => {
    const {tree} = one('div');
    tree.replace(snapshotOf(false));
    tree.get(2).focus();

    change(tree, true);
    await picture();
    tree.get(4).focus();
    change(tree, true);
    tree.get(4).blur();
    change(tree, false);

    same(document.activeElement, document.body);
  });
}
