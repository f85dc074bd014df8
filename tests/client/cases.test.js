import {Tree} from '/lona_sync/client/tree.js';
import {Widgets, registerWidget} from '/lona_sync/client/widgets.js';
import {describe} from './dom.js';
import {cleanup, equal, stage, test} from './harness.js';

const copy = (value) => JSON.parse(JSON.stringify(value));

for (const name of ['chart', 'table', 'clock', 'w']) {
  registerWidget(name, class {
    constructor(window, element, data) { element.widgetData = data; }
  });
}

/** A browser that shows snapshots and applies patches. */
function browser(spec) {
  const widgets = new Widgets(null, (error) => { throw error; });
  const tree = new Tree(stage(), {keeps: () => false, title() {}, widget: (action, ...args) => widgets[action](...args)});
  const it = {
    show: (spec) => {
      tree.replace(copy(spec));
      widgets.settle();
    },
    apply: (patches) => {
      tree.apply(copy(patches));
      widgets.settle();
    },
    get content() { return describe(tree)[4]; },
    get ids() { return [...tree.nodes.keys()].sort(); },
  };
  it.show(spec);
  return it;
}

/** What differs, for a case of tests/wire/cases; null: nothing. Used by tests/browser/test_wire_cases.py. */
export function check({before, frames}) {
  const shown = browser(before);
  try {
    for (const {patches, after} of frames) {
      shown.apply(patches);
      const wanted = browser(after);
      equal(shown.content, wanted.content, 'tree after the patches');
      equal(shown.ids, wanted.ids, 'ids after the patches');
      shown.show(after);
      equal(shown.content, wanted.content, 'tree after a snapshot that brings nothing new');
    }
    // Of streams a snapshot takes nothing back: what was sent once stays.
    if (JSON.stringify(frames).includes('@items')) return null;
    shown.show(before);
    equal(shown.content, browser(before).content, 'tree after the first snapshot again');
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

  equal(check({before, frames: [{patches: [[0, 2, 'b']], after: {first: 1, tags: ['p'], stream: [1, 'b', 0]}}]}), null);
  equal(check({before, frames: [{patches: [[0, 2, 'b']], after: before}]}).includes('tree after the patches'), true);
  equal(check({before, frames: [{patches: [[5, 7]], after: before}]}), 'there is no node 7 in this window');
});
