import {Tree} from '/lona_sync/client/tree.js';
import {Widgets, registerWidget} from '/lona_sync/client/widgets.js';
import {describe} from './dom.js';
import {cleanup, equal, stage, test} from './harness.js';

const XHTML = 'http://www.w3.org/1999/xhtml';
const copy = (value) => JSON.parse(JSON.stringify(value));

for (const name of ['chart', 'table', 'clock', 'w']) {
  registerWidget(name, class {
    constructor(window, element, data) { element.widgetData = data; }
  });
}

/** A browser that shows snapshots and applies patches. */
function browser(spec) {
  const widgets = new Widgets(null, (error) => { throw error; });
  const form = stage('<form></form>').firstChild;             // the radio buttons of two browsers are two groups
  const tree = new Tree(form, {keeps: () => false, title() {}, widget: (action, ...args) => widgets[action](...args)});
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
    controls: (known) => Object.fromEntries(Object.keys(known).map((id) => [id, valueOf(tree.get(+id))])),
    /** Of the nodes that the server knows: it forgets the items of streams. */
    outline: (known) => {
      const ids = new Set(known.map(([id]) => id));
      const walker = document.createTreeWalker(tree.root);
      const lines = [];
      while (walker.nextNode()) {
        const node = walker.currentNode;
        const namespace = node.namespaceURI === XHTML ? '' : node.namespaceURI ?? '';
        if (ids.has(tree.id(node))) lines.push([tree.id(node), tree.id(node.parentNode), namespace, node.localName ?? node.data]);
      }
      return lines;
    },
  };
  it.show(spec);
  return it;
}

/** What a control shows, as everything.py in tests/wire writes it down. */
function valueOf(control) {
  if (control.localName === 'select') return [...control.selectedOptions].map((option) => option.value);
  if (control.localName === 'fieldset') return [...control.querySelectorAll('input:checked')].map((button) => button.value);
  if (control.type === 'checkbox') return control.checked;
  return control.type === 'range' ? +control.value : control.value;
}

/** What differs, for a case of tests/wire/scenarios.py; null: nothing. Used by tests/browser/test_wire_cases.py. */
export function check({before, frames}) {
  const shown = browser(before);
  try {
    for (const {patches, after, controls, outline} of frames) {
      shown.apply(patches);
      const wanted = browser(after);
      for (const it of outline ? [shown, wanted] : []) {
        equal(it.outline(outline), outline, 'nodes as the server has them');
        equal(it.controls(controls), controls, 'controls as the server has them');
      }
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
  const known = {patches: [], after: before, controls: {}, outline: [[1, 0, '', 'p'], [2, 1, '', 'a']]};
  equal(check({before, frames: [known]}), null);
  equal(check({before, frames: [{...known, outline: [[1, 0, '', 'div'], [2, 1, '', 'a']]}]}).includes('nodes as the server has them'), true);
  equal(check({before, frames: [{...known, controls: {1: 'x'}}]}).includes('controls as the server has them'), true);
});
