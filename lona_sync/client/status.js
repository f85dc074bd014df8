import {clock as realClock} from './clock.js';

const PATIENCE = 500;            // ms: nobody needs to know of shorter losses

const TEXTS = {
  lost: 'Connection lost, trying again…',
  back: 'Back',
  busy: 'The server is busy, trying again…',
  restarted: 'The page was restarted',
  refused: 'The server did not open a part of this page',
  ended: 'The connection has ended. Please reload the page.',
};

const STYLE = `position: fixed; z-index: 2147483647; left: 50%; transform: translateX(-50%); pointer-events: none;
  bottom: max(1rem, env(safe-area-inset-bottom)); width: max-content; max-width: calc(100vw - 2rem); box-sizing: border-box;
  padding: .5rem 1rem; border-radius: .5rem; background: #222; color: #fff; font: 15px/1.4 system-ui, sans-serif; text-align: center`;

/** The bar that tells the user about the connection. */
export class Status {
  #element = null;
  #shown = null;
  #next = null;                  // shown or about to be
  #timer = null;
  #texts; #clock;

  /** @param {Partial<typeof TEXTS>} texts other words */
  constructor(texts = {}, clock = realClock) {
    this.#texts = {...TEXTS, ...texts};
    this.#clock = clock;
  }

  start() {
    this.#element = document.createElement('div');
    this.#element.setAttribute('role', 'status');        // before there is text: else screen readers miss it
    this.#element.setAttribute('aria-live', 'polite');
    document.body.append(this.#element);
  }

  stop() {
    this.#clock.cancel(this.#timer);
    this.#element.remove();
  }

  lost() {
    if (this.#next !== 'lost') this.#after(PATIENCE, 'lost');
  }

  ready() {
    if (this.#shown === 'lost') this.#show('back', 2000);
    else if (this.#next === 'lost') this.#show(null);
  }

  started() {
    if (this.#shown === 'busy') this.#show(null);
  }

  busy() {
    this.#show('busy');
  }

  restarted() {
    this.#show('restarted', 4000);
  }

  refused() {
    this.#show('refused', 10_000);
  }

  ended() {
    this.#show('ended');
  }

  #show(what, duration) {
    this.#clock.cancel(this.#timer);
    this.#shown = this.#next = what;
    this.#element.textContent = this.#texts[what] ?? '';
    this.#element.style.cssText = what ? STYLE : '';
    if (duration) this.#after(duration, null);
  }

  #after(delay, what) {
    this.#next = what;
    this.#clock.cancel(this.#timer);
    this.#timer = this.#clock.after(delay, () => this.#show(what));
  }
}
