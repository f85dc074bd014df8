"""Environments for the peers: each has packages of PyPI that shall not meet ours. Made at first use, below `.environments/`."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

from benchmarks.processes import ROOT

FOLDER = ROOT / ".environments"


def python_with(packages: Sequence[str]) -> Path:
    """The Python of an environment with these packages. SystemExit when they cannot be had."""
    name = "-".join(package.partition("=")[0] for package in packages)[:40]
    folder = FOLDER / f"{name}-{hashlib.sha1(repr((packages, sys.version)).encode()).hexdigest()[:8]}"
    python, complete = folder / "bin" / "python", folder / "complete"
    if not complete.exists():
        print(f"making an environment with {', '.join(packages)}", flush=True)
        venv.create(folder, clear=True, with_pip=True)
        made = subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], capture_output=True, text=True)
        if made.returncode:
            sys.exit(f"pip could not install {', '.join(packages)}:\n{made.stderr}")
        complete.touch()
    return python


def versions_in(python: Path) -> dict[str, str]:
    """Of all packages in an environment."""
    code = "import importlib.metadata as m; print(*(f'{d.name}=={d.version}' for d in m.distributions()), sep='\\n')"
    lines = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    return dict(line.split("==", 1) for line in lines)
