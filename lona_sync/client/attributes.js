import {issue, issued} from './tokens.js';

const PROPERTIES = ['value', 'checked', 'selected', 'indeterminate', 'muted'];

/** What the server has set: a snapshot takes that back, but not what the user did (an open <details>). */
export const NAMES = Symbol('names');

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
 * Later: a value needs its `max`, a select its options.
 * @param {object | false} before of an old element: what is not named is reset if it was, or if the server knows what the user does
 */
export function setProperties(element, before = false) {
  if (element.selectedOptions) return choose(element);
  const attributes = element[NAMES] ?? {};
  for (const name of PROPERTIES) {
    const reset = before && (name in before || issued(element, 'change'));
    if ((reset || name in attributes) && isProperty(element, name)) apply(element, name, attributes[name] ?? false);
  }
}

function choose(select) {
  const isSelected = (option) => option[NAMES]?.selected;
  if (![...select.options].some(isSelected) && !issued(select, 'change')) return;       // only the user knows
  const selected = chosen(select, isSelected);
  if (select.multiple) for (const option of select.options) option.selected = selected.includes(option);
  else select.selectedIndex = selected[0]?.index ?? -1;
}

/** The options that a browser chooses: of one line the last that is selected, else the first that is enabled, whichever came first. */
export function chosen(select, isSelected) {
  const selected = [...select.options].filter(isSelected);
  if (select.multiple) return selected;
  return [selected.at(-1) ?? (select.size < 2 && select.querySelector('option:not([disabled], optgroup[disabled] *)'))].filter(Boolean);
}

// Elsewhere `value` is an attribute: with the property '' a progress is at 0, not undetermined.
export const isProperty = (element, name) => PROPERTIES.includes(name) && name in element
  && (name !== 'value' || /^(input|textarea)$|-/.test(element.localName));

// What is there is not set again: an iframe would load anew.
function apply(element, name, value) {
  const text = value === true ? '' : value || '';
  if (name[0] === '@') {
    if (element[NAMES]?.[name] === value) return;
    if (name === '@html') element.innerHTML = text;
    if (name === '@on') issue(element, value);
  } else if (isProperty(element, name)) name === 'value' ? setValue(element, text) : element[name] = value !== false;
  else if (value !== false && element.getAttribute(name) !== text) {
    if (name === 'style' && element.style) element.style.cssText = text;            // a CSP may forbid the attribute
    else if (name.startsWith('xlink:')) element.setAttributeNS('http://www.w3.org/1999/xlink', name, text);
    else element.setAttribute(name, text);
  }
  if (value === false && element.hasAttribute(name)) element.removeAttribute(name);     // Chromium keeps a style nobody asked for
}

function setValue(element, text) {
  if (element.value === text || element.type === 'file') return;                    // only the user may choose files
  const {selectionStart, selectionEnd, selectionDirection} = element;
  element.value = text;
  if (element === document.activeElement && selectionStart != null) {      // a number has no caret
    element.setSelectionRange(selectionStart, selectionEnd, selectionDirection);
  }
}
