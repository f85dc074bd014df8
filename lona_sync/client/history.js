import {samePage} from './navigation.js';

/**
 * The address bar, and where a page was scrolled to: the browser would restore that before the view is there. An entry holds
 * its number, and its place if it was not left by "back" (too late to write).
 */
export class History {
  #places = new Map();           // number → [x, y]
  #entry = 0;
  #url = null;
  #place = null;                 // to scroll to when the view is there
  #listening = null;
  #delegate;

  /** @param {{revisit(url: URL): void}} delegate hears of back and forward to another page */
  constructor(delegate) {
    this.#delegate = delegate;
  }

  start() {
    history.scrollRestoration = 'manual';
    this.#enter(history.state);
    this.#leave();
    this.#listening = new AbortController();
    addEventListener('popstate', this.#popped, this.#listening);
    addEventListener('pagehide', this.#leave, this.#listening);
  }

  stop() {
    this.#listening.abort();
    history.scrollRestoration = 'auto';
  }

  /** A link was followed. @param {URL} url */
  follow(url) {
    this.#leave();
    const state = {lona: Math.random()};
    history[url.href === location.href ? 'replaceState' : 'pushState'](state, '', url);
    this.#enter(state);
  }

  /** The first tree of a view is there. */
  shown() {
    const name = new URLSearchParams(`=${location.hash.slice(1)}`).get('');      // decodeURIComponent('%') throws
    const anchor = this.#place ? null : document.getElementById(name);
    if (anchor) anchor.scrollIntoView();
    else scrollTo(...(this.#place ?? [0, 0]));
    this.#place = null;
  }

  #popped = ({state}) => {
    const before = this.#url;
    this.#places.set(this.#entry, [scrollX, scrollY]);
    if (this.#places.size > 100) this.#places.delete(this.#places.keys().next().value);
    this.#enter(state);
    if (!samePage(this.#url, before)) this.#delegate.revisit(this.#url);
    else if (this.#place) this.shown();
  };

  #enter(state) {
    this.#url = new URL(location.href);
    this.#entry = state?.lona ?? Math.random();
    this.#place = this.#places.get(this.#entry) ?? state?.place ?? null;
  }

  #leave = () => history.replaceState({...history.state, lona: this.#entry, place: [scrollX, scrollY]}, '');
}
