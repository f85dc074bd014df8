import {Page} from '/lona_sync/client/lona.js';
import {VERSION} from '/lona_sync/client/protocol.js';
import {late} from '/lona_sync/client/tokens.js';
import {Network, cleanup, equal, stage, test} from './harness.js';

// One test: in this page a module never comes.
test('who has joined is heard, although a module that was asked for cannot be loaded', async () => {
  await late('./painted.js');
  const root = stage('<div id="lona"><button>go</button></div>').firstChild;
  const script = Object.assign(document.createElement('script'), {src: '/lona_sync/client/early.js'});
  await new Promise((onload) => {
    Object.assign(script, {onload});
    root.prepend(script);
  });
  const network = new Network();
  const page = new Page({socket: '/s', target: '#lona', title: 'Default', join: ['view', 'invitation']});
  page.start();
  cleanup(() => page.stop());
  await Promise.resolve();
  const failed = new Promise((done) => { document.addEventListener('lona:failed', done, {once: true}); });
  late('./there_is_none.js');
  root.querySelector('button').click();

  const socket = network.last;
  socket.open();
  socket.receive(0, VERSION, {window: 64_000, ping: 20});
  socket.receive(1, 1, 'view', 'secret', 1, 0);
  socket.receive(2, 1, 1, 0, null, 1, ['button'], [-1, {'@on': 'click'}, 'go']);
  await failed;
  await new Promise((done) => { setTimeout(done); });

  equal(socket.take().filter(([kind]) => kind === 4).map((event) => event[5]), [1]);
});
