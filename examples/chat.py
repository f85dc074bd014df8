"""A chat for everybody who opens the page: one channel, and a stream whose lines nobody keeps. `lona-sync run chat.py`

With several workers, or several machines, set LONA_SYNC_BROKER to a Redis server: nothing else changes.
"""

import time

from lona_sync import App, Channel, View
from lona_sync.html import H1, HTML, Em, Form, Li, Small, Stream, Strong, Style, Submit, TextInput

app = App(__file__)
app.settings.TITLE = 'Chat'
room = Channel('chat.room')
CSS = '''.lines { height: 18em; overflow: auto; padding: 0; list-style: none; overflow-wrap: anywhere }
.lines li { padding: .2em 0 } small { opacity: .7; margin-right: .6em }
form.line { display: flex; gap: .5em } form.line input:first-child { flex: 1; min-width: 0 } .line [type=submit] { width: auto }'''


@app.route('/')
class Chat(View):
    name = None

    def handle_request(self, request):
        self.name = self.ask_name()
        self.lines = Stream(tag_name='ul', limit=500, _class='lines', _tabindex='0', _aria_label='Messages')
        text = TextInput(name='text', maxlength=500, required=True, autocomplete='off', _aria_label='Message')
        form = Form(text, Submit('Send'), _class='line')
        room.subscribe(self.add)
        room.send({'name': self.name, 'joins': True})
        self.show(HTML(Style(CSS), H1('Chat'), self.lines, form))
        text.focus()
        while True:
            self.await_submit(form)
            room.send({'name': self.name, 'text': text.value})
            text.value = ''
            self.show()

    def ask_name(self):
        name = TextInput(name='name', placeholder='Your name', maxlength=30, required=True, _aria_label='Your name')
        form = Form(name, Submit('Join'), _class='line')
        self.await_submit(form, html=HTML(Style(CSS), H1('Chat'), form))
        return name.value

    def add(self, message):
        who, text = message.data['name'], message.data.get('text')
        clock = Small(time.strftime('%H:%M'))
        if text is None:
            self.lines.append(Li(clock, Em(f"{who} {'joins' if message.data['joins'] else 'leaves'}")))
        else:
            self.lines.append(Li(clock, Strong(who), ': ', text))          # a text is a text, whatever somebody types

    def on_cleanup(self):
        if self.name is not None:
            room.send({'name': self.name, 'joins': False})


if __name__ == '__main__':
    app.run()
