"""What ends a view from outside, by the name of the module from which programs import it; all others are in `errors`."""

from .errors import ServerStop, StopReason, UserAbort

__all__ = ["ServerStop", "StopReason", "UserAbort"]
