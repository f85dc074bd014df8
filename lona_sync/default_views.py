"""The framework's own pages as views, by the name of the module from which programs import them."""

from .views.default_views import Error403View, Error404View, Error500View, FrontendView

__all__ = ["Error403View", "Error404View", "Error500View", "FrontendView"]
