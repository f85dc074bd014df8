import {late} from '/lona_sync/client/tokens.js';
import {Window, loadWidgets} from '/lona_sync/client/window.js';
import {cleanup, equal, stage, test} from './harness.js';

const DATA = 8, CALL = 11;

// One test: in this page the script is loaded once.
test('what comes for widgets while their script is loaded is done afterwards, in order', async () => {
  const log = [], answers = [];
  const window = new Window(stage(), {
    claim: () => 1, release() {}, title() {}, follow() {}, shown() {}, load() {}, say() {},
    send: (text) => {
      const [type, , , , , , data] = JSON.parse(text);
      if (type === 4) answers.push(data);
    },
  });
  cleanup(() => window.close());
  window.open('/');
  const receive = (name, ...fields) => window.receive(name, fields, 100);
  const show = (view, data) => {
    receive('STARTED', view, 'secret', 9, 0);
    receive('SNAPSHOT', 2, 0, null, 1, ['div'], [1, {'@widget': ['late', data]}, 0]);
  };

  show('first', {gone: true});
  show('second', {n: 1});
  receive('FRAME', 3, 0, [[DATA, 1, 0, ['n'], 2], [CALL, 1, 1, 'sum', [3]]]);
  receive('FRAME', 4, 0, [[CALL, 2, 1, 'getAttribute', ['title']], [1, 1, 'title', 'x']]);
  const before = [...answers];
  await loadWidgets();
  await late('./calls.js');
  const {registerWidget} = await import('/lona_sync/client/widgets.js');
  registerWidget('late', class {
    constructor(window, element, {data}) {
      log.push([element.isConnected, structuredClone(data)]);
      this.data = data;
    }

    sum(n) { return this.data.n + n; }
  });
  await new Promise((resolve) => { setTimeout(resolve); });

  equal([before, log, answers], [[], [[true, {n: 2}]], [[1, true, 5], [2, true, 'x']]]);
});
