"""What loads a server over plain HTTP: connections that are kept, each of which asks again as soon as it has the whole answer.

Each answer has to have the same body as the first one.
"""

from __future__ import annotations

import select
import time
from dataclasses import dataclass

from gevent import socket

from benchmarks.processes import Program
from benchmarks.tabs.base import PATIENCE, Wrong


@dataclass(frozen=True, slots=True)
class Answer:
    """The headers as they came, and the body."""

    headers: list[tuple[str, str]]
    body: bytes


@dataclass(frozen=True, slots=True)
class HTTPLoad:
    """`cpu`: the server's seconds for one request; `busy`: how much of the time this process was at work."""

    requests: int
    seconds: float
    cpu: float
    busy: float

    @property
    def rate(self) -> float:
        return self.requests / self.seconds


def ask(port: int, path: str, cookie: str = "") -> Answer:
    """The answer over a connection of its own. `Wrong` when it is not 200."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as sock:
        sock.sendall(request(port, path, cookie, "close"))
        data = b"".join(iter(lambda: sock.recv(1 << 16), b""))
    head, _, body = data.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    if " 200 " not in status:
        raise Wrong(f"no page at {path!r}: {head!r}")
    return Answer([(name, value) for name, _, value in (line.partition(": ") for line in lines)], body)


def request(port: int, path: str, cookie: str, connection: str = "keep-alive") -> bytes:
    """As short as a browser's would be without its lists of what it knows."""
    cookies = f"Cookie: {cookie}\r\n" if cookie else ""
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: {connection}\r\nUser-Agent: Mozilla/5.0 (benchmark)\r\n"
        f"Accept: text/html,*/*;q=0.8\r\nAccept-Language: en\r\n{cookies}\r\n"
    ).encode()


def load(program: Program, path: str, body: bytes, *, connections: int, seconds: float, cookie: str = "") -> HTTPLoad:
    """For so many seconds. `Wrong` for another answer than 200 with this body."""
    asked = request(program.port, path, cookie)
    socks = [socket.create_connection(("127.0.0.1", program.port), PATIENCE) for _ in range(connections)]
    buffers = {}
    epoll = select.epoll()
    try:
        for sock in socks:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setblocking(False)
            epoll.register(sock.fileno(), select.EPOLLIN)
            buffers[sock.fileno()] = sock, b""
        before = program.cpu(), time.process_time(), time.perf_counter()
        for sock in socks:
            sock.send(asked)
        answered, waiting, end = 0, len(socks), time.perf_counter() + seconds
        while waiting:
            ready = epoll.poll(PATIENCE)
            if not ready:
                raise Wrong(f"no answer to a request of {path!r} after {PATIENCE} s")
            for number, _ in ready:
                sock, data = buffers[number]
                more = sock.recv(1 << 18)
                data += more
                start = data.find(b"\r\n\r\n") + 4
                if more and (start < 4 or len(data) < start + len(body)):
                    buffers[number] = sock, data
                    continue
                if not data.startswith(b"HTTP/1.1 200 ") or data[start:] != body:
                    raise Wrong(f"another answer to {path!r}: {data[:500]!r}")
                buffers[number] = sock, b""
                answered += 1
                if time.perf_counter() < end:
                    sock.send(asked)
                else:
                    waiting -= 1
        after = program.cpu(), time.process_time(), time.perf_counter()
    finally:
        epoll.close()
        for sock in socks:
            sock.close()
    program.check()
    cpu, own, passed = (late - early for late, early in zip(after, before, strict=True))
    return HTTPLoad(answered, passed, cpu / answered, own / passed)
