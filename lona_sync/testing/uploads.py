"""What a browser does with the files of an input: it announces them, and sends them piece by piece."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from werkzeug.test import Client, TestResponse

#: A name, the content, and what the browser says that it is.
ChosenFile = tuple[str, bytes] | tuple[str, bytes, str]


@dataclass
class _Sending:
    id: str
    data: bytes
    offset: int


class Upload:
    """Files that were chosen for one input, or dropped on it. `refusal`: what the server has against them; '': nothing.

    `send()` brings all that has not come yet; `send(1000)` the next thousand bytes. `status` is that of the last request.
    """

    def __init__(self, http: Client, base: str, secret: str, files: tuple[ChosenFile, ...]) -> None:
        self._http = http
        self._base = base
        claims = [[file[0], len(file[1]), file[2] if len(file) > 2 else "", 0] for file in files]
        response = http.post(f"{base}/{secret}", data=json.dumps(claims), content_type="application/json")
        self.status = response.status_code
        self.refusal = response.text.strip() if response.status_code != 200 else ""
        self._files: list[_Sending] = []
        if response.status_code == 200:
            found: dict[str, Any] = json.loads(response.text)             # Any: JSON
            self.chunk = found["chunk"]
            self._files = [
                _Sending(number, file[1], offset) for (number, offset), file in zip(found["files"], files, strict=True)
            ]

    @property
    def ids(self) -> list[str]:
        """By which the server knows the files."""
        return [file.id for file in self._files]

    @property
    def left(self) -> int:
        """Bytes that have not come."""
        return sum(len(file.data) - file.offset for file in self._files)

    def send(self, count: int | None = None) -> None:
        """Bring the next `count` bytes; None: all. Ends early when the server refuses."""
        rest = self.left if count is None else count
        for file in self._files:
            while rest > 0 and file.offset < len(file.data):
                piece = file.data[file.offset:file.offset + min(rest, self.chunk)]
                response = self.patch(file.id, file.offset, piece)
                self.status = response.status_code
                if response.status_code != 204:
                    self.refusal = response.text.strip()
                    return
                file.offset = int(response.headers["Upload-Offset"])
                rest -= len(piece)

    def patch(self, number: str, offset: int, data: bytes) -> TestResponse:
        """One request with bytes."""
        return self._http.patch(f"{self._base}/{number}", data=data, headers={"Upload-Offset": str(offset)})

    def ask(self, number: str) -> TestResponse:
        """How far one of them is."""
        return self._http.head(f"{self._base}/{number}")

    def cancel(self) -> None:
        """The user does not want to any more."""
        for number in self.ids[:1]:
            self.status = self._http.delete(f"{self._base}/{number}").status_code
