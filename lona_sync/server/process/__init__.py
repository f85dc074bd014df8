"""One process among others: how it begins, follows its source, and ends."""
