const ID = Symbol('id');

/** The nodes of one window, by id and back. */
export class Tree {
  /** @type {Map<number, Node>} */
  nodes = new Map();

  /** @param {Element} root has no id itself */
  constructor(root) {
    this.root = root;
  }

  get(id) {
    const node = this.nodes.get(id);
    if (!node) throw new Error(`there is no node ${id} in this window`);
    return node;
  }

  add(id, node) {
    node[ID] = id;
    this.nodes.set(id, node);
  }

  /** 0: raw HTML, a node that is gone, another window. */
  id(node, nodes = this.nodes) {
    const id = node[ID];
    return nodes.get(id) === node ? id : 0;
  }

  /** The id of `node` or of the nearest above, or 0. */
  nearest(node) {
    while (node && !this.id(node)) node = node.parentNode;
    return node ? this.id(node) : 0;
  }

  /** Free the ids of `node` and all below. */
  forget(node) {
    const walker = document.createTreeWalker(node);
    for (; node; node = walker.nextNode()) this.nodes.delete(this.id(node));
  }
}
