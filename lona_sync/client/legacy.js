import {registerWidget} from './lona.js';
import {Window} from './window.js';

/** Windows, and what widgets get, as the reference calls what they have. */
Object.defineProperties(Window.prototype, {
  root_node: {get() { return this.root; }},
  lona_context: {get() { return Lona.context; }},
  fire_input_event: {value(node, name, data) { return this.fire(node, name, data); }},
  set_html: {value(html) {
    if (this.state !== 'closed') throw new Error('a view is shown here: change its tree on the server');
    this.root.innerHTML = html;
  }},
});

/** By name; to set one registers it. */
export const widget_classes = new Proxy({}, {
  set(classes, name, Widget) {
    registerWidget(name, Widget);
    classes[name] = Widget;
    return true;
  },
});
export const register = (name, Widget) => { widget_classes[name] = Widget; };
