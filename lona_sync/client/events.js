import {EVENT, clickData, modifiers} from './protocol.js';
import {issued, keys, late, nameOf} from './tokens.js';

const AGAIN = 1000;              // ms
const HANDLED = Symbol('handled');           // by a window inside of this one
const ACTING = 'a, area, button:not([type=submit], [type=reset]), input[type=submit], input[type=reset], input[type=image]';

/** Turns DOM events of one window into events of its view. Listens when they bubble: a script of the page may stop that. */
export class Events {
  muted = false;               // while patches are applied: a moved field loses and gets the focus
  changes = new Changes((issuer, control) => this.#issue('change', issuer, this.#named(valueOf(control))));

  #tree; #delegate; #listening;

  constructor(tree, delegate) {
    this.#tree = tree;
    this.#delegate = delegate;
  }

  start() {
    this.#listening = new AbortController();
    for (const type in this.#listeners) this.#tree.root.addEventListener(type, this.#listeners[type], this.#listening);
  }

  stop() {
    this.#listening.abort();
    this.changes.clear();
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
      const {url, post} = formRequest(event) ?? {};
      this.#navigate(event, url, post);
    },
    input: (event) => this.#change(event, (control, issuer) => this.changes.typed(control, issuer, event.isComposing)),
    compositionend: (event) => this.#listeners.input(event),
    change: (event) => this.#change(event, (control, issuer) => this.changes.changed(control, issuer)),
    focusin: (event) => this.muted || this.#own(event, event.target, 'focus'),
    focusout: (event) => {
      if (this.muted) return;
      this.changes.left(event.target);
      this.#own(event, event.target, 'blur');
    },
    dblclick: (event) => this.#bubbled(event),
    keydown: (event) => this.#key(event),
    keyup: (event) => this.#key(event),
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
    this.changes.flush(name === 'submit' || event.key === 'Enter');
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
    this.changes.flush();
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

/**
 * What the user has changed and the server does not know yet: from the first keystroke until the change event is acknowledged.
 * An entry is `due` when it waits to be sent, has the `number` of its event when it was, and was `kept` from the server's value.
 */
class Changes {
  #entries = new Map();        // by control
  #flushing = false;
  #send;

  /** @param {(issuer: Element, control: Element) => number} send 0: refused */
  constructor(send) {
    this.#send = send;
  }

  /** @param {boolean} composing half a character is no value */
  typed(control, issuer, composing) {
    const entry = this.#entry(control, issuer);
    const [, throttled, delay] = timing(issuer);
    if (!throttled || composing) stopTimer(entry);
    entry.number = 0;
    entry.due = !composing && delay !== undefined;
    if (entry.due) entry.timer ||= setTimeout(() => this.#sendNow(control, entry), delay);
  }

  /** With a delay it only ends the waiting. */
  changed(control, issuer) {
    const {due, number, value} = this.#entries.get(control) ?? {};
    const isNews = timing(issuer)[2] === undefined && !(number && isSame(value, valueOf(control)));
    if (due || isNews) this.#sendNow(control, this.#entry(control, issuer));
  }

  /** What was typed and taken back is no change, unless the server's value was not set meanwhile. */
  left(control) {
    const entry = this.#entries.get(control);
    if (!entry || entry.number) return;
    if (entry.due || entry.kept) this.#sendNow(control, entry);
    else this.#entries.delete(control);
  }

  /** @param {boolean} all also what would wait until the control is left */
  flush(all = false) {
    if (this.#flushing) return;                      // sending flushes: n! tries when all are refused
    this.#flushing = true;
    for (const [control, entry] of this.#entries) if (entry.due || (all && !entry.number)) this.#sendNow(control, entry);
    this.#flushing = false;
  }

  acknowledge(number) {
    for (const [control, entry] of this.#entries) {
      if ((entry.number && entry.number <= number) || !control.isConnected) this.#delete(control, entry);
    }
  }

  clear() {
    for (const [control, entry] of this.#entries) this.#delete(control, entry);
  }

  /** Whether the user's value is newer than the server's. */
  keeps(element) {
    const wanted = element.closest('select') ?? element;
    for (const [control, entry] of this.#entries) {
      // To check one radio button unchecks the others of its group.
      const group = control.type === 'radio' && wanted.type === 'radio' && control.name === wanted.name && control.form === wanted.form;
      if (control === wanted || group) return entry.kept = true;
    }
    return false;
  }

  #entry(control, issuer) {
    const entry = this.#entries.get(control) ?? {};
    this.#entries.set(control, entry);
    entry.issuer = issuer;
    return entry;
  }

  #sendNow(control, entry) {
    stopTimer(entry);
    entry.due = false;
    if (!control.isConnected) return this.#delete(control, entry);
    entry.value = valueOf(control);
    entry.number = this.#send(entry.issuer, control);
    entry.due = !entry.number;                       // refused: try again before the next event, or in a while
    if (entry.due) entry.timer = setTimeout(() => this.#sendNow(control, entry), AGAIN);
  }

  #delete(control, entry) {
    stopTimer(entry);
    this.#entries.delete(control);
  }
}

function stopTimer(entry) {
  clearTimeout(entry.timer);
  entry.timer = 0;
}

/** `[, '~' when it limits, ms]` of the option 300 or ~100. */
const timing = (issuer) => /(~?)(\d+)/.exec(issued(issuer, 'change')?.find((option) => /\d/.test(option))) ?? [];

function dataOf(event, element, name) {
  const {key, code, repeat, detail, target, submitter} = event;
  if (name[0] === '*') return detail ?? null;
  if (key) return [key, code, repeat, modifiers(event)];
  if (name === 'submit') return [asObject(fieldsOf(event).filter(([, {name}]) => name === undefined)), submitter];       // no file
  return /^(focus|blur)/.test(name) ? null : clickData(event, element, target);
}

const isDisabled = (element) => element.matches(':disabled, [disabled]');

const isSame = (a, b) => (Array.isArray(a) ? a.length === b.length && a.every((item, i) => item === b[i]) : a === b);

function valueOf(control) {
  if (control.localName === 'select') return [...control.selectedOptions];
  if (control.validity?.badInput) return null;                             // half a number, half a date
  return /^(checkbox|radio)$/.test(control.type) ? control.checked : control.value ?? control.textContent;
}

const isIgnored = (element) => element?.hasAttribute('data-lona-ignore');
const isElsewhere = (target) => target && target !== '_self';

function ownUrl(address) {
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

/** @returns {{url: URL, post: object | null} | null} what a form asks for; null: leave it to the browser */
export function formRequest(event) {
  const {target: form, submitter, defaultPrevented} = event;
  // Not form.action: a field may have this name.
  const option = (name) => submitter?.getAttribute(`form${name}`) ?? form.getAttribute(name) ?? '';
  const method = option('method').toLowerCase() || 'get';
  const url = ownUrl(option('action') || location.href);
  const fields = fieldsOf(event).filter(([, {name}]) => name !== '');       // an empty file
  if (!url || defaultPrevented || isIgnored(form) || isIgnored(submitter) || isElsewhere(option('target'))
    || !/^(get|post)$/.test(method) || fields.some(([, {name}]) => name)) return null;
  if (method === 'get') {
    url.search = new URLSearchParams(fields);
    return {url, post: null};
  }
  return {url, post: asObject(fields)};
}

const fieldsOf = ({target, submitter}) => [...new FormData(target, submitter)];

function asObject(fields) {
  const object = Object.create(null);            // a field may be called toString
  for (const [name, value] of fields) object[name] = name in object ? [object[name], value].flat() : value;
  return object;
}
