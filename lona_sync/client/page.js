import {clock as realClock} from './clock.js';
import {Connection} from './connection.js';
import {History} from './history.js';
import {CLOSE} from './protocol.js';
import {Status} from './status.js';
import {Window} from './window.js';

const RELOADED = 'lona-sync-reloaded';

/** Puts the parts together. */
export class Page {
  stats = {connections: 0, snapshots: 0, frames: 0, errors: 0, events: 0, resent: 0, refused: 0, lost: 0};
  /** The window that has the address bar and the title. @type {Window} */
  main = null;
  #windows = new Map();          // by number
  #number = 0;
  #config; #clock; #reload; #status; #history;

  /** @param {{socket: string, target: string, title?: string, texts?: object}} config
   * @param {{clock?: object, connect?: (url: string) => WebSocket, reload?: () => void}} platform */
  constructor(config, {clock = realClock, connect, reload = () => location.reload()} = {}) {
    this.#config = config;
    this.#clock = clock;
    this.#reload = reload;
    this.#status = new Status(config.texts, clock);
    this.#history = new History({revisit: (url) => this.main.open(url.pathname + url.search)});
    this.connection = new Connection(new URL(config.socket, location.href.replace(/^http/, 'ws')).href, {
      opened: () => this.#each((window) => window.connected()),
      ready: () => this.#ready(),
      received: (name, fields, text) => this.#received(name, fields, text),
      lost: () => {
        this.#status.lost();
        this.#each((window) => window.disconnected());
      },
      ended: (code) => this.#ended(code),
      leaving: () => this.#each((window) => window.flush()),
    }, {clock, connect});
  }

  start() {
    this.#status.start();
    this.#history.start();
    this.main = this.#window(this.#config.target, {
      title: (text) => { document.title = text ?? this.#config.title ?? ''; },
      follow: (url) => this.#history.follow(url),
      shown: () => this.#history.shown(),
    });
    this.main.open(location.pathname + location.search);
    this.connection.start();
  }

  stop() {
    this.#each((window) => window.close());
    this.connection.stop();
    this.#history.stop();
    this.#status.stop();
  }

  /** Show the view at `url` in another element. @param {string | Element} target @param {string} url path and query */
  open(target, url) {
    const window = this.#window(target);
    window.open(url);
    return window;
  }

  #window(target, page = {title() {}, follow() {}, shown() {}}) {
    const root = typeof target === 'string' ? document.querySelector(target) : target;
    if (!root) throw new Error(`expected an element to show a view in, found no ${target} in this page`);
    return new Window(root, {
      ...page,
      claim: (window) => {
        this.#windows.set(++this.#number, window);
        return this.#number;
      },
      release: (number) => this.#windows.delete(number),
      send: (text) => this.connection.send(text),
      load,
      say: (what) => this.#status[what](),
      stats: this.stats,
    }, this.#clock);
  }

  #received(name, [number, ...fields], text) {
    const framed = name === 'FRAME' || name === 'SNAPSHOT';
    this.#windows.get(number)?.receive(name, fields, framed ? new TextEncoder().encode(text).length : 0);
    let bytes = 0;
    this.#each((window) => { bytes += window.unacknowledged; });
    if (bytes * 2 >= this.connection.options.window) this.#each((window) => window.acknowledge());
  }

  #ready() {
    this.stats.connections++;
    this.#status.ready();
    stored('removeItem');
  }

  #ended(code) {
    this.#each((window) => window.disconnected());
    if (code === CLOSE.VERSION && stored('getItem') === null) {
      stored('setItem', code);
      this.#reload();
    } else {
      this.#status.ended();
    }
  }

  #each(action) {
    for (const window of [...this.#windows.values()]) action(window);
  }
}

/** Whether this tab was reloaded for another version; where nothing can be stored, it never is. */
function stored(action, value) {
  try {
    return sessionStorage[action](RELOADED, value);
  } catch {
    return undefined;
  }
}

function load(url) {
  if (!/^https?:$/.test(url.protocol)) throw new Error(`expected an http address to go to, got ${url}`);      // javascript: would run
  location.assign(url);
}
