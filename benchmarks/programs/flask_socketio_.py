"""Flask-SocketIO's pages, over gevent and gevent-websocket: `python flask_socketio_.py PORT`

As its documentation shows it: a page with a script that hears and emits events, a handler for each, and the count in the visitor's
session. There is no tree on the server, so a page of fifty nodes costs it no more than the smallest one, once it was sent.

What is faster than its defaults: the page begins with a WebSocket instead of polling, connections have TCP_NODELAY (by the
listener), and the server pings once an hour, so that pages live on while others are measured. Handlers without a greenlet for each
event (`async_handlers`) and counts in a dict would be hardly cheaper, by 1 and by 4 %. Nothing is logged.
"""

from gevent import monkey

monkey.patch_all()

import sys  # noqa: E402

from flask import Flask, render_template_string, request, session  # noqa: E402
from flask_socketio import SocketIO, emit  # noqa: E402
from gevent.pywsgi import WSGIServer  # noqa: E402
from gevent.socket import IPPROTO_TCP, TCP_NODELAY  # noqa: E402
from geventwebsocket.handler import WebSocketHandler  # noqa: E402

PAGE = """<!doctype html>
<p>0</p>
<button>+1</button>
{% for number in range(lines) %}<div><span>line {{ number }}</span></div>
{% endfor %}<script src="https://cdn.socket.io/4.8.1/socket.io.min.js"></script>
<script>
  const socket = io({transports: ["websocket"]});
  const text = document.querySelector("p");
  document.querySelector("button").addEventListener("click", () => socket.emit("click"));
  socket.on("count", (count) => { text.textContent = count; });
</script>
"""

TABLE = """<!doctype html>
<table>{% for row in range(1000) %}<tr id="row{{ row }}">
{%- for column in range(10) %}<td>{{ row }}.{{ column }}</td>{% endfor %}</tr>{% endfor %}</table>
<button>cell</button> <button>out</button> <button>in</button> <button>sort</button>
<script src="https://cdn.socket.io/4.8.1/socket.io.min.js"></script>
<script>
  const socket = io({transports: ["websocket"]});
  const table = document.querySelector("tbody");
  const row = (number) => document.getElementById("row" + number);
  for (const button of document.querySelectorAll("button")) {
    button.addEventListener("click", () => socket.emit(button.textContent));
  }
  socket.on("cell", (number, column, text) => { row(number).children[column].textContent = text; });
  socket.on("out", (number) => { row(number).remove(); });
  socket.on("in", (number, cells, before) => {
    const added = document.createElement("tr");
    added.id = "row" + number;
    added.append(...cells.map((text) => Object.assign(document.createElement("td"), {textContent: text})));
    table.insertBefore(added, row(before));
  });
  socket.on("sort", (numbers) => { table.append(...numbers.map(row)); });
</script>
"""

app = Flask(__name__)
app.config["SECRET_KEY"] = "secret"
socketio = SocketIO(app, async_mode="gevent", ping_interval=3600)
last = 0
tables = {}


@app.route("/")
def counter():
    return render_template_string(PAGE, lines=0)


@app.route("/fifty")
def fifty():
    """A counter with fifty nodes."""
    return render_template_string(PAGE, lines=15)


@socketio.on("click")
def click():
    session["count"] = session.get("count", 0) + 1
    emit("count", session["count"])


@app.route("/news")
def news():
    """Shows what is published."""
    return render_template_string(PAGE, lines=0)


@app.route("/publish")
def publish():
    """Sends the next numbers, `count` of them, to all who are connected."""
    global last
    for _ in range(int(request.args["count"])):
        last += 1
        socketio.emit("count", last)
    return "sent"


class Rows:
    """What the server has to know of a page with a table: the numbers of its rows."""

    def __init__(self):
        self.numbers = list(range(1000))
        self.clicks, self.made, self.descending = 0, 1000, False

    @property
    def middle(self):
        return len(self.numbers) // 2


@app.route("/table")
def table():
    """A table of 1,000×10, and below it four buttons: `cell` changes a text to the count of its clicks, `out` takes
    the row in the middle out, `in` puts a new one there, `sort` turns the order of the rows.
    """
    return render_template_string(TABLE)


def rows_of_page():
    return tables.setdefault(request.sid, Rows())


@socketio.on("disconnect")
def forget(_reason):
    tables.pop(request.sid, None)


@socketio.on("cell")
def change_cell():
    rows = rows_of_page()
    rows.clicks += 1
    emit("cell", (100, 4, str(rows.clicks)))


@socketio.on("out")
def take_out():
    rows = rows_of_page()
    emit("out", rows.numbers.pop(rows.middle))


@socketio.on("in")
def put_in():
    rows = rows_of_page()
    before, number = rows.numbers[rows.middle], rows.made
    rows.numbers.insert(rows.middle, number)
    rows.made += 1
    emit("in", (number, [f"{number}.{column}" for column in range(10)], before))


@socketio.on("sort")
def sort():
    rows = rows_of_page()
    rows.descending = not rows.descending
    rows.numbers.sort(reverse=rows.descending)
    emit("sort", (rows.numbers,))


if __name__ == "__main__":
    server = WSGIServer(("127.0.0.1", int(sys.argv[1])), app, backlog=4096, handler_class=WebSocketHandler, log=None)
    server.init_socket()
    server.socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
    server.serve_forever()
