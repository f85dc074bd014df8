import {Tree} from '/lona_sync/client/tree.js';
import {equal, raises, same, stage, test} from './harness.js';

const PUT = 9, DROP = 10;
const END = 0, START = -1;

/** div 1 > stream 2 */
function shown({limit = 100, total = 0, cleared = 0, floor = 0, gone = [], items = [], style = ''} = {}) {
  const tree = new Tree(stage(), {keeps: () => false, title() {}});
  const show = (spec = {}) => tree.replace(snapshot({limit, total, cleared, floor, gone, items, style, ...spec}));
  show();
  return {
    tree, show,
    list: () => tree.get(2),
    texts: () => [...tree.get(2).childNodes].map((node) => node.textContent).join(' '),
    missed: () => tree.get(2).getAttribute('data-lona-missed'),
    put: (...items) => tree.apply(items.map(([place, ...item]) => [PUT, 2, place, ...item])),
  };
}

const snapshot = ({limit, total, cleared, floor, gone, items, style}) =>
  ({first: 1, tags: ['div'], stream: [1, 1, {style, '@items': [limit, total, cleared, floor, gone, items]}, 0, 0]});

/** <p>text</p> */
const p = (place, id, text) => [place, id, ['p'], [1, text, 0]];
const lines = (first, last) => Array.from({length: last - first + 1}, (_, n) => p(END, (first + n) * 10, `${first + n}`));
const scrolling = {style: 'height: 50px; overflow: auto'};
const isAtEnd = (list) => list.scrollTop + list.clientHeight > list.scrollHeight - 4;

test('items are put at the ends', () => {
  const it = shown();

  it.put(p(END, 10, 'b'), p(END, 20, 'c'), p(START, 30, 'a'), [END, 40, [], ['text']]);

  equal(it.list().innerHTML, '<p>a</p><p>b</p><p>c</p>text');
});

test('an item that is replaced keeps its place and its id', () => {
  const it = shown({items: lines(1, 3), total: 3});

  it.put([20, 20, ['b'], [1, [99, 'two'], 0]]);

  equal(it.list().innerHTML, '<p>1</p><b>two</b><p>3</p>');
  same(it.tree.get(20), it.list().querySelector('b'));
  equal(it.tree.nodes.has(21), false);
});

test('what is replaced here and has gone here is nobody\'s business', () => {
  const it = shown({items: lines(1, 1), total: 5});

  it.put(p(70, 70, 'late'), p(1, 1, 'the parent'));

  equal(it.texts(), '1');
});

test('beyond the limit items go at the other end, and their ids are free', () => {
  const it = shown({limit: 2});

  it.put(...lines(1, 5));
  equal([it.texts(), it.tree.nodes.size], ['4 5', 2 + 4]);
  it.put(p(START, 60, 'first'));

  equal([it.texts(), it.tree.nodes.size], ['first 4', 2 + 4]);
});

test('items that older ones push out at the end are told as missed: the next one does not follow them', () => {
  const it = shown({limit: 4, items: lines(1, 4), total: 4});

  it.put(p(START, 60, 'b'), p(START, 70, 'a'));
  const before = [it.texts(), it.missed()];
  it.put(...lines(8, 8));

  equal([before, it.texts(), it.missed()], [['a b 1 2', '2'], 'b 1 2 8', '2']);
});

test('items leave by number, one that is gone is fine, and 0 is all of them', () => {
  const it = shown({items: lines(1, 4), total: 4});

  it.tree.apply([[DROP, 2, 20], [DROP, 2, 20], [DROP, 2, 1]]);
  equal(it.texts(), '1 3 4');
  it.tree.apply([[DROP, 2, 0]]);

  equal([it.texts(), it.tree.nodes.size], ['', 2]);
});

test('a snapshot brings new items to those that are there, and these stay where they are', () => {
  const it = shown({items: lines(1, 3), total: 3});
  const nodes = [...it.list().childNodes];
  const observer = new MutationObserver(() => {});
  observer.observe(it.list(), {childList: true});

  it.show({items: lines(2, 4), total: 4});

  equal([it.texts(), it.missed()], ['1 2 3 4', null]);
  nodes.forEach((node, index) => same(it.list().childNodes[index], node));
  equal(observer.takeRecords().length, 1);
});

test('items that a snapshot brings again are set anew', () => {
  const it = shown({items: lines(1, 3), total: 3});

  it.show({items: [p(END, 10, 'one'), [END, 20, ['b'], [1, 'two', 0]], [END, 30, [], ['three']]], total: 3});

  equal(it.list().innerHTML, '<p>one</p><b>two</b>three');
  equal([...it.tree.nodes.keys()].sort((a, b) => a - b), [1, 2, 10, 11, 20, 21, 30]);
});

test('a page that grew at both ends keeps its order', () => {
  const it = shown({items: lines(3, 4), total: 2});

  it.show({items: [p(END, 40, '4'), p(START, 50, '2'), p(END, 60, '5'), p(START, 70, '1')], total: 5});

  equal([it.texts(), it.missed()], ['1 2 3 4 5', null]);
});

test('a window is told what it has missed, each time', () => {
  const it = shown({items: lines(1, 2), total: 2});

  it.show({items: lines(8, 9), total: 9});
  equal([it.texts(), it.missed()], ['1 2 8 9', '5']);
  it.put(...lines(10, 11));
  it.show({items: lines(13, 14), total: 14});

  equal([it.texts(), it.missed()], ['1 2 8 9 10 11 13 14', '6']);
});

test('a window that sees the stream for the first time has missed nothing', () => {
  const it = shown({items: lines(8, 9), total: 9});

  equal([it.texts(), it.missed()], ['8 9', null]);
});

test('what was removed or cleared meanwhile is gone after a snapshot', () => {
  const it = shown({items: lines(1, 4), total: 4});

  it.show({items: lines(3, 4), total: 4, gone: [10, 999]});
  equal(it.texts(), '2 3 4');
  it.show({items: lines(5, 5), total: 5, floor: 45});

  equal([it.texts(), it.missed()], ['5', null]);
});

test('who clears a stream has not missed anything any more', () => {
  const it = shown({items: lines(1, 1), total: 1});
  it.show({items: lines(5, 5), total: 5});
  equal(it.missed(), '3');

  it.tree.apply([[DROP, 2, 0]]);
  equal([it.texts(), it.missed()], ['', null]);
  it.show({items: lines(9, 9), total: 9, cleared: 8, floor: 85});

  equal([it.texts(), it.missed()], ['9', null]);
});

test('a stream that was cleared meanwhile tells what was missed since then', () => {
  const it = shown({items: lines(1, 1), total: 1});
  it.show({items: lines(5, 5), total: 5});

  it.show({items: lines(9, 9), total: 9, cleared: 6, floor: 65});

  equal([it.texts(), it.missed()], ['9', '2']);
});

test('a snapshot trims, too', () => {
  const it = shown({limit: 3, items: lines(1, 3), total: 3});

  it.show({items: lines(3, 5), total: 5});

  equal([it.texts(), it.tree.nodes.size], ['3 4 5', 2 + 6]);
});

test('what a script or raw HTML has put into an item has no id', () => {
  const it = shown({items: [[END, 10, ['p'], [1, {'@html': 'a<b>c</b>'}, 0]]], total: 1});
  it.list().append(document.createElement('hr'));

  it.show({items: [], total: 1});

  equal(it.list().innerHTML, '<p>a<b>c</b></p><hr>');
  equal([...it.tree.nodes.keys()], [1, 2, 10]);
});

test('the id of what is inside of an item is the item\'s', () => {
  const it = shown({items: [[END, 10, ['p', 'b'], [1, 2, 'deep', 0, 0]]], total: 1});

  equal([it.tree.nearest(it.list().querySelector('b').firstChild), it.tree.nearest(it.list())], [10, 2]);
});

test('a stream that is inserted brings its items', () => {
  const it = shown();

  it.tree.apply([[4, 1, 0, 500, ['ul'], [1, {'@items': [9, 2, 0, 0, [], [p(END, 600, 'a'), p(START, 700, 'b')]]}, 0]], [PUT, 500, END, ...p(END, 800, 'c').slice(1)]]);

  equal(it.tree.get(500).outerHTML, '<ul><p>b</p><p>a</p><p>c</p></ul>');
});

test('a list that shows its end goes on to show it', () => {
  const it = shown(scrolling);

  it.put(...lines(1, 30));
  equal(isAtEnd(it.list()), true);
  it.put(...lines(31, 40));

  equal(isAtEnd(it.list()), true);
});

test('a list that was scrolled away stays where it is', () => {
  const it = shown(scrolling);
  it.put(...lines(1, 30));
  it.list().scrollTop = 40;

  it.put(...lines(31, 40));

  equal(it.list().scrollTop, 40);
});

test('a list that is shown for the first time, or again, shows its end', () => {
  const it = shown({...scrolling, items: lines(1, 30), total: 30});

  const first = isAtEnd(it.list());
  it.show({items: lines(31, 60), total: 60});

  equal([first, isAtEnd(it.list())], [true, true]);
});

test('a snapshot leaves a list that was scrolled away where it is', () => {
  const it = shown({...scrolling, items: lines(1, 30), total: 30});
  it.list().scrollTop = 40;

  it.show({items: lines(21, 40), total: 40});

  equal(it.list().scrollTop, 40);
});

test('a list that grows at the beginning shows its beginning', () => {
  const it = shown(scrolling);

  for (let n = 1; n < 30; n++) it.put(p(START, n * 10, `${n}`));
  equal(it.list().scrollTop, 0);
  it.show({items: [p(START, 1000, 'again')], total: 30});

  equal([it.list().scrollTop, it.list().firstChild.textContent], [0, 'again']);
});

test('the focus stays in an item that a snapshot brings again', () => {
  const input = (value) => [END, 10, ['p', 'input'], [1, 2, {value}, 0, 0]];
  const it = shown({items: [input('a')], total: 1});
  it.list().querySelector('input').focus();

  it.show({items: [input('b'), p(END, 20, 'new')], total: 2});

  same(document.activeElement, it.list().querySelector('input'));
});

test('what is no stream takes no item', () => {
  const it = shown();

  raises(() => it.tree.apply([[PUT, 99, END, 10, [], ['x']]]), '99');
});
