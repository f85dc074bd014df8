import {Backoff, clock as realClock} from './clock.js';
import {Events} from './events.js';
import {Outbox} from './outbox.js';
import {Patcher} from './patcher.js';
import {MESSAGE_BYTES, REDIRECT_PAGE, encode} from './protocol.js';
import {Tree} from './tree.js';

const ACKNOWLEDGE = 1000;       // ms that frames wait for an event to acknowledge them

/**
 * An element that shows a view. It outlives the socket: what was not acknowledged is sent again. Each view gets another number, so
 * that what is on its way from the one before goes nowhere.
 *
 * Its delegate: `claim(window)` and `release(number)`; `send(text)`; `title(text | null)`; `follow(url)`: to the address bar;
 * `shown()`: the first tree; `load(url)`: as a page; `say(what)`; `stats`.
 */
export class Window {
  /** @type {'closed' | 'opening' | 'open'} */
  state = 'closed';
  /** Bytes. */
  unacknowledged = 0;

  #number = 0;
  #view = null;
  #secret = '';
  #client = 0;
  #frame = 0;                   // the last one applied
  #shown = false;               // since the first snapshot, and not from a patch that did not fit until the next one
  #fresh = false;               // the next snapshot is the first
  #post = null;
  #outbox = new Outbox();
  #timer = null;                // until frames are acknowledged
  #retry = null;                // until the next OPEN of a busy server
  #tree; #patcher; #events; #changes; #backoff; #delegate; #clock;

  constructor(root, delegate, clock = realClock) {
    this.root = root;
    this.url = '';
    this.#delegate = delegate;
    this.#clock = clock;
    this.#backoff = new Backoff(1000, 30_000, clock);
    this.#tree = new Tree(root);
    this.#events = new Events(this.#tree, {
      issue: (type, node, data) => this.#issue(type, node, data),
      navigate: (url, post) => this.navigate(url, post),
    }, clock);
    this.#changes = this.#events.changes;
    this.#patcher = new Patcher(this.#tree, {
      keeps: (element) => this.#changes.keeps(element),
      title: (text) => delegate.title(text),
    });
  }

  /** Events that are not acknowledged. */
  get pending() {
    return this.#outbox.length;
  }

  /** Start another view. @param {string} url path and query @param {object | null} post fields of a form */
  open(url, post = null) {
    this.#leave();
    this.#number = this.#delegate.claim(this);
    this.#events.start();
    this.#start(url, post);
  }

  /** Leave the view and show nothing. */
  close() {
    this.#leave();
    this.#patcher.clear();
  }

  /** Follow a link. @param {URL} url @param {object | null} post */
  navigate(url, post = null) {
    if (url.origin !== location.origin) return this.#delegate.load(url);
    this.flush();
    this.#delegate.follow(url);
    this.open(url.pathname + url.search, post);
  }

  /** A custom event. @param {Node | null} node @param {string} name @param {unknown} data JSON
   * @returns {boolean} false: nothing is shown, or too much waits */
  fire(node, name, data = null) {
    if (typeof name !== 'string' || !name || name.length > 128) throw new Error(`an event's name has 1 to 128 characters, not ${name}`);
    this.flush();
    return this.#issue(name, node ? this.#tree.nearest(node) : 0, data) > 0;
  }

  flush() {
    this.#changes.flush();
  }

  acknowledge() {
    if (!this.unacknowledged) return;
    this.#send('ACK', this.#frame);
    this.#acknowledged();
  }

  connected() {
    if (this.#view !== null) this.#resume();
    else if (this.state === 'opening') this.#start(this.url, this.#post);
  }

  disconnected() {
    this.#clock.cancel(this.#retry);
    this.#acknowledged();
  }

  /** @param {string} name @param {Array} fields after the window's number @param {number} bytes of a frame */
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
      this.#post = null;
      this.state = 'open';
      this.#backoff.reset();
      this.#delegate.say('started');
      if (resumed) return this.#resend(event);
      this.#frame = 0;
      this.#fresh = true;
      this.#outbox.reset(event);
      this.#changes.clear();
      this.#patcher.clear();
      this.#delegate.title(null);
    },

    SNAPSHOT: (frame, event, title, first, tags, stream) => {
      this.#accepted(event);
      this.#shown = true;
      this.#delegate.title(title);
      this.#change(frame, () => this.#patcher.replace({first, tags, stream}));       // no RESUME: it would fail for ever
      this.#delegate.stats.snapshots++;
      if (this.#fresh) this.#delegate.shown();
      this.#fresh = false;
    },

    FRAME: (frame, event, patches) => {
      if (!this.#shown) return;                      // on its way when we sent RESUME
      this.#accepted(event);
      this.#delegate.stats.frames++;
      if (this.#change(frame, () => this.#patcher.apply(patches, this.#client))) return;
      this.#shown = false;
      this.#frame = 0;
      this.#resume();
    },

    ACK: (event) => this.#accepted(event),
    RESEND: (event) => this.#resend(event),

    GONE: () => {
      this.#delegate.stats.lost += this.pending;
      this.#delegate.say('restarted');
      this.#start(this.url, null);
    },

    REDIRECT: (address, mode) => {
      const url = new URL(address, new URL(this.url, location.href));
      if (mode === REDIRECT_PAGE) this.#delegate.load(url);
      else this.navigate(url);
    },

    REFUSED: (reason) => {
      this.#delegate.say(reason === 'busy' ? 'busy' : 'refused');
      if (reason === 'busy') this.#retry = this.#clock.after(this.#backoff.next(), () => this.#start(this.url, this.#post));
    },
  };

  #send(name, ...fields) {
    this.#delegate.send(encode(name, this.#number, ...fields));
  }

  #start(url, post) {
    this.disconnected();
    this.state = 'opening';
    this.url = url;
    this.#post = post;
    this.#view = null;
    this.#shown = false;
    this.#send('OPEN', url, post);
  }

  #leave() {
    if (this.state === 'closed') return;
    this.flush();
    this.#send('CLOSE');
    this.#delegate.release(this.#number);
    this.state = 'closed';
    this.#view = null;
    this.#shown = false;
    this.#events.stop();
    this.disconnected();
  }

  #resume() {
    this.#send('RESUME', this.#view, this.#secret, this.#frame);
  }

  #issue(type, node, data) {
    if (!this.#shown) return 0;
    const fits = JSON.stringify(data).length * 3 + 1000 < MESSAGE_BYTES;        // a character has three bytes at most
    const event = fits ? this.#outbox.add(type, node, data) : null;
    if (event) this.#sendEvent(event);
    this.#delegate.stats[event ? 'events' : 'refused']++;
    return event?.number ?? 0;
  }

  #sendEvent({number, type, node, data}) {
    this.#send('EVENT', number, this.#frame, type, node, data);
    this.#acknowledged();
  }

  #resend(accepted) {
    this.#accepted(accepted);
    for (const event of this.#outbox) this.#sendEvent(event);
    this.#delegate.stats.resent += this.pending;
  }

  #accepted(number) {
    this.#outbox.acknowledge(number);
    this.#changes.acknowledge(number);
  }

  #acknowledged() {
    this.#clock.cancel(this.#timer);
    this.#timer = null;
    this.unacknowledged = 0;
  }

  /** @returns {boolean} false: it did not fit, and the server was told */
  #change(frame, action) {
    this.#events.muted = true;
    try {
      action();
      this.#frame = frame;
      this.#timer ??= this.#clock.after(ACKNOWLEDGE, () => this.acknowledge());
      return true;
    } catch (error) {
      console.error(error);
      this.#delegate.stats.errors++;
      this.#send('ERROR', `frame ${frame}: ${error.stack}`.slice(0, 2000));
      return false;
    } finally {
      this.#events.muted = false;
    }
  }
}
