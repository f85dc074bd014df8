"""Conway's game of life: a thousand cells, of which each step changes only those that are born or die. `lona-sync run life.py`"""

import random

from lona_sync import App, View
from lona_sync.html import CLICK, H1, HTML, Button, Div, P, Style

app = App(__file__)
app.settings.TITLE = 'Life'
WIDTH, HEIGHT = 40, 24
CSS = f'''.world {{ display: grid; grid-template-columns: repeat({WIDTH}, 1fr); gap: 1px }}
.world {{ max-width: 44em; margin: .8em 0; background: #8884 }}
.world div {{ aspect-ratio: 1; background: Canvas }} .world .alive {{ background: #16a34a }}'''
GLIDER = [(1, 0), (2, 1), (0, 2), (1, 2), (2, 2)]


@app.route('/')
class Life(View):
    def handle_request(self, request):
        self.cells = {(x, y): Div() for y in range(HEIGHT) for x in range(WIDTH)}
        self.places = {cell: place for place, cell in self.cells.items()}
        self.alive = set()
        self.world = Div(*self.cells.values(), _class='world', events=[CLICK], handle_click=self.toggle)
        self.text, self.run, self.generation = P(), Button('Run', handle_click=self.start), 0
        step = Button('Step', handle_click=lambda event: self.step())
        chance = Button('Random', handle_click=lambda event: self.live(set(random.sample(list(self.cells), 200))))
        clear = Button('Clear', handle_click=lambda event: self.live(set()))
        self.live({(x + 2, y + 2) for x, y in GLIDER})
        self.show(HTML(Style(CSS), H1('Life'), self.world, Div(self.run, step, chance, clear), self.text))

    def start(self, event):
        self.run.set_text('Run' if self.run.get_text() == 'Stop' else 'Stop')
        if self.run.get_text() == 'Stop':
            self.spawn(self.play)

    def play(self):
        while self.run.get_text() == 'Stop' and self.alive:
            self.step()
            self.show()
            self.sleep(.15)
        self.run.set_text('Run')
        self.show()

    def step(self):
        neighbours = {}
        for x, y in self.alive:
            for dx, dy in ((-1, -1), (0, -1), (1, -1), (-1, 0), (1, 0), (-1, 1), (0, 1), (1, 1)):
                place = (x + dx) % WIDTH, (y + dy) % HEIGHT
                neighbours[place] = neighbours.get(place, 0) + 1
        self.generation += 1
        self.live({place for place, count in neighbours.items() if count == 3 or (count == 2 and place in self.alive)})

    def live(self, alive):
        for place in self.alive ^ alive:                  # the browser gets these, and no others
            self.cells[place].class_list.toggle('alive')
        self.alive = alive
        self.text.set_text(f'Generation {self.generation}, {len(alive)} cells alive')

    def toggle(self, event):
        place = self.places.get(event.target_node)        # None: between two cells
        if place is not None:
            self.live(self.alive ^ {place})


if __name__ == '__main__':
    app.run()
