"""A dashboard: a machine tells its temperature twice a second, every page draws it. `lona-sync run dashboard.py`

The machine could be another program: `lona-sync channel send machine.temperature 71.5`, with LONA_SYNC_BROKER set for both.
"""

import random
from collections import deque

import gevent

from lona_sync import App, Channel, View
from lona_sync.html import H1, HTML, Dd, Div, Dl, Dt, Label, LiveRegion, Node, RangeInput, Style
from lona_sync.static_files import Script

app = App(__file__)
app.settings.TITLE = 'Dashboard'
CSS = '''.chart canvas { width: 100%; height: 12em } dl { display: flex; flex-wrap: wrap; gap: 1em }
dl div { flex: 1 8em; padding: .6em .9em; border: 1px solid #8886; border-radius: .5em }
dd { margin: 0; font-size: 1.7em; font-variant-numeric: tabular-nums }
.hot dd { color: #d97706 } input[type=range] { width: 100% }'''
LOW, HIGH, KEPT = 40, 100, 60
temperature = Channel('machine.temperature')
history = deque(maxlen=KEPT)                              # for whoever opens the page now


def machine():
    """Stands in for a real one."""
    degrees = 65.0
    while True:
        degrees += random.gauss(0, 1.5) + (65 - degrees) * .05
        history.append(round(degrees, 1))
        temperature.send(history[-1])
        gevent.sleep(.5)


gevent.spawn(machine)


class Line(Node):
    TAG_NAME = 'div'
    CLASS_LIST = ['chart']
    WIDGET = 'dashboard-line'
    STATIC_FILES = [Script(name='dashboard-line', path='dashboard.js', module=True)]


class Tile(Div):
    def __init__(self, name):
        self.value = Dd('–')
        super().__init__(Dt(name), self.value)


@app.route('/')
class Dashboard(View):
    def handle_request(self, request):
        self.line = Line(widget_data={'values': list(history), 'low': LOW, 'high': HIGH, 'limit': 75})
        self.now, self.mean, self.peak = Tile('Now, °C'), Tile('Mean of 30 s'), Tile('Peak of 30 s')
        self.limit = RangeInput(75, min=LOW, max=HIGH, handle_change=self.set_limit)
        self.alarm = LiveRegion(hidden=False)
        temperature.subscribe(self.measured)
        self.show(HTML(
            Style(CSS), H1('Machine 7'), Dl(self.now, self.mean, self.peak), self.line,
            Label('Warn above ', self.limit), self.alarm,
        ))

    def measured(self, message):
        values = self.line.widget_data['values']
        values.append(message.data)                       # one small patch, not the list
        if len(values) > KEPT:
            del values[0]
        self.now.value.set_text(f'{message.data:.1f}')
        self.mean.value.set_text(f'{sum(values) / len(values):.1f}')
        self.peak.value.set_text(f'{max(values):.1f}')
        self.watch()

    def set_limit(self, event):
        self.line.widget_data['limit'] = self.limit.value
        self.watch()

    def watch(self):
        degrees = self.line.widget_data['values'][-1]
        if (degrees > self.limit.value) is not self.now.has_class('hot'):
            self.now.class_list.toggle('hot')
            self.alarm.announce('Too hot!' if self.now.has_class('hot') else 'All right again.')


if __name__ == '__main__':
    app.run()
