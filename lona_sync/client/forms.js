import {isElsewhere, isIgnored, ownUrl} from './events.js';

/** @returns {{url: URL, post: object | null} | null} what a form asks for; null: leave it to the browser */
export function formRequest(event) {
  const {target: form, submitter, defaultPrevented} = event;
  // Not form.action: a field may have this name.
  const option = (name) => submitter?.getAttribute(`form${name}`) ?? form.getAttribute(name) ?? '';
  const method = option('method').toLowerCase() || 'get';
  const url = ownUrl(option('action') || location.href);
  const fields = fieldsOf(event).filter(([, {name}]) => name !== '');       // an empty file
  if (!url || defaultPrevented || isIgnored(form) || isIgnored(submitter) || isElsewhere(option('target'))
    || !/^(get|post)$/.test(method) || fields.some(([, {name}]) => name)) return null;
  if (method === 'get') {
    url.search = new URLSearchParams(fields);
    return {url, post: null};
  }
  return {url, post: asObject(fields)};
}

/** The fields of a form that is submitted, without files, by name. */
export const textsOf = (event) => asObject(fieldsOf(event).filter(([, {name}]) => name === undefined));

const fieldsOf = ({target, submitter}) => [...new FormData(target, submitter)];

function asObject(fields) {
  const object = Object.create(null);            // a field may be called toString
  for (const [name, value] of fields) object[name] = name in object ? [object[name], value].flat() : value;
  return object;
}
