import {isRaw, note, setAttribute, setAttributes, setProperties} from './attributes.js';
import {STREAM_END, decodePatch} from './protocol.js';

const ID = Symbol('id');
const HTML = 'http://www.w3.org/1999/xhtml';
const SVG = 'http://www.w3.org/2000/svg';
const OWN = {svg: SVG, math: 'http://www.w3.org/1998/Math/MathML'};

/** The nodes of one window, by id and back. Snapshots and patches that do not fit end in an Error that names the id. */
export class Tree {
  nodes = new Map();
  #delegate;
  #client = 0;

  /** @param {object} delegate `keeps(element)`: the user's value is newer; `title(text)` */
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

  /** The id of `node` or of the nearest above, or 0. */
  nearest(node) {
    while (node && !this.id(node)) node = node.parentNode;
    return node ? this.id(node) : 0;
  }

  clear() {
    this.nodes.clear();
    this.root.replaceChildren();
  }

  /** Uses old nodes again (same id, tag, namespace): focus, caret, scroll and typed text stay. */
  replace(spec) {
    keepFocus(() => {
      const old = this.nodes;
      this.nodes = new Map();
      if (old.size) return this.#fill(this.root, spec, this.root, old);
      this.clear();
      return this.insert(this.root, null, spec);
    });
  }

  /** @returns {Element | null} the first with `autofocus` */
  insert(parent, before, spec) {
    const fragment = new DocumentFragment();
    const autofocus = this.#fill(fragment, spec, parent);
    parent.insertBefore(fragment, before);
    return autofocus;
  }

  /** @param {number} client ours: its values are known */
  apply(patches, client = 0) {
    this.#client = client;
    keepFocus(() => {
      let autofocus;
      for (const patch of patches) {
        const [verb, ...fields] = decodePatch(patch);
        autofocus = this.#verbs[verb](...fields) ?? autofocus;
      }
      return autofocus;
    });
  }

  #verbs = {
    TEXT: (id, text) => { this.get(id).data = text; },

    SET: (id, name, value, client) => {
      const element = this.get(id);
      const users = ['value', 'checked', 'selected'].includes(name) && this.#delegate.keeps(element);
      if (users || (client && client === this.#client)) note(element, name, value);
      else setAttribute(element, name, value);
    },

    CLASS: (id, name, on) => {
      const element = this.get(id);
      element.classList.toggle(name, on);
      noteList(element, 'class', element.classList);
    },

    STYLE: (id, property, value) => {
      const element = this.get(id);
      const [plain, important] = (value ?? '').split(/\s*!\s*(?=important\s*$)/i);
      element.style.removeProperty(property);                  // a value that the browser refuses must not leave the old one
      element.style.setProperty(property, plain, important?.trim());
      noteList(element, 'style', element.style);
    },

    INSERT: (parent, before, first, tags, stream) =>
      this.insert(this.get(parent), before ? this.get(before) : null, {first, tags, stream}),

    REMOVE: (id) => {
      const node = this.get(id);
      const walker = document.createTreeWalker(node);
      for (let below = node; below; below = walker.nextNode()) this.nodes.delete(this.id(below));
      node.remove();
    },

    MOVE: (id, parent, before) => move(this.get(parent), this.get(id), before ? this.get(before) : null),

    TITLE: (text) => { this.#delegate.title(text); },
  };

  /** A child that is in its place is passed, another one is put there, what is left in the end goes. */
  #fill(container, {first, tags, stream}, parent, old = new Map()) {
    const around = [];
    let at = {node: container, namespace: childNamespace(parent), last: null};
    let autofocus = null;
    const kept = new Set();
    if (old.size) eachNode(first, stream, (id) => kept.add(id));

    const place = (id, node) => {
      // Those that do not come back go first: else each row after a removed one is moved.
      while (next(at) && !kept.has(next(at)[ID])) next(at).remove();
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
      place(id, node);
      const before = setAttributes(node, attributes);
      if (!reused && attributes?.autofocus) autofocus ??= node;
      around.push(at);
      at = {node, attributes, before: reused && before, namespace: childNamespace(node), last: null};
    };

    const close = () => {
      if (!isRaw(at.node)) clearRest();
      if (at.before ? !this.#delegate.keeps(at.node) : at.attributes) setProperties(at.node, at.attributes, at.before);
      at = around.pop();
    };

    const clearRest = () => {
      while (next(at)) next(at).remove();
    };

    eachNode(first, stream, open, close);
    clearRest();
    return autofocus;
  }
}

function noteList(element, name, {length}) {
  if (length) note(element, name, true);
  else setAttribute(element, name, false);
}

function keepFocus(change) {
  const active = document.activeElement;
  const autofocus = change();
  if (autofocus) autofocus.focus();
  else if (active !== document.activeElement && active.isConnected) active.focus({preventScroll: true});
}

/** Without taking it out, where the browser can: that stops videos and loses the focus. */
function move(parent, node, before) {
  if (parent.moveBefore && parent.isConnected && node.isConnected) parent.moveBefore(node, before);
  else parent.insertBefore(node, before);
}

function eachNode(first, stream, open, close = () => {}) {
  let id = first;
  for (let i = 0; i < stream.length; i++) {
    let item = stream[i];
    let attributes;
    if (item === STREAM_END) {
      close();
      continue;
    }
    if (Array.isArray(item)) [id, item] = item;
    else if (typeof item === 'number' && typeof stream[i + 1] === 'object' && !Array.isArray(stream[i + 1])) {
      attributes = stream[++i];
      id = attributes['@id'] ?? id;
    }
    open(id++, item, attributes);
  }
}

const childNamespace = ({namespaceURI, localName}) => (namespaceURI === SVG && localName === 'foreignObject' ? HTML : namespaceURI);

/** The first child not looked at. Found anew each time: it may have gone elsewhere. */
const next = ({node, last}) => (last ? last.nextSibling : node.firstChild);
