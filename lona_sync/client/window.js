import {Events} from './events.js';
import {DEEPEST, EVENT, MESSAGE_BYTES, MOST, REDIRECT_PAGE, encode} from './protocol.js';
import {late} from './tokens.js';
import {Tree} from './tree.js';

const ACKNOWLEDGE = 1000;       // ms that frames wait for an event to do that
const PENDING = 1000;
const SHORTEST = 1000;          // ms, at most, until a server is asked again; doubled up to
const LONGEST = 30_000;

let Widgets;                    // most pages have none

export const loadWidgets = async () => { ({Widgets} = await late('./widgets.js')); };

/** An element that shows a view. Each view has another number: what is on its way from the one before goes nowhere. */
export class Window {
  /** 'joining': a view that the page shows already; 'broken': a patch did not fit. @type {'closed' | 'opening' | 'joining' | 'started' | 'shown' | 'broken'} */
  state = 'closed';
  painted = null;               // what the page shows of it
  unacknowledged = 0;           // bytes
  pending = [];                 // events, until they are acknowledged

  #number; view; #secret; #client; #post;
  #kept;                        // of the view, for the one after it
  #moving; #past;               // elsewhere
  #frame = 0;                   // the last one applied
  #event = 0;                   // the last one issued
  #went = 0;                    // the last change of the URL that is known
  #told = 0;                    // the last event that told one
  #timer;                       // until frames are acknowledged
  #retry;                       // of OPEN
  #wait = SHORTEST;
  #calls = [];                  // of this message
  #call = 0;                    // the last one
  #tree; #events; #delegate;
  #widgets; #late;

  constructor(root, delegate) {
    this.root = root;
    this.#delegate = delegate;
    this.#tree = new Tree(root, {
      keeps: (element) => this.painted?.keeps(element) || this.#events.changes?.keeps(element),
      title: (text) => delegate.title(text),
      keep: (token) => { this.#kept = token; },
      go: (...place) => this.#go(...place),
      widget: (...action) => this.#widget(...action),
      call: (...call) => this.#calls.push(call),
    });
    this.#events = new Events(this.#tree, {
      issue: (type, node, data) => this.#issue(type, node, data),
      waits: (type, node) => this.pending.some((event) => event.type === type && event.node === node),
      navigate: (url, post) => this.navigate(url, post),
    });
  }

  /** @param {string} url path and query @param {object | null} post fields @param {string[]} join view and secret, if it runs already */
  open(url, post = null, [view, secret] = []) {
    this.#leave();
    this.#number = this.#delegate.claim(this);
    this.url = url;
    this.#post = post;
    this.#kept = this.#moving = null;
    if (view) {
      // No event is listened for until it has joined: where no socket opens, links and forms still work.
      [this.state, this.view, this.#secret] = ['joining', view, secret];
      return;
    }
    this.#events.start();
    this.#start();
  }

  close() {
    this.#leave();
    this.#clear();
  }

  navigate(url, post = null) {
    if (url.origin !== location.origin) return this.#delegate.load(url);
    this.#delegate.follow(url);
    this.open(url.pathname + url.search, post);
  }

  /** @param {Node | null} node @returns {boolean} false: nothing is shown, or too much waits */
  fire(node, name, data = null) {
    if (typeof name !== 'string' || !name || name.length > 128) throw new Error(`an event's name has 1 to 128 characters, not ${name}`);
    check(data);
    this.flush();
    return this.#issue(name, node ? this.#tree.nearest(node) : 0, data) > 0;
  }

  /** The user has gone back or forward to where this view has been. @returns {boolean} false: it cannot be told */
  moved(url) {
    this.flush();
    const number = this.#issue(EVENT.URL, 0, url.pathname + url.search + url.hash);
    if (number < 1) return false;
    this.#told = number;
    this.url = url.pathname + url.search;
    return true;
  }

  flush() {
    this.#events.changes?.flush();
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
    if (this.state === 'joining') this.painted?.release();
    clearTimeout(this.#retry);
    this.#acknowledged();
  }

  receive(name, fields, bytes) {
    this.unacknowledged += bytes;
    this.#messages[name](...fields);
  }

  #messages = {
    STARTED: (view, secret, client, event) => {
      const resumed = view === this.view;
      [this.view, this.#secret, this.#client, this.#wait] = [view, secret, client, SHORTEST];
      this.#delegate.say('started');
      this.#events.start();
      if (this.state === 'joining') this.state = 'started';
      if (resumed) return this.#resend(event);
      this.#went = 0;
      this.#past = this.#moving && [this.pending, new Map(this.#tree.nodes), [...this.root.childNodes], document.activeElement];
      this.#moving = null;
      this.state = 'started';
      this.#frame = 0;
      this.#event = event;
      this.pending = [];
      this.#events.changes?.clear();
      this.#call = 0;
      if (this.painted) return;                      // its view has gone; that of another one is like it
      this.#clear();
      this.#delegate.title(null);
    },

    SNAPSHOT: (frame, event, title, first, tags, stream, kept, went) => {
      this.#kept = kept;
      const {painted} = this;
      const isFirst = this.state === 'started';
      this.state = 'shown';
      this.#accepted(event);
      this.#delegate.title(title);
      if (went) this.#go(went[0], went[1], went[2] | isFirst);
      this.#change(frame, () => {                    // no RESUME: it would fail for ever
        painted?.adopt(this.#tree, {first, tags, stream});
        this.#tree.replace({first, tags, stream});
      });
      this.painted = null;
      painted?.finish();
      const past = this.#past;
      this.#past = null;
      const issue = (...action) => this.#push(...action);
      if (past) late('./moved.js').then(({restore}) => restore(this.#tree, this.#events.changes, issue, this.#delegate, ...past));
      else if (isFirst && !painted) this.#delegate.shown();
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

    STALE: async (number) => {
      const {type, node, data} = this.pending.find((event) => event.number === number) ?? {};
      this.#accepted(number);
      const element = this.#tree.nodes.get(node);
      if (!element) return;                          // sent on another socket, which was lost
      const {refuse} = await late('./stale.js');
      if (refuse(element, this.#delegate) && this.#tree.nodes.get(node) === element) this.#push(type, node, data, 'MEANT');
    },

    GONE: (how) => {
      if (how !== 2 && !this.painted) {
        this.#delegate.say(how ? 'restarted' : 'gone');
        this.pending = this.pending.filter(({sent}) => !sent);           // whether the others were done is unknown
      }
      this.#moving = !this.painted;
      this.#post = null;
      this.#start();
    },

    REDIRECT: (address, mode) => {
      const url = new URL(address, location.origin + this.url);              // '//host' would be another one
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
    return this.#delegate.send(encode(name, this.#number, ...fields));
  }

  /** The view says where it is. @param {number} how 1: in the place of the present entry of the history; 2: it hears of back and forward */
  #go(number, url, how, client) {
    if (number <= this.#went) return;
    this.#went = number;
    if (client === this.#client) return;
    const target = new URL(url, location.href);
    this.url = target.pathname + target.search;
    this.#delegate.go(target, how);
  }

  #start() {
    this.disconnected();
    this.state = 'opening';
    this.view = null;
    this.#send('OPEN', this.url, this.#post, ...(this.#kept ? [this.#kept] : []));
  }

  #leave() {
    if (this.state === 'closed') return;
    this.flush();
    this.#send('CLOSE');
    this.#delegate.release(this.#number);
    this.state = 'closed';
    this.#events.stop();
    this.disconnected();
    this.painted?.stop();
    this.painted = null;
  }

  #resume() {
    this.#send('RESUME', this.view, this.#secret, this.#frame);
  }

  /** @returns {number} of the event, 0: refused, -1: for ever */
  #issue(type, node, data) {
    if (!/shown|broken/.test(this.state) && !this.#moving) return 0;
    if (this.pending.length >= PENDING) return this.#delegate.say('full') ?? 0;
    try {
      check(data);
    } catch (error) {
      this.report(error);
      return -1;
    }
    return this.#push(type, node, data);
  }

  #push(type, node, data, name = 'EVENT') {
    const event = {name, number: ++this.#event, frame: this.#frame, type, node, data};
    this.pending.push(event);
    this.#mark(node, true);
    if (!this.#moving) this.#sendEvent(event);
    return this.#event;
  }

  #sendEvent(event) {
    const {name, number, frame, type, node, data} = event;
    if (this.#send(name, number, frame, type, node, data)) event.sent = true;
    if (frame === this.#frame) this.#acknowledged();
  }

  #resend(accepted) {
    this.#accepted(accepted);
    for (const event of this.pending) this.#sendEvent(event);
  }

  #accepted(number) {
    while (this.pending[0]?.number <= number) {
      const {node} = this.pending.shift();
      if (!this.pending.some((event) => event.node === node)) this.#mark(node, false);
    }
    this.#events.changes?.acknowledge(number);
    if (!this.#told || number < this.#told) return;
    this.#told = 0;
    queueMicrotask(() => this.#delegate.shown());
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

  #change(frame, action) {
    this.#events.muted = true;
    try {
      action();
      this.#frame = frame;
      this.#timer ??= setTimeout(() => this.acknowledge(), ACKNOWLEDGE);
      return true;
    } catch (error) {
      this.report(error);
      return false;
    } finally {
      this.#events.muted = false;
      this.#widget('settle');
      for (const call of this.#calls.splice(0)) this.#answer(...call);
    }
  }

  #widget(action, ...args) {
    if (Widgets) this.#widgets ??= new Widgets(this, (error) => this.report(error));
    if (this.#widgets) return this.#widgets[action](...args);
    if (action === 'show') this.#late ??= loadWidgets();
    return this.#late?.then(() => this.#widget(action, ...args)).catch((error) => this.report(error));
  }

  async #answer(number, ...call) {
    if (number <= this.#call) return;                     // it follows a snapshot once more
    this.#call = number;
    const view = this.view;
    const {answer} = await late('./calls.js');
    const said = [number, ...await answer((...args) => this.#widget('target', ...args), this.root, ...call)];
    // The next view has a call of this number, too. Somebody waits for it: only 'closed' refuses it.
    if (view === this.view && this.state !== 'closed') this.#push(EVENT.ANSWER, 0, said);
  }

  report(error) {
    console.error(error);
    this.#send('ERROR', `frame ${this.#frame}: ${error?.stack ?? JSON.stringify(error)}`.slice(0, 2000));
  }
}

/** Throws for what would end the connection. */
export function check(data) {
  const text = JSON.stringify(data, (key, value) => {
    if (/t (Array|Boolean|Null|Number|Object|String|Undefined)/.test({}.toString.call(value))) return value;
    throw new Error(`expected JSON, got ${value}`);
  });
  let left = MOST;
  const isSmall = (data, levels) => !(data instanceof Object)
    || (left-- && levels && Object.values(data).every((inner) => isSmall(inner, levels - 1)));
  const size = new TextEncoder().encode(text).length;
  if (size + 1000 > MESSAGE_BYTES || !isSmall(JSON.parse(text), DEEPEST)) throw new Error('too large, or too deep');
}
