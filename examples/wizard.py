"""Five steps in one procedure: forward by a form that is right, back by a button. `lona-sync run wizard.py`

The answers are the view's `state_to_keep`, so a restart of the server, or a deploy, loses none of them.
"""

from datetime import date

from lona_sync import App, View
from lona_sync.html import (
    H1,
    H2,
    HTML,
    Button,
    CheckBox,
    DateInput,
    Dd,
    Dl,
    Dt,
    EmailInput,
    Form,
    Label,
    Legend,
    NumberInput,
    P,
    Progress,
    RadioButton,
    RadioGroup,
    Style,
    Submit,
    TextInput,
)
from lona_sync.waits import click, submit

app = App(__file__)
app.settings.TITLE = 'Rent a bicycle'
CSS = '''form { display: grid; gap: 1em; justify-items: start } progress { width: 100% } legend { font-weight: 600; padding: 0 }
fieldset { border: 0; padding: 0; margin: 0 } fieldset label, .check { display: block; padding: .2em 0 }
label > input:not([type=radio], [type=checkbox]) { display: block } form p { display: flex; gap: .5em; margin: 0 }
dl { display: grid; grid-template-columns: auto 1fr; gap: .3em 1em; margin: 0 } dd { margin: 0; overflow-wrap: anywhere }'''
BICYCLES = {'City': 12, 'Mountain': 19, 'Cargo': 25}


def not_before_today(day):
    return 'That day is over.' if day < date.today() else None


def when():
    return Form(
        Label('First day', DateInput(name='day', required=True, validators=[not_before_today])),
        Label('Days', NumberInput(1, name='days', required=True, min=1, max=14)),
    )


def which():
    return Form(RadioGroup(
        Legend('Bicycle'), [Label(RadioButton(name), f' {name}, {price} € a day') for name, price in BICYCLES.items()],
        name='bicycle', required=True,
    ))


def extras():
    return Form(
        Label(CheckBox(name='helmet'), ' A helmet, free of charge', _class='check'),
        Label(CheckBox(name='lock'), ' A second lock, 2 € a day', _class='check'),
    )


def who():
    return Form(
        Label('Name', TextInput(name='name', required=True, maxlength=60, autocomplete='name')),
        Label('Email', EmailInput(name='email', required=True, autocomplete='email')),
    )


def price(answers):
    return answers['days'] * (BICYCLES[answers['bicycle']] + 2 * answers['lock'])


def check(answers):
    said = {
        'First day': answers['day'], 'Days': answers['days'], 'Bicycle': answers['bicycle'],
        'With': ', '.join(name for name in ('helmet', 'lock') if answers[name]) or 'nothing else',
        'For': f'{answers["name"]}, {answers["email"]}', 'Price': f'{price(answers)} €',
    }
    agree = Label(CheckBox(name='agreed', required=True), ' I agree')
    return Form(Dl([[Dt(name), Dd(text)] for name, text in said.items()]), agree)


STEPS = {'When?': when, 'Which one?': which, 'Anything else?': extras, 'Who are you?': who, 'Is that right?': check}


@app.route('/')
class Wizard(View):
    def handle_request(self, request):
        state = request.restored or {'step': 0, 'answers': {}}
        step, answers = state['step'], state['answers']
        while step < len(STEPS):
            title, make = list(STEPS.items())[step]
            form = make(answers) if make is check else make()
            form.values = {name: self.value_of(name, answers[name]) for name in form.fields if name in answers}
            back = Button('Back', _type='button', disabled=step == 0)
            form.append(P(back, Submit('Rent it' if make is check else 'Next')))
            self.state_to_keep = {'step': step, 'answers': answers}
            self.show(HTML(
                Style(CSS), H1('Rent a bicycle'), Progress(value=step + 1, max=len(STEPS), _aria_label='Steps'), H2(title), form,
            ), title=title)
            going_on = self.await_any(submit(form), click(back)).kind == 'submit'
            answers |= {name: value.isoformat() if isinstance(value, date) else value for name, value in form.values.items()}
            step += 1 if going_on else -1
        self.state_to_keep = None
        return HTML(H1('It is yours.'), P(f'{answers["bicycle"]} from {answers["day"]} on, for {price(answers)} €.'))

    def value_of(self, name, kept):
        return date.fromisoformat(kept) if name == 'day' and kept else kept


if __name__ == '__main__':
    app.run()
