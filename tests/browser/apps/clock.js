// A classic script, and a widget of the old kind.
lona_context.patch_input_events('#outside');
Lona.register_widget_class('test-clock', class {
  constructor(window) { this.window = window; }
  setup() { this.data_updated(); this.root_node.title = `${this.window.lona_context === lona_context}`; }
  data_updated() { this.root_node.firstChild.textContent = `${this.data.zone} ${this.data.hour}`; }
  deconstruct() { window.stopped = true; }
});
