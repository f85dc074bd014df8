import {changeDelay, issues} from './attributes.js';
import {EVENT, clickData} from './protocol.js';

const HANDLED = Symbol('handled');           // by a window inside of this one
const ACTING = 'a, area, button, input[type=submit], input[type=reset], input[type=image]';

/** Turns DOM events of one window into events of its view. Listens when they bubble: a script of the page may stop that. */
export class Events {
  muted = false;               // while patches are applied: a moved field loses and gets the focus
  changes = new Changes((issuer, control) => this.#issue(EVENT.CHANGE, issuer, valueOf(control)));

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
        if (issues(element, 'click')) return this.#clicked(event, element);
        if (element.matches('a[*|href], area[href]')) return this.#navigate(event, linkUrl(event, element));
      }
    },
    submit: (event) => {
      if (event[HANDLED]) return;
      const {url, post} = formRequest(event) ?? {};
      this.#navigate(event, url, post);
    },
    input: (event) => this.#change(event, (control, issuer) => this.changes.typed(control, issuer, event.isComposing)),
    compositionend: (event) => this.#listeners.input(event),
    change: (event) => this.#change(event, (control, issuer) => this.changes.changed(control, issuer)),
    focusin: ({target}) => this.#focused(target, 'focus', EVENT.FOCUS),
    focusout: ({target}) => {
      if (!this.muted) this.changes.left(target);
      this.#focused(target, 'blur', EVENT.BLUR);
    },
  };

  #clicked(event, element) {
    const {target} = event;
    const control = target.closest('label')?.control;
    // The browser clicks the label's control next, and that comes here, too.
    if (control && control !== target && !control.disabled && element.contains(control)) return;
    event[HANDLED] = true;
    if (element.closest(ACTING)) event.preventDefault();
    if (!isDisabled(element)) this.#issue(EVENT.CLICK, element, clickData(event, element, this.#tree.nearest(target)));
  }

  #navigate(event, url, post = null) {
    if (!url) return;
    event[HANDLED] = true;
    event.preventDefault();
    this.#delegate.navigate(url, post);
  }

  #change(event, action) {
    const issuer = [...this.#path(event)].find((element) => issues(element, 'change'));
    if (!issuer) return;
    event[HANDLED] = true;
    if (!isDisabled(issuer)) action(event.target, issuer);
  }

  #focused(element, name, type) {
    if (!this.muted && issues(element, name) && !isDisabled(element)) this.#issue(type, element, null);
  }

  #issue(type, element, data) {
    this.changes.flush();
    const node = this.#tree.id(element);
    return node ? this.#delegate.issue(type, node, data) : 0;
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
    const delay = changeDelay(issuer);
    clearTimeout(entry.timer);
    entry.number = 0;
    entry.due = !composing && delay !== undefined;
    if (entry.due) entry.timer = setTimeout(() => this.#sendNow(control, entry), delay);
  }

  /** With a delay it only ends the waiting. */
  changed(control, issuer) {
    if (changeDelay(issuer) === undefined || this.#entries.get(control)?.due) this.#sendNow(control, this.#entry(control, issuer));
  }

  /** What was typed and taken back is no change, unless the server's value was not set meanwhile. */
  left(control) {
    const entry = this.#entries.get(control);
    if (!entry || entry.number) return;
    if (entry.due || entry.kept) this.#sendNow(control, entry);
    else this.#entries.delete(control);
  }

  flush() {
    if (this.#flushing) return;                      // sending flushes: n! tries when all are refused
    this.#flushing = true;
    for (const [control, entry] of this.#entries) if (entry.due) this.#sendNow(control, entry);
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
    clearTimeout(entry.timer);
    entry.due = false;
    if (!control.isConnected) return this.#delete(control, entry);
    entry.number = this.#send(entry.issuer, control);
    entry.due = !entry.number;                       // refused: try again before the next event
  }

  #delete(control, entry) {
    clearTimeout(entry.timer);
    this.#entries.delete(control);
  }
}

const isDisabled = (element) => element.matches(':disabled, [disabled]');

function valueOf(control) {
  if (control.localName === 'select') return [...control.selectedOptions].map((option) => option.index);
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
export function formRequest({target: form, submitter, defaultPrevented}) {
  // Not form.action: a field may have this name.
  const option = (name) => submitter?.getAttribute(`form${name}`) ?? form.getAttribute(name) ?? '';
  const method = option('method').toLowerCase() || 'get';
  const url = ownUrl(option('action') || location.href);
  const fields = [...new FormData(form, submitter)].filter(([, {name}]) => name !== '');       // an empty file
  if (!url || defaultPrevented || isIgnored(form) || isIgnored(submitter) || isElsewhere(option('target'))
    || !/^(get|post)$/.test(method) || fields.some(([, {name}]) => name)) return null;
  if (method === 'get') {
    url.search = new URLSearchParams(fields);
    return {url, post: null};
  }
  const post = Object.create(null);              // a field may be called toString
  for (const [name, value] of fields) post[name] = name in post ? [post[name], value].flat() : value;
  return {url, post};
}
