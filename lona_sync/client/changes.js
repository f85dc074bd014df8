import {changeDelay} from './attributes.js';
import {clock as realClock} from './clock.js';

/**
 * What the user has changed and the server does not know yet: a control is in here from the first keystroke until its change event
 * is acknowledged. `due`: sent when the timer ends or before any other event. `number`: of the event that has it.
 */
export class Changes {
  #entries = new Map();        // control → {issuer, timer, due, number, kept}
  #flushing = false;
  #send; #clock;

  /** @param {(issuer: Element, control: Element) => number} send returns the event's number, 0: refused */
  constructor(send, clock = realClock) {
    this.#send = send;
    this.#clock = clock;
  }

  /** @param {boolean} composing with an input method: half a character is no value */
  typed(control, issuer, composing) {
    const entry = this.#entry(control, issuer);
    const delay = changeDelay(issuer);
    this.#clock.cancel(entry.timer);
    entry.number = 0;
    entry.due = !composing && delay !== undefined;
    if (entry.due) entry.timer = this.#clock.after(Number(delay), () => this.#sendNow(control, entry));
  }

  /** The browser's change event; with a delay it only ends the waiting. */
  changed(control, issuer) {
    if (changeDelay(issuer) === undefined || this.#entries.get(control)?.due) this.#sendNow(control, this.#entry(control, issuer));
  }

  /** The control lost the focus. What was typed and taken back is no change, unless we kept the server from setting it meanwhile. */
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
    if (!this.#entries.has(control)) this.#entries.set(control, {timer: null, due: false, number: 0, kept: false});
    return Object.assign(this.#entries.get(control), {issuer});
  }

  #sendNow(control, entry) {
    this.#clock.cancel(entry.timer);
    entry.due = false;
    if (!control.isConnected) return this.#delete(control, entry);
    entry.number = this.#send(entry.issuer, control);
    entry.due = !entry.number;                       // refused: again before the next event
  }

  #delete(control, entry) {
    this.#clock.cancel(entry.timer);
    this.#entries.delete(control);
  }
}
