/** The numbers of docs/protocol.md. No other file knows one. */

export const VERSION = 3;

const numbered = (names) => Object.fromEntries(names.split(' ').map((name, number) => [name, number]));

export const CLIENT = numbered('HELLO OPEN RESUME CLOSE EVENT ACK PING ERROR MEANT MESSAGE');
export const SERVER = numbered('WELCOME STARTED SNAPSHOT FRAME  ACK PONG GONE REDIRECT RESEND REFUSED STALE MESSAGE');
export const VERB = numbered('TEXT SET CLASS STYLE INSERT REMOVE MOVE TITLE DATA PUT DROP CALL KEEP URL');
export const DATA = numbered('SET INSERT DELETE');
export const EVENT = numbered('ANSWER CLICK CHANGE FOCUS BLUR DOUBLE_CLICK SUBMIT KEY_DOWN KEY_UP POINTER_ENTER POINTER_LEAVE '
  + 'SCROLL_END DRAG_START DRAG_END DRAG_ENTER DRAG_LEAVE DROP VISIBLE RESIZE URL');

/** GOODBYE ends the views, LOST leaves them waiting. */
export const CLOSE = {GOODBYE: 1000, LOST: 4000, VERSION: 4501};
export const REDIRECT_PAGE = 1;
export const STREAM_END = 0;

/** More ends the connection. */
export const MESSAGE_BYTES = 1024 * 1024;
/** Of an event: levels, containers. */
export const DEEPEST = 60;
export const MOST = 9_990;

/** Do not come back. */
export const isFinal = (code) => /^(1002|1003|1007|1009|4[5-9]..)$/.test(code);

export const encode = (name, ...fields) => JSON.stringify([CLIENT[name], ...fields]);

export const decode = (text) => named(SERVER, JSON.parse(text));

export const decodePatch = (patch) => named(VERB, patch);

function named(table, [number, ...fields]) {
  const name = Object.keys(table).find((name) => table[name] === number);
  if (!name) throw new Error(`expected ${Object.keys(table)}, got ${number}: load the page again`);
  return [name, ...fields];
}

export function clickData(event, element, target) {
  const {left, top, width, height} = element.getBoundingClientRect();
  return [...[event.clientX - left, event.clientY - top, width, height].map(Math.round), modifiers(event), target];
}

export const modifiers = ({altKey, ctrlKey, shiftKey, metaKey}) => altKey + ctrlKey * 2 + shiftKey * 4 + metaKey * 8;
