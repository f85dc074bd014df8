/** What the server has set at an element: attributes, properties, issued events, raw HTML. */

const PROPERTIES = ['value', 'checked', 'selected', 'indeterminate', 'muted'];
const XLINK = 'http://www.w3.org/1999/xlink';

// What the server has set: a snapshot takes back what it no longer names, but not what the user did (an open <details>).
const NAMES = Symbol('names');
const ISSUED = Symbol('issued');
const RAW = Symbol('raw');

export const issues = (element, type) => element[ISSUED]?.has(type) ?? false;

/** Milliseconds; undefined: the browser's change event counts. */
export const changeDelay = (element) => element[ISSUED]?.get('change');

export const isRaw = (element) => element[RAW] !== undefined;

/** @param {Element} element @param {string} name @param {string | boolean} value false: take it away */
export function setAttribute(element, name, value) {
  note(element, name, value);
  apply(element, name, value);
}

/** Remember what the server has set. */
export function note(element, name, value) {
  if (value === false) delete element[NAMES]?.[name];
  else (element[NAMES] ??= {})[name] = value;
}

/** Make these the element's attributes. @returns {object} those before */
export function setAttributes(element, attributes) {
  const before = element[NAMES] ?? {};
  if (attributes || element[NAMES]) element[NAMES] = attributes;
  for (const name in before) if (!(attributes && name in attributes) && !isProperty(element, name)) apply(element, name, false);
  for (const name in attributes) if (!isProperty(element, name)) apply(element, name, attributes[name]);
  return before;
}

/**
 * Properties come last: a value needs its options and its `max`.
 * @param {object | null} before null: the element is new. Else what is not named is reset if the server had set it, or knows of
 * the user's changes: a box that is not named `checked` is not.
 */
export function setProperties(element, attributes = {}, before = null) {
  const {localName, type} = element;
  const users = localName === 'option' ? 'selected' : type === 'checkbox' || type === 'radio' ? 'checked' : 'value';
  for (const name of before ? PROPERTIES : Object.keys(attributes)) {
    if (name in attributes) isProperty(element, name) && apply(element, name, attributes[name]);
    else if (before && isProperty(element, name) && (name in before || (name === users && localName !== 'select'
      && issues(element.closest('select') ?? element, 'change')))) apply(element, name, false);
  }
}

// Elsewhere `value` is an attribute: without it a progress is undetermined, with the property '' it is at 0.
const isProperty = (element, name) => PROPERTIES.includes(name) && name in element
  && (name !== 'value' || /^(input|textarea|select)$|-/.test(element.localName));

// What is there is not set again: a frame would load anew, a caret would jump.
function apply(element, name, value) {
  const text = value === true ? '' : value;
  if (name === '@on') element[ISSUED] = new Map(value ? value.split(' ').map((token) => token.split(':')) : []);
  else if (name === '@html') setRaw(element, value);
  else if (name.startsWith('@')) return;
  else if (isProperty(element, name)) setProperty(element, name, value);
  else if (value === false) element.hasAttribute(name) && element.removeAttribute(name);     // Chromium keeps a style nobody asked for
  else if (element.getAttribute(name) === text) return;
  else if (name === 'style' && element.style) element.style.cssText = text;         // a CSP may forbid the attribute
  else if (name.startsWith('xlink:')) element.setAttributeNS(XLINK, name, text);
  else element.setAttribute(name, text);
}

function setRaw(element, value) {
  if (element[RAW] === value) return;
  element[RAW] = value === false ? undefined : value;
  element.innerHTML = value || '';
}

function setProperty(element, name, value) {
  if (name !== 'value') {
    element[name] = value !== false;
  } else if (element.value !== (value || '') && element.type !== 'file') {           // only the user may choose files
    const {selectionStart, selectionEnd, selectionDirection} = element;
    element.value = value === true ? '' : value || '';
    if (element === document.activeElement && typeof selectionStart === 'number') {      // a number has no caret
      element.setSelectionRange(selectionStart, selectionEnd, selectionDirection);
    }
  }
}
