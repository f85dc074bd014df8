import {issue, issued} from './tokens.js';

const PROPERTIES = ['value', 'checked', 'selected', 'indeterminate', 'muted'];
const XLINK = 'http://www.w3.org/1999/xlink';

/** What the server has set: a snapshot takes that back, but not what the user did (an open <details>). */
const NAMES = Symbol('names');

export const isRaw = (element) => element[NAMES]?.['@html'] !== undefined;

/** @param {string | boolean} value false: take it away */
export function setAttribute(element, name, value) {
  if (name === 'value' && element.validity?.badInput) element.value = '';           // half a number is '' to apply()
  apply(element, name, value);
  note(element, name, value);
}

/** Only remember it. */
export function note(element, name, value) {
  if (value === false) delete element[NAMES]?.[name];
  else (element[NAMES] ??= {})[name] = value;
}

/** Make these the element's attributes. @returns {object} those before */
export function setAttributes(element, attributes) {
  const before = element[NAMES] ?? {};
  for (const name in {...before, ...attributes}) {
    if (!isProperty(element, name)) apply(element, name, attributes?.[name] ?? false);
  }
  if (attributes || element[NAMES]) element[NAMES] = attributes;
  return before;
}

/**
 * Later: a value needs its options and its `max`.
 * @param {object | false} before false: a new element. In an old one what is not named is reset if it was, or if the server knows of
 * the user's changes: a box that is not named `checked` is not.
 */
export function setProperties(element, attributes = {}, before = false) {
  const {localName, type} = element;
  const users = localName === 'option' ? 'selected' : /^(checkbox|radio)$/.test(type) ? 'checked' : localName !== 'select' && 'value';
  for (const name of PROPERTIES) {
    const reset = before && (name in before || (name === users && issued(element.closest('select') ?? element, 'change')));
    if ((reset || name in attributes) && isProperty(element, name)) apply(element, name, attributes[name] ?? false);
  }
}

// Elsewhere `value` is an attribute: with the property '' a progress is at 0, not undetermined.
const isProperty = (element, name) => PROPERTIES.includes(name) && name in element
  && (name !== 'value' || /^(input|textarea|select)$|-/.test(element.localName));

// What is there is not set again: an iframe would load anew.
function apply(element, name, value) {
  const text = value === true ? '' : value || '';
  if (name === '@html') {
    if (element[NAMES]?.[name] !== value) element.innerHTML = text;
  } else if (name === '@on') {
    if (element[NAMES]?.[name] !== value) issue(element, value);
  } else if (name.startsWith('@')) return;
  else if (isProperty(element, name)) name === 'value' ? setValue(element, text) : element[name] = value !== false;
  else if (value === false) element.hasAttribute(name) && element.removeAttribute(name);     // Chromium keeps a style nobody asked for
  else if (element.getAttribute(name) === text) return;
  else if (name === 'style' && element.style) element.style.cssText = text;         // a CSP may forbid the attribute
  else if (name.startsWith('xlink:')) element.setAttributeNS(XLINK, name, text);
  else element.setAttribute(name, text);
}

function setValue(element, text) {
  if (element.value === text || element.type === 'file') return;                    // only the user may choose files
  const {selectionStart, selectionEnd, selectionDirection} = element;
  element.value = text;
  if (element === document.activeElement && typeof selectionStart === 'number') {      // a number has no caret
    element.setSelectionRange(selectionStart, selectionEnd, selectionDirection);
  }
}
