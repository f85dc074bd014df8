"""Pages: templates, the first paint, frontends, and what stands on a page when something failed."""
