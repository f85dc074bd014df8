/** What a tree looks like, as a value: for comparing two that were made in different ways. */

const XHTML = 'http://www.w3.org/1999/xhtml';

/** As a value whose keys have an order. */
const sorted = (data) => JSON.stringify(data, (key, value) => (
  value && typeof value === 'object' && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value));

/** @param {import('../../lona_sync/client/tree.js').Tree} tree @param {Node} node */
export function describe(tree, node = tree.root) {
  const id = tree.id(node);
  if (node.nodeType === Node.TEXT_NODE) return [id, node.data];
  const attributes = Object.fromEntries([...node.attributes].map(({name, value}) => [name, value]).sort());
  // Order and blanks in these two mean nothing, and patches do not keep them.
  if ('class' in attributes) attributes.class = [...node.classList].sort();
  if ('style' in attributes) attributes.style = [...node.style].map((name) => `${name}: ${node.style.getPropertyValue(name)}`).sort();
  if (node.widgetData) attributes['@widget'] = sorted(node.widgetData.data);
  for (const name of ['value', 'checked', 'selected', 'indeterminate']) {
    if (name in node && node.localName !== 'li') attributes[`.${name}`] = node[name];
  }
  const namespace = node.namespaceURI === XHTML ? '' : node.namespaceURI;
  return [id, node.localName, namespace, attributes, [...node.childNodes].map((child) => describe(tree, child))];
}
