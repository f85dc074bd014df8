"""What users name: a script, a folder, a module, or an application in a module."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import runpy
import sys
from collections.abc import Mapping
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from ..app import App
from ..launch import Declared, Launch, launch
from .endings import Unusable


def add_target(parser: argparse.ArgumentParser) -> None:
    """The argument of commands that look at an application without serving it."""
    parser.add_argument("target", help="script.py, or package.module:app")
    parser.add_argument("-m", dest="is_module", action="store_true", help="target is a module to run, as in `python -m`")


def run_target(words: list[str], *, is_module: bool, started: Launch) -> None:
    """Run what `words` name, with the rest of them as its arguments, and have its application serve.

    `started` is what `App.run` is told. The standard library is patched by now.
    """
    launch.set(started)
    target = words[0]
    sys.argv = words
    if is_application(target) and not is_module:
        load(target).run()
        return
    names = _execute(target, is_module=is_module)
    if not started.served:                               # a script that only declares its application
        app = _only_app(names, target)
        _restore_main(names)
        app.run()


def declared(target: str, *, is_module: bool) -> App:
    """The application of the target, loaded as `lona-sync run` does, up to the moment in which it would serve."""
    if is_application(target) and not is_module:
        return load(target)
    launch.set(Launch(only_declare=True))
    sys.argv = [target]
    try:
        names: Mapping[str, object] = _execute(target, is_module=is_module)
    except Declared as found:
        _restore_main(found.names)
        app: App = found.app
        return app
    app = _only_app(names, target)
    _restore_main(names)
    return app


def go_to(folder: str) -> None:
    """Make it the current folder; '' leaves that as it is."""
    try:
        if folder:
            os.chdir(folder)
    except OSError as error:
        raise Unusable(f"the project's root {folder!r} cannot be used: {error.strerror}") from None


def is_application(target: str) -> bool:
    """Whether it is `package.module:app`."""
    return ":" in target and not Path(target).exists()


def _execute(target: str, *, is_module: bool) -> Mapping[str, object]:
    """Run a script or module as Python does; the names that it has left."""
    path = Path(target)
    if is_module:
        sys.path.insert(0, str(Path.cwd()))
        if find(target).submodule_search_locations is not None:
            find(f"{target}.__main__")
        return runpy.run_module(target, run_name="__main__", alter_sys=True)
    if path.is_file():
        if sys.path[0] in ("", str(Path.cwd())):         # of `python -m lona_sync`; a script has its own folder in this place
            del sys.path[0]
        sys.path.insert(0, str(path.resolve().parent))
        return runpy.run_path(target, run_name="__main__")
    if (path / "__main__.py").is_file():
        return runpy.run_path(target, run_name="__main__")
    raise Unusable(f"there is no file {target!r}. Name a script, or an application as package.module:app.")


def _restore_main(names: Mapping[str, object]) -> None:
    # runpy has put back who was "__main__" before; the script's classes are still of a module of this name, and whoever asks
    # for their file (of a widget's script) or names would find those of this command.
    main_module = ModuleType("__main__")
    vars(main_module).update(names)
    sys.modules["__main__"] = main_module


def load(target: str) -> App:
    """The application of `package.module:app`."""
    sys.path.insert(0, str(Path.cwd()))
    module_name, _, name = target.partition(":")
    find(module_name)
    found = getattr(importlib.import_module(module_name), name, None)
    if not isinstance(found, App):
        raise Unusable(f"{target!r} is no lona_sync.App, but {found!r}")
    return found


def find(module_name: str) -> ModuleSpec:
    """Where the module is; it is not loaded, the packages around it are. What fails inside of those is not hidden."""
    spec = None
    try:
        if all(part.isidentifier() for part in module_name.split(".")):
            spec = importlib.util.find_spec(module_name)
    except ModuleNotFoundError as error:
        if not f"{module_name}.".startswith(f"{error.name}."):
            raise
    if spec is None:
        raise Unusable(f"there is no module {module_name!r} in {Path.cwd()} or on the path")
    return spec


def _only_app(names: Mapping[str, object], target: str) -> App:
    apps = [value for value in names.values() if isinstance(value, App)]
    if len(set(map(id, apps))) != 1:
        raise Unusable(f"{target!r} holds {len(apps)} applications; one is needed, or a call of app.run()")
    return apps[0]


def script_of(target: str) -> Path:
    """The file that `App(__file__)` names there. Nothing is loaded."""
    path = Path(target)
    if path.is_file() or ":" not in target:
        return path.resolve()
    sys.path.insert(0, str(Path.cwd()))
    origin = find(target.partition(":")[0]).origin
    return Path(origin or "").resolve()
