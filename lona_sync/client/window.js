import {Events} from './events.js';
import {MESSAGE_BYTES, REDIRECT_PAGE, encode} from './protocol.js';
import {Tree} from './tree.js';

const ACKNOWLEDGE = 1000;       // ms that frames wait for an event to do that
const PENDING = 1000;
const SHORTEST = 1000;          // ms, at most, until a busy server is asked again; doubled up to
const LONGEST = 30_000;

/**
 * An element that shows a view, for longer than a socket lives. Each view has another number: what is on its way from the one
 * before goes nowhere. The delegate is in lona.js.
 */
export class Window {
  /** 'broken' (a patch did not fit) until the next snapshot. @type {'closed' | 'opening' | 'started' | 'shown' | 'broken'} */
  state = 'closed';
  unacknowledged = 0;           // bytes
  pending = [];                 // events, until they are acknowledged

  #number; #view; #secret; #client; #post;
  #frame = 0;                   // the last one applied
  #event = 0;                   // the last one issued
  #timer = null;                // until frames are acknowledged
  #retry;                       // until the next OPEN of a busy server
  #wait = SHORTEST;
  #tree; #events; #delegate;

  constructor(root, delegate) {
    this.root = root;
    this.#delegate = delegate;
    this.#tree = new Tree(root, {
      keeps: (element) => this.#events.changes.keeps(element),
      title: (text) => delegate.title(text),
    });
    this.#events = new Events(this.#tree, {
      issue: (type, node, data) => this.#issue(type, node, data),
      navigate: (url, post) => this.navigate(url, post),
    });
  }

  /** @param {string} url path and query @param {object | null} post fields of a form */
  open(url, post = null) {
    this.#leave();
    this.#number = this.#delegate.claim(this);
    this.#events.start();
    this.url = url;
    this.#post = post;
    this.#start();
  }

  close() {
    this.#leave();
    this.#tree.clear();
  }

  /** @param {URL} url of a link */
  navigate(url, post = null) {
    if (url.origin !== location.origin) return this.#delegate.load(url);
    this.#delegate.follow(url);
    this.open(url.pathname + url.search, post);
  }

  /** @param {Node | null} node @returns {boolean} false: nothing is shown, or too much waits */
  fire(node, name, data = null) {
    if (typeof name !== 'string' || !name || name.length > 128) throw new Error(`an event's name has 1 to 128 characters, not ${name}`);
    this.flush();
    return this.#issue(name, node ? this.#tree.nearest(node) : 0, data) > 0;
  }

  flush() {
    this.#events.changes.flush();
  }

  acknowledge() {
    if (!this.unacknowledged) return;
    this.#send('ACK', this.#frame);
    this.#acknowledged();
  }

  connected() {
    if (this.state === 'opening') this.#start();
    else if (this.state !== 'closed') this.#resume();
  }

  disconnected() {
    clearTimeout(this.#retry);
    this.#acknowledged();
  }

  /** @param {number} bytes of a frame */
  receive(name, fields, bytes) {
    this.unacknowledged += bytes;
    this.#messages[name](...fields);
  }

  #messages = {
    STARTED: (view, secret, client, event) => {
      const resumed = view === this.#view;
      this.#view = view;
      this.#secret = secret;
      this.#client = client;
      this.#wait = SHORTEST;
      this.#delegate.say('started');
      if (resumed) return this.#resend(event);
      this.state = 'started';
      this.#frame = 0;
      this.#event = event;
      this.pending = [];
      this.#events.changes.clear();
      this.#tree.clear();
      this.#delegate.title(null);
    },

    SNAPSHOT: (frame, event, title, first, tags, stream) => {
      const isFirst = this.state === 'started';
      this.state = 'shown';
      this.#accepted(event);
      this.#delegate.title(title);
      this.#change(frame, () => this.#tree.replace({first, tags, stream}));          // no RESUME: it would fail for ever
      if (isFirst) this.#delegate.shown();
    },

    FRAME: (frame, event, patches) => {
      if (this.state !== 'shown') return;            // on its way when we sent RESUME
      this.#accepted(event);
      if (this.#change(frame, () => this.#tree.apply(patches, this.#client))) return;
      this.state = 'broken';
      this.#frame = 0;
      this.#resume();
    },

    ACK: (event) => this.#accepted(event),
    RESEND: (event) => this.#resend(event),

    GONE: () => {
      this.#delegate.say('restarted');
      this.#post = null;
      this.#start();
    },

    REDIRECT: (address, mode) => {
      const url = new URL(address, new URL(this.url, location.href));
      if (mode === REDIRECT_PAGE) this.#delegate.load(url);
      else this.navigate(url);
    },

    REFUSED: (reason) => {
      if (reason !== 'busy') return this.#delegate.say('refused');
      this.#delegate.say('busy');
      this.#retry = setTimeout(() => this.#start(), Math.random() * this.#wait);
      this.#wait = Math.min(this.#wait * 2, LONGEST);
    },
  };

  #send(name, ...fields) {
    this.#delegate.send(encode(name, this.#number, ...fields));
  }

  #start() {
    this.disconnected();
    this.state = 'opening';
    this.#view = null;
    this.#send('OPEN', this.url, this.#post);
  }

  #leave() {
    if (this.state === 'closed') return;
    this.flush();
    this.#send('CLOSE');
    this.#delegate.release(this.#number);
    this.state = 'closed';
    this.#events.stop();
    this.disconnected();
  }

  #resume() {
    this.#send('RESUME', this.#view, this.#secret, this.#frame);
  }

  /** @returns {number} of the event, 0: refused */
  #issue(type, node, data) {
    const fits = JSON.stringify(data).length * 3 + 1000 < MESSAGE_BYTES;        // a character has three bytes at most
    if (this.state !== 'shown' || !fits || this.pending.length >= PENDING) return 0;
    const event = [++this.#event, type, node, data];
    this.pending.push(event);
    this.#sendEvent(event);
    return this.#event;
  }

  #sendEvent([number, ...fields]) {
    this.#send('EVENT', number, this.#frame, ...fields);
    this.#acknowledged();
  }

  #resend(accepted) {
    this.#accepted(accepted);
    for (const event of this.pending) this.#sendEvent(event);
  }

  #accepted(number) {
    while (this.pending[0]?.[0] <= number) this.pending.shift();
    this.#events.changes.acknowledge(number);
  }

  #acknowledged() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.unacknowledged = 0;
  }

  /** @returns {boolean} whether it fitted */
  #change(frame, action) {
    this.#events.muted = true;
    try {
      action();
      this.#frame = frame;
      this.#timer ??= setTimeout(() => this.acknowledge(), ACKNOWLEDGE);
      return true;
    } catch (error) {
      console.error(error);
      this.#send('ERROR', `frame ${frame}: ${error.stack}`.slice(0, 2000));
      return false;
    } finally {
      this.#events.muted = false;
    }
  }
}
