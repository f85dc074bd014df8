import {linkUrl} from './events.js';
import {formRequest} from './forms.js';

/** Links and forms in these elements, which no window shows, start views in `window`. */
export function patch(selector, window) {
  const go = (event, url, post) => {
    if (!url) return;
    event.preventDefault();
    window.navigate(url, post);
  };
  for (const element of document.querySelectorAll(selector)) {
    element.addEventListener('click', (event) => {
      const link = event.target.closest('a[href]');
      if (link) go(event, linkUrl(event, link));
    });
    element.addEventListener('submit', (event) => {
      const request = formRequest(event);
      go(event, request?.url, request?.post);
    });
  }
}
