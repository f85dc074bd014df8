import {Tree} from '/lona_sync/client/tree.js';
import {describe} from './dom.js';
import {equal, same, stage, test} from './harness.js';

function shown(first, tags, stream, keeps = () => false) {
  const tree = new Tree(stage('<p>loading…</p>'), {keeps, title() {}});
  const show = (first, tags, stream) => tree.replace({first, tags, stream});
  show(first, tags, stream);
  return {tree, show};
}

function fresh(first, tags, stream) {
  const {tree} = shown(first, tags, stream);
  return describe(tree)[4];
}

test('the first snapshot replaces what the page held', () => {
  const {tree} = shown(1, ['b'], [1, 0]);

  equal(tree.root.innerHTML, '<b></b>');
});

test('an empty snapshot is an empty window', () => {
  const {tree, show} = shown(1, ['b'], [1, 'x', 0]);

  show(0, [], []);

  equal([tree.root.innerHTML, tree.nodes.size], ['', 0]);
});

test('the same snapshot again changes nothing', () => {
  const spec = () => [1, ['div', 'input', 'video'], [1, {class: 'a', '@on': 'click'}, 2, {value: 'x'}, 0, 'text', 3, {src: '/v'}, 0, 0]];
  const {tree, show} = shown(...spec());
  const observer = new MutationObserver(() => {});
  observer.observe(tree.root, {subtree: true, childList: true, attributes: true, characterData: true});

  show(...spec());

  equal(observer.takeRecords().length, 0);
});

test('a snapshot without the first row moves no other row', () => {
  const {tree, show} = shown(1, ['ul', 'li'], [1, 2, {'@id': 10}, 0, 2, {'@id': 20}, 0, 2, {'@id': 30}, 0, 0]);
  const observer = new MutationObserver(() => {});
  observer.observe(tree.root, {subtree: true, childList: true});

  show(1, ['ul', 'li'], [1, 2, {'@id': 20}, 0, 2, {'@id': 30}, 0, 0]);

  const records = observer.takeRecords();
  equal(records.map(({addedNodes, removedNodes}) => [addedNodes.length, removedNodes.length]), [[0, 1]]);
});

test('a snapshot keeps focus, caret, typed text and scroll', () => {
  const filler = Array(50).fill([2, 'row', 0]).flat();
  const {tree, show} = shown(1, ['div', 'p', 'input'], [1, {style: 'height: 50px; overflow: auto'}, ...filler, 3, {'@id': 500}, 0, 0]);
  const input = tree.get(500);
  tree.get(1).scrollTop = 77;
  input.focus({preventScroll: true});
  input.value = 'typed';
  input.setSelectionRange(2, 3);

  show(1, ['div', 'p', 'input'], [1, {style: 'height: 50px; overflow: auto', class: 'new'}, ...filler, 3, {'@id': 500, class: 'x'}, 0, 0]);

  same(document.activeElement, input);
  equal([input.value, input.selectionStart, input.selectionEnd, input.className, tree.get(1).scrollTop], ['typed', 2, 3, 'x', 77]);
});

test('nodes that change parents keep their elements, even when a child becomes the parent of its parent', () => {
  const {tree, show} = shown(1, ['a', 'b'], [1, 2, 'x', 0, 0]);
  const [a, b] = [tree.get(1), tree.get(2)];

  show(2, ['b', 'a'], [1, 2, {'@id': 1}, [9, 'y'], 0, 0]);

  same(b.firstChild, a);
  equal(tree.root.innerHTML, '<b><a>y</a></b>');
});

test('an id that belongs to another tag now is another element', () => {
  const {tree, show} = shown(1, ['p'], [1, 'x', 0]);

  show(1, ['b'], [1, 'x', 0]);

  equal([tree.root.innerHTML, tree.nodes.size], ['<b>x</b>', 2]);
});

test('attributes that the server no longer names go, those of the user stay', () => {
  const {tree, show} = shown(1, ['details'], [1, {title: 'a', class: 'x', style: 'color: red'}, 0]);
  tree.get(1).open = true;

  show(1, ['details'], [1, 0]);

  equal(tree.root.innerHTML, '<details open=""></details>');
});

test('what patches have set goes, too', () => {
  const {tree, show} = shown(1, ['p'], [1, 0]);
  tree.apply([[1, 1, 'title', 'x'], [2, 1, 'a', true], [3, 1, 'color', 'red'], [1, 1, '@html', '<b></b>']]);

  show(1, ['p'], [1, 'text', 0]);

  equal(tree.root.innerHTML, '<p>text</p>');
});

test('an unchecked box is not named, and unchecked by that when it issues changes', () => {
  const {tree, show} = shown(1, ['input'], [1, {type: 'checkbox', '@on': 'change'}, 0, 1, {type: 'checkbox'}, 0]);
  tree.get(1).checked = tree.get(2).checked = true;

  show(1, ['input'], [1, {type: 'checkbox', '@on': 'change'}, 0, 1, {type: 'checkbox'}, 0]);

  equal([tree.get(1).checked, tree.get(2).checked], [false, true]);
});

test('a select goes back to what the server says', () => {
  const spec = () => [1, ['select', 'option'], [1, {'@on': 'change'}, 2, {selected: true}, 'a', 0, 2, 'b', 0, 0]];
  const {tree, show} = shown(...spec());
  tree.get(1).selectedIndex = 1;

  show(...spec());

  equal(tree.get(1).selectedIndex, 0);
});

test('a field that the user has changed keeps its value', () => {
  const {tree, show} = shown(1, ['input'], [1, {value: 'a', '@on': 'change'}, 0], () => true);
  tree.get(1).value = 'typed';

  show(1, ['input'], [1, {value: 'b', '@on': 'change', title: 'x'}, 0]);

  equal([tree.get(1).value, tree.get(1).title], ['typed', 'x']);
});

test('raw HTML becomes children and the other way round', () => {
  const {tree, show} = shown(1, ['p'], [1, {'@html': '<b>raw</b>'}, 0]);

  show(1, ['p'], [1, 'text', 0]);
  equal(tree.root.innerHTML, '<p>text</p>');
  show(1, ['p'], [1, {'@html': '<i></i>'}, 0]);

  equal([tree.root.innerHTML, tree.nodes.size], ['<p><i></i></p>', 1]);
});

test('a snapshot heals whatever a foreign script did', () => {
  const spec = () => [1, ['ul', 'li'], [1, 2, 'a', 0, 2, 'b', 0, 0]];
  const {tree, show} = shown(...spec());
  tree.get(2).remove();
  tree.get(1).prepend(document.createElement('hr'), 'foreign');
  tree.get(4).append(tree.get(5).data);

  show(...spec());

  equal(describe(tree)[4], fresh(...spec()));
});

test('random snapshots after each other show what a new window would show', () => {
  let seed = 7;
  const random = (n) => (seed = (seed * 48271) % 2147483647) % n;
  const tags = ['div', 'p', 'input', 'svg', 'foreignObject'];
  const spec = () => {
    const ids = Array.from({length: 12}, (_, i) => i + 1).sort(() => random(3) - 1).slice(0, 3 + random(9));
    const stream = [];
    let depth = 0;
    for (const id of ids) {
      if (depth && random(3) === 0) stream.push([id, `text ${random(3)}`]);
      else {
        const attributes = {'@id': id};
        if (random(2)) attributes.class = `c${random(3)}`;
        if (random(3) === 0) attributes.title = `t${random(3)}`;
        stream.push(1 + random(tags.length), attributes);
        depth++;
      }
      while (depth && random(2)) {
        stream.push(0);
        depth--;
      }
    }
    return [ids[0], tags, [...stream, ...Array(depth).fill(0)]];
  };
  const copy = (value) => JSON.parse(JSON.stringify(value));
  const {tree, show} = shown(...spec());

  for (let round = 0; round < 300; round++) {
    const next = spec();
    show(...copy(next));
    equal(describe(tree)[4], fresh(...copy(next)), `round ${round}`);
    equal(tree.nodes.size, next[2].filter((item) => Array.isArray(item) || item?.['@id']).length, `ids of round ${round}`);
  }
});
