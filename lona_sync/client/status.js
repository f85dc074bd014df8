const PATIENCE = 500;            // ms: nobody needs to know of shorter losses

const TEXTS = {
  lost: 'Connection lost, trying again…',
  back: 'Back',
  busy: 'The server is busy, trying again…',
  crowded: 'Too many of your pages are open, trying again…',
  restarted: 'The server was restarted; the page begins anew',
  gone: 'The page had ended; it begins anew',
  refused: 'The server did not open a part of this page',
  ended: 'The connection has ended. Please reload the page.',
  full: 'Too much waits for the server; that did not count',
  stale: 'That did not count: the page was about to change',
  ask: 'The page was about to change when you did that. Do it all the same?',
};

const STYLE = `position: fixed; z-index: 2147483647; inset: auto 1rem 1rem; width: fit-content; margin: auto;
  padding: .5rem 1rem; border-radius: .5rem; background: #222; color: #fff; font: 15px/1.4 sans-serif;
  text-align: center; pointer-events: none`;

/** The bar that tells the user about the connection. */
export class Status {
  #element = document.createElement('div');
  #texts; #shown; #timer;
  #next;                         // shown or about to be

  constructor(texts) {
    this.#texts = {...TEXTS, ...texts};
  }

  start() {
    this.#element.setAttribute('role', 'status');        // before there is text: screen readers miss it else
    this.#element.setAttribute('aria-live', 'polite');
    document.body.append(this.#element);
  }

  stop() {
    clearTimeout(this.#timer);
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
    if (/busy|crowded/.test(this.#shown)) this.#show(null);
  }

  busy = () => this.#show('busy');
  crowded = () => this.#show('crowded');
  restarted = () => this.#show('restarted', 4000);
  gone = () => this.#show('gone', 4000);
  refused = () => this.#show('refused', 10_000);
  ended = () => this.#show('ended');
  full = () => this.#show('full', 4000);
  stale = () => this.#show('stale', 4000);
  ask = () => confirm(this.#texts.ask);

  #show(what, duration) {
    clearTimeout(this.#timer);
    this.#shown = this.#next = what;
    this.#element.textContent = this.#texts[what] ?? '';
    this.#element.style.cssText = this.#texts[what] ? STYLE : '';
    if (duration) this.#after(duration, null);
  }

  #after(delay, what) {
    this.#next = what;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#show(what), delay);
  }
}
