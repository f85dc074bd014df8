import {DATA} from './protocol.js';
import {late} from './tokens.js';

const PATIENCE = 10_000;         // ms that a widget waits for the script with its class

const classes = new Map();       // by name
const all = new Set();

/**
 * Elements of the widget `name` are bound to instances of `Widget`: `constructor(window, element, data)`, and, if they are there,
 * `onDataUpdated(data)`, `destroy()`. `data.data` is the widget's data, `window.fire(node, name, detail)` issues a custom event.
 */
export function registerWidget(name, Widget) {
  classes.set(name, Widget);
  for (const widgets of all) widgets.settle();
}

/** The widgets of one window. They are made, and told of changes, when a whole message was applied. */
export class Widgets {
  #entries = new Map();          // by element, outermost first
  #window; #failed;

  /** @param {object} window that shows them  @param {(error: Error) => void} failed a widget has thrown */
  constructor(window, failed) {
    this.#window = window;
    this.#failed = failed;
    all.add(this);
  }

  /** The element is to have this widget. */
  show(element, name, data) {
    const entry = this.#entries.get(element);
    if (entry?.name === name) {
      entry.isChanged = JSON.stringify(entry.data.data) !== JSON.stringify(data);
      if (entry.isChanged) entry.data.data = data;
      return;
    }
    this.#end(element);
    this.#entries.set(element, {name, data: {data}});
  }

  change(element, operation, path, value) {
    const entry = this.#entries.get(element);
    const keys = ['data', ...path];
    const key = keys.pop();
    const place = keys.reduce((inner, each) => inner[each], entry.data);
    if (operation === DATA.INSERT) place.splice(key, 0, value);
    else if (operation === DATA.SET) place[key] = value;
    else if (Array.isArray(place)) place.splice(key, 1);
    else delete place[key];
    entry.isChanged = true;
  }

  settle() {
    for (const [element, entry] of this.#entries) {
      if (!element.isConnected) this.#end(element);
      else if (!entry.widget) this.#make(element, entry);
      else if (entry.isChanged) this.#try(() => update(entry));
      entry.isChanged = false;
    }
  }

  /** @returns {Promise<object>} the widget when it is there, or the element */
  async target(element, method) {
    const entry = this.#entries.get(element);
    if (entry && !entry.widget) await (entry.wait ??= new Promise((resolve) => { entry.made = resolve; }));
    return typeof entry?.widget?.[method] === 'function' ? entry.widget : element;
  }

  clear() {
    for (const element of this.#entries.keys()) this.#end(element);
  }

  #make(element, entry) {
    const Widget = classes.get(entry.name);
    if (!Widget) return this.#await(entry);
    clearTimeout(entry.timer);
    entry.widget = {};                                   // of a broken one, too: it is not tried again
    this.#try(() => {
      entry.widget = new Widget(windowOf(this.#window, element), element, entry.data);
      Object.assign(entry.widget, entry.widget.setup && {root_node: element, nodes: [...element.childNodes], data: entry.data.data});
      entry.widget.setup?.();
    });
    entry.made?.();
  }

  #await(entry) {
    if (entry.timer) return;
    const {name} = entry;
    entry.timer = setTimeout(() => {
      this.#failed(new Error(`no script has registered a widget ${name}`));
      entry.made?.();
    }, PATIENCE);
    if (/^lona-[a-z]+$/.test(name)) late(`./${name.slice(5)}.js`).then((module) => registerWidget(name, module.default));
  }

  #end(element) {
    const entry = this.#entries.get(element);
    this.#entries.delete(element);
    clearTimeout(entry?.timer);
    entry?.made?.();
    this.#try(() => (entry?.widget?.destroy ?? entry?.widget?.deconstruct)?.call(entry.widget));
  }

  #try(action) {
    try {
      action();
    } catch (error) {
      this.#failed(error);
    }
  }
}

/** What a widget may do with its window; also as the reference calls it. */
const windowOf = (window, element) => ({
  get root_node() { return window.root; },
  get view() { return window.view; },
  get lona_context() { return Lona.context; },
  fire: (node, name, data) => window.fire(node, name, data),
  fire_input_event: (node, name, data) => window.fire(node ?? element, name, data),
  set_html() { throw new Error('a view is shown here: change its tree on the server'); },
});

function update({widget, data}) {
  if (widget.setup) widget.data = data.data;
  (widget.onDataUpdated ?? widget.data_updated)?.call(widget, data);
}
