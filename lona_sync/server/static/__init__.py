"""Files that never change while the server runs, and the browser's side."""
