/**
 * Stands before the painted markup, which no browser shows until this has run. What the user does is held until the client says where
 * it belongs. While it cannot, links and forms are those of plain HTML.
 */
{
  const MOST = 1000;             // events
  const TRIES = 3;               // to load a module, until no link waits for it
  /** What a click on them is to do, it would do in a way of its own. */
  const ACTING = 'a:not([target], [download]), area, button:not([type=reset]), input[type=submit], input[type=image], input[type=button]';

  const script = document.currentScript;
  const root = script.parentNode;
  const client = new URL('lona.js', script.src).href;
  const touched = new Map();     // what was written in: whether a character is half done
  let held = [];
  let isAlone = false;           // without a server
  let failures = 0;

  const hold = (event) => {
    const {type, target, altKey, ctrlKey, metaKey, shiftKey} = event;
    const isClick = type === 'click';
    let acting = isClick && target.closest(ACTING);
    if (acting?.href && (altKey || ctrlKey || metaKey || shiftKey)) acting = null;   // in another tab
    const isPlain = type === 'submit' || Boolean(acting?.href || (acting?.form && acting.type !== 'button'));
    if (isAlone && isPlain) return;
    event.stopPropagation();
    if (acting || type === 'submit') event.preventDefault();
    if (held.length < MOST) held.push({event, target, isPlain, isDone: isClick && !acting});
  };
  const touch = ({target, isComposing}) => touched.set(target, isComposing);
  const listeners = {
    click: hold, dblclick: hold, submit: hold, keydown: hold, keyup: hold, input: touch, change: touch, compositionend: touch,
  };
  const listen = (method) => {
    for (const type in listeners) root[method](type, listeners[type], true);
  };

  const prevent = (event) => event.preventDefault();
  const repeat = ({event, target, isDone}) => {
    if (!root.contains(target)) return;
    if (event.type === 'submit') return target.requestSubmit(event.submitter?.form === target ? event.submitter : null);
    // The browser has done its part of it: a box that was checked must not be unchecked.
    if (isDone) root.addEventListener('click', prevent, true);
    target.dispatchEvent(new event.constructor(event.type, event));
    root.removeEventListener('click', prevent, true);
  };

  const early = root.lonaEarly = {
    touched,

    start() {
      isAlone = false;
      listen('addEventListener');
    },

    stop() {
      listen('removeEventListener');
      held = [];
    },

    /** There is no server to be heard by, for now: links are followed, forms are sent, all else waits. */
    release() {
      isAlone = true;
      const plain = held.filter(({isPlain}) => isPlain);
      held = held.filter(({isPlain}) => !isPlain);
      plain.forEach(repeat);
    },

    /** The client hears all. A form must not overtake its files, nor a click a key; but what fails may never come. */
    async join(coming, turns) {
      const failed = new Promise((done) => { document.addEventListener('lona:failed', done); });
      while (coming() || turns--) {
        if ((await Promise.race([coming(), failed]))?.detail) break;
        await new Promise((done) => { setTimeout(done); });          // widgets ask for others
      }
      early.finish();
    },

    /** The client hears all now, or there will be none. */
    finish() {
      const all = held;
      early.stop();
      all.forEach(repeat);
    },
  };

  /** Whoever takes it deletes it there. */
  const giveUp = () => { if (root.lonaEarly) early.finish(); };
  document.addEventListener('error', ({target}) => { if (target.src === client) giveUp(); }, true);
  document.addEventListener('lona:failed', () => { if (++failures === TRIES) early.release(); });
  addEventListener('load', () => setTimeout(giveUp));        // a page may begin by a script of its own, which waits for this
  early.start();
  script.remove();
}
