"""What is in a piece of HTML: `python markup.py`. Parsing, CSS selectors, and children that are sorted as a list."""

from lona_sync import App, View
from lona_sync.html import H1, HTML, Button, Code, Div, Label, Li, ParseError, Style, TextArea, TextInput, Ul, parse_html

app = App(__file__)
app.settings.TITLE = 'Markup'
CSS = '''#lona { max-width: 34em; margin: 2em auto; padding: 0 1em; line-height: 1.5 } label { display: block; margin: .6em 0 }
textarea, input { display: block; width: 100%; box-sizing: border-box; font: inherit } button { font: inherit; margin-right: .5em }
[role=alert] { color: #b00 } li.mark { background: #fe9 }'''
MARKUP = '''<ul class=menu>
  <li><a href=/tea title="green or black">Tea</a>
  <li><a href=/coffee>Coffee</a>
  <li>Water
</ul>'''


@app.route('/')
class Markup(View):
    def handle_request(self, request):
        self.source = TextArea(MARKUP, rows=6, handle_change=self.find)
        self.selector = TextInput('li:not(:has(a)), a[title]', handle_change=self.find)
        self.error, self.found = Div(_role='alert'), Ul()
        self.show(HTML(
            Style(CSS), H1('Markup'), Label('HTML, as browsers read it', self.source), Label('CSS selector', self.selector),
            Button('Sort', handle_click=lambda event: self.found.nodes.sort(key=lambda item: item.get_text())),
            Button('Reverse', handle_click=lambda event: self.found.nodes.reverse()),
            self.error, self.found,
        ))
        self.find(None)
        self.show()

    def find(self, event):
        try:
            page = Div(parse_html(self.source.value, flat=False))
            nodes = page.query_selector_all(self.selector.value)
        except ParseError as error:
            self.error.set_text(f'line {error.line}, column {error.column}: {error}')
        except ValueError as error:                      # of a selector
            self.error.set_text(error)
        else:
            self.error.set_text('')
            self.found.nodes = [Li(Code(node.tag_name), ' ', ' '.join(node.get_text().split())) for node in nodes]


if __name__ == '__main__':
    app.run()
