"""A clock for several towns: a loop that shows and sleeps, and a select whose handler runs beside it. `lona-sync run clock.py`"""

from datetime import datetime, timedelta, timezone

from lona_sync import App, View
from lona_sync.html import H1, HTML, Label, Option, Select, Style, Time

app = App(__file__)
app.settings.TITLE = 'Clock'
CSS = 'time { display: block; margin: .3em 0; font: 300 4rem system-ui; font-variant-numeric: tabular-nums }'

# Fixed offsets, so that the program needs no database of time zones: hours from UTC.
TOWNS = {'Reykjavík': 0, 'Lagos': 1, 'Nairobi': 3, 'Delhi': 5.5, 'Tokyo': 9}


@app.route('/')
class Clock(View):
    def handle_request(self, request):
        self.time = Time()
        self.town = Select([Option(f'Time in {town}', value=hours) for town, hours in TOWNS.items()], handle_change=self.turn)
        self.turn()
        self.show(HTML(Style(CSS), H1('Clock'), self.time, Label('Town ', self.town)))
        while True:
            self.sleep(1 - datetime.now().microsecond / 1e6)
            if self.is_watched:               # a page whose laptop sleeps costs nothing
                self.turn()
                self.show()

    def turn(self, event=None):
        now = datetime.now(timezone(timedelta(hours=self.town.value)))
        self.time.set_text(f'{now:%H:%M:%S}')
        self.time.attributes['datetime'] = now.isoformat(timespec='seconds')


if __name__ == '__main__':
    app.run()
