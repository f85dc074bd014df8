import {Outbox} from '/lona_sync/client/outbox.js';
import {equal, test} from './harness.js';

const numbers = (outbox) => [...outbox].map(({number}) => number);

test('events are numbered from one and kept until they are acknowledged', () => {
  const outbox = new Outbox();
  for (let i = 0; i < 4; i++) outbox.add(1, 7, null);

  outbox.acknowledge(2);

  equal(numbers(outbox), [3, 4]);
});

test('an old acknowledgement changes nothing', () => {
  const outbox = new Outbox();
  for (let i = 0; i < 3; i++) outbox.add(1, 7, null);

  outbox.acknowledge(2);
  outbox.acknowledge(1);

  equal(numbers(outbox), [3]);
});

test('a full outbox takes no more and spends no number', () => {
  const outbox = new Outbox(2);
  outbox.add(1, 7, null);
  outbox.add(1, 7, null);

  equal(outbox.add(1, 7, null), null);
  outbox.acknowledge(2);

  equal(outbox.add(1, 7, null).number, 3);
});

test('another client begins after the number that the server knows', () => {
  const outbox = new Outbox();
  outbox.add(1, 7, null);

  outbox.reset(5);

  equal(outbox.add(1, 7, null).number, 6);
});
