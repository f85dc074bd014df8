"""Parts that an application may use, each by itself."""
