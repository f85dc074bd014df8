"""This process as one that a supervisor has started, and will start anew (`cli/supervisor.py`).

The supervisor keeps the socket at which the processes listen, one after the other: who comes while none is there waits a moment,
instead of being refused. Both talk over a pair of sockets; when the supervisor is gone, that ends, and this process, too.
"""

from __future__ import annotations

import json
import os
import signal
import socket as sockets
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import gevent
from gevent import socket

from ...siblings import Talk
from ...siblings.talk import Away
from .live_reload import LiveReload, Numbers

#: Where the supervisor writes what a process has to know.
ENVIRONMENT = "LONA_SYNC_SUPERVISOR"
#: Files of modules outside of the project that are watched.
_MODULES = 2000


class Supervised:
    """Made once in a process, before anything of the user's."""

    def __init__(self, told: dict[str, Any]) -> None:        # Any: JSON
        self.numbers = Numbers(**told["numbers"])
        for descriptor in (told["link"], told["listener"]):
            if descriptor is not None:
                os.set_inheritable(descriptor, False)
        self._talk = Talk(socket.socket(sockets.AF_UNIX, fileno=told["link"]))
        self._reload: LiveReload | None = None
        self._address: tuple[str, int] | None = None
        self._inherited: socket.socket | None = None
        if told["listener"] is not None:
            self._address = told["host"], told["port"]
            self._inherited = socket.socket(fileno=told["listener"])

    @classmethod
    def of_environment(cls) -> Supervised | None:
        """None: nobody supervises this process. What is found is taken out, so that processes of the program's own do not."""
        text = os.environ.pop(ENVIRONMENT, "")
        return cls(json.loads(text)) if text else None

    def failed(self, text: str, *, for_good: bool = False) -> None:
        """The program does not start; pages show why. `for_good`: no change of a file could help."""
        with suppress(Away):                                 # then nobody wants to know
            self._talk.send({"failed": text, "for_good": for_good})

    def listener(self, host: str, port: int) -> socket.socket | None:
        """The socket at which the process before listened at this address."""
        return self._inherited if self._address == (host, port) else None

    def serves(self, host: str, port: int, listener: socket.socket, folders: Iterable[Path], networks: Iterable[str]) -> None:
        """The program has started. `host`, `port`: as they were asked for; `folders`: to be watched besides the project's own."""
        self._talk.send(
            {
                "host": host, "port": port, "folders": [str(folder) for folder in folders], "files": _own_modules(),
                "networks": list(networks),
            },
            descriptors=[listener.fileno()],
        )

    def follow(self, reload: LiveReload) -> None:
        """Tell `reload` what the supervisor tells; and end this process when that is gone."""
        self._reload = reload
        gevent.spawn(self._follow, reload)

    def ends(self) -> None:
        """This process is about to end: pages that wait are to ask the next one."""
        if self._reload is not None:
            self._reload.end()

    def _follow(self, reload: LiveReload) -> None:
        try:
            while True:
                reload.now(Numbers(**self._talk.receive()["numbers"]))
        except Away:
            os.kill(os.getpid(), signal.SIGTERM)


def _own_modules() -> list[str]:
    """The files of modules that are no part of an installation: packages that are installed to be edited."""
    places = {os.path.join(path, "") for path in (sys.prefix, sys.base_prefix, sys.exec_prefix)}
    places.add(os.path.join(Path(__file__).resolve().parents[2], ""))
    files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    return [
        file for file in files
        if isinstance(file, str) and file.endswith(".py") and os.path.isabs(file)
        and not any(file.startswith(place) for place in places) and "site-packages" not in file
    ][:_MODULES]
