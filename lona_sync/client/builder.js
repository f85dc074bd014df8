import {isRaw, setAttributes, setProperties} from './attributes.js';
import {STREAM_END} from './protocol.js';

const HTML = 'http://www.w3.org/1999/xhtml';
const SVG = 'http://www.w3.org/2000/svg';
const OWN = {svg: SVG, math: 'http://www.w3.org/1998/Math/MathML'};

/**
 * Makes DOM of streams. A snapshot uses old nodes again (same id, tag, namespace), so that focus, caret, scroll and typed text stay:
 * in each element a child that is in its place is passed, another one is put there, and what is left in the end goes.
 *
 * @typedef {{first: number, tags: string[], stream: Array}} Spec
 */
export class Builder {
  #tree; #keeps;

  /** @param {Tree} tree @param {(element: Element) => boolean} keeps whether the user's value is newer */
  constructor(tree, keeps) {
    this.#tree = tree;
    this.#keeps = keeps;
  }

  /** @returns {Element | null} the first with `autofocus` */
  insert(parent, before, spec) {
    const fragment = new DocumentFragment();
    const autofocus = this.#fill(fragment, spec, childNamespace(parent), new Map());
    parent.insertBefore(fragment, before);
    return autofocus;
  }

  /** Show this and nothing else. @returns as `insert` */
  replace(spec) {
    const {root, nodes} = this.#tree;
    this.#tree.nodes = new Map();
    if (nodes.size) return this.#fill(root, spec, childNamespace(root), nodes);
    root.replaceChildren();
    return this.insert(root, null, spec);
  }

  #fill(container, {first, tags, stream}, namespace, old) {
    const around = [];
    let at = {node: container, namespace, last: null};
    let autofocus = null;

    const kept = new Set();
    if (old.size) eachNode(first, stream, (id) => kept.add(id));

    const place = (id, node) => {
      // Those that do not come back go first: else all rows after a removed one would be moved.
      while (next(at) && !kept.has(this.#tree.id(next(at), old))) next(at).remove();
      if (node !== next(at)) move(at.node, node, next(at));
      at.last = node;
      this.#tree.add(id, node);
    };

    const text = (id, data) => {
      let node = old.get(id);
      if (node?.nodeType !== Node.TEXT_NODE) node = document.createTextNode(data);
      else if (node.data !== data) node.data = data;
      place(id, node);
    };

    const open = (id, tag, attributes) => {
      const namespace = attributes?.['@ns'] ?? OWN[tag] ?? at.namespace;
      let node = old.get(id);
      const reused = node?.localName === tag && node.namespaceURI === namespace;
      if (!reused) node = namespace === HTML ? document.createElement(tag) : document.createElementNS(namespace, tag);
      place(id, node);
      const before = setAttributes(node, attributes);
      if (!reused && attributes?.autofocus) autofocus ??= node;
      around.push(at);
      at = {node, attributes, before: reused ? before : null, namespace: childNamespace(node), last: null};
    };

    const close = () => {
      while (!isRaw(at.node) && next(at)) next(at).remove();
      if (at.before ? !this.#keeps(at.node) : at.attributes) setProperties(at.node, at.attributes, at.before);
      at = around.pop();
    };

    eachNode(first, stream, (id, item, attributes) => {
      if (typeof item === 'string') text(id, item);
      else open(id, tags[item - 1], attributes);
    }, close);
    while (next(at)) next(at).remove();
    return autofocus;
  }
}

/** Without taking it out, where the browser can: that would stop videos and lose the focus. */
export function move(parent, node, before) {
  if (parent.moveBefore && parent.isConnected && node.isConnected) parent.moveBefore(node, before);
  else parent.insertBefore(node, before);
}

function eachNode(first, stream, node, end = () => {}) {
  let id = first;
  for (let i = 0; i < stream.length; i++) {
    let item = stream[i];
    let attributes;
    if (item === STREAM_END) {
      end();
      continue;
    }
    if (Array.isArray(item)) [id, item] = item;
    else if (typeof item === 'number' && typeof stream[i + 1] === 'object' && !Array.isArray(stream[i + 1])) {
      attributes = stream[++i];
      id = attributes['@id'] ?? id;
    }
    node(id++, item, attributes);
  }
}

const childNamespace = ({namespaceURI, localName}) => (namespaceURI === SVG && localName === 'foreignObject' ? HTML : namespaceURI);

/** The first child not looked at. It may have gone elsewhere meanwhile, the one placed last has not. */
const next = ({node, last}) => (last ? last.nextSibling : node.firstChild);
