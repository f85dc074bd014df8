"""Objects that are named by a string: `package.module.attribute`, or `path/to/file.py::attribute`."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType


def is_import_string(value: object) -> bool:
    """Whether `value` is written like one."""
    if not isinstance(value, str):
        return False
    if "::" in value:
        path, _, attribute = value.rpartition("::")
        return path != "" and attribute.isidentifier()
    names = value.split(".")
    return len(names) > 1 and all(name.isidentifier() for name in names)


def acquire(import_string: str, root: Path) -> object:
    """What the string names. A path is relative to `root`; its file is executed once in a process.

    Raises ImportError when there is no such module, file or attribute, and whatever the module raises while it is imported.
    """
    if not is_import_string(import_string):
        raise ImportError(f"{import_string!r} is no import string like 'package.module.attribute' or 'path/to/file.py::attribute'")
    if "::" in import_string:
        place, _, attribute = import_string.rpartition("::")
        module = _file(root / place)
    else:
        place, _, attribute = import_string.rpartition(".")
        module = importlib.import_module(place)
    try:
        return getattr(module, attribute)
    except AttributeError:
        raise ImportError(f"{place!r} has no attribute {attribute!r}, which {import_string!r} asks for") from None


def _file(path: Path) -> ModuleType:
    path = path.resolve()
    # In `sys.modules`, where dataclasses, pickles and `inspect` look for the module of a class.
    name = f"{path.stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:12]}"
    if name in sys.modules:
        return sys.modules[name]
    if not path.is_file():
        raise ImportError(f"there is no file {path}")
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
