import {issued} from '/lona_sync/client/tokens.js';
import {Tree} from '/lona_sync/client/tree.js';
import {equal, same, stage, test} from './harness.js';

const SVG = 'http://www.w3.org/2000/svg';
const XHTML = 'http://www.w3.org/1999/xhtml';

function built(first, tags, stream) {
  const tree = new Tree(stage(), {keeps: () => false, title() {}});
  tree.insert(tree.root, null, {first, tags, stream});
  return tree;
}

test('the example of the protocol page has the ids that the page gives', () => {
  const tree = built(7, ['ul', 'li'], [1, {class: 'x'}, 2, 'one', 0, 2, 'two', 0, 0]);

  equal(tree.root.innerHTML, '<ul class="x"><li>one</li><li>two</li></ul>');
  equal([...tree.nodes].map(([id, node]) => [id, node.nodeName]), [[7, 'UL'], [8, 'LI'], [9, '#text'], [10, 'LI'], [11, '#text']]);
});

test('an id given explicitly is where counting goes on', () => {
  const tree = built(1, ['p', 'b'], [1, [40, 'x'], 2, {'@id': 7}, 'y', 0, 0]);

  equal([...tree.nodes.keys()], [1, 40, 7, 8]);
});

test('adjacent and empty texts stay nodes of their own', () => {
  const tree = built(1, ['p'], [1, '', 'a', 'b', 0]);

  equal([...tree.root.firstChild.childNodes].map((node) => node.data), ['', 'a', 'b']);
});

test('text is never markup', () => {
  const tree = built(1, ['p'], [1, '<img src=x onerror=alert(1)>', 0]);

  equal(tree.root.querySelectorAll('img').length, 0);
});

test('svg and what is in it has the svg namespace, and foreignObject holds html', () => {
  const tree = built(1, ['div', 'svg', 'circle', 'foreignObject', 'p'],
    [1, 2, {viewBox: '0 0 1 1'}, 3, 0, 4, 5, 0, 0, 0, 5, 0, 0]);

  equal([2, 3, 4, 5, 6].map((id) => tree.get(id).namespaceURI), [SVG, SVG, SVG, XHTML, XHTML]);
  equal(tree.get(2).getAttribute('viewBox'), '0 0 1 1');
});

test('a tree put into svg has its namespace', () => {
  const tree = built(1, ['svg'], [1, 0]);

  tree.insert(tree.get(1), null, {first: 2, tags: ['circle'], stream: [1, 0]});

  equal(tree.get(2).namespaceURI, SVG);
});

test('an explicit namespace goes to the children, too', () => {
  const tree = built(1, ['a', 'b'], [1, {'@ns': 'urn:x'}, 2, 0, 0]);

  equal([tree.get(1).namespaceURI, tree.get(2).namespaceURI], ['urn:x', 'urn:x']);
});

test('a reference in svg is in the xlink namespace', () => {
  const tree = built(1, ['svg', 'use'], [1, 2, {'xlink:href': '#a'}, 0, 0]);

  equal(tree.get(2).href.baseVal, '#a');
});

test('true is an attribute without a value', () => {
  const tree = built(1, ['button'], [1, {disabled: true}, 0]);

  equal(tree.root.innerHTML, '<button disabled=""></button>');
});

test('style goes through the object model', () => {
  const tree = built(1, ['p'], [1, {style: 'color: red; --x: 1'}, 0]);

  equal([tree.get(1).style.color, tree.get(1).style.getPropertyValue('--x').trim()], ['red', '1']);
});

test('value and checked are properties', () => {
  const tree = built(1, ['input'], [1, {value: 'a'}, 0, 1, {type: 'checkbox', checked: true}, 0]);

  equal([tree.get(1).value, tree.get(1).hasAttribute('value')], ['a', false]);
  equal([tree.get(2).checked, tree.get(2).hasAttribute('checked')], [true, false]);
});

test('a slider takes a value beyond the default limit when the limit comes later', () => {
  const tree = built(1, ['input'], [1, {value: '500', type: 'range', max: '1000'}, 0]);

  equal(tree.get(1).value, '500');
});

test('a select shows the option that is selected', () => {
  const tree = built(1, ['select', 'option'], [1, 2, {value: 'a'}, 'A', 0, 2, {value: 'b', selected: true}, 'B', 0, 0]);

  equal(tree.get(1).value, 'b');
});

test('which option a select shows is said by its options, as in HTML', () => {
  const tree = built(1, ['select', 'option'], [1, {value: 'b'}, 2, {value: 'a'}, 0, 2, {value: 'b'}, 0, 0]);

  equal([tree.get(1).value, tree.get(1).getAttribute('value')], ['a', 'b']);
});

test('selected is an attribute where the element has no such property', () => {
  const tree = built(1, ['li'], [1, {selected: true, value: '3'}, 0]);

  equal(tree.root.innerHTML, '<li selected="" value="3"></li>');
});

test('names that begin with @ become no attributes', () => {
  const tree = built(1, ['b'], [1, {'@id': 5, '@on': 'click change:300', '@html': '<i>x</i>'}, 0]);

  equal(tree.root.innerHTML, '<b><i>x</i></b>');
  equal([Boolean(issued(tree.get(5), 'click')), Boolean(issued(tree.get(5), 'change')), Boolean(issued(tree.get(5), 'blur'))], [true, true, false]);
});

test('ten thousand levels need no recursion', () => {
  const depth = 10_000;
  const tree = new Tree(document.createElement('div'), {keeps: () => false, title() {}});
  const stream = [...Array(depth).fill(1), ...Array(depth).fill(0)];

  tree.insert(tree.root, null, {first: 1, tags: ['div'], stream});
  equal(tree.nodes.size, depth);
  tree.apply([[5, 1]]);

  equal(tree.nodes.size, 0);
});

test('who asks for the focus is told', () => {
  const tree = new Tree(stage(), {keeps: () => false, title() {}});

  const found = tree.insert(tree.root, null, {first: 1, tags: ['input'], stream: [1, 0, 1, {autofocus: true}, 0]});

  same(found, tree.get(2));
});
