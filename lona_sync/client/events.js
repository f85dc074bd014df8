import {issues} from './attributes.js';
import {Changes} from './changes.js';
import {formRequest, linkUrl} from './navigation.js';
import {EVENT, clickData} from './protocol.js';

const HANDLED = Symbol('handled');           // by a window inside of this one
const ACTING = 'a, area, button, input[type=submit], input[type=reset], input[type=image]';

/**
 * Turns DOM events of one window into events of its view.
 *
 * It listens at the root: ten thousand clickable cells cost nothing. And when the event bubbles, so that a script of the page can
 * keep one to itself by stopPropagation; focus and blur do not, and are captured.
 */
export class Events {
  /** True while patches are applied: a moved field loses and gets the focus. */
  muted = false;

  #tree; #delegate; #changes;
  #listening = null;

  /** @param {Tree} tree @param {object} delegate `navigate(url, post)`; `issue(type, node, data)` returns a number, 0: refused */
  constructor(tree, delegate, clock) {
    this.#tree = tree;
    this.#delegate = delegate;
    this.#changes = new Changes((issuer, control) => this.#issue(EVENT.CHANGE, issuer, valueOf(control)), clock);
  }

  start() {
    this.#listening = new AbortController();
    for (const [type, listener] of Object.entries(this.#listeners)) {
      this.#tree.root.addEventListener(type, listener, {capture: type === 'focus' || type === 'blur', signal: this.#listening.signal});
    }
  }

  stop() {
    this.#listening?.abort();
    this.#changes.clear();
  }

  get changes() {
    return this.#changes;
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
    input: (event) => this.#change(event, (control, issuer) => this.#changes.typed(control, issuer, event.isComposing)),
    compositionend: (event) => this.#change(event, (control, issuer) => this.#changes.typed(control, issuer, false)),
    change: (event) => this.#change(event, (control, issuer) => this.#changes.changed(control, issuer)),
    focus: ({target}) => this.#focused(target, 'focus', EVENT.FOCUS),
    blur: ({target}) => {
      if (!this.muted) this.#changes.left(target);
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
    this.#changes.flush();
    const node = this.#tree.id(element);
    return node ? this.#delegate.issue(type, node, data) : 0;
  }

  /** Innermost first, up to one that is to be ignored. */
  *#path(event) {
    if (event[HANDLED]) return;
    for (let element = event.target; element && element !== this.#tree.root; element = element.parentElement) {
      if (element.hasAttribute('data-lona-ignore')) return;
      yield element;
    }
  }
}

const isDisabled = (element) => element.matches(':disabled, [disabled]');

function valueOf(control) {
  if (control.localName === 'select') return [...control.selectedOptions].map((option) => option.index);
  return /^(checkbox|radio)$/.test(control.type) ? control.checked : control.value ?? control.textContent;
}
