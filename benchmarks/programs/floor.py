"""The floor: an echo of WebSocket messages over gevent's sockets, with the least that reads a frame. `python floor.py PORT`

It knows text frames of less than 126 bytes, checks nothing, and does nothing else: what any server of gevent's has to do at least,
by the calls that everybody would use (`recv`, `sendall`).

`GET /publish?count=N` sends the next N numbers to all WebSockets of `/news`: one `send` for each, of the bytes of a frame of
lona_sync.
"""

import base64
import hashlib
import sys

from gevent.server import StreamServer
from gevent.socket import IPPROTO_TCP, TCP_NODELAY

listeners = set()
last = 0


def publish(count):
    global last
    for _ in range(count):
        last += 1
        payload = b'[3,1,%d,0,[[0,12,"%d"]]]' % (last, last)
        frame = bytes((0x81, len(payload))) + payload
        for sock in listeners:
            sock.send(frame)


def handle(sock, _address):
    sock.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
    data = b""
    while b"\r\n\r\n" not in data:
        more = sock.recv(16384)
        if not more:
            return
        data += more
    head, _, data = data.partition(b"\r\n\r\n")
    path = head.split(b" ")[1]
    if path.startswith(b"/publish?count="):
        publish(int(path.partition(b"=")[2]))
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        return
    [key] = [line[19:] for line in head.split(b"\r\n") if line.startswith(b"Sec-WebSocket-Key: ")]
    accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    sock.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + accept
        + b"\r\n\r\n"
    )
    if path == b"/news":
        listeners.add(sock)
        while sock.recv(16384):
            pass
        listeners.discard(sock)
        return
    while True:
        while len(data) < 6 or len(data) < 6 + (data[1] & 0x7F):
            more = sock.recv(16384)
            if not more:
                return
            data += more
        length = data[1] & 0x7F
        mask, payload, data = data[2:6], data[6:6 + length], data[6 + length:]
        key = (mask * (length // 4 + 1))[:length]
        payload = (int.from_bytes(payload, "little") ^ int.from_bytes(key, "little")).to_bytes(length, "little")
        sock.sendall(bytes((0x81, length)) + payload)


if __name__ == "__main__":
    StreamServer(("127.0.0.1", int(sys.argv[1])), handle, backlog=4096).serve_forever()
