"""The servers that are measured. Each module is a program by itself, for the environment that has what it needs."""
