import {Status} from '/lona_sync/client/status.js';
import {FakeClock, cleanup, equal, test} from './harness.js';

function bar(texts) {
  const clock = new FakeClock();
  const status = new Status(texts);
  status.start();
  cleanup(() => document.querySelector('[role=status]') && status.stop());
  return {status, clock, text: () => document.querySelector('[role=status]').textContent};
}

test('a short loss is not told', () => {
  const {status, clock, text} = bar();

  status.lost();
  clock.advance(499);
  status.ready();
  clock.advance(5000);

  equal([text(), clock.waiting], ['', 0]);
});

test('a longer one is, and briefly that it is over', () => {
  const {status, clock, text} = bar();
  const seen = [];

  status.lost();
  clock.advance(300);
  status.lost();
  clock.advance(500);
  seen.push(text());
  status.lost();
  clock.advance(60_000);
  seen.push(text());
  status.ready();
  seen.push(text());
  clock.advance(2000);
  seen.push(text());

  equal(seen, ['Connection lost, trying again…', 'Connection lost, trying again…', 'Back', '']);
});

test('many short tries do not put off the news', () => {
  const {status, clock, text} = bar();

  for (let i = 0; i < 4; i++) {
    status.lost();
    clock.advance(150);
  }

  equal(text(), 'Connection lost, trying again…');
});

test('a busy server is told until a view starts', () => {
  const {status, text} = bar();

  status.busy();
  equal(text(), 'The server is busy, trying again…');
  status.started();

  equal(text(), '');
});

test('who has too many pages open is told what to do about it, until a view starts', () => {
  const {status, text} = bar();

  status.crowded();
  equal(text(), 'Too many of your pages are open, trying again…');
  status.started();

  equal(text(), '');
});

test('a restarted page is told for a while', () => {
  const {status, clock, text} = bar();

  status.restarted();
  status.started();
  equal(text(), 'The server was restarted; the page begins anew');
  clock.advance(4000);

  equal(text(), '');
});

test('the end stays', () => {
  const {status, clock, text} = bar();
  status.lost();

  status.ended();
  clock.advance(60_000);

  equal(text(), 'The connection has ended. Please reload the page.');
});

test('the words can be others', () => {
  const {status, text} = bar({ended: 'Schluss'});

  status.ended();

  equal(text(), 'Schluss');
});

test('it is there for screen readers before it speaks, and in nobody\'s way', () => {
  const {status} = bar();
  const element = document.querySelector('[role=status]');

  equal([element.getAttribute('aria-live'), element.getBoundingClientRect().height], ['polite', 0]);
  status.ended();
  equal([getComputedStyle(element).position, getComputedStyle(element).pointerEvents], ['fixed', 'none']);
  status.stop();

  equal(document.querySelector('[role=status]'), null);
});

test('what did not count is told for a while', () => {
  const {status, clock, text} = bar({stale: 'Too early', full: 'Too much'});
  const seen = [];

  status.stale();
  seen.push(text());
  clock.advance(4000);
  seen.push(text());
  status.full();
  seen.push(text());

  equal(seen, ['Too early', '', 'Too much']);
});

test('the user is asked in the words of the page', () => {
  const {status} = bar({ask: 'Really?'});
  const original = globalThis.confirm;
  globalThis.confirm = (question) => question === 'Really?';
  cleanup(() => { globalThis.confirm = original; });

  equal(status.ask(), true);
});
