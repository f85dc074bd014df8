"""The least that answers over WSGI: the same bytes each time, from a file of JSON (path → headers, body).

BENCHMARK_ANSWERS names that file.

`python wsgi.py PORT`: on the server of `lona-sync run`; or `gunicorn -k gevent wsgi:application`.
"""

import json
import os
import sys
from pathlib import Path

ANSWERS = {
    path: ([tuple(header) for header in headers], body.encode("latin-1"))
    for path, (headers, body) in json.loads(Path(os.environ["BENCHMARK_ANSWERS"]).read_text()).items()
}


def application(environ, start_response):
    headers, body = ANSWERS[environ["PATH_INFO"]]
    start_response("200 OK", headers)
    return [body]


if __name__ == "__main__":
    from gevent import monkey

    monkey.patch_all()
    from lona_sync.server.http.serving import Server

    server = Server(application, "127.0.0.1", int(sys.argv[1]))
    server.start()
    server.wait_for_signal()
