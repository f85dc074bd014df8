"""A view that goes on without you: close the page, open it again, or on your other screen, and it is where it is.

`lona-sync run daemon.py`
"""

from lona_sync import App, View
from lona_sync.html import H1, HTML, Button, Div, Output, P, Strong, Style

app = App(__file__)
app.settings.TITLE = 'Kitchen timer'
CSS = 'output { display: block; margin: .2em 0; font: 300 4rem system-ui; font-variant-numeric: tabular-nums }'


@app.route('/')
class Timer(View):
    def handle_request(self, request):
        self.is_daemon = True                             # lives on when its last page is closed; ends when it returns
        self.left = 0
        self.time, self.state = Output('0:00'), P('Nothing is in the oven.')
        minutes = [Button(f'+{n} min', handle_click=lambda event, n=n: self.add(n * 60)) for n in (1, 5, 15)]
        clear = Button('Clear', handle_click=lambda event: self.add(-self.left))
        self.show(HTML(
            Style(CSS), H1('Kitchen timer'), self.time, Div(*minutes, clear), self.state,
            P('Open this page a second time: it is the same timer. Close both: it runs on.'),
        ))
        while True:
            self.sleep(1)
            if self.left:
                self.left -= 1
                self.state.nodes = ['Something is in the oven.'] if self.left else [Strong('Ready!')]
                self.write()
                self.show()

    def add(self, seconds):
        self.left += seconds
        self.state.set_text('Something is in the oven.' if self.left else 'Nothing is in the oven.')
        self.write()

    def write(self):
        self.time.set_text(f'{self.left // 60}:{self.left % 60:02}')


if __name__ == '__main__':
    app.run()
