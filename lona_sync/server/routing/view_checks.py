"""What is wrong with the view of a route, as far as it can be seen before anybody comes."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Iterator

from ...views.view import View

#: What a view may define to be called.
HOOKS = frozenset(name for name in vars(View) if name.startswith(("handle_", "on_")))
_ALIKE = 0.85                                    # 'handle_requst' is meant as 'handle_request'; 'handle_message' is not


def refuse_coroutines(view: type) -> None:
    """Raise TypeError when a hook of `view` is a coroutine function: it would be called and never run."""
    for name in sorted(HOOKS):
        hook = getattr(view, name, None)
        if inspect.iscoroutinefunction(hook) or inspect.isasyncgenfunction(hook):
            raise TypeError(
                f"{view.__qualname__}.{name} is a coroutine function, and views are plain procedures that block: write 'def', and "
                "'self.await_sync(x)' instead of 'await x'"
            )


def misspelt_hooks(view: type) -> Iterator[tuple[str, str]]:
    """Methods of `view` that are probably meant as hooks, each with the name of that hook."""
    for name in dir(view):
        if name in HOOKS or hasattr(View, name) or name.startswith("_") or not callable(getattr(view, name)):
            continue
        close = difflib.get_close_matches(name.lower(), HOOKS, n=1, cutoff=_ALIKE)
        if close:
            yield name, close[0]
