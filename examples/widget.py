"""A chart that a script draws, with its data on the server: `python widget.py`. The script is widget.js."""

import math

from lona_sync import App, View
from lona_sync.html import H1, HTML, Button, Div, Node, P, Style
from lona_sync.static_files import Script

app = App(__file__)
app.settings.TITLE = 'Widget'
CSS = '''#lona { max-width: 40em; margin: 2em auto; padding: 0 1em; line-height: 1.5 }
button { font: inherit; padding: .3em .8em; margin-right: .5em }
canvas { width: 100%; height: 12em; border: 1px solid #ccc }'''


class Chart(Node):
    """`points`: what is drawn. It fires 'point' with the index of the point that was clicked."""

    TAG_NAME = 'div'
    WIDGET = 'chart'
    WIDGET_DATA = {'points': [], 'color': '#06c'}
    STATIC_FILES = [Script(name='chart', path='widget.js', module=True)]


@app.route('/')
class Wave(View):
    def handle_request(self, request):
        self.chart, add, ask, self.text = Chart(), Button('Add a point'), Button('How wide is it?'), P('Click on a point.')
        self.chart.widget_data['points'] = [math.sin(n / 3) for n in range(20)]
        self.show(HTML(Style(CSS), H1('Widget'), self.chart, Div(add, ask), self.text))
        while True:
            clicked = self.await_click(add, ask).node
            if clicked is add:
                points = self.chart.widget_data['points']
                points.append(math.sin(len(points) / 3))
            else:
                self.text.set_text(f"The chart is {self.chart.call('width', timeout=5)} pixels wide.")
            self.show()

    def handle_input_event(self, event):
        if event.name != 'point':
            return event
        points = self.chart.widget_data['points']
        if isinstance(event.data, int) and 0 <= event.data < len(points):      # a browser may send anything
            self.text.set_text(f'Point {event.data} is at {points[event.data]:.2f}.')


if __name__ == '__main__':
    app.run()
