"""By the name of the module from which tests import them; see lona_sync.testing. The fixtures are a plugin."""

from .testing import LonaContext, eventually

__all__ = ["LonaContext", "eventually"]
