/** Which links and forms stay in a window; the others are left to the browser. */

const stays = (url) => url?.origin === location.origin;
const ignored = (element) => element.hasAttribute('data-lona-ignore');
const isElsewhere = (target) => Boolean(target) && target !== '_self';
const parse = (address, base = document.baseURI) => (URL.canParse(address, base) ? new URL(address, base) : null);

/** Whether they differ at most behind the `#`. */
export const samePage = (a, b) => a.pathname === b.pathname && a.search === b.search;

/** @returns {URL | null} where a click leads in the window; null: not ours */
export function linkUrl(event, link) {
  if (event.defaultPrevented || event.button || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return null;
  if (ignored(link) || link.hasAttribute('download') || isElsewhere(link.getAttribute('target'))) return null;
  const url = parse(link.getAttribute('href') ?? link.getAttribute('xlink:href'));
  return stays(url) && !(url.href.includes('#') && samePage(url, location)) ? url : null;
}

/** @returns {{url: URL, post: Record<string, string | string[]> | null} | null} what a form asks for; null: not ours */
export function formRequest({target: form, submitter, defaultPrevented}) {
  // Not form.action: a field may have this name.
  const option = (name) => submitter?.getAttribute(`form${name}`) ?? form.getAttribute(name) ?? '';
  const method = option('method').toLowerCase() || 'get';
  const url = parse(option('action') || location.href);
  const data = new FormData(form, submitter);
  const files = [...data.values()].some((value) => value.name);
  if (defaultPrevented || ignored(form) || (submitter && ignored(submitter)) || isElsewhere(option('target')) || files
    || !/^(get|post)$/.test(method) || !stays(url)) return null;

  const names = [...new Set(data.keys())].filter((name) => !(data.get(name) instanceof File));
  const fields = names.map((name) => [name, data.getAll(name)]);
  if (method === 'post') {
    return {url, post: Object.fromEntries(fields.map(([name, values]) => [name, values.length > 1 ? values : values[0]]))};
  }
  url.search = new URLSearchParams([...data].filter(([name]) => names.includes(name)));
  return {url, post: null};
}
