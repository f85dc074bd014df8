const TOKENS = Symbol('tokens');
const SENSE = Symbol('sense');
const SENSED = /(^| )(visible|resize|scroll|drag|drop)/;
const OTHER = {dblclick: 'double_click', input: 'change'};

/** Gets `isWanted` of keys.js when an element issues keys. */
export const keys = {};

/** The options with which the element issues events of this name; undefined: it does not. */
export const issued = (element, name) => element[TOKENS]?.get(name);

/** Of a DOM event: keydown is key_down. */
export const nameOf = (type) => OTHER[type] ?? type.replace(/^(key|pointer|scroll|drag)\B/, '$1_');

/** Have the element issue these events. @param {string | false} text the value of `@on` */
export function issue(element, text) {
  const tokens = new Map(text ? text.split(' ').map((token) => {
    const [name, ...options] = token.split(':').map(decodeURIComponent);
    return [name, options];
  }) : []);
  for (const [name, options] of tokens) {
    if (!options.includes('stop') && !/^(\*|pointer)/.test(name)) continue;
    for (const type of name === 'double_click' ? ['dblclick'] : name === 'change' ? [name, 'input'] : [name.replace(/[*_]/, '')]) {
      element.addEventListener(type, relay);
    }
  }
  element[TOKENS] = tokens;
  if (/(^| )key/.test(text)) keys.loading ??= late('./keys.js').then((module) => Object.assign(keys, module));
  if (element[SENSE] ||= SENSED.test(text)) late('./senses.js').then(({sense}) => sense(element));
}

/** Tells the window of what would not come to its root by itself. It stays; without the token it changes nothing. */
function relay(event) {
  const {currentTarget: element, type} = event;
  const name = nameOf(type);
  const custom = issued(element, `*${type}`);
  if (custom || !SENSED.test(name)) tell(element, event);
  if ((custom ?? issued(element, name))?.includes('stop')) event.stopPropagation();
}

/** @param {any} data of the event, with nodes instead of their ids; else it says so itself */
export function tell(element, event, data) {
  element.dispatchEvent(new CustomEvent('lona', {bubbles: true, detail: {event, data}}));
}

/** Scripts of the page may listen. `detail` of 'failed' is an Error. */
export const say = (what, detail) => document.dispatchEvent(new CustomEvent(`lona:${what}`, {detail}));

const modules = {};

/** The modules that are there, of those that few pages need. */
export const loaded = {};

/** Browsers remember failures by the address: each try has another one. */
export const late = (file) => modules[file] ??= load(file).then((module) => loaded[file] = module);

/** Until what was asked for is there; undefined: it is. */
export const coming = () => (Object.keys(modules).every((file) => loaded[file]) ? undefined : Promise.all(Object.values(modules)));

const load = (file, tries = 0) => import(tries ? `${file}?${tries}` : file).catch((error) => {
  say('failed', error);
  return new Promise((resolve) => { setTimeout(resolve, 1000 * ++tries); }).then(() => load(file, tries));
});
