import {CLOSE, VERSION, decode, encode, isFinal} from './protocol.js';

const OPENING = 10_000;      // ms; a browser waits for minutes
const WAKING = 5_000;        // ms for a sign of life after a sleep
const SHORTEST = 100;        // ms, at most, until the next try; doubled up to
const LONGEST = 10_000;

/** One WebSocket at a time, opened again when it was lost. The delegate is in lona.js. */
export class Connection {
  /** @type {'closed' | 'connecting' | 'open' | 'waiting' | 'ended'} */
  state = 'closed';
  options = {window: 65536, ping: 20};

  #url; #delegate; #socket; #listening; #timer; #opened;
  #wait = SHORTEST;

  constructor(url, delegate) {
    this.#url = url;
    this.#delegate = delegate;
  }

  start() {
    this.#listening = new AbortController();
    for (const type of ['online', 'pageshow', 'visibilitychange']) addEventListener(type, this.#wake, this.#listening);
    addEventListener('pagehide', this.#hide, this.#listening);
    this.#open();
  }

  stop() {
    this.#listening.abort();
    this.#drop(CLOSE.GOODBYE, 'closed');
  }

  /** Do not wait for the next try. */
  retry() {
    if (this.state === 'waiting') this.#open();
  }

  /** @returns {boolean} whether it was sent */
  send(text) {
    const isOpen = this.state === 'open';
    if (isOpen) this.#socket.send(text);
    return isOpen;
  }

  #open() {
    this.state = 'connecting';
    this.#opened = Infinity;
    this.#expect(OPENING);
    const socket = this.#socket = new WebSocket(this.#url);
    socket.onopen = () => {
      this.state = 'open';
      this.#opened = performance.now();
      this.#heard();
      this.send(encode('HELLO', VERSION));
      this.#delegate.opened();
    };
    socket.onmessage = ({data}) => this.#received(data);
    socket.onclose = ({code}) => this.#closed(code);
  }

  #received(text) {
    this.#heard();
    const [name, ...fields] = decode(text);
    if (name === 'WELCOME') this.#welcome(...fields);
    else if (name !== 'PONG') this.#delegate.received(name, fields, text);
  }

  #welcome(version, options) {
    if (version !== VERSION) return this.#closed(CLOSE.VERSION);
    this.options = options;
    this.#heard();
    this.#delegate.ready();
  }

  #heard() {
    this.#after(this.#silence, () => this.#ping());
  }

  #ping(limit = this.#silence) {
    this.send(encode('PING'));
    this.#expect(limit);
  }

  #expect(limit) {
    this.#after(limit, () => this.#closed(CLOSE.LOST));
  }

  #after(delay, action) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(action, delay);
  }

  get #silence() {
    return this.options.ping * 1000;
  }

  #closed(code) {
    // Not at WELCOME: a server that dies of us would see us every 100 ms.
    if (performance.now() - this.#opened > this.#wait) this.#wait = SHORTEST;
    if (isFinal(code)) {
      this.#drop(CLOSE.GOODBYE, 'ended');
      this.#delegate.ended(code);
    } else {
      this.#drop(CLOSE.LOST, 'waiting');
      this.#after((1 + Math.random()) / 2 * this.#wait, () => this.#open());         // not all browsers at once
      this.#wait = Math.min(this.#wait * 2, LONGEST);
      this.#delegate.lost();
    }
  }

  /** At once: the close event of a dead network comes minutes later. */
  #drop(code, state) {
    const socket = this.#socket;
    this.state = state;
    clearTimeout(this.#timer);
    if (!socket) return;
    this.#socket = socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(code);
  }

  #wake = ({type}) => {
    if (type === 'visibilitychange' && document.hidden) return;
    this.retry();
    if (this.state === 'closed' && type === 'pageshow') this.#open();
    else if (this.state === 'open') this.#ping(Math.min(WAKING, this.#silence));
  };

  /** For a page that is not kept for "back" the browser says goodbye. */
  #hide = ({persisted}) => {
    this.#delegate.leaving();
    if (persisted && this.state !== 'ended') this.#drop(CLOSE.GOODBYE, 'closed');
  };
}
