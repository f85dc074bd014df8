"""The installer of test programs, against a PATH on which `apt-get` and `sudo` are small scripts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROVISION = Path(__file__).with_name("provision.py")

AS_A_USER = f"import os, runpy, sys; os.geteuid = lambda: 1000; runpy.run_path({str(PROVISION)!r}, run_name='__main__')"
AS_ROOT = AS_A_USER.replace("1000", "0")


class Machine:
    """A made-up machine: `bin` is all of its PATH; `log` has what apt-get was asked for."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.log_file = folder / "log"

    def add(self, name: str, script: str) -> Path:
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    def add_apt_get(self, script: str) -> None:
        self.add("apt-get", f'echo "$1" >> {self.log_file}\n{script}')

    @property
    def log(self) -> list[str]:
        return self.log_file.read_text().split() if self.log_file.exists() else []

    @property
    def installs(self) -> str:
        """Shell text that makes a chromium appear."""
        chromium = self.bin / "chromium"
        return f"echo '#!/bin/sh' > {chromium}; /bin/chmod 755 {chromium}"

    def run(self, *names: str, code: str = AS_ROOT) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PATH": str(self.bin)}
        return subprocess.run([sys.executable, "-c", code, *names], env=environment, capture_output=True, text=True)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_program_on_path_is_left_alone(machine: Machine):
    chromium = machine.add("chromium", "")
    machine.add_apt_get("exit 1")

    result = machine.run("chromium")

    assert (result.returncode, result.stdout, machine.log) == (0, f"chromium: {chromium}\n", [])


def test_a_missing_program_is_installed_without_an_update(machine: Machine):
    machine.add_apt_get(f"echo Setting up chromium; {machine.installs}")

    result = machine.run("chromium")

    assert (result.returncode, result.stdout, machine.log) == (0, f"chromium: {machine.bin}/chromium\n", ["install"])


def test_the_package_lists_are_updated_when_the_first_install_fails(machine: Machine):
    updated = machine.bin / "updated"
    machine.add_apt_get(f'[ "$1" = update ] && : > {updated} || {{ [ -e {updated} ] && {machine.installs}; }}')

    result = machine.run("chromium")

    assert result.returncode == 0, result.stderr
    assert machine.log == ["install", "update", "install"]


def test_a_user_installs_by_sudo(machine: Machine):
    machine.add("sudo", '[ "$2" = true ] && exit; shift 2; exec "$@"')
    machine.add_apt_get(machine.installs)

    result = machine.run("chromium", code=AS_A_USER)

    assert result.returncode == 0, result.stderr
    assert machine.log == ["install"]


@pytest.mark.parametrize(("apt_get", "code", "reason"), [
    (None, AS_ROOT, "there is no apt-get here"),
    ("", AS_A_USER, "installing needs root or a sudo that asks no password"),
    ("exit 100", AS_ROOT, "apt-get could not install 'chromium'"),
    ("", AS_ROOT, "brought no 'chromium' on PATH"),
])
def test_what_cannot_be_installed_ends_with_a_sentence(machine: Machine, apt_get: str | None, code: str, reason: str):
    if apt_get is not None:
        machine.add_apt_get(apt_get)

    result = machine.run("chromium", code=code)

    assert (result.returncode, result.stdout) == (1, "")
    assert reason in result.stderr
    assert "install 'chromium' yourself" in result.stderr


def test_an_unknown_program_is_refused_by_name(machine: Machine):
    result = machine.run("netscape")

    assert (result.returncode, result.stderr) == (2, "expected some of chromium, haproxy, nginx, redis-server, not netscape.\n")
