"""A million measurements in a table: scroll, sort by a header, search, click on a row.

Only the rows around the visible ones are in the browser. Sorting and searching is done here, on a list in memory, and `pause` lets
the other visitors' clicks through meanwhile; with a database you would pass `select_rows` instead.
"""

import random
from datetime import datetime, timedelta

from lona_sync import App, View
from lona_sync.html import H1, HTML, Column, P, Span, Strong, Style, VirtualTable

app = App(__file__)
app.settings.TITLE = 'Measurements'
CSS = '''#lona { max-width: 44em; margin: 0 auto; padding: 0 .5em } h1 { margin-block: .6em .2em } p { margin-block: .4em }
.lona-virtual { border: 1px solid #bbb; border-radius: .5em; font-variant-numeric: tabular-nums }
.lona-virtual-header { background: #eef2f7 } .lona-virtual-row { cursor: pointer } .lona-virtual-row:hover { background: #eef6ff }
.lona-virtual-search { display: flex; flex-wrap: wrap; gap: .7em; align-items: center } .lona-virtual-search input {
flex: 1 1 12em; min-width: 0; padding: .5em .8em; font: inherit; border: 1px solid #bbb; border-radius: .5em }
.hot { color: #b91c1c } .cold { color: #1d4ed8 }'''

PLACES = ['Attic', 'Bakery', 'Cellar', 'Dock', 'Garage', 'Kitchen', 'Office', 'Workshop']
START = datetime(2024, 1, 1)
chance = random.Random(7)

# Seconds since START, the place, degrees Celsius. None: the sensor did not answer.
MEASUREMENTS = [
    (number * 30, chance.choice(PLACES), round(chance.gauss(19, 6), 1) if chance.random() > 0.001 else None)
    for number in range(1_000_000)
]

def time_of(seconds):
    return f'{START + timedelta(seconds=seconds):%d %b %Y, %H:%M:%S}'

def temperature(degrees):
    if degrees is None:
        return '–'
    return Span(f'{degrees:.1f}', _class='hot' if degrees > 30 else 'cold' if degrees < 8 else '')

@app.route('/')
class Measurements(View):
    def handle_request(self, request):
        self.chosen = P('Click on a row.')
        time = Column('Time', 0, time_of, searchable=False, width='minmax(11.5em, 2fr)')
        place = Column('Place', 1, width='minmax(5.5em, 1fr)')
        degrees = Column('°C', 2, temperature, width='4em', align='end')
        table = VirtualTable(
            [time, place, degrees], MEASUREMENTS, searchable=True, label='Measurements', height='calc(100dvh - 11.5em)',
            pause=lambda: self.sleep(0), handle_row_click=self.choose,
        )
        return HTML(Style(CSS), H1('Measurements'), self.chosen, table)

    def choose(self, row, index):
        self.chosen.nodes = [f'Row {index + 1:,}: ', Strong(row[1]), f', {time_of(row[0])}']

if __name__ == '__main__':
    app.run()
