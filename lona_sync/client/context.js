import {register, widget_classes} from './legacy.js';
import {Page} from './lona.js';
import {patch} from './outside.js';
import * as protocol from './protocol.js';
import {check} from './window.js';

const HOOKS = ['connect', 'disconnect', 'view_timeout', 'input_event_timeout', 'rendering'];
const LOOK = 500;                // ms

/** The API of the reference's client, for who puts a page together by himself, and for scripts that were written for it. */
export class LonaContext {
  settings;
  #page; #timer;
  #number = 0;
  #windows = new Map();
  #handlers = [];                // of raw messages
  #hooks = Object.fromEntries(HOOKS.map((name) => [name, []]));

  /** @param {object} settings see below; `socket`: its path @param {Page | null} page one that is there already; else call `setup` */
  constructor(settings = {}, page = null) {
    this.settings = {
      title: '', target: '#lona', update_address_bar: true, update_title: true, scroll_to_top_on_view_start: true, follow_redirects: true,
      follow_http_redirects: true, socket: new URL('../../socket', import.meta.url).pathname, ...settings,
    };
    if (page) this.#begin(page);
  }

  /** Connects, and shows the view of this address in the target. */
  setup() {
    const {socket, target, title, ...flags} = this.settings;
    const keeps = {address: !flags.update_address_bar, title: !flags.update_title, scroll: !flags.scroll_to_top_on_view_start};
    const invitation = document.getElementById('lona-sync-join');
    const join = invitation ? JSON.parse(invitation.textContent) : undefined;
    invitation?.remove();                            // it is good for one window
    const page = new Page({socket, target, title, keeps, join});
    page.start();
    this.#begin(page);
  }

  #begin(page) {
    Lona.context = this;
    this.#page = page;
    this.#add(page.main);
    document.addEventListener('lona:message', ({detail}) => this.#handlers.every((handle) => handle(this, detail)));
    for (const name of ['connect', 'disconnect']) document.addEventListener(`lona:${name}`, (event) => this.#call(name, event));
    this.#look();
  }

  /** Every message of the window comes by here. */
  #add(window) {
    const receive = window.receive;
    window.receive = (name, fields, bytes) => {
      if (globals.DEBUG) console.debug('lona', name, fields);
      const isPage = name === 'REDIRECT' && fields[1] === protocol.REDIRECT_PAGE;
      if (name === 'REDIRECT' && !this.settings[isPage ? 'follow_http_redirects' : 'follow_redirects']) return;
      receive.call(window, name, fields, bytes);
      if (/^(SNAPSHOT|FRAME)$/.test(name)) this.#call('rendering', window);
    };
    this.#windows.set(++this.#number, window);
    return this.#number;
  }

  /** Tells, once for each, of views that do not start, and of events that the server does not acknowledge. */
  #look(seen = new Map()) {
    const now = performance.now();
    const next = new Map();
    const look = (what, window, hook, seconds) => {
      const since = seen.get(what) ?? now;
      next.set(what, now - since < seconds * 1000 ? since : Infinity);
      if (now - since >= seconds * 1000) this.#call(hook, window);
    };
    for (const [number, window] of this.#windows) {
      const [first] = window.pending;
      if (/ing$/.test(window.state)) look(`${number} ${window.url}`, window, 'view_timeout', globals.VIEW_START_TIMEOUT);
      if (first) look(first, window, 'input_event_timeout', globals.INPUT_EVENT_TIMEOUT);
    }
    this.#timer = setTimeout(() => this.#look(next), LOOK);
  }

  #call(hook, subject) {
    for (const action of this.#hooks[hook]) action(this, subject);
  }

  /** @param {string} hook one of HOOKS @param {(context: LonaContext, subject: Event | Window) => void} action */
  add_hook(hook, action) {
    this.#hooks[hook].push(action);
  }

  stop() {
    clearTimeout(this.#timer);
    this.#page.stop();
  }

  /** It does so by itself; this does it at once. Windows go on where they were. */
  reconnect() {
    this.#page.connection.retry();
  }

  /**
   * Sends a raw message. @param {string | object} message an object is sent as JSON
   * @returns {boolean} false: there is no connection at the moment, and nobody will get it
   */
  send(message) {
    const text = typeof message === 'string' ? message : JSON.stringify(message);
    check(text);
    return this.connection.send(protocol.encode('MESSAGE', text));
  }

  /** @param {(context: LonaContext, text: string) => any} handle raw messages of views; one that returns nothing true is the last */
  add_message_handler(handle) {
    this.#handlers.push(handle);
  }

  run_view(url, post_data = null) {
    this.#page.main.navigate(new URL(url, location.href), post_data);
  }

  /** @returns {number} by which `windows` knows it */
  create_window(root, url) {
    return this.#add(this.#page.open(root, url));
  }

  get windows() {
    return this.#windows;
  }

  get connection() {
    return this.#page.connection;
  }

  get_default_window() {
    return this.#page.main;
  }

  /** Links and forms outside of the target start views, too. */
  patch_input_events(selector, window_id = 1) {
    patch(selector, this.#windows.get(window_id));
  }
}

for (const hook of HOOKS) {
  LonaContext.prototype[`add_${hook}_hook`] = function add(action) { this.add_hook(hook, action); };
}

/** DEBUG: all messages to the console. Seconds; PING_INTERVAL is the server's. */
const globals = {
  DEBUG: false, VIEW_START_TIMEOUT: 2, INPUT_EVENT_TIMEOUT: 2, get PING_INTERVAL() { return Lona.context?.connection.options.ping; },
};

Object.assign(Lona, {
  LonaContext, settings: globals, protocol, widget_classes, registerWidget: register, register_widget_class: register,
});
const begin = () => { if (Lona.page) globalThis.lona_context = new LonaContext({}, Lona.page); };
if (document.prerendering) document.addEventListener('prerenderingchange', begin, {once: true});      // behind that of lona.js
else begin();
