"""Routes, by the name of the module from which programs import them."""

from .server.routing.routes import MATCH_ALL, Route, Router

__all__ = ["MATCH_ALL", "Route", "Router"]
