"""What `View.await_any` can wait for, by the names of the methods that wait for it alone.

    from lona_sync.waits import Came, after, blur, change, click, ended, event, focus, input_event, message, submit, upload

Something else can be waited for when it is an `Awaited`: see docs/procedures.md.
"""

from .views.choice import Awaited, Came, Place, Source, Wake
from .views.sources import after, blur, change, click, ended, event, focus, input_event, message, submit, upload

__all__ = [
    "Awaited",
    "Came",
    "Place",
    "Source",
    "Wake",
    "after",
    "blur",
    "change",
    "click",
    "ended",
    "event",
    "focus",
    "input_event",
    "message",
    "submit",
    "upload",
]
