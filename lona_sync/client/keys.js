import {modifiers} from './protocol.js';

const MOD = /Mac|iP/.test(navigator.platform) ? 8 : 2;
const OWN = {Alt: 1, Control: 2, AltGraph: 3, Shift: 4, Meta: 8};

/**
 * Whether an element with these options issues this key, by its filters: `2+s` is Ctrl and S. `Key.matches` in Python is its twin.
 * @param {KeyboardEvent} event @param {string[]} options
 */
export function isWanted(event, options) {
  const {key, code} = event;
  if (event.isComposing || event.keyCode === 229 || !key) return false;      // Chromium fills in forms by keys without a name
  const filters = options.filter((option) => option.includes('+'));
  const held = modifiers(event) & ~OWN[key];               // at its own keydown it is held already
  // Shift+1 types '!', Ctrl+S 'ы' on a Cyrillic keyboard, Alt+A 'å' on a Mac; but where S is elsewhere, an 'o' is no S.
  const plain = /^[a-z\d]$/i.test(key) ? key : /^(?:Key|Digit)(.)$/.exec(code)?.[1] ?? key;
  return !filters.length || filters.some((filter) => {
    const [, sum, wanted] = /(\d+)\+([^]+)/.exec(filter);
    const types = wanted.length === 1;
    if (types && !+sum) return key === wanted && !(held & 8) && (held & 3) !== 2;        // AltGr is Ctrl and Alt in Windows
    const either = types && /[^\p{L}\d]/u.test(wanted) ? 4 : 0;                          // '?' is typed with Shift, somewhere
    return (key === wanted || (types && [key, plain].some((each) => each.toLowerCase() === wanted)))
      && (held | either) === (sum & 15 | (sum & 16 && MOD) | either);
  });
}
