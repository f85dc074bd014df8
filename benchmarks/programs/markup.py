"""A table of 1,000×10 as one string of HTML, made anew for each frame that comes: `python markup.py PORT`

What is shown is escaped, as by any template; nothing of it can be changed afterwards.
"""

import base64
import hashlib
import sys
from html import escape
from struct import pack

from gevent.server import StreamServer
from gevent.socket import IPPROTO_TCP, TCP_NODELAY


def markup():
    rows = ["".join([f"<td>{escape(f'{row}.{column}')}</td>" for column in range(10)]) for row in range(1000)]
    return "<table>" + "".join([f"<tr>{cells}</tr>" for cells in rows]) + "</table>"


def handle(sock, _address):
    sock.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
    lines = sock.recv(16384).split(b"\r\n")
    [key] = [line[19:] for line in lines if line.startswith(b"Sec-WebSocket-Key: ")]
    accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    sock.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + accept
        + b"\r\n\r\n"
    )
    while sock.recv(16384):
        payload = markup().encode()
        sock.sendall(pack("!BBQ", 0x81, 127, len(payload)) + payload)


if __name__ == "__main__":
    StreamServer(("127.0.0.1", int(sys.argv[1])), handle, backlog=4096).serve_forever()
