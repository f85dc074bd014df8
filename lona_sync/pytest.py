"""`eventually`, by the name of the module from which tests import it; see lona_sync.testing."""

from .testing import eventually

__all__ = ["eventually"]
