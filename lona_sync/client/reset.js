import {NAMES} from './attributes.js';

/** A form was reset: what is another value than the server knows has changed. @param {HTMLFormElement} form */
export function tell(form) {
  for (const control of form.elements) {
    const {value = control.defaultValue, checked = false} = control[NAMES] ?? {};
    const isBox = /^(checkbox|radio)$/.test(control.type);
    const isNews = control.options ? [...control.options].some((option) => option.selected !== !!option[NAMES]?.selected)
      : isBox ? control.checked !== checked : control.value !== value;
    if (isNews) for (const type of ['input', 'change']) control.dispatchEvent(new Event(type, {bubbles: true}));
  }
}
