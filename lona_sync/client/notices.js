const SECONDS = 5;
const MOST = 5;                  // at a time; the oldest one gives way
const COLORS = {info: '#222', success: '#1b5e20', warning: '#7a4100', error: '#8e0000'};

const CORNER = `position: fixed; z-index: 2147483646; inset: auto 1rem 1rem auto; display: grid; gap: .5rem;
  max-width: min(24rem, calc(100vw - 2rem)); pointer-events: none`;
const LIST = 'display: grid; gap: .5rem; justify-items: end';
const NOTICE = `display: flex; gap: .75rem; align-items: start; padding: .6rem .6rem .6rem 1rem; border-radius: .5rem; color: #fff;
  font: 15px/1.4 sans-serif; box-shadow: 0 2px 8px #0006; pointer-events: auto; overflow-wrap: anywhere; white-space: pre-line`;
const BUTTON = `border: 0; margin: 0; padding: 0 .4rem; min-height: 0; min-width: 0; background: none; color: inherit; font: inherit;
  cursor: pointer`;

let corner;
const regions = {};

/**
 * Tells the user something in a corner of the page.
 * @param {string} text @param {'info' | 'success' | 'warning' | 'error'} kind @param {number | null} seconds null: an error stays
 */
export function notify(text, kind, seconds) {
  const region = regionOf(/warning|error/.test(kind) ? 'alert' : 'status');
  const notice = element('div', `${NOTICE}; background: ${COLORS[kind]}`);
  notice.className = `lona-notice lona-notice-${kind}`;
  const words = element('span');
  words.textContent = text;
  const button = element('button', BUTTON);
  Object.assign(button, {type: 'button', textContent: '×', ariaLabel: 'Close', onclick: () => notice.remove()});
  notice.append(words, button);
  const wait = seconds ?? (kind === 'error' ? Infinity : SECONDS);
  let timer;
  const go = () => {
    clearTimeout(timer);
    if (wait < Infinity) timer = setTimeout(() => notice.remove(), Math.min(wait * 1000, 2 ** 31 - 1));
  };
  const stay = () => clearTimeout(timer);          // who reads it, or is about to close it, has the time he needs
  for (const type of ['mouseenter', 'focusin']) notice.addEventListener(type, stay);
  for (const type of ['mouseleave', 'focusout']) notice.addEventListener(type, go);
  region.append(notice);
  if (corner.querySelectorAll('.lona-notice').length > MOST) corner.querySelector('.lona-notice').remove();
  go();
}

/** It is there before there is text in it: screen readers miss what comes along with its region. */
function regionOf(role) {
  if (!corner?.isConnected) {
    corner = element('div', CORNER);
    document.body.append(corner);
    for (const name of ['status', 'alert']) {
      regions[name] = element('div', LIST);
      regions[name].setAttribute('role', name);
      corner.append(regions[name]);
    }
  }
  return regions[role];
}


function element(name, style = '') {
  const made = document.createElement(name);
  made.style.cssText = style;
  return made;
}
