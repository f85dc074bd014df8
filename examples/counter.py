"""The smallest program: a page with a number and a button. `lona-sync run counter.py`"""

from lona_sync import App, View
from lona_sync.html import H1, HTML, Button, P

app = App(__file__)


@app.route('/')
class Counter(View):
    def handle_request(self, request):
        text, button = P('0'), Button('+1')
        self.show(HTML(H1('Counter'), text, button))
        for n in range(1, 1_000_000):
            self.await_click(button)          # the greenlet sleeps here; ten thousand others may, too
            text.set_text(n)
            self.show()


if __name__ == '__main__':
    app.run()
