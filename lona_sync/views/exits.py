"""`sys.exit()` in a view: in a script it ends the program, and here it would end it for all its users."""

from __future__ import annotations


def is_of_process(exit: SystemExit) -> bool:
    """Whether a handler of signals has raised it, which runs in whatever greenlet it finds; else the view's code has."""
    trace = exit.__traceback__
    while trace is not None:
        if str(trace.tb_frame.f_globals.get("__name__")).startswith("gunicorn."):
            return True
        trace = trace.tb_next
    return False


def called_exit(exit: SystemExit) -> RuntimeError:
    """The error that stands for it."""
    error = RuntimeError(f"a view ends by returning, not by sys.exit(), which would end the server: {exit!r}")
    error.__cause__ = exit
    return error
