import {NAMES, chosen} from './attributes.js';

/** A form was reset: what is another value than the server knows has changed. @param {HTMLFormElement} form */
export function tell(form) {
  for (const control of form.elements) {
    if (isNews(control)) for (const type of ['input', 'change']) control.dispatchEvent(new Event(type, {bubbles: true}));
  }
}

function isNews(control) {
  const {value = control.defaultValue, checked = false} = control[NAMES] ?? {};
  if (/^(checkbox|radio)$/.test(control.type)) return control.checked !== checked;
  if (!control.options) return control.value !== value;
  const known = chosen(control, (option) => option[NAMES]?.selected);
  return [...control.options].some((option) => option.selected !== known.includes(option));
}
