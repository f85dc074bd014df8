"""An echo over gevent-websocket as it comes: `python library.py PORT`"""

import sys

from gevent.pywsgi import WSGIServer
from gevent.socket import IPPROTO_TCP, TCP_NODELAY
from geventwebsocket.handler import WebSocketHandler


def application(environ, _start_response):
    websocket = environ["wsgi.websocket"]
    while (message := websocket.receive()) is not None:
        websocket.send(message)
    return []


if __name__ == "__main__":
    server = WSGIServer(("127.0.0.1", int(sys.argv[1])), application, backlog=4096, handler_class=WebSocketHandler, log=None)
    server.init_socket()
    server.socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)       # which connections inherit
    server.serve_forever()
