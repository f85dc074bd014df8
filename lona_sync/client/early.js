/**
 * Stands before the markup that the server has painted, which no browser shows until this has run. What the user does is held until
 * the client says where it belongs. If the client does not come, it is done as on a page without scripts.
 */
{
  const MOST = 1000;             // events
  const TRIES = 3;               // to load a module, until nobody is kept waiting for it
  /** What a click on them is to do, it would do in a way of its own. */
  const ACTING = 'a, area, button, input[type=submit], input[type=image], input[type=button]';

  const script = document.currentScript;
  const root = script.parentNode;
  const client = new URL('lona.js', script.src).href;
  const touched = new Set();
  let held = [];
  let failures = 0;

  const hold = (event) => {
    const {type, target, altKey, ctrlKey, metaKey, shiftKey} = event;
    const isClick = type === 'click';
    const acting = isClick && target.closest(ACTING);
    if (acting?.href && (altKey || ctrlKey || metaKey || shiftKey)) return;          // in another tab
    event.stopPropagation();                         // it comes again
    if (acting || type === 'submit') event.preventDefault();
    if (held.length < MOST) held.push([event, target, isClick && !acting]);
  };
  const prevent = (event) => event.preventDefault();
  const touch = ({target}) => touched.add(target);
  const listeners = {click: hold, dblclick: hold, submit: hold, keydown: hold, keyup: hold, input: touch, change: touch};
  const listen = (method) => {
    for (const type in listeners) root[method](type, listeners[type], true);
  };

  const early = root.lonaEarly = {
    /** Controls, and what else can be written in. */
    touched,

    start: () => listen('addEventListener'),

    /** What was held is forgotten. */
    stop() {
      listen('removeEventListener');
      held = [];
    },

    release() {
      const events = held;
      early.stop();
      for (const [event, target, isDone] of events) {
        if (!root.contains(target)) continue;
        if (event.type === 'submit') {
          target.requestSubmit(event.submitter?.form === target ? event.submitter : null);
          continue;
        }
        // The browser has done its part of it: a box that was checked must not be unchecked.
        if (isDone) root.addEventListener('click', prevent, true);
        target.dispatchEvent(new event.constructor(event.type, event));
        root.removeEventListener('click', prevent, true);
      }
    },
  };

  /** Whoever takes it deletes it there. */
  const giveUp = () => { if (root.lonaEarly) early.release(); };
  document.addEventListener('error', ({target}) => { if (target.src === client) giveUp(); }, true);
  document.addEventListener('lona:failed', () => { if (++failures === TRIES) early.release(); });
  addEventListener('load', () => setTimeout(giveUp));        // a page may begin by a script of its own, which waits for this
  early.start();
  script.remove();
}
