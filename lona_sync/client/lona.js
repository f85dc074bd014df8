import {Connection} from './connection.js';
import {CLOSE} from './protocol.js';
import {Status} from './status.js';
import {late, loaded, say} from './tokens.js';
import {Window} from './window.js';

/** Modules that are there before a message is taken that may need them; most pages do without. */
const NEEDED = {
  './items.js': /"@items"/, './changes.js': /"@on".{1,3}[^"]*change/, './forms.js': /form/, './widgets.js': /"@widget"/,
  './uploads.js': /"lona-uploads"/,                  // else a form would be sent without its files
};

/** What a page with an element `#lona-sync`, which holds its configuration, gets by itself. */
export class Page {
  main;                          // has the address bar and the title
  #windows = new Map();          // by number
  #number = 0;
  #navigation = new Navigation((path) => this.main.open(path), (url) => this.main.moved(url));
  #waiting = [];                 // messages
  #needed = {...NEEDED};
  #config; #reload; #status;

  /** @param {object} config `texts` of the status bar; `keeps`: see context.js */
  constructor(config, reload = () => location.reload()) {
    this.#config = config;
    this.#reload = reload;
    this.#status = new Status(config.texts);
    this.connection = new Connection(new URL(config.socket, location.href.replace(/^http/, 'ws')).href, {
      opened: () => {
        say('connect');
        this.#each((window) => window.connected());
      },
      ready: () => {
        this.#status.ready();
        mark(false);
      },
      received: (...message) => {
        this.#waiting.push(message);
        this.#take();
      },
      lost: () => {
        this.#waiting = [];                       // they come again
        say('disconnect');
        this.#status.lost();
        this.#each((window) => window.disconnected());
      },
      ended: (code) => {
        this.#each((window) => window.disconnected());
        if (code !== CLOSE.VERSION || history.state?.reloaded) return this.#status.ended();
        mark(true);
        this.#reload();
      },
      leaving: () => this.#each((window) => window.flush()),
    });
  }

  start() {
    const {title, keeps = {}, join} = this.#config;
    this.#status.start();
    this.#navigation.start();
    document.addEventListener('lona:failed', this.#failed);
    this.main = this.#window(this.#config.target, {
      title: (text) => { if (!keeps.title) document.title = text ?? title ?? ''; },
      follow: (url) => { if (!keeps.address) this.#navigation.follow(url); },
      go: (url, how) => { if (!keeps.address) this.#navigation.go(url, how); },
      shown: () => { if (!keeps.scroll) this.#navigation.shown(); },
    });
    this.main.open(presentPath(), null, join);
    this.connection.start();
    const {root} = this.main;
    if (!join || !root.firstChild) return;
    const early = this.main.painted = root.lonaEarly;
    delete root.lonaEarly;
    early?.start();
    this.#navigation.painted();
    this.#needed['./painted.js'] = /^/;
    late('./painted.js').then(({Painted}) => { if (this.main.state === 'joining') this.main.painted = new Painted(root, early); });
  }

  stop() {
    this.#each((window) => window.close());
    this.connection.stop();
    this.#navigation.stop();
    this.#status.stop();
    document.removeEventListener('lona:failed', this.#failed);
  }

  #failed = ({detail}) => this.main.report(detail);

  open(target, url) {
    const window = this.#window(target);
    window.open(url);
    return window;
  }

  #window(target, page = {title() {}, follow() {}, go() {}, shown() {}}) {
    const root = typeof target === 'string' ? document.querySelector(target) : target;
    if (!root) throw new Error(`expected an element to show a view in, found no ${target}`);
    return new Window(root, {
      ...page,
      claim: (window) => {
        this.#windows.set(++this.#number, window);
        return this.#number;
      },
      release: (number) => this.#windows.delete(number),
      send: (text) => this.connection.send(text),
      load,
      say: (what) => {
        say(what);
        return this.#status[what]();
      },
    });
  }

  #take() {
    while (this.#waiting[0]) {
      const [name, [number, ...fields], text] = this.#waiting[0];
      const files = Object.keys(this.#needed).filter((file) => !loaded[file] && this.#needed[file].test(text));
      if (files[0]) return Promise.all(files.map(late)).then(() => this.#take());
      this.#waiting.shift();
      if (name === 'MESSAGE') {
        say('message', fields[0]);
        continue;
      }
      const size = /FRAME|SNAPSHOT/.test(name) ? new TextEncoder().encode(text).length : 0;
      this.#windows.get(number)?.receive(name, fields, size);
      let bytes = 0;
      this.#each((window) => { bytes += window.unacknowledged; });
      if (bytes * 2 >= this.connection.options.window) this.#each((window) => window.acknowledge());
    }
  }

  #each(action) {
    for (const window of [...this.#windows.values()]) action(window);
  }
}

/**
 * The address bar, and where a page was scrolled to: the browser would go there before the view is shown. An entry of the history
 * holds its place; when it is left by "back", it is too late.
 */
export class Navigation {
  #revisit; #tell; #listening; #entry; #path;
  #group;                        // of entries of one view, which hears when it is taken from one to another
  #place;                        // to scroll to when the view is there
  #places = new Map();           // by entry

  /**
   * @param {(path: string) => void} revisit hears of back and forward
   * @param {(url: URL) => boolean} tell does so first, if the view has been there; false: it cannot be told
   */
  constructor(revisit, tell) {
    this.#revisit = revisit;
    this.#tell = tell;
  }

  start() {
    history.scrollRestoration = 'manual';
    this.#enter(history.state);
    this.#leave();
    this.#listening = new AbortController();
    addEventListener('popstate', this.#popped, this.#listening);
    // What is said when the page goes comes too late for one that is loaded again.
    for (const type of ['pagehide', 'scrollend']) addEventListener(type, this.#leave, this.#listening);
  }

  stop() {
    this.#listening.abort();
    history.scrollRestoration = 'auto';
  }

  follow(url) {
    this.go(url, 0);
  }

  /** @param {number} how see `Window.#go` */
  go(url, how) {
    this.#leave();
    if (!(how & 2)) this.#group = Math.random();
    const stays = how & 1 || url.href === location.href;
    const state = {...(stays && history.state), lona: Math.random(), group: this.#group, place: null};
    history[stays ? 'replaceState' : 'pushState'](state, '', url);
    this.#enter(state);
  }

  /** The page shows something already. */
  painted() {
    if (this.#place) this.shown();
  }

  shown() {
    const name = new URLSearchParams(`=${location.hash.slice(1)}`).get('');      // decodeURIComponent('%') throws
    const anchor = this.#place ? null : document.getElementById(name);
    if (anchor) anchor.scrollIntoView();
    else scrollTo(...(this.#place ?? [0, 0]));
    this.#place = null;
  }

  #popped = ({state}) => {
    const [path, group] = [this.#path, this.#group];
    this.#places.set(this.#entry, [scrollX, scrollY]);
    this.#enter(state);
    if (this.#path === path) this.painted();
    else if (this.#group !== group || !this.#tell(location)) this.#revisit(this.#path);
  };

  #enter(state) {
    this.#path = presentPath();
    this.#entry = state?.lona ?? Math.random();
    this.#group = state?.group ?? Math.random();
    this.#place = this.#places.get(this.#entry) ?? state?.place ?? null;
  }

  #leave = () => history.replaceState({...history.state, lona: this.#entry, group: this.#group, place: [scrollX, scrollY]}, '');
}

export const registerWidget = async (name, Widget) => (await late('./widgets.js')).registerWidget(name, Widget);

const presentPath = () => location.pathname + location.search;

/** Whether the page was loaded again, and not answered since. */
const mark = (reloaded) => history.replaceState({...history.state, reloaded}, '');

function load(url) {
  if (!/^https?:$/.test(url.protocol)) throw new Error(`expected an http address, got ${url}`);      // javascript: would run
  location.assign(url);
}

/** For scripts of the page. */
const Lona = globalThis.Lona = {registerWidget, register_widget_class: registerWidget};
const config = document.getElementById('lona-sync');
if (config) {
  const page = new Page(JSON.parse(config.textContent));
  const start = () => {
    page.start();
    Object.assign(Lona, {page, window: page.main, open: (target, url) => page.open(target, url)});
  };
  if (document.prerendering) document.addEventListener('prerenderingchange', start, {once: true});
  else start();
}
