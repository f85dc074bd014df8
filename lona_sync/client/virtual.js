const LIMIT = 8e6;       // px: browsers cut higher areas, and 32-bit floats have no half pixels there
const EDGE = 1e6;        // px at both ends are never shortened
const REST = 150;        // ms without scrolling

const styles = new CSSStyleSheet();
document.adoptedStyleSheets.push(styles);

/**
 * Places the rows of a VirtualList and reports which are seen. The scroll area of a very long list is shorter: large steps are
 * stretched, small ones move the rows as far as the scrollbar, which goes where it belongs when all is at rest.
 */
export default class Virtual {
  #window; #root; #data; #jumps; #rows; #active; #focused; #view; #asked; #isAsking;
  #top = 0;                      // how far the element is scrolled
  #place = 0;                    // how far a list of full height would be
  #timer;                        // until it is at rest
  #observer = new ResizeObserver(() => this.#update());

  constructor(window, root, widgetData) {
    this.#window = window;
    this.#root = root;
    styles.replaceSync(widgetData.data.css);
    for (const type in this.#listeners) root.addEventListener(type, this.#listeners[type]);
    this.onDataUpdated(widgetData);
    this.#observer.observe(root);
  }

  destroy() {
    this.#observer.disconnect();
    clearTimeout(this.#timer);
  }

  onDataUpdated({data}) {
    this.#data = data;
    this.#isAsking = false;
    const active = this.#rows?.get(this.#active);
    this.#rows = new Map([...this.#body.children].map((row) => [+row.id.split('-')[2], row]));
    for (const [index, row] of this.#rows) if (row === active) this.#active = index;      // rows before it came or went
    if (this.#focused?.isConnected === false && document.activeElement === document.body) this.#root.focus({preventScroll: true});
    if (data.jumps === this.#jumps) return this.#update();
    this.#jumps = data.jumps;
    this.#active = undefined;
    this.#go(data.target * data.height);
  }

  get #body() {
    return this.#root.querySelector('[role=rowgroup]');
  }

  #listeners = {
    scroll: () => this.#update(),

    focusin: ({target}) => { this.#focused = target; },

    click: ({target}) => {
      for (const [index, row] of this.#rows) if (row.contains(target)) this.#active = index;
      this.#update();
    },

    keydown: (event) => {
      const {count, height} = this.#data;
      const page = Math.ceil(this.#view / height) - 1 || 1;
      const step = {ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -count, End: count, Enter: 0}[event.key];
      if (event.target !== this.#root || event.altKey || event.ctrlKey || event.metaKey || step === undefined) return;
      event.preventDefault();
      if (!step) return this.#rows.get(this.#active)?.click();
      this.#active = within((this.#active ?? Math.ceil(this.#place / height) - (step === 1)) + step, count - 1);
      const top = this.#active * height;
      this.#go(Math.min(top, Math.max(this.#place, top + height - this.#view)));
    },
  };

  #go(place) {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#place = place;
    this.#top = this.#root.scrollTop;
    this.#update();
  }

  #update() {
    const root = this.#root;
    const {count, height, overscan} = this.#data;
    const full = Math.min(count * height, LIMIT);
    this.#body.style.height = `${full}px`;
    const view = this.#view = root.clientHeight - this.#body.offsetTop;
    const bottom = Math.max(0, full - view);
    const end = Math.max(0, count * height - view);
    const top = root.scrollTop;
    const step = top - this.#top;
    if (step) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#go(this.#place), REST);
      this.#place = Math.abs(step) < view && top >= 1 && top <= bottom - 1 ? this.#place + step : stretch(top, bottom, end);
    }
    const place = this.#place = within(this.#place, end);
    const due = stretch(place, end, bottom);
    if (!this.#timer && Math.abs(due - top) >= 1) root.scrollTo({top: due, behavior: 'instant'});
    this.#top = root.scrollTop;

    for (const [index, row] of this.#rows) {
      row.style.top = `${index * height + Math.round(this.#top - place)}px`;
      row.toggleAttribute('data-active', index === this.#active);
    }
    root.setAttribute('aria-activedescendant', this.#rows.get(this.#active)?.id ?? '');

    const first = Math.floor(place / height);
    const last = Math.min(count, Math.ceil((place + view) / height)) - 1;
    const isThere = (index) => this.#rows.has(within(index, count - 1));
    const range = `${[first, last]}`;
    // Not the same again: where many look at a list, some get no rows.
    if (this.#isAsking || last < first || range === this.#asked
      || (this.#timer && isThere(first - overscan / 2 | 0) && isThere(last + overscan / 2 | 0))) return;
    this.#isAsking = this.#window.fire(root, 'range', [first, last]);
    if (this.#isAsking) this.#asked = range;
  }
}

const within = (place, end) => Math.max(0, Math.min(place, end));

/** `place` of `from` as one of `to`; and back, the other way round. */
function stretch(place, from, to) {
  if (from === to || place < EDGE) return place;
  if (from - place < EDGE) return place - from + to;
  return EDGE + (place - EDGE) * (to - 2 * EDGE) / (from - 2 * EDGE);
}
