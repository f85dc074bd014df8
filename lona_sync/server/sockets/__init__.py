"""WebSockets: from the handshake to the windows of a connection, in this process and on the way to others."""
