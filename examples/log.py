"""A log that everybody watches: each line goes to the browsers and is forgotten here. `python log.py`"""

import time

import gevent

from lona_sync import App, Channel, View
from lona_sync.html import CLICK, H1, HTML, Button, Code, Div, Li, LiveRegion, P, Small, Stream, Style

app = App(__file__)
app.settings.TITLE = 'Log'
lines = Channel('lines')
CSS = '''#lona { max-width: 40em; margin: 2em auto; padding: 0 1em; line-height: 1.5 } small { color: #666; margin-right: .6em }
.log { height: 18em; overflow: auto; border: 1px solid #ccc; padding: 0 .8em; list-style: none }
.log li { cursor: pointer; border-bottom: 1px solid #eee } button { font: inherit; padding: .3em .8em }'''


def work():
    """Something that goes on in the background, and says so."""
    for number in range(1, 1_000_000):
        gevent.sleep(1)
        lines.send(f'step {number} is done')


gevent.spawn(work)


@app.route('/')
class Log(View):
    def handle_request(self, request):
        self.log = Stream(tag_name='ul', limit=500, events=[CLICK], handle_click=self.pick, _class='log', _tabindex='0')
        self.picked, clear = LiveRegion(hidden=False), Button('Clear')
        lines.subscribe(self.add)
        self.show(HTML(Style(CSS), H1('Log'), P('Click on a line, and it is marked.'), self.log, Div(clear), self.picked))
        while True:
            self.await_click(clear)
            self.log.clear()
            self.show()

    def add(self, message):
        self.log.append(Li(Small(time.strftime('%H:%M:%S')), message.data))

    def pick(self, event):
        if event.item:
            self.log.update(event.item, Li(Code('marked by you'), _style={'background': '#ffc'}))
            self.picked.announce('One line is marked.')


if __name__ == '__main__':
    app.run()
