import {NAMES} from './attributes.js';
import {EVENT} from './protocol.js';

/** What a user means to do; the others tell how things are, and the next view is told anew. */
const MEANT = [EVENT.CLICK, EVENT.CHANGE, EVENT.DOUBLE_CLICK, EVENT.SUBMIT, EVENT.KEY_DOWN, EVENT.KEY_UP];
const CONTROLS = 'input, textarea, select';

/**
 * A view was moved to another process. What its user had done and the old one had not taken is done to the new one: where that looks
 * the same; else he sees that it did not count. What he has typed, and the focus, are his again.
 * @param {Function} issue an event
 * @param {object[]} pending events that were not taken
 * @param {Map<number, Node>} nodes of the old tree, by id; `shown`: its outermost ones
 * @param {Element} active had the focus
 */
export function restore(tree, changes, issue, {say}, pending, nodes, shown, active) {
  const root = new DocumentFragment();
  root.append(...shown);
  const find = (id) => twin(nodes.get(id), root, tree.root);
  const named = (id) => tree.id(find(id) ?? {});
  let missed = false;
  for (const {type, node, data, name} of pending) {
    if (typeof type !== 'string' && !MEANT.includes(type)) continue;
    const id = node && named(node);
    const moved = node && !id ? undefined : translate(type, data, named, id);
    if (moved === undefined) missed = true;
    else {
      if (type === EVENT.CHANGE) fill(find(node), data, find);
      issue(type, id, moved, name);
    }
  }
  if (missed) say('stale');
  for (const control of root.querySelectorAll(CONTROLS)) type(control, twin(control, root, tree.root), changes);
  const focused = root.contains(active) && twin(active, root, tree.root);
  if (focused) {
    focused.focus({preventScroll: true});
    if (active.selectionStart != null) focused.setSelectionRange(active.selectionStart, active.selectionEnd, active.selectionDirection);
  }
}

/** @returns {any} the event's data with the ids of the new tree; undefined: what it names is not there */
function translate(type, data, named, id) {
  if (type === EVENT.CLICK || type === EVENT.DOUBLE_CLICK) return [...data.slice(0, 5), named(data[5]) || id];
  if (type === EVENT.SUBMIT && data[1]) return named(data[1]) ? [data[0], named(data[1])] : undefined;
  if (type !== EVENT.CHANGE || !Array.isArray(data)) return data;
  const options = data.map(named);
  return options.includes(0) ? undefined : options;
}

function fill(control, value, find) {
  if (Array.isArray(value)) for (const option of control.options ?? []) option.selected = value.map(find).includes(option);
  else if (typeof value === 'boolean') control.checked = value;
  else if (value !== null && 'value' in control) control.value = value;
}

/** What was not sent yet. */
function type(old, control, changes) {
  const isBox = /^(checkbox|radio)$/.test(old.type);
  if (!control || old.options || old.type === 'file') return;
  const {checked = false, value = old.defaultValue} = old[NAMES] ?? {};
  if (isBox ? old.checked === !!checked : old.value === value) return;
  if (isBox ? old.checked === control.checked : old.value === control.value) return;
  if (isBox) control.checked = old.checked;
  else control.value = old.value;
  control.dispatchEvent(new InputEvent('input', {bubbles: true}));
  if (isBox) control.dispatchEvent(new Event('change', {bubbles: true}));
  changes?.keeps(control);                       // he may leave it without another key
}

/** What `old` is in the new tree; undefined: there is nothing like it. */
function twin(old, from, to) {
  const found = old?.localName && from.contains(old) ? counterpart(old, from, to) : undefined;
  const isSame = (name) => old.getAttribute(name) === found.getAttribute(name);
  return found && old.localName === found.localName && ['id', 'name', 'type'].every(isSame) && isLike(old, found) ? found : undefined;
}

/** Among several of its kind an element is known by its text: else "Delete" in the second row is another row's when the first has gone. */
function counterpart(old, from, to) {
  if (old === from) return to;
  const id = old.getAttribute('id');
  if (id) return to.querySelector(`#${CSS.escape(id)}`);
  const parent = counterpart(old.parentNode, from, to);
  if (!parent) return undefined;
  const kin = (node) => [...node.children].filter(({localName}) => localName === old.localName);
  const before = kin(old.parentNode), after = kin(parent);
  const found = after[before.indexOf(old)];
  return found && (before.length + after.length < 3 || isLike(old, found)) ? found : undefined;
}

const isLike = (a, b) => a.matches(CONTROLS) || a.textContent === b.textContent;
