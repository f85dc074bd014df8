import {Tree} from '/lona_sync/client/tree.js';
import {describe} from './dom.js';
import {cleanup, equal, stage, test} from './harness.js';

const copy = (value) => JSON.parse(JSON.stringify(value));

function shown(spec) {
  const tree = new Tree(stage(), {keeps: () => false, title() {}});
  tree.replace(copy(spec));
  return tree;
}

/** What differs, for a case of tests/wire/cases; null: nothing. Used by tests/browser/test_wire_cases.py. */
export function check({before, patches, after}) {
  const tree = shown(before);
  try {
    tree.apply(copy(patches));
    const wanted = shown(after);
    equal(describe(tree)[4], describe(wanted)[4], 'tree after the patches');
    equal([...tree.nodes.keys()].sort(), [...wanted.nodes.keys()].sort(), 'ids after the patches');
    tree.replace(copy(before));
    equal(describe(tree)[4], describe(shown(before))[4], 'tree after the first snapshot again');
    return null;
  } catch (error) {
    return error.message;
  } finally {
    document.body.replaceChildren();
  }
}

test('a case that holds is told from one that does not', () => {
  cleanup(() => document.body.replaceChildren());
  const before = {first: 1, tags: ['p'], stream: [1, 'a', 0]};

  equal(check({before, patches: [[0, 2, 'b']], after: {first: 1, tags: ['p'], stream: [1, 'b', 0]}}), null);
  equal(check({before, patches: [[0, 2, 'b']], after: before}).includes('tree after the patches'), true);
  equal(check({before, patches: [[5, 7]], after: before}), 'there is no node 7 in this window');
});
