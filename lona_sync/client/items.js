import {ID, ITEMS, withinAndBelow} from './tree.js';

const MISSED = 'data-lona-missed';

/** Streams: elements with items instead of children. `list[ITEMS]` is `{limit, seen, floor}`. `tree` is the one that shows it. */

/** @param {number} place see PUT in docs/protocol.md */
export function put(tree, list, place, first, tags, stream) {
  const old = tree.nodes.get(place);
  if (place > 0 && old?.parentNode !== list) return;         // gone, for lack of room
  look(tree, list, place);
  const before = old ? old.nextSibling : place ? list.firstChild : null;
  if (old) tree.remove(old);
  tree.insert(list, before, {first, tags, stream});
  if (old) return;
  list[ITEMS].seen++;
  if (place) miss(list, list.childNodes.length - list[ITEMS].limit);
  trim(tree, list, place);
}

/** @param {number} item its id; 0: all of them */
export function drop(tree, list, item) {
  const node = tree.nodes.get(item);
  if (node?.parentNode === list) tree.remove(node);
  if (item) return;
  while (list.firstChild) tree.remove(list.firstChild);
  list.removeAttribute(MISSED);
}

/** A stream in a snapshot: what the server has kept joins what is here. */
export function restore(tree, list, [limit, seen, cleared, floor, gone, items], old) {
  const last = items.at(-1)?.[0] ?? 0;
  const missed = list[ITEMS] ? seen - Math.max(list[ITEMS].seen, cleared) - items.filter(([, first]) => !old.has(first)).length : 0;
  if (list[ITEMS]?.floor !== floor) list.removeAttribute(MISSED);
  list[ITEMS] = {limit, seen, floor};
  look(tree, list, last);
  for (const node of [...list.childNodes]) {
    if (node[ID] < floor || gone.includes(node[ID])) node.remove();
    else for (const below of withinAndBelow(node)) if (below[ID]) tree.add(below[ID], below);
  }
  for (const [place, first, tags, stream] of items) {
    const known = tree.nodes.get(first);
    if (known) for (const below of withinAndBelow(known)) tree.nodes.delete(below[ID]);
    tree.fill(list, {first, tags, stream}, list, old, known ? known.previousSibling : place ? null : list.lastChild);
    if (tree.nodes.get(first) !== known) known?.remove();
  }
  trim(tree, list, last);
  miss(list, missed);
}

/** Before a stream gets an item; at the beginning nobody follows. */
function look(tree, list, place) {
  if (place >= 0 && !tree.atEnd.has(list)) tree.atEnd.set(list, list.scrollTop + list.clientHeight > list.scrollHeight - 4);
}

function trim(tree, list, place) {
  while (list.childNodes.length > list[ITEMS].limit) tree.remove(place < 0 ? list.lastChild : list.firstChild);
}

function miss(list, count) {
  if (count > 0) list.setAttribute(MISSED, +list.getAttribute(MISSED) + count);
}
