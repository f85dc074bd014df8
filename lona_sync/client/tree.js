const ID = Symbol('id');

/** The nodes that one window shows, by id and back. */
export class Tree {
  /** @type {Map<number, Node>} */
  nodes = new Map();

  /** @param {Element} root where the tree hangs in the page; it has no id itself */
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

  /** 0 for raw HTML, nodes that are gone, other windows. `nodes`: of an earlier time. */
  id(node, nodes = this.nodes) {
    const id = node[ID];
    return nodes.get(id) === node ? id : 0;
  }

  /** The id of the innermost node at or above `node`, 0 when there is none. */
  nearest(node) {
    while (node && !this.id(node)) node = node.parentNode;
    return node ? this.id(node) : 0;
  }

  /** Free the ids of `node` and all below it, at any depth. */
  forget(node) {
    const walker = document.createTreeWalker(node);
    for (; node; node = walker.nextNode()) this.nodes.delete(this.id(node));
  }
}
