import {note, setAttribute, setAttributes, setProperties} from './attributes.js';
import {STREAM_END, decodePatch} from './protocol.js';
import {loaded} from './tokens.js';

export const ID = Symbol('id');
export const ITEMS = Symbol('items');    // of a stream: see items.js
const HTML = 'http://www.w3.org/1999/xhtml';
const SVG = 'http://www.w3.org/2000/svg';
const OWN = {svg: SVG, math: 'http://www.w3.org/1998/Math/MathML'};

/** The nodes of one window, by id and back. Snapshots and patches that do not fit end in an Error that names the id. */
export class Tree {
  nodes = new Map();
  atEnd = new Map();           // streams that get items: was their end in sight
  #delegate;
  #client = 0;
  #late = new Set();           // controls that wait for all patches

  /** @param {object} delegate in window.js; `keeps(element)`: the user's value is newer */
  constructor(root, delegate) {
    this.root = root;
    this.#delegate = delegate;
  }

  get(id) {
    const node = this.nodes.get(id);
    if (!node) throw new Error(`there is no node ${id} in this window`);
    return node;
  }

  add(id, node) {
    node[ID] = id;
    this.nodes.set(id, node);
  }

  /** 0: raw HTML, a node that is gone, another window. */
  id(node) {
    return this.nodes.get(node[ID]) === node ? node[ID] : 0;
  }

  /** The id of `node` or of the nearest above, or 0; inside of a stream that of the item: the server knows no other. */
  nearest(node) {
    let found = 0;
    for (let at = node; at && at !== this.root; at = at.parentNode) {
      if (at.parentNode?.[ITEMS]) return this.id(at);
      found ||= this.id(at);
    }
    return found;
  }

  clear() {
    this.nodes.clear();
    this.root.replaceChildren();
  }

  /** Uses old nodes again (same id, tag, namespace): focus, scroll and typed text stay. */
  replace(spec) {
    this.#change(() => {
      const old = this.nodes;
      this.nodes = new Map();
      if (old.size) return this.fill(this.root, spec, this.root, old);
      this.clear();
      return this.insert(this.root, null, spec);
    });
  }

  /** @returns {Element | null} the first with `autofocus` */
  insert(parent, before, spec) {
    const fragment = new DocumentFragment();
    const autofocus = this.fill(fragment, spec, parent);
    parent.insertBefore(fragment, before);
    return autofocus;
  }

  /** @param {number} client ours: its values are known */
  apply(patches, client = 0) {
    this.#client = client;
    this.#change(() => {
      let autofocus;
      for (const patch of patches) {
        const [verb, ...fields] = decodePatch(patch);
        const node = this.nodes.get(fields[0]);
        this.#late.add(node?.closest?.('select'));
        autofocus = this.#verbs[verb](...fields) ?? autofocus;
        this.#late.add(node?.closest?.('select'));           // elsewhere by now
      }
      for (const control of this.#late) if (control && !this.#delegate.keeps(control) && this.#late.delete(control)) setProperties(control);
      return autofocus;
    });
  }

  /** @param action returns what `insert` does */
  #change(action) {
    this.atEnd.clear();
    keepFocus(action);
    for (const [stream, atEnd] of this.atEnd) if (atEnd) stream.scrollTop = stream.scrollHeight;
  }

  #verbs = {
    TEXT: (id, text) => { this.get(id).data = text; },

    SET: (id, name, value, client) => {
      const element = this.get(id);
      const users = /^(value|checked|selected)$/.test(name) && this.#delegate.keeps(element);
      if (users || client === this.#client) return note(element, name, value);
      setAttribute(element, name, value);
      if (/^(value|min|max|step|multiple)$/.test(name)) this.#late.add(element);
    },

    CLASS: (id, name, on) => {
      const element = this.get(id);
      element.classList.toggle(name, on);
      noteList(element, 'class', element.classList);
    },

    STYLE: (id, property, value) => {
      const element = this.get(id);
      const [plain, important] = (value ?? '').split(/\s*!\s*(?=important\s*$)/i);
      element.style.removeProperty(property);                  // a value that is refused must not leave the old one
      element.style.setProperty(property, plain, important?.trim());
      noteList(element, 'style', element.style);
    },

    INSERT: (parent, before, first, tags, stream) =>
      this.insert(this.get(parent), before ? this.get(before) : null, {first, tags, stream}),

    REMOVE: (id) => this.remove(this.get(id)),

    MOVE: (id, parent, before) => move(this.get(parent), this.get(id), before ? this.get(before) : null),

    TITLE: (text) => { this.#delegate.title(text); },
    KEEP: (token) => { this.#delegate.keep(token); },
    URL: (...place) => { this.#delegate.go(...place); },

    DATA: (id, ...change) => { this.#delegate.widget('change', this.get(id), ...change); },

    PUT: (id, ...item) => loaded['./items.js'].put(this, this.get(id), ...item),
    DROP: (id, item) => loaded['./items.js'].drop(this, this.get(id), item),
    CALL: (call, id, ...what) => { this.#delegate.call(call, id ? this.nodes.get(id) : this.root, ...what); },
  };

  remove(node) {
    for (const below of withinAndBelow(node)) this.nodes.delete(this.id(below));
    node.remove();
  }

  /**
   * A child that is in its place is passed, another one is put there, what is left in the end goes.
   * @param {Node | null} [after] put it behind this child, and leave the others alone
   */
  fill(container, {first, tags, stream}, parent, old = new Map(), after) {
    const around = [];
    const isPart = after !== undefined;
    let at = {node: container, namespace: childNamespace(parent), last: after, isPart};
    let autofocus = null;
    const kept = new Set();
    if (old.size) eachNode(first, stream, (id) => kept.add(id));

    const place = (id, node) => {
      // Those that do not come back go first: else each row after a removed one is moved.
      while (!at.isPart && next(at) && !kept.has(next(at)[ID])) next(at).remove();
      if (node !== next(at)) move(at.node, node, next(at));
      at.last = node;
      this.add(id, node);
    };

    const open = (id, item, attributes) => {
      let node = old.get(id);
      if (typeof item === 'string') {
        if (node?.nodeType !== Node.TEXT_NODE) node = document.createTextNode(item);
        else if (node.data !== item) node.data = item;
        return place(id, node);
      }
      const tag = tags[item - 1];
      const namespace = attributes?.['@ns'] ?? OWN[tag] ?? at.namespace;
      const reused = node?.localName === tag && node.namespaceURI === namespace;
      if (!reused) node = namespace === HTML ? document.createElement(tag) : document.createElementNS(namespace, tag);
      const {'@widget': widget, '@items': items, ...rest} = attributes ?? {};
      const before = setAttributes(node, attributes && rest);
      place(id, node);                   // a select chooses none that is disabled
      if (widget) this.#delegate.widget('show', node, ...widget);
      if (!reused && attributes?.autofocus) autofocus ??= node;
      around.push(at);
      at = {node, attributes, items, hasForeign: widget, before: reused && before, namespace: childNamespace(node), last: null};
    };

    const close = () => {
      if (at.items) loaded['./items.js'].restore(this, at.node, at.items, old);
      else at.attributes?.['@html'] ?? clearRest();
      if (at.before ? !this.#delegate.keeps(at.node) : at.attributes) setProperties(at.node, at.before);
      at = around.pop();
    };

    const clearRest = () => {
      while (next(at)) next(at).remove();
    };

    eachNode(first, stream, open, close);
    if (!isPart) clearRest();
    return autofocus;
  }
}

function noteList(element, name, {length}) {
  if (length) note(element, name, true);
  else setAttribute(element, name, false);
}

/** Had the focus until then. */
let disabled = null;

function keepFocus(change) {
  const active = (document.activeElement === document.body && disabled) || document.activeElement;
  const before = selected();
  const autofocus = change();
  if (autofocus) return autofocus.focus();
  if (active !== document.activeElement && active.isConnected) active.focus({preventScroll: true});
  disabled = active.matches(':disabled') ? active : null;
  // Text (of an editable element) loses it when it is moved or changed.
  const [from, start, to, end] = before;
  if (start <= from?.data?.length && end <= to.data?.length && from.isConnected && to.isConnected
    && selected().some((part, i) => part !== before[i])) getSelection().setBaseAndExtent(...before);
}

function selected() {
  const {anchorNode, anchorOffset, focusNode, focusOffset} = getSelection();
  return [anchorNode, anchorOffset, focusNode, focusOffset];
}

/** Without taking it out, where the browser can: that stops videos. */
function move(parent, node, before) {
  if (parent.moveBefore && parent.isConnected && node.isConnected) parent.moveBefore(node, before);
  else parent.insertBefore(node, before);
}

export function eachNode(first, stream, open, close = () => {}) {
  let id = first;
  for (let i = 0; i < stream.length; i++) {
    let item = stream[i];
    let attributes;
    if (item === STREAM_END) {
      close();
      continue;
    }
    const isLeaf = typeof item === 'number' && item < 0;       // with one text
    if (isLeaf) item = -item;
    if (Array.isArray(item)) [id, item] = item;
    else if (typeof item === 'number' && typeof stream[i + 1] === 'object' && !Array.isArray(stream[i + 1])) {
      attributes = stream[++i];
      id = attributes['@id'] ?? id;
    }
    open(id++, item, attributes);
    if (isLeaf) {
      open(id++, stream[++i]);
      close();
    }
  }
}

const childNamespace = ({namespaceURI, localName}) => (namespaceURI === SVG && localName === 'foreignObject' ? HTML : namespaceURI);

/** The first child not looked at. Found anew: it may have gone. What a widget has put beside them stays. */
function next({node, last, hasForeign}) {
  let child = last ? last.nextSibling : node.firstChild;
  while (hasForeign && child && !child[ID]) child = child.nextSibling;
  return child;
}

export function* withinAndBelow(root) {
  const walker = document.createTreeWalker(root);
  for (let node = root; node; node = walker.nextNode()) yield node;
}
