const MARKED = 1000;              // ms

/**
 * A click came before its user could see what the one before had done, and has not counted. The element shows that; or the user is
 * asked, if the tree says so.
 * @returns {boolean} whether it is meant all the same
 */
export function refuse(element, {say}) {
  if (element.getAttribute('data-lona-stale') === 'ask') return say('ask');
  say('stale');
  element.setAttribute('data-lona-dropped', '');
  setTimeout(() => element.removeAttribute('data-lona-dropped'), MARKED);
  element.animate?.({outline: ['3px solid #c60', '3px solid transparent'], outlineOffset: ['2px', '2px']}, MARKED);
  return false;
}
