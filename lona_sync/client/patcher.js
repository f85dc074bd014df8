import {note, setAttribute} from './attributes.js';
import {Builder, move} from './builder.js';
import {decodePatch} from './protocol.js';

/** Applies snapshots and patches. What does not fit ends in an Error that names the id. */
export class Patcher {
  #tree; #builder; #delegate;
  #client = 0;

  /** @param {Tree} tree @param {{keeps(element: Element): boolean, title(text: string): void}} delegate */
  constructor(tree, delegate) {
    this.#tree = tree;
    this.#delegate = delegate;
    this.#builder = new Builder(tree, (element) => delegate.keeps(element));
  }

  /** Show nothing. */
  clear() {
    this.#tree.nodes.clear();
    this.#tree.root.replaceChildren();
  }

  /** @param {import('./builder.js').Spec} spec */
  replace(spec) {
    this.#keepFocus(() => this.#builder.replace(spec));
  }

  /** @param {Array[]} patches @param {number} client ours: its values are known */
  apply(patches, client = 0) {
    this.#client = client;
    this.#keepFocus(() => {
      let autofocus = null;
      for (const patch of patches) {
        const [verb, ...fields] = decodePatch(patch);
        autofocus = this.#verbs[verb](...fields) ?? autofocus;
      }
      return autofocus;
    });
  }

  /** An insert returns who asks for the focus. */
  #verbs = {
    TEXT: (id, text) => { this.#tree.get(id).data = text; },

    SET: (id, name, value, client) => {
      const element = this.#tree.get(id);
      const users = ['value', 'checked', 'selected'].includes(name) && this.#delegate.keeps(element);
      if (users || (client && client === this.#client)) note(element, name, value);
      else setAttribute(element, name, value);
    },

    CLASS: (id, name, on) => {
      const element = this.#tree.get(id);
      element.classList.toggle(name, on);
      if (element.classList.length) note(element, 'class', true);
      else setAttribute(element, 'class', false);
    },

    STYLE: (id, property, value) => {
      const element = this.#tree.get(id);
      const [plain, important] = (value ?? '').split(/\s*!\s*(?=important\s*$)/i);
      element.style.removeProperty(property);                  // a value that the browser refuses must not leave the old one
      element.style.setProperty(property, plain, important?.trim());
      if (element.style.length) note(element, 'style', true);
      else setAttribute(element, 'style', false);
    },

    INSERT: (parent, before, first, tags, stream) =>
      this.#builder.insert(this.#tree.get(parent), before ? this.#tree.get(before) : null, {first, tags, stream}),

    REMOVE: (id) => {
      const node = this.#tree.get(id);
      this.#tree.forget(node);
      node.remove();
    },

    MOVE: (id, parent, before) =>
      move(this.#tree.get(parent), this.#tree.get(id), before ? this.#tree.get(before) : null),

    TITLE: (text) => { this.#delegate.title(text); },
  };

  #keepFocus(change) {
    const active = document.activeElement;
    const autofocus = change();
    if (autofocus) autofocus.focus();
    else if (active !== document.activeElement && active.isConnected) active.focus({preventScroll: true});
  }
}
