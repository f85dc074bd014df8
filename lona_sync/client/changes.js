import {issued} from './tokens.js';

const AGAIN = 1000;              // ms

/**
 * What the user has changed and the server does not know yet: from the first keystroke until the change event is acknowledged.
 * An entry is `due` when it waits to be sent, has the `number` of its event when it was, and was `kept` from the server's value.
 */
export class Changes {
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

export const isSame = (a, b) => (Array.isArray(a) ? a.length === b.length && a.every((item, i) => item === b[i]) : a === b);

export function valueOf(control) {
  if (control.localName === 'select') return [...control.selectedOptions];
  if (control.validity?.badInput) return null;                             // half a number, half a date
  return /^(checkbox|radio)$/.test(control.type) ? control.checked : control.value ?? control.textContent;
}
