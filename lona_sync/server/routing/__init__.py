"""Which view answers which path."""
