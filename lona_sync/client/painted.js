import {NAMES, chosen, isProperty} from './attributes.js';
import {coming, loaded} from './tokens.js';
import {eachNode, withinAndBelow} from './tree.js';

const BOX = /^(checkbox|radio)$/;

/**
 * What the server has painted into the page, until its view has joined: the view's tree takes the elements that are there. What the
 * user has done to them meanwhile stays, and is told.
 */
export class Painted {
  #root; #early;
  #touched = new Set();
  #written = [];                 // contenteditable
  #restore;                      // when it is adopted

  /** @param {object} early see early.js; undefined: it was not loaded */
  constructor(root, early) {
    this.#root = root;
    this.#early = early;
    if (root.firstChild.localName === 'script') root.firstChild.remove();          // of early.js
  }

  /** The nodes of a snapshot are those that are there, as far as they are alike. */
  adopt(tree, {first, tags, stream}) {
    const controls = [...this.#root.querySelectorAll('input, select, textarea')];
    for (const element of [...this.#early?.touched.keys() ?? [], ...controls.filter(isTouched)]) this.#touch(element);
    this.#restore = contentOf(this.#written);
    const around = [];
    let next = this.#root.firstChild;
    eachNode(first, stream, (id, item, attributes) => {
      if (typeof item === 'string') {
        const isWritten = this.#written.some((element) => element.contains(next));
        if (next?.nodeType !== Node.TEXT_NODE || !(isWritten || next.data.startsWith(item))) return;
        if (!isWritten && next.data.length > item.length) next.splitText(item.length);       // a parser makes one text of several
        tree.add(id, next);
        next = next.nextSibling;
        return;
      }
      const tag = tags[item - 1];
      if (tag === 'tr' && next?.localName === 'tbody') next = next.firstChild;     // of the parser's
      const node = next?.localName === tag ? next : null;
      around.push(node ? node.nextSibling : next);
      next = node?.firstChild;
      if (!node) return;
      tree.add(id, node);
      for (const name of node.getAttributeNames()) {
        // It stays when the attribute goes; but half a number would not.
        if (isProperty(node, name)) node.validity?.badInput || (node[name] = node[name]);
        else if (name in (attributes ?? {}) || (tag === 'details' && name === 'open')) continue;      // its user's
        node.removeAttribute(name);
      }
      // A policy may have forbidden the attribute.
      if (attributes?.style && node.style && !node.style.length) node.style.cssText = attributes.style;
      if (attributes?.['@items']) node.replaceChildren();                      // their ids are not known
      const html = attributes?.['@html'];
      if (html !== undefined && isMadeOf(node, html)) node[NAMES] = {'@html': html};
    }, () => { next = around.pop(); });
  }

  #touch(element) {
    if (element.isContentEditable) this.#written.push(element);
    if (element.type !== 'radio') return this.#touched.add(element);
    // To check one radio button unchecks the others of its group.
    for (const each of this.#root.querySelectorAll('input[type=radio]')) {
      if (each.name === element.name && each.form === element.form) this.#touched.add(each);
    }
  }

  /** Whether the user's value is newer than the server's. */
  keeps(element) {
    return this.#touched.has(element.closest('select') ?? element);
  }

  stop() {
    this.#early?.stop();
  }

  release() {
    this.#early?.release();
  }

  /** The view is there: the user's turn. */
  finish() {
    this.#tell();
    this.#early?.join(coming, loaded['./widgets.js'] ? 1 : 0);
  }

  #tell() {
    this.#restore();
    const {activeElement} = document;
    const isChosen = this.#root.contains(activeElement) && !activeElement.autofocus;
    if (isChosen) activeElement.dispatchEvent(new FocusEvent('focusin', {bubbles: true}));
    for (const control of this.#touched) {
      if (!control.isConnected || (control.type === 'radio' && !control.checked)) continue;
      control.dispatchEvent(new InputEvent('input', {bubbles: true, isComposing: this.#early?.touched.get(control)}));
      // The browser says so itself when he leaves a field.
      const isLeft = control !== activeElement || control.options || BOX.test(control.type);
      if (isLeft) control.dispatchEvent(new Event('change', {bubbles: true}));
    }
  }
}

function isTouched(control) {
  const {type, value, checked, defaultChecked, options} = control;
  if (BOX.test(type)) return checked !== defaultChecked;
  if (!options) return value !== pristine(control) || control.validity.badInput;        // half a number is ''
  const painted = chosen(control, (option) => option.defaultSelected);
  return [...options].some((option) => option.selected !== painted.includes(option));
}

/** What the user has written, and his caret. @returns {() => void} puts it there again: the view has its own */
function contentOf(elements) {
  const {anchorNode, anchorOffset, focusNode, focusOffset} = getSelection();
  const contents = elements.flatMap((element) => [...withinAndBelow(element)].map((node) => [node, node.data, [...node.childNodes]]));
  return () => {
    for (const [node, data, children] of contents) data === undefined ? node.replaceChildren(...children) : node.data = data;
    const isHis = [anchorNode, focusNode].every((node) => elements.some((element) => element.contains(node)));
    if (isHis) getSelection().setBaseAndExtent(anchorNode, anchorOffset, focusNode, focusOffset);
  };
}

/** The value that the page came with; a range without one has one. */
function pristine({localName, type, defaultValue, attributes}) {
  if (localName !== 'input') return defaultValue;
  const twin = document.createElement('input');
  twin.type = type;
  for (const {name, value} of attributes) if (/^(value|min|max|step)$/.test(name)) twin.setAttribute(name, value);
  return twin.value;
}

/** In a document without scripts: to make it here could run some once more. */
function isMadeOf(element, html) {
  const twin = document.implementation.createHTMLDocument('').importNode(element);
  twin.innerHTML = html;
  return twin.isEqualNode(element);
}
