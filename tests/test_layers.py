"""The architecture as tests: who may import whom.

The rules hold for every import statement, also inside functions and under `TYPE_CHECKING`: two files that need each
other's names are one noun or want a third file. An import counts as one of the file that it names:
`from lona_sync.html import Node` of `html/__init__.py`, `from lona_sync.wire import log` of `wire/log.py`. (Python runs
`lona_sync/__init__.py` before any of its modules, and that imports all of them; this is no fault of the module.)

The checker works on any tree of files, so the second half of this page shows it made-up trees that break each rule.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

#: The layers from the bottom to the top. An area is a file or a folder of the package.
LAYERS = (
    ("errors", "lona_settings", "nothing", "pause", "settings", "static_files", "tokens", "version"),
    ("html",),
    ("wire", "channels", "siblings", "uploads"),
    ("views",),
    ("server",),
    ("app", "launch", "logs", "parts"),
    ("cli", "testing", "contrib", "__init__", "__main__",
     # Names for programs to import, and nothing else.
     "default_views", "exceptions", "pytest", "responses", "routing", "view", "waits"),
)
LEVELS = {area: level for level, areas in enumerate(LAYERS) for area in areas}

#: Neighbours that do not import each other. Elsewhere neighbours may (`__main__` calls `cli`).
APART = {"wire", "channels", "siblings", "uploads"}

#: What an area must not import, so that trees can be built and rendered without a server.
BANNED = {"html": {"gevent", "geventwebsocket", "werkzeug"}}

#: The only module that may import a library.
KEEPERS = {"geventwebsocket": "server.sockets.websocket"}

IMPORTERS = {"__import__", "import_module"}


@dataclass(frozen=True)
class Import:
    """One import in `importer`; `target` is a module of the source, or the full name of something else."""
    importer: str
    path: Path
    line: int
    target: str

    def breaks(self, rule: str) -> str:
        return f"{self.path}:{self.line}: {self.importer} imports {self.target}: {rule}"


class Source:
    """The Python files of the package in the folder `root`, whose name is the package's."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.package = root.name
        #: Name without the package's ("wire.log", "wire" for its `__init__`, "__init__" for the package's own) → file.
        self.modules: dict[str, Path] = {}
        for path in sorted(root.rglob("*.py")):
            name = ".".join(path.relative_to(root).with_suffix("").parts)
            self.modules[name.removesuffix(".__init__")] = path
        #: Imports of the package's own files, and of everything else. `from a import b, c` is one import.
        self.inner: set[Import] = set()
        self.outer: set[Import] = set()
        for module, path in self.modules.items():
            shown = path.relative_to(root.parent)
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), path)):
                for name in self._imported_names(module, node):
                    if name.partition(".")[0] == self.package:
                        self.inner.add(Import(module, shown, node.lineno, self._module_of(name)))
                    else:
                        self.outer.add(Import(module, shown, node.lineno, name))

    def _imported_names(self, module: str, node: ast.AST) -> Iterator[str]:
        """The full dotted names that `node` imports; for `from a import b` it is "a.b", whatever b is."""
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=base, names=names, level=level):
                package = self._package_of(module, level) if level else []
                yield from (".".join([*package, *filter(None, [base]), alias.name]) for alias in names)
            case ast.Call(func=ast.Name(called) | ast.Attribute(attr=called), args=[ast.Constant(str(name)), *_]):
                if called in IMPORTERS:
                    yield name

    def _package_of(self, module: str, dots: int) -> list[str]:
        """What the dots of a relative import mean in `module`."""
        parts = list(self.modules[module].relative_to(self.root.parent).with_suffix("").parts)
        return parts[:-dots]

    def _module_of(self, name: str) -> str:
        """The module that `name` is or stands in. One that does not exist is left to mypy."""
        inside = name.partition(".")[2]
        for module in (inside, inside.rpartition(".")[0] or "__init__"):
            if module in self.modules:
                return module
        return inside


def area(module: str) -> str:
    return module.partition(".")[0]


def _in_order(imports: Iterable[Import]) -> list[Import]:
    return sorted(imports, key=lambda item: (item.path, item.line, item.target))


def files_without_a_layer(source: Source) -> list[str]:
    return [
        f"{path}: {area(module)!r} has no layer; add it to LAYERS, or to an area that is there"
        for module, path in source.modules.items() if area(module) not in LEVELS
    ]


def imports_that_go_up(source: Source) -> list[str]:
    found = []
    for item in _in_order(source.inner):
        here, there = area(item.importer), area(item.target)
        if here == there or here not in LEVELS or there not in LEVELS:
            continue
        if LEVELS[there] > LEVELS[here]:
            found.append(item.breaks(f"layer {LEVELS[here]} must not know layer {LEVELS[there]}"))
        elif LEVELS[there] == LEVELS[here] and {here, there} <= APART:
            found.append(item.breaks(f"{here} and {there} must not know each other"))
    return found


def imports_of_the_own_package(source: Source) -> list[str]:
    """An `__init__` re-exports its files; a file that imports it imports itself in a circle."""
    return [
        item.breaks("inside a package a file imports its siblings, not the package")
        for item in _in_order(source.inner)
        if item.importer.startswith(f"{item.target}.")
    ]


def foreign_imports(source: Source) -> list[str]:
    found = []
    for item in _in_order(source.outer):
        library = item.target.partition(".")[0]
        if library in BANNED.get(area(item.importer), ()):
            found.append(item.breaks(f"{area(item.importer)} works without {library}"))
        elif item.importer != KEEPERS.get(library, item.importer):
            found.append(item.breaks(f"only {KEEPERS[library]} may know {library}"))
    return found


def circles(source: Source) -> list[str]:
    """Each circle among the files once, with the imports that make it."""
    imports: dict[str, dict[str, Import]] = {module: {} for module in source.modules}
    for item in _in_order(source.inner):
        imports[item.importer].setdefault(item.target, item)
    found: list[str] = []
    done: set[str] = set()

    def visit(module: str, path: list[str]) -> None:
        if module in path:
            ring = [*path[path.index(module):], module]
            steps = [imports[here][there] for here, there in pairwise(ring)]
            found.append("\n    ".join(["a circle:", *(step.breaks("part of it") for step in steps)]))
        elif module not in done:
            for target in imports.get(module, ()):
                visit(target, [*path, module])
            done.add(module)

    for module in source.modules:
        visit(module, [])
    return found


RULES = files_without_a_layer, imports_that_go_up, imports_of_the_own_package, foreign_imports, circles

#: Imports every module named on the command line, as parts of a package whose own `__init__` is not run.
LOAD_WITHOUT = """
import importlib, sys, types

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in banned:
            raise ImportError(f"{name} was loaded, although its layer must do without")

banned, root, package, *modules = sys.argv[1].split(), *sys.argv[2:]
sys.meta_path.insert(0, Blocker())
sys.modules[package] = types.ModuleType(package)
sys.modules[package].__path__ = [root]
for module in modules:
    importlib.import_module(f"{package}.{module}")
"""


def load_without_banned(root: Path, wanted: str) -> subprocess.CompletedProcess[str]:
    """Load all modules of the area `wanted` in a process where the libraries that it must do without are missing."""
    modules = [module for module in Source(root).modules if area(module) == wanted]
    command = [sys.executable, "-c", LOAD_WITHOUT, " ".join(BANNED[wanted]), str(root), root.name, *modules]
    return subprocess.run(command, capture_output=True, text=True)


ROOT = Path(__file__).parents[1] / "lona_sync"


@pytest.fixture(scope="module")
def source() -> Source:
    return Source(ROOT)


def test_the_checker_sees_the_package(source: Source):
    imports = {(item.importer, item.target) for item in source.inner}

    assert {"errors", "html.mutations", "wire.document"} <= source.modules.keys()
    assert ("wire.document", "html.mutations") in imports


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_package_has_no(rule, source: Source):
    found = rule(source)

    assert not found, "\n" + "\n".join(found)


def test_html_loads_without_gevent_and_werkzeug():
    result = load_without_banned(ROOT, "html")

    assert result.returncode == 0, result.stderr


# From here on: the checker, shown what it has to find.


def tree(folder: Path, files: Mapping[str, str]) -> Path:
    """A package `lona_sync` of these files; folders get an empty `__init__.py` unless one is given."""
    root = folder / "lona_sync"
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / "__init__.py").touch()
        path.write_text(text)
    (root / "__init__.py").touch()
    return root


GOES_UP = "lona_sync/html/node.py:{}: html.node imports {}: layer 1 must not know layer {}"


@pytest.mark.parametrize(("text", "expected"), [
    ("from lona_sync.views.view import View", GOES_UP.format(1, "views.view", 3)),
    ("import lona_sync.views.view as v", GOES_UP.format(1, "views.view", 3)),
    ("from lona_sync import View, App", GOES_UP.format(1, "__init__", 6)),
    ("from .. import View", GOES_UP.format(1, "__init__", 6)),
    ("from ..views import view", GOES_UP.format(1, "views.view", 3)),
    ("from ..views import View", GOES_UP.format(1, "views", 3)),
    ("from ..views.view import *", GOES_UP.format(1, "views.view", 3)),
    ("def f():\n    from lona_sync.views import view", GOES_UP.format(2, "views.view", 3)),
    ("if TYPE_CHECKING:\n    from lona_sync.views import view", GOES_UP.format(2, "views.view", 3)),
    ("v = importlib.import_module('lona_sync.views')", GOES_UP.format(1, "views", 3)),
    ("v = __import__('lona_sync.views')", GOES_UP.format(1, "views", 3)),
])
def test_an_import_upwards_is_found(tmp_path: Path, text: str, expected: str):
    root = tree(tmp_path, {"html/node.py": text, "views/view.py": ""})

    assert imports_that_go_up(Source(root)) == [expected]


@pytest.mark.parametrize(("name", "text"), [
    ("views/view.py", "from lona_sync.html import Node\nfrom ..html import node\nfrom ..errors import X"),
    ("views/view.py", "import lona_sync.wire.log\nfrom ..wire import log, missing"),
    ("html/widgets/chart.py", "from ..node import Node\nfrom . import base"),
    ("__init__.py", "from .app import App\nfrom .html.node import Node"),
    ("__main__.py", "from .cli import main"),
    ("html/__init__.py", "from .node import Node\nfrom . import text"),
    ("errors.py", "import lona_sync_extras\nfrom html import escape"),
])
def test_a_proper_import_is_not_complained_about(tmp_path: Path, name: str, text: str):
    others = "errors.py", "html/node.py", "html/text.py", "html/widgets/base.py", "wire/log.py", "app.py", "cli.py"
    source = Source(tree(tmp_path, {**dict.fromkeys(others, ""), name: text}))

    found = [line for rule in RULES for line in rule(source)]

    assert found == []


@pytest.mark.parametrize(("here", "there"), [("wire", "channels"), ("channels", "wire"), ("wire", "uploads")])
def test_an_import_between_areas_that_live_apart_is_found(tmp_path: Path, here: str, there: str):
    root = tree(tmp_path, {f"{here}/a.py": f"from ..{there} import b", f"{there}/b.py": ""})

    [found] = imports_that_go_up(Source(root))

    assert found.endswith(f"/{here}/a.py:1: {here}.a imports {there}.b: {here} and {there} must not know each other")


@pytest.mark.parametrize("text", ["from . import Node", "from lona_sync.html import Node", "import lona_sync.html"])
def test_a_file_that_imports_its_own_package_is_found(tmp_path: Path, text: str):
    root = tree(tmp_path, {"html/text.py": text, "html/__init__.py": "from .node import Node", "html/node.py": ""})

    [found] = imports_of_the_own_package(Source(root))

    assert found.startswith("lona_sync/html/text.py:1: html.text imports html: inside a package ")


def test_a_circle_is_found_with_its_steps(tmp_path: Path):
    root = tree(tmp_path, {
        "html/a.py": "from .b import B",
        "html/b.py": "def f():\n    from .c import C",
        "html/c.py": "if TYPE_CHECKING:\n\n    from . import a",
        "html/d.py": "from .a import A\nfrom .b import B",
    })

    assert circles(Source(root)) == [
        "a circle:\n"
        "    lona_sync/html/a.py:1: html.a imports html.b: part of it\n"
        "    lona_sync/html/b.py:2: html.b imports html.c: part of it\n"
        "    lona_sync/html/c.py:3: html.c imports html.a: part of it"
    ]


@pytest.mark.parametrize("name", ["utils.py", "helpers/strings.py"])
def test_a_file_without_a_layer_is_found(tmp_path: Path, name: str):
    found = files_without_a_layer(Source(tree(tmp_path, {name: ""})))

    assert any(line.startswith(f"{tmp_path}/lona_sync/{name}: ") for line in found)


@pytest.mark.parametrize(("name", "text", "rule"), [
    ("html/node.py", "import gevent.lock", "html works without gevent"),
    ("html/node.py", "def f():\n    from werkzeug import Request", "html works without werkzeug"),
    ("server/http/serving.py", "from geventwebsocket import websocket", "only server.sockets.websocket may know geventwebsocket"),
    ("app.py", "import geventwebsocket", "only server.sockets.websocket may know geventwebsocket"),
])
def test_a_library_in_the_wrong_place_is_found(tmp_path: Path, name: str, text: str, rule: str):
    [found] = foreign_imports(Source(tree(tmp_path, {name: text})))

    assert found.endswith(rule)


def test_the_keeper_of_a_library_may_import_it(tmp_path: Path):
    root = tree(tmp_path, {"server/sockets/websocket.py": "from geventwebsocket.websocket import WebSocket"})

    assert foreign_imports(Source(root)) == []


def test_html_that_loads_gevent_by_a_lower_layer_is_found(tmp_path: Path):
    root = tree(tmp_path, {"html/node.py": "from ..errors import X", "errors.py": "import gevent.timeout"})

    result = load_without_banned(root, "html")

    assert result.returncode == 1
    assert "gevent was loaded, although its layer must do without" in result.stderr


def test_html_is_loaded_without_the_package_above_it(tmp_path: Path):
    root = tree(tmp_path, {"__init__.py": "import gevent", "html/node.py": "from . import text", "html/text.py": ""})

    result = load_without_banned(root, "html")

    assert result.returncode == 0, result.stderr
