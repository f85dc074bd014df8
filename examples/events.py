"""A list of tasks, ordered by drag and drop or by keys: `python events.py`"""

from lona_sync import App, View
from lona_sync.html import (
    BLUR,
    DOUBLE_CLICK,
    DRAG_START,
    DROP,
    H1,
    HTML,
    KEY_DOWN,
    Kbd,
    Li,
    LiveRegion,
    P,
    Style,
    TextInput,
    Ul,
)

app = App(__file__)
app.settings.TITLE = 'Tasks'
CSS = '''#lona { max-width: 34em; margin: 2em auto; padding: 0 1em; line-height: 1.5 } ul { list-style: none; padding: 0 }
li { padding: .6em .8em; margin: .3em 0; border: 1px solid #ccc; border-radius: .4em; background: #fff; cursor: grab }
li:focus-visible { outline: 3px solid #06c } kbd { border: 1px solid #ccc; border-radius: .2em; padding: 0 .3em }
input { font: inherit; width: 100%; box-sizing: border-box }'''
KEYS = KEY_DOWN('Alt+ArrowUp', 'Alt+ArrowDown', 'Delete', prevent_default=True)


class Task(Li):
    EVENTS = [DRAG_START, DROP, DOUBLE_CLICK, KEYS]
    ATTRIBUTES = {'draggable': True, 'tabindex': 0}

    def handle_drop(self, event):
        dragged = event.data['source']
        if isinstance(dragged, Task) and dragged is not self:
            self.parent.nodes.insert(self.parent.nodes.index(self), dragged)

    def handle_key_down(self, event):
        tasks = self.parent.nodes
        place = tasks.index(self)
        if event.data['key'] == 'Delete':
            tasks[place - 1].focus()
            self.remove()
        else:
            tasks.insert(max(0, place - 1) if event.data['key'] == 'ArrowUp' else place + 2, self)      # moves it

    def handle_double_click(self, event):
        field = TextInput(value=self.get_text(), input_delay=0, events=[BLUR, KEY_DOWN('Enter')])

        def done(event):
            self.set_text(field.value)

        field.handle_blur = field.handle_key_down = done
        self.nodes = [field]
        field.focus()


@app.route('/')
class Tasks(View):
    def handle_request(self, request):
        self.show(HTML(
            Style(CSS), H1('Tasks'),
            P('Drag a task, or select one and press ', Kbd('Alt'), ' and an arrow. ', Kbd('Delete'), ' takes it away. ',
              'A double click changes it.'),
            Ul(Task(name) for name in ['Water the plants', 'Feed the cat', 'Write the report', 'Call Ada']), LiveRegion(),
        ))


if __name__ == '__main__':
    app.run()
