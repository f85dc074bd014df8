"""`python -m lona_sync` is `lona-sync`."""

from .cli import main

if __name__ == "__main__":
    main()
