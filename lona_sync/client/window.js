import {Events} from './events.js';
import {DEEPEST, EVENT, MESSAGE_BYTES, MOST, REDIRECT_PAGE, encode} from './protocol.js';
import {Tree} from './tree.js';

const ACKNOWLEDGE = 1000;       // ms that frames wait for an event to do that
const PENDING = 1000;
const SHORTEST = 1000;          // ms, at most, until a busy server is asked again; doubled up to
const LONGEST = 30_000;

let Widgets;                    // most pages have none

export const loadWidgets = async () => { ({Widgets} = await import('./widgets.js')); };

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
  #calls = [];                  // that the message at hand has made
  #call = 0;                    // the last one
  #tree; #events; #delegate;
  #widgets; #late;

  constructor(root, delegate) {
    this.root = root;
    this.#delegate = delegate;
    this.#tree = new Tree(root, {
      keeps: (element) => this.#events.changes.keeps(element),
      title: (text) => delegate.title(text),
      widget: (...action) => this.#widget(...action),
      call: (number, ...call) => {
        if (number > this.#call) this.#calls.push([number, ...call]);      // else it follows a snapshot once more
        this.#call = Math.max(this.#call, number);
      },
    });
    this.#events = new Events(this.#tree, {
      issue: (type, node, data) => this.#issue(type, node, data),
      waits: (type, node) => this.pending.some((event) => event[1] === type && event[2] === node),
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
    this.#clear();
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
      this.#call = 0;
      this.#clear();
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
      if (reason === 'windows') return this.#delegate.say('refused');
      this.#delegate.say(reason);
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
    return this.state === 'shown' && fits(data) && this.pending.length < PENDING ? this.#push(type, node, data) : 0;
  }

  #push(type, node, data) {
    const event = [++this.#event, type, node, data];
    this.pending.push(event);
    this.#mark(node, true);
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
    while (this.pending[0]?.[0] <= number) {
      const [, , node] = this.pending.shift();
      if (!this.pending.some((event) => event[2] === node)) this.#mark(node, false);
    }
    this.#events.changes.acknowledge(number);
  }

  #mark(node, waits) {
    this.#tree.nodes.get(node)?.toggleAttribute?.('data-lona-pending', waits);
  }

  #clear() {
    this.#tree.clear();
    this.#widget('clear');
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
      this.#report(error);
      return false;
    } finally {
      this.#events.muted = false;
      this.#widget('settle');
      for (const call of this.#calls.splice(0)) this.#answer(...call);
    }
  }

  /** Has the widgets do it, after their script was loaded if it has to be. */
  #widget(action, ...args) {
    if (Widgets) this.#widgets ??= new Widgets(this, (error) => this.#report(error));
    if (this.#widgets) return this.#widgets[action](...args);
    if (action === 'show') this.#late ??= loadWidgets();
    return this.#late?.then(() => this.#widget(action, ...args)).catch((error) => {
      this.#late = null;                                 // the next widget tries again
      this.#report(error);
    });
  }

  async #answer(number, element, method, args) {
    const view = this.#view;
    let answer;
    try {
      if (!element) throw new Error('the element is gone');
      const target = await this.#widget('target', element, method) ?? element;
      if (typeof target[method] !== 'function') throw new Error(`there is no method ${method}`);
      answer = [number, true, await target[method](...args)];
      if (!fits(answer)) throw new Error('the result is too large, or too deep');
    } catch (error) {
      answer = [number, false, String(error).slice(0, 2000)];
    }
    // The next view has a call of this number, too. Somebody waits for it: no state but 'closed' refuses it.
    if (view === this.#view && this.state !== 'closed') this.#push(EVENT.ANSWER, 0, answer);
  }

  #report(error) {
    console.error(error);
    this.#send('ERROR', `frame ${this.#frame}: ${error.stack}`.slice(0, 2000));
  }
}

/** Whether an event may carry it: else it would end the connection. A character has three bytes at most. */
function fits(data) {
  const text = JSON.stringify(data);
  let left = MOST;
  const isSmall = (data, levels) => !(data instanceof Object)
    || levels && left-- && Object.values(data).every((inner) => isSmall(inner, levels - 1));
  return text.length * 3 + 1000 < MESSAGE_BYTES && isSmall(JSON.parse(text), DEEPEST);
}
