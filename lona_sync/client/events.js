import {EVENT, clickData, modifiers} from './protocol.js';
import {issued, keys, late, loaded, nameOf} from './tokens.js';

const HANDLED = Symbol('handled');           // by a window inside of this one
const ACTING = 'a, area, button:not([type=submit], [type=reset]), input[type=submit], input[type=reset], input[type=image]';

/** Turns DOM events of one window into events of its view. Listens when they bubble: a script of the page may stop that. */
export class Events {
  muted = false;               // while patches are applied: a moved field loses and gets the focus

  #tree; #delegate; #listening; #changes;

  constructor(tree, delegate) {
    this.#tree = tree;
    this.#delegate = delegate;
  }

  /** changes.js, when there is a control whose changes are told. */
  get changes() {
    const {Changes, valueOf} = loaded['./changes.js'] ?? {};
    return this.#changes ??= Changes && new Changes((issuer, control) => this.#issue('change', issuer, this.#named(valueOf(control))));
  }

  start() {
    if (this.#listening) return;
    this.#listening = new AbortController();
    for (const type in this.#listeners) this.#tree.root.addEventListener(type, this.#listeners[type], this.#listening);
  }

  stop() {
    this.#listening?.abort();
    this.#listening = null;
    this.changes?.clear();
  }

  #listeners = {
    click: (event) => {
      for (const element of this.#path(event)) {
        if (issued(element, 'click')) return this.#clicked(event, element);
        if (element.matches('a[*|href], area[href]')) return this.#navigate(event, linkUrl(event, element));
      }
    },
    submit: (event) => {
      if (event[HANDLED] || (!event.defaultPrevented && this.#bubbled(event))) return;
      const {url, post} = loaded['./forms.js']?.formRequest(event) ?? {};
      this.#navigate(event, url, post);
    },
    input: (event) => this.#change(event, (control, issuer) => this.changes.typed(control, issuer, event.isComposing)),
    compositionend: (event) => this.#listeners.input(event),
    change: (event) => this.#change(event, (control, issuer) => this.changes.changed(control, issuer)),
    focusin: (event) => this.muted || this.#own(event, event.target, 'focus'),
    focusout: (event) => {
      if (this.muted) return;
      this.changes?.left(event.target);
      this.#own(event, event.target, 'blur');
    },
    dblclick: (event) => this.#bubbled(event),
    keydown: (event) => this.#key(event),
    keyup: (event) => this.#key(event),
    reset: ({target}) => { late('./reset.js').then(({tell}) => tell(target)); },
    lona: ({target, detail: {event, data}}) => {
      if (event[HANDLED] || target.closest('[data-lona-ignore]') || this.#own(event, target, `*${event.type}`)) return;
      if (this.#listeners[event.type]) this.#listeners[event.type](event);
      else this.#own(event, target, nameOf(event.type), data);
    },
  };

  /** Waits for keys.js: nothing is lost. */
  #key(event) {
    if (keys.isWanted) this.#bubbled(event);
    else keys.loading?.then(() => this.#bubbled(event));
  }

  /** The innermost element that issues it does. @returns {boolean} whether there is one */
  #bubbled(event) {
    return [...this.#path(event)].some((element) => this.#own(event, element));
  }

  /** @returns {boolean} whether this element issues it; if it is disabled, nobody does */
  #own(event, element, name = nameOf(event.type), data = undefined) {
    const options = issued(element, name);
    if (!options || (/^key/.test(name) && !keys.isWanted(event, options))) return false;
    event[HANDLED] = true;
    if (options.includes('prevent') || (name === 'submit' && (event.submitter?.formMethod || event.target.method) !== 'dialog')) event.preventDefault();
    if (isDisabled(element)) return true;
    this.changes?.flush(name === 'submit' || event.key === 'Enter');
    data ??= dataOf(event, element, name);
    this.#issue(name, element, this.#named(data), options.includes('once'));
    return true;
  }

  /** With ids instead of elements. */
  #named(data) {
    return Array.isArray(data) ? data.map((item) => (item instanceof Node ? this.#tree.nearest(item) : item)) : data;
  }

  #clicked(event, element) {
    const {target} = event;
    const control = target.closest('label')?.control;
    // The browser clicks the label's control next, and that comes here, too.
    if (control && control !== target && !control.disabled && element.contains(control)) return;
    if (element.closest(ACTING)) event.preventDefault();
    this.#own(event, element);
  }

  #navigate(event, url, post = null) {
    if (!url) return;
    event[HANDLED] = true;
    event.preventDefault();
    this.#delegate.navigate(url, post);
  }

  #change(event, action) {
    const issuer = [...this.#path(event)].find((element) => issued(element, 'change'));
    if (!issuer) return;
    event[HANDLED] = true;
    if (!isDisabled(issuer)) action(event.target, issuer);
  }

  #issue(name, element, data, once = false) {
    this.changes?.flush();
    const type = EVENT[name.toUpperCase()] ?? name.slice(1);
    const node = this.#tree.id(element);
    const number = node && !(once && this.#delegate.waits(type, node)) ? this.#delegate.issue(type, node, data) : 0;
    if (number >= 0) return number;
    late('./long.js').then(({refuse}) => refuse(element));
    return name === 'change' ? this.#delegate.issue(type, node, null) : 0;      // what is too long is no value
  }

  /** Innermost first. */
  *#path(event) {
    if (event[HANDLED]) return;
    for (let element = event.target; element && element !== this.#tree.root; element = element.parentElement) {
      if (isIgnored(element)) return;
      yield element;
    }
  }
}

function dataOf(event, element, name) {
  const {key, code, repeat, detail, target, submitter} = event;
  if (name[0] === '*') return detail ?? null;
  if (key) return [key, code, repeat, modifiers(event)];
  if (name === 'submit') return [loaded['./forms.js'].textsOf(event), submitter];
  return /^(focus|blur)/.test(name) ? null : clickData(event, element, target);
}

const isDisabled = (element) => element.matches(':disabled, [disabled]');

export const isIgnored = (element) => element?.hasAttribute('data-lona-ignore');
export const isElsewhere = (target) => target && target !== '_self';

export function ownUrl(address) {
  const url = URL.canParse(address, document.baseURI) ? new URL(address, document.baseURI) : null;
  return url?.origin === location.origin ? url : null;
}

/** @returns {URL | null} where a click leads in the window; null: leave it to the browser */
export function linkUrl(event, link) {
  if (event.defaultPrevented || event.button || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return null;
  if (isIgnored(link) || link.hasAttribute('download') || isElsewhere(link.getAttribute('target'))) return null;
  const url = ownUrl(link.getAttribute('href') ?? link.getAttribute('xlink:href'));
  const isJump = url?.href.includes('#') && url.pathname === location.pathname && url.search === location.search;
  return isJump ? null : url;
}
