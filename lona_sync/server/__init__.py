"""HTTP and WebSocket: how a browser reaches a view."""
