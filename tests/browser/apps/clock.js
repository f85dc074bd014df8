// A classic script, and a widget of the old kind.
Lona.register_widget_class('test-clock', class {
  setup() { this.data_updated(); }
  data_updated() { this.root_node.firstChild.textContent = `${this.data.zone} ${this.data.hour}`; }
  deconstruct() { window.stopped = true; }
});
