import {NAMES, isProperty} from './attributes.js';
import {eachNode} from './tree.js';

const MOST = 1000;               // events
const CONTROLS = 'input, select, textarea';
const BOX = /^(checkbox|radio)$/;
/** What a click on them sets, the browser does alone. */
const SETTING = 'input, select, textarea, label, summary';
/** What a click on them is to do, it would do in a way of its own. */
const ACTING = 'a, area, button, input[type=submit], input[type=image], input[type=button]';

/**
 * What the server has painted into the page before there was a script, until its view has joined: the view's tree takes the elements
 * that are there. What the user has done to them meanwhile stays, or is done again when somebody hears it.
 */
export class Painted {
  #root;
  #held = [];
  #touched = new Set();
  #listening = new AbortController();

  constructor(root) {
    this.#root = root;
    const options = {capture: true, signal: this.#listening.signal};
    for (const type of ['click', 'submit', 'dblclick', 'keydown', 'keyup']) root.addEventListener(type, this.#hold, options);
  }

  #hold = (event) => {
    const {type, target, altKey, ctrlKey, metaKey, shiftKey} = event;
    const isActing = target.closest(ACTING);
    if (type === 'click' && (altKey || ctrlKey || metaKey || shiftKey || (!isActing && target.closest(SETTING)))) return;
    if (type === 'submit' || (type === 'click' && isActing)) {
      event.preventDefault();
      event.stopPropagation();
    }
    if (this.#held.length < MOST) this.#held.push([event, target]);
  };

  /** The nodes of a snapshot are those that are there, as far as they are alike. */
  adopt(tree, {first, tags, stream}) {
    for (const control of this.#root.querySelectorAll(CONTROLS)) if (isTouched(control)) this.#touched.add(control);
    const around = [];
    let next = this.#root.firstChild;
    eachNode(first, stream, (id, item, attributes) => {
      if (typeof item === 'string') {
        if (next?.nodeType !== Node.TEXT_NODE || !next.data.startsWith(item)) return;
        if (next.data.length > item.length) next.splitText(item.length);       // a parser makes one text of several
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
        if (isProperty(node, name)) node[name] = node[name];                   // which stays when the attribute goes
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

  /** Whether the user's value is newer than the server's. */
  keeps(element) {
    return this.#touched.has(element.closest('select') ?? element);
  }

  /** Another view comes in this one's place. @returns what was held */
  stop() {
    this.#listening.abort();
    return this.#held.splice(0);
  }

  /** The user's turn: the view is there, or the page has to do without. */
  release() {
    const held = this.stop();
    for (const control of this.#touched) {
      control.dispatchEvent(new InputEvent('input', {bubbles: true}));
      // The browser says so itself when he leaves a field.
      const isLeft = control !== document.activeElement || control.options || BOX.test(control.type);
      if (isLeft) control.dispatchEvent(new Event('change', {bubbles: true}));
    }
    for (const [event, target] of held) {
      if (!target.isConnected) continue;
      if (event.type === 'click' && target.click) target.click();
      else if (event.type === 'submit') target.requestSubmit(event.submitter);
      else target.dispatchEvent(new event.constructor(event.type, event));     // the browser has done its part of it
    }
  }
}

function isTouched(control) {
  const {type, value, checked, defaultChecked, options, selectedIndex} = control;
  if (BOX.test(type)) return checked !== defaultChecked;
  if (!options) return value !== pristine(control);
  const isChosen = [...options].some((option) => option.defaultSelected);
  return isChosen ? [...options].some((option) => option.selected !== option.defaultSelected) : selectedIndex > 0;
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
