"""A dialog is a function that returns a value: who calls it waits for the answer. `lona-sync run dialogs.py`

One dialog may call another one; Escape answers, too; and whatever happens meanwhile, `finally` takes the dialog away.
"""

from contextlib import contextmanager

from lona_sync import App, View
from lona_sync.html import (
    H1,
    H2,
    HTML,
    KEY_DOWN,
    Button,
    Dialog,
    Form,
    Label,
    Li,
    LiveRegion,
    P,
    Small,
    Span,
    Style,
    Submit,
    TextArea,
    TextInput,
    Ul,
)
from lona_sync.waits import Came, click, event, submit

app = App(__file__)
app.settings.TITLE = 'Recipes'
CSS = '''ul { padding: 0; list-style: none } li { display: flex; gap: .5em; align-items: baseline; padding: .3em 0 }
li span { flex: 1; overflow-wrap: anywhere } dialog { width: 22em; max-width: calc(100vw - 2em); box-sizing: border-box }
dialog form { display: grid; gap: 1em } dialog input, dialog textarea { display: block; width: 100%; box-sizing: border-box }
dialog h2 { margin-top: 0 } dialog p { display: flex; gap: .5em; margin-bottom: 0 } ::backdrop { background: #0008 }'''
ESCAPE = KEY_DOWN('Escape', prevent_default=True)


@contextmanager
def dialog_of(view, title, *nodes):
    """A modal dialog that is open as long as the block takes."""
    dialog = Dialog(H2(title), *nodes, events=[ESCAPE])
    view.page.append(dialog)
    view.show()
    try:
        dialog.call('showModal')
        yield dialog
    finally:
        dialog.remove()
        view.show()


def confirm(view, question, answer):
    """Whether the user said so."""
    yes, no = Button(answer), Button('Cancel')
    with dialog_of(view, question, P(yes, no)) as dialog:
        return view.await_any(click(yes, no), event(ESCAPE, dialog)).node is yes


def edit(view, recipes, name=''):
    """The name and text that the user wants; None when he has changed his mind."""
    field, text = TextInput(name, name='name', required=True, maxlength=40), TextArea(recipes.get(name, ''), name='text')
    cancel = Button('Cancel', _type='button')
    form = Form(Label('Name', field), Label('What is in it', text), P(Submit('Save'), cancel))
    with dialog_of(view, 'Recipe', form) as dialog:
        while True:
            match view.await_any(submit(form), click(cancel), event(ESCAPE, dialog)):
                case Came('submit'):
                    is_free = field.value == name or field.value not in recipes
                    if is_free or confirm(view, f'Replace the other “{field.value}”?', 'Replace'):
                        return field.value, text.value
                case _:
                    if (field.value, text.value) == (name, recipes.get(name, '')) or confirm(view, 'Forget this?', 'Forget'):
                        return None


class Row(Li):
    def __init__(self, name, text):
        self.name = name
        self.change, self.delete = Button('Change', stale='drop'), Button('Delete', stale='drop')
        super().__init__(Span(name, ' ', Small(text)), self.change, self.delete)


@app.route('/')
class Recipes(View):
    def handle_request(self, request):
        recipes = {'Bread': 'Flour, water, salt, time', 'Curry': 'Whatever there is', 'Soup': 'The rest of that'}
        new, rows, said = Button('New recipe', stale='drop'), Ul(), LiveRegion()
        self.page = HTML(Style(CSS), H1('Recipes'), rows, P(new), said)
        while True:
            rows.nodes = [Row(*recipe) for recipe in sorted(recipes.items())]
            self.show(self.page)
            button = self.await_click(new, *[[row.change, row.delete] for row in rows]).node
            row = button.closest('li')
            if row and button is row.delete:
                if confirm(self, f'Delete “{row.name}”?', 'Delete'):
                    del recipes[row.name]
                    said.announce(f'{row.name} is gone.')
            elif saved := edit(self, recipes, row.name if row else ''):
                recipes.pop(row.name if row else '', None)
                recipes[saved[0]] = saved[1]
                said.announce(f'{saved[0]} is saved.')


if __name__ == '__main__':
    app.run()
