/** A few lines instead of a test framework: tests register themselves, `run()` returns what became of them. */

import {late} from '/lona_sync/client/tokens.js';

// A page has them before it takes a message that needs them.
await Promise.all(['./changes.js', './forms.js', './items.js'].map(late));

const tests = [];

/** @param {string} name a fact @param {() => void | Promise<void>} body */
export function test(name, body) {
  tests.push({name, body});
}

/** @returns {Promise<{name: string, error: string | null}[]>} */
export async function run() {
  const results = [];
  for (const {name, body} of tests) {
    const cleanups = openCleanups = [];
    let error = null;
    try {
      await body();
    } catch (problem) {
      error = String(problem?.stack ?? problem);
    }
    for (const cleanup of cleanups.reverse()) cleanup();
    document.body.replaceChildren();
    history.replaceState(null, '', '/');
    results.push({name, error});
  }
  return results;
}

let openCleanups = [];

/** Do this when the present test is over. @param {() => void} action */
export const cleanup = (action) => openCleanups.push(action);

export function equal(actual, expected, what = 'value') {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (got !== wanted) throw new Error(`expected ${what} ${wanted}, got ${got}`);
}

export function same(actual, expected, what = 'object') {
  if (actual !== expected) throw new Error(`expected the same ${what}, got another one: ${actual?.outerHTML ?? actual}`);
}

export function raises(action, words) {
  try {
    action();
  } catch (error) {
    if (!error.message.includes(words)) throw new Error(`expected an error with ${words}, got ${error.message}`);
    return;
  }
  throw new Error(`expected an error with ${words}, got none`);
}

/** An element in the page. @param {string} html what it contains */
export function stage(html = '') {
  const root = document.createElement('div');
  root.innerHTML = html;
  document.body.append(root);
  return root;
}

/** Time that passes when the test says so, and chance; they take the place of the browser's until the test is over. */
export class FakeClock {
  time = 0;
  chance = 1;
  #timers = new Map();
  #last = 0;

  constructor() {
    const {setTimeout, clearTimeout} = globalThis;
    const {random} = Math;
    globalThis.setTimeout = (action, delay) => {
      this.#timers.set(++this.#last, {at: this.time + Number(delay), action});
      return this.#last;
    };
    globalThis.clearTimeout = (timer) => this.#timers.delete(timer);
    Math.random = () => this.chance;
    performance.now = () => this.time;
    cleanup(() => {
      Object.assign(globalThis, {setTimeout, clearTimeout});
      Math.random = random;
      delete performance.now;
    });
  }

  get waiting() {
    return this.#timers.size;
  }

  advance(ms) {
    const end = this.time + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(([, timer]) => timer.at <= end).sort((a, b) => a[1].at - b[1].at || a[0] - b[0]);
      if (!next) break;
      this.#timers.delete(next[0]);
      this.time = Math.max(this.time, next[1].at);
      next[1].action();
    }
    this.time = end;
  }
}

/** A WebSocket whose other end is the test. */
export class FakeSocket {
  sent = [];
  closed = null;

  constructor(url) {
    this.url = url;
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close(code) {
    this.closed = code;
  }

  open() {
    this.onopen?.();
  }

  receive(...message) {
    this.onmessage?.({data: JSON.stringify(message)});
  }

  fail(code) {
    this.onclose?.({code});
  }

  /** What was sent since the last look. */
  take() {
    return this.sent.splice(0);
  }
}

/** The sockets that are opened in this test, in order; the browser's are not used until it is over. */
export class Network {
  sockets = [];

  constructor() {
    const {WebSocket} = globalThis;
    const {sockets} = this;
    globalThis.WebSocket = class extends FakeSocket {
      constructor(url) {
        super(url);
        sockets.push(this);
      }
    };
    cleanup(() => { globalThis.WebSocket = WebSocket; });
  }

  get last() {
    return this.sockets.at(-1);
  }
}
