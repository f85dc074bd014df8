"""Every input, and what its value is in Python: `python inputs.py`"""

import datetime

from lona_sync import App, View
from lona_sync.html import (
    H1,
    HTML,
    CheckBox,
    Code,
    ColorInput,
    DataList,
    DateInput,
    DateTimeInput,
    Div,
    EmailInput,
    Label,
    MonthInput,
    NumberInput,
    OptGroup,
    Option,
    PasswordInput,
    RadioGroup,
    RangeInput,
    SearchInput,
    Select,
    Small,
    Style,
    TelInput,
    TextArea,
    TextInput,
    TimeInput,
    URLInput,
    WeekInput,
)

app = App(__file__)
app.settings.TITLE = 'Inputs'
CSS = '''#lona { max-width: 46em; margin: 2em auto; padding: 0 1em; line-height: 1.5 } label { display: block; font-weight: bold }
.row { display: grid; grid-template-columns: repeat(auto-fit, minmax(15em, 1fr)); gap: .2em 1.5em; padding: .6em 0 }
.row { border-bottom: 1px solid #ddd } select, textarea, input:not([type=checkbox], [type=radio], [type=color]) { width: 100% }
select, textarea, input { font: inherit; box-sizing: border-box; padding: .3em }
code { overflow-wrap: anywhere; align-self: center } small { color: #b00; display: block } fieldset label { font-weight: normal }'''


@app.route('/')
class Inputs(View):
    def handle_request(self, request):
        today = datetime.date.today()
        shirt = Select(OptGroup(Option('Small', value=36), Option('Large', value=44), _label='Size'), Option('None', value=None))
        drink = RadioGroup(_aria_label='Drink')
        for name, price in [('Tea', 1.5), ('Coffee', 2.5)]:
            drink.add_button(name, {'name': name, 'price': price})
        inputs = {
            'Text': TextInput(required=True, minlength=3, datalist=DataList(Option(value='Ada'), Option(value='Grace'))),
            'Password': PasswordInput(minlength=8),
            'E-mail': EmailInput(),
            'Address': URLInput(),
            'Telephone': TelInput(),
            'Search': SearchInput(),
            'Number': NumberInput(min=0, max=10, step=0.1),
            'Range': RangeInput(min=0, max=100, value=50),
            'Date': DateInput(value=today, min=today),
            'Time': TimeInput(),
            'Date and time': DateTimeInput(),
            'Month': MonthInput(),
            'Week': WeekInput(),
            'Color': ColorInput(value='#0066cc'),
            'Check box': CheckBox(),
            'Shirt': shirt,
            'Toppings': Select(Option('Salt', value='salt'), Option('Pepper', value='pepper'), multiple=True),
            'Long text': TextArea(maxlength=50),
        }
        rows = [self.make_row(Label(name, field), field) for name, field in inputs.items()]
        self.show(HTML(Style(CSS), H1('Inputs'), *rows, self.make_row(drink, drink)))

    def make_row(self, what, field):
        value, error = Code(repr(field.value)), Small(field.error, _role='status')

        def tell(event):
            value.set_text(repr(field.value))
            error.set_text(field.error)

        field.handle_change = tell
        return Div(what, Div(value, error), _class='row')


if __name__ == '__main__':
    app.run()
