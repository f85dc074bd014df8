import {linkUrl, formRequest} from './events.js';
import {Page, registerWidget} from './lona.js';

const HOOKS = {connect: 'connect', disconnect: 'disconnect', view_timeout: 'busy', input_event_timeout: 'slow'};
const LOOK = 500;                // ms

/** Pages of one's own: the API of the reference's client, for who puts a page together by himself. */
export class LonaContext {
  #config; #page; #timer;
  #number = 0;
  #windows = new Map();

  constructor(settings = {}) {
    const {title = '', target = '#lona', update_address_bar = true, update_title = true, scroll_to_top_on_view_start = true} = settings;
    const socket = settings.socket ?? new URL('../../socket', import.meta.url).pathname;
    const keeps = {address: !update_address_bar, title: !update_title, scroll: !scroll_to_top_on_view_start};
    this.#config = {socket, target, title, keeps};
  }

  /** Connects, and shows the view of this address in the target. */
  setup() {
    Lona.context = this;
    this.#page = new Page(this.#config);
    this.#page.start();
    this.#windows.set(++this.#number, this.#page.main);
    this.#watch();
  }

  /** Tells, once for each, of an event that the server does not acknowledge. */
  #watch(event, since) {
    const [first] = this.#page.main.pending;
    if (first !== event) since = performance.now();
    else if (event && performance.now() - since >= settings.INPUT_EVENT_TIMEOUT * 1000) {
      document.dispatchEvent(new CustomEvent('lona:slow'));
      since = Infinity;
    }
    this.#timer = setTimeout(() => this.#watch(first, since), LOOK);
  }

  stop() {
    clearTimeout(this.#timer);
    this.#page.stop();
  }

  /** It does so by itself; this does it at once. */
  reconnect() {
    this.#page.connection.retry();
  }

  run_view(url, post_data = null) {
    this.#page.main.navigate(new URL(url, location.href), post_data);
  }

  /** @returns {number} by which `windows` knows it */
  create_window(root, url) {
    this.#windows.set(++this.#number, this.#page.open(root, url));
    return this.#number;
  }

  get windows() {
    return this.#windows;
  }

  get_default_window() {
    return this.#page.main;
  }

  /** Links and forms outside of the target start views, too. */
  patch_input_events(selector, window_id = 1) {
    const window = this.#windows.get(window_id);
    const go = (event, url, post) => {
      if (!url) return;
      event.preventDefault();
      window.navigate(url, post);
    };
    for (const element of document.querySelectorAll(selector)) {
      element.addEventListener('click', (event) => {
        const link = event.target.closest('a[href]');
        if (link) go(event, linkUrl(event, link));
      });
      element.addEventListener('submit', (event) => {
        const request = formRequest(event);
        go(event, request?.url, request?.post);
      });
    }
  }
}

for (const [hook, event] of Object.entries(HOOKS)) {
  LonaContext.prototype[`add_${hook}_hook`] = function add(action) {
    document.addEventListener(`lona:${event}`, (detail) => action(this, /timeout/.test(hook) ? this.get_default_window() : detail));
  };
}

const settings = {DEBUG: false, VIEW_START_TIMEOUT: 2, INPUT_EVENT_TIMEOUT: 2, PING_INTERVAL: 20};
globalThis.Lona = Object.assign(globalThis.Lona ?? {}, {LonaContext, settings, register_widget_class: registerWidget});
