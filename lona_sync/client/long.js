const FIELDS = 'input, textarea, [contenteditable]';

/**
 * Tells the user of text that no message holds: the browser sends no form with it.
 * @param {HTMLElement} element the field that has issued it, or what is around it: a form whose fields are too long together
 */
export function refuse(element) {
  const fields = element.matches(FIELDS) ? [element] : [...element.querySelectorAll(FIELDS), ...element.elements ?? []];
  const lengthOf = (field) => (field?.value ?? field?.textContent ?? '').length;
  const longest = fields.reduce((a, b) => (lengthOf(b) > lengthOf(a) ? b : a), undefined);
  longest?.setCustomValidity?.('This is too long.');
  longest?.addEventListener('input', () => longest.setCustomValidity?.(''), {once: true});
  if (longest !== element) longest?.reportValidity?.();
}
