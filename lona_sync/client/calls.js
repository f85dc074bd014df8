import {late} from './tokens.js';
import {check} from './window.js';

const LONGEST = 2000;            // characters of an error
/** What a view asks of the page itself. */
const OF_THE_PAGE = {notify: './notices.js', run: './scripts.js', download: './downloads.js'};

/**
 * Calls a method of the element, or of its widget, for a view.
 * @param {(element: Element, method: string) => Promise<object>} widgetOf the widget, if it has the method
 * @param {Element} root of the window: its methods are the page's
 * @returns {Promise<[boolean, any]>} `[true, result]`, or `[false, text]` of an error
 */
export async function answer(widgetOf, root, element, method, args) {
  try {
    if (!element) throw new Error('the element is gone');
    const page = element === root && await late(OF_THE_PAGE[method]);
    const target = page || (await widgetOf(element, method) ?? element);
    if (typeof target[method] !== 'function') throw new Error(`there is no method ${method}`);
    const result = target[method](...args);
    if (method === 'focus' && target === element && !element.contains(document.activeElement)) {
      throw new Error('the element does not take the focus: it is hidden, or disabled, or none that can have it');
    }
    const said = [true, await result];
    check([0, ...said]);
    return said;
  } catch (error) {
    return [false, words(error).slice(0, LONGEST)];
  }
}

/** Also of what a script throws that has no text, as `Object.create(null)`. */
function words(error) {
  try {
    return typeof error === 'object' && !(error instanceof Error) ? JSON.stringify(error) : String(error);
  } catch {
    return 'an error without words';
  }
}
