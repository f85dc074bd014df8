import {Tree} from '/lona_sync/client/tree.js';
import {equal, stage, test} from './harness.js';

const [SET, INSERT, REMOVE, MOVE] = [1, 4, 5, 6];
const REPORTS = {'@on': 'change'};

/** @param {() => boolean} keeps whether the user's value is newer */
function built(tags, stream, keeps = () => false) {
  const tree = new Tree(stage(), {keeps, title() {}});
  tree.replace({first: 1, tags, stream});
  return tree;
}

const shown = (select) => [...select.selectedOptions].map((option) => option.value);

/** select 1 > option 2 "a", option 3 "b"; a paragraph 4, all in a div 5 */
const select = (attributes = REPORTS, first = {}, second = {}, keeps = undefined) => built(['div', 'select', 'option', 'p'], [
  1, {'@id': 5}, 2, {'@id': 1, ...attributes}, 3, {value: 'a', ...first}, 0, 3, {value: 'b', ...second}, 0, 0, 4, 0, 0], keeps);

test('a select shows no option that is disabled from the beginning', () => {
  equal(shown(select(REPORTS, {value: '', disabled: true}).get(1)), ['b']);
  equal(shown(select({}, {value: '', disabled: true}).get(1)), ['b']);
  equal(shown(select(REPORTS, {disabled: true, selected: true}).get(1)), ['a']);
  equal(shown(select(REPORTS, {disabled: true}, {disabled: true}).get(1)), []);
  equal(shown(built(['select', 'optgroup', 'option'], [1, 2, {disabled: true}, 3, {value: 'a'}, 0, 0, 3, {value: 'b'}, 0, 0]).get(1)), ['b']);
});

test('without a selection a select shows its first option, whichever came first', () => {
  const tree = select();

  tree.apply([[INSERT, 1, 2, 20, ['option'], [1, {value: 'new'}, 0]]]);
  equal(shown(tree.get(1)), ['new']);
  tree.apply([[SET, 20, 'disabled', true]]);
  equal(shown(tree.get(1)), ['a']);
  tree.apply([[MOVE, 3, 1, 2]]);
  equal(shown(tree.get(1)), ['b']);
  tree.apply([[MOVE, 3, 4, 0]]);
  equal(shown(tree.get(1)), ['a']);
  tree.apply([[SET, 20, 'disabled', false], [REMOVE, 2]]);

  equal(shown(tree.get(1)), ['new']);
});

test('of several selected options a select shows the last one, whichever came last', () => {
  const tree = select(REPORTS, {}, {selected: true});

  tree.apply([[INSERT, 1, 2, 20, ['option'], [1, {value: 'new', selected: true}, 0]]]);
  equal(shown(tree.get(1)), ['b']);
  tree.apply([[REMOVE, 3]]);

  equal(shown(tree.get(1)), ['new']);
});

test('what a select shows is the same before and after it was multiple', () => {
  const tree = select();

  tree.apply([[SET, 1, 'multiple', true]]);
  equal(shown(tree.get(1)), []);
  tree.apply([[SET, 2, 'selected', true], [SET, 3, 'selected', true]]);
  equal(shown(tree.get(1)), ['a', 'b']);
  tree.apply([[SET, 1, 'multiple', false]]);
  equal(shown(tree.get(1)), ['b']);
  tree.apply([[SET, 2, 'selected', false], [SET, 3, 'selected', false], [SET, 1, 'size', '4']]);

  equal(shown(tree.get(1)), []);
});

test('a disabled select shows what it would show else', () => {
  equal(shown(select({...REPORTS, disabled: true}).get(1)), ['a']);
});

test('an option that goes into another select counts there', () => {
  const tree = built(['div', 'select', 'option'], [
    1, 2, {'@id': 2, ...REPORTS}, 3, {'@id': 3, value: 'a', selected: true}, 0, 3, {'@id': 4, value: 'b'}, 0, 0,
    2, {'@id': 5, ...REPORTS}, 3, {'@id': 6, value: 'c'}, 0, 0, 0]);

  tree.apply([[MOVE, 3, 5, 6]]);

  equal([shown(tree.get(2)), shown(tree.get(5))], [['b'], ['a']]);
});

test('what the user has chosen stays until the server knows it, and is put right then', () => {
  let keeps = true;
  const tree = select(REPORTS, {}, {}, () => keeps);
  tree.get(1).selectedIndex = 1;

  tree.apply([[INSERT, 1, 2, 20, ['option'], [1, {value: 'new'}, 0]]]);
  equal(shown(tree.get(1)), ['b']);
  keeps = false;
  tree.apply([[SET, 4, 'title', 'refused']]);

  equal(shown(tree.get(1)), ['new']);
});

test('of a select that reports nothing only the user knows what is chosen', () => {
  const tree = select({});
  tree.get(1).selectedIndex = 1;

  tree.apply([[INSERT, 1, 2, 20, ['option'], [1, {value: 'new'}, 0]]]);
  equal(shown(tree.get(1)), ['b']);
  tree.apply([[SET, 2, 'selected', true]]);

  equal(shown(tree.get(1)), ['a']);
});

for (const [name, limits] of [['max', ['0', '10', '100']], ['min', ['100', '60', '0']]]) {
  test(`a value comes after its ${name}, in one message or in two`, () => {
    const [value, tight, wide] = ['50', limits[1], limits[2]];
    const attributes = {type: 'range', min: '0', max: '200', [name]: tight, value: limits[1]};
    const one = built(['input'], [1, {...attributes, ...REPORTS}, 0]);
    const two = built(['input'], [1, {...attributes, ...REPORTS}, 0]);
    const plain = built(['input'], [1, attributes, 0]);

    for (const tree of [one, plain]) tree.apply([[SET, 1, 'value', value], [SET, 1, name, wide]]);
    two.apply([[SET, 1, 'value', value]]);
    equal(two.get(1).value, tight);
    two.apply([[SET, 1, name, wide]]);

    equal([one.get(1).value, two.get(1).value, plain.get(1).value], [value, value, value]);
  });
}

test('a value comes after its step', () => {
  const tree = built(['input'], [1, {type: 'range', value: '50', step: '50', ...REPORTS}, 0]);

  tree.apply([[SET, 1, 'value', '33'], [SET, 1, 'step', '1']]);

  equal(tree.get(1).value, '33');
});

test('what is typed stays when a limit changes', () => {
  const tree = built(['input'], [1, {type: 'number', value: '5', ...REPORTS}, 0], () => true);
  tree.get(1).value = '7';

  tree.apply([[SET, 1, 'max', '9']]);

  equal(tree.get(1).value, '7');
});

test('a box whose value is taken away is on, a submit button says so', () => {
  const tree = built(['div', 'input'], [1, 2, {type: 'checkbox', value: 'x'}, 0, 2, {type: 'submit', value: 'x'}, 0, 0]);

  tree.apply([[SET, 2, 'value', false], [SET, 3, 'value', false]]);

  equal([tree.get(2).value, tree.get(3).hasAttribute('value')], ['on', false]);
});
