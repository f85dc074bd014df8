import {Events} from '/lona_sync/client/events.js';
import {setAttribute} from '/lona_sync/client/attributes.js';
import {keys} from '/lona_sync/client/tokens.js';
import {Tree} from '/lona_sync/client/tree.js';
import {cleanup, equal, stage, test} from './harness.js';

// One test: in this page the filters are loaded once.
test('a key that is pressed while the filters are loaded is not lost, and goes to whom it belongs', async () => {
  const tree = new Tree(stage('<div><input></div>'));
  const [outer, inner] = tree.root.querySelectorAll('div, input');
  tree.add(1, outer);
  tree.add(2, inner);
  const issued = [];
  const events = new Events(tree, {issue: (type, node, data) => issued.push([node, data[0]]), waits: () => false, navigate() {}});
  events.start();
  cleanup(() => events.stop());
  setAttribute(outer, '@on', 'key_down');
  setAttribute(inner, '@on', 'key_down:0+Enter');

  for (const key of ['Enter', 'x']) inner.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}));
  const before = [...issued];
  await keys.loading;
  await null;

  equal([before, issued], [[], [[2, 'Enter'], [1, 'x']]]);
});
