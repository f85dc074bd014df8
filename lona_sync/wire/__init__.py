"""What travels between a view and its browsers: messages, patches, and the log of a document's frames. No I/O here."""
