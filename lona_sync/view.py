"""`View`, by the name of the module from which programs import it."""

from .views.view import View

__all__ = ["View"]
