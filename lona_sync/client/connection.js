import {Backoff, clock as realClock} from './clock.js';
import {CLOSE, VERSION, decode, encode, isFinal} from './protocol.js';

const OPENING = 10_000;      // ms; browsers would wait for minutes
const WAKING = 5_000;        // ms for a sign of life after a sleep or in another network

/**
 * One WebSocket at a time, opened again when it was lost.
 *
 * Its delegate hears `opened()`: send now; `ready()`: the server answered; `received(name, fields, text)`; `lost()`: for now;
 * `ended(code)`: for good; `leaving()`: the page goes.
 */
export class Connection {
  /** @type {'closed' | 'connecting' | 'open' | 'waiting' | 'ended'} */
  state = 'closed';
  options = {window: 65536, ping: 20};

  #socket = null;
  #listening = null;
  #retry = null;
  #watch = null;
  #opened = Infinity;        // when
  #heard = 0;                // when
  #asked = false;            // lost unless something is heard before the watch ends
  #url; #delegate; #clock; #connect; #backoff;

  /** @param {string} url @param {object} delegate @param {{clock?: object, connect?: (url: string) => WebSocket}} platform */
  constructor(url, delegate, {clock = realClock, connect = (url) => new WebSocket(url)} = {}) {
    this.#url = url;
    this.#delegate = delegate;
    this.#clock = clock;
    this.#connect = connect;
    this.#backoff = new Backoff(100, 10_000, clock);
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

  /** Send, if there is a socket. */
  send(text) {
    if (this.state === 'open') this.#socket.send(text);
  }

  #open() {
    this.#clock.cancel(this.#retry);
    this.state = 'connecting';
    this.#opened = Infinity;
    const socket = this.#socket = this.#connect(this.#url);
    this.#expect(OPENING);
    socket.onopen = () => {
      this.state = 'open';
      this.#opened = this.#clock.now();
      this.#hear();
      this.#look(this.#silence);
      socket.send(encode('HELLO', VERSION));
      this.#delegate.opened();
    };
    socket.onmessage = ({data}) => this.#received(data);
    socket.onclose = ({code}) => this.#closed(code);
  }

  #received(text) {
    this.#hear();
    const [name, ...fields] = decode(text);
    if (name === 'WELCOME') this.#welcome(...fields);
    else if (name !== 'PONG') this.#delegate.received(name, fields, text);
  }

  #welcome(version, options) {
    if (version !== VERSION) return this.#closed(CLOSE.VERSION);
    this.options = options;
    this.#look(this.#silence);
    this.#delegate.ready();
  }

  #hear() {
    this.#heard = this.#clock.now();
    this.#asked = false;
  }

  #expect(limit) {
    this.#asked = true;
    this.#look(limit);
  }

  #look(delay) {
    this.#clock.cancel(this.#watch);
    this.#watch = this.#clock.after(delay, this.#check);
  }

  #check = () => {
    if (this.#asked) return this.#closed(CLOSE.LOST);
    const left = this.#heard + this.#silence - this.#clock.now();
    if (left > 0) this.#look(left);
    else this.#ping(this.#silence);
  };

  #ping(limit) {
    this.send(encode('PING'));
    this.#expect(limit);
  }

  get #silence() {
    return this.options.ping * 1000;
  }

  #closed(code) {
    // Not at WELCOME: a server that dies whenever we come would see us every 100 ms.
    if (this.#clock.now() - this.#opened > this.#backoff.ceiling) this.#backoff.reset();
    if (isFinal(code)) {
      this.#drop(CLOSE.GOODBYE, 'ended');
      this.#delegate.ended(code);
    } else {
      this.#drop(CLOSE.LOST, 'waiting');
      this.#retry = this.#clock.after(this.#backoff.next(), () => this.#open());
      this.#delegate.lost();
    }
  }

  /** At once: the close event of a dead network comes minutes later. */
  #drop(code, state) {
    const socket = this.#socket;
    this.state = state;
    this.#clock.cancel(this.#retry);
    this.#clock.cancel(this.#watch);
    if (!socket) return;
    this.#socket = socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(code);
  }

  #wake = ({type}) => {
    if (type === 'visibilitychange' && document.hidden) return;
    if (this.state === 'waiting' || (this.state === 'closed' && type === 'pageshow')) this.#open();
    else if (this.state === 'open') this.#ping(Math.min(WAKING, this.#silence));
  };

  /** The browser says goodbye for a page that it throws away, not for one that it keeps for "back". */
  #hide = ({persisted}) => {
    this.#delegate.leaving();
    if (persisted && this.state !== 'ended') this.#drop(CLOSE.GOODBYE, 'closed');
  };
}
