"""Several processes, and every visitor sees what any other sends. In this folder, each in a terminal of its own:

    redis-server
    LONA_SYNC_BROKER=redis://localhost gunicorn -k gevent -w 3 workers:app

Open http://localhost:8000/ in some windows, until they show different workers. `publish.py` sends from outside; so does

    lona-sync channel send --broker redis://localhost chat '"hello from the shell"'
"""

import os

from lona_sync import App, Channel, View
from lona_sync.html import H1, HTML, Button, Code, Div, Li, P, Style, TextInput, Ul

app = App(__file__)
app.settings.TITLE = 'Workers'
chat = Channel('chat')
CSS = '''#lona { max-width: 34em; margin: 2em auto; padding: 0 1em; line-height: 1.5 } code { color: #06c; font-size: 1em }
.line { display: flex; gap: .5em } input { flex: 1; min-width: 0 } input, button { font: inherit; padding: .4em .8em }
ul { list-style: none; padding: 0 } li { padding: .4em 0; border-bottom: 1px solid #ddd; overflow-wrap: anywhere }'''

@app.route('/')
class Visitor(View):
    def handle_request(self, request):
        me, text, send = Code(os.getpid()), TextInput(_placeholder='Say something to everybody'), Button('Send')
        self.disk, self.messages = P('No word from publish.py yet.'), Ul()
        chat.subscribe(self.handle_chat)
        self.subscribe('disk.*', self.handle_disk)
        self.show(HTML(
            Style(CSS), H1('Workers'), P('You are served by worker ', me, '.'), self.disk,
            Div(text, send, _class='line'), self.messages,
        ))
        while True:
            self.await_click(send)
            chat.send(f'{text.value} (sent by worker {os.getpid()})')
            text.value = ''

    def handle_chat(self, message):
        if message.missed:             # Redis was away for too long, say. -1: nobody knows how many
            self.messages.insert(0, Li('… some messages were lost here'))
        self.messages.insert(0, Li(str(message.data)))

    def handle_disk(self, message):
        self.disk.set_text(f"The disk of {message.data['host']} is {message.data['percent']} % full.")
