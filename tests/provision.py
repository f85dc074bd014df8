"""Install programs that the tests run and pip cannot bring: `python tests/provision.py chromium`.

A program that is on PATH is left alone, so this may run before every test run. A missing one comes from Debian's
packages, as root or by `sudo -n`; where that is impossible, the last line on stderr says what to install by hand.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

#: The Debian package of each program.
PACKAGES = {"chromium": "chromium", "haproxy": "haproxy", "nginx": "nginx-light", "redis-server": "redis-server"}


class ProvisionError(Exception):
    """A program is missing and cannot be installed from here; the text tells the reader what to do."""


def provision(program: str) -> str:
    """The path of `program`, which is installed when it is not there."""
    if path := find(program):
        return path
    by_hand = f"install {program!r} yourself, so that it is on PATH, and run this again."
    apt_get = [*_as_root(by_hand), _apt_get(by_hand)]
    install = [*apt_get, "install", "--yes", "--no-install-recommends", PACKAGES[program]]
    # A fresh image has no package lists, an old one has lists of versions that the mirror has since dropped.
    if not _succeeds(install) and not (_succeeds([*apt_get, "update"]) and _succeeds(install)):
        raise ProvisionError(f"apt-get could not install {PACKAGES[program]!r} (its messages are above); {by_hand}")
    if path := find(program):
        return path
    raise ProvisionError(f"Debian's {PACKAGES[program]!r} is installed, but brought no {program!r} on PATH; {by_hand}")


def find(program: str) -> str | None:
    """The path of `program`: on PATH, or where Debian puts servers, which is on the PATH of root only."""
    return shutil.which(program) or shutil.which(program, path="/usr/sbin")


def _apt_get(by_hand: str) -> str:
    if path := shutil.which("apt-get"):
        return path
    raise ProvisionError(f"there is no apt-get here; {by_hand}")


def _as_root(by_hand: str) -> list[str]:
    """What has to stand in front of a command for root."""
    if os.geteuid() == 0:
        return []
    if (sudo := shutil.which("sudo")) and _succeeds([sudo, "-n", "true"]):
        # sudo drops our environment, and with it the frontend that asks nothing.
        return [sudo, "-n", "DEBIAN_FRONTEND=noninteractive"]
    raise ProvisionError(f"installing needs root or a sudo that asks no password; {by_hand}")


def _succeeds(command: list[str]) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # The messages go to stderr: stdout has one line for each program. No stdin: nobody is there to answer.
    return subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=sys.stderr).returncode == 0


def main(programs: list[str]) -> int:
    unknown = [program for program in programs if program not in PACKAGES]
    if unknown or not programs:
        print(f"expected some of {', '.join(PACKAGES)}, not {' '.join(unknown) or 'nothing'}.", file=sys.stderr)
        return 2
    for program in programs:
        try:
            print(f"{program}: {provision(program)}", flush=True)
        except ProvisionError as error:
            print(f"{program}: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
