"""Two accounts, and a transfer of which nobody sees half: `python state.py`. State of nodes and of the app, a lock, raw HTML."""

from lona_sync import App, View
from lona_sync.html import H1, HTML, B, Button, Li, P, RawHTML, Style, Ul

app = App(__file__)
app.settings.TITLE = 'Bank'
app.state['visits'] = 0
CSS = '''#lona { max-width: 34em; margin: 2em auto; padding: 0 1em; line-height: 1.5 } ul { list-style: none; padding: 0 }
li { display: flex; justify-content: space-between; padding: .6em .8em; margin: .3em 0 }
li { border: 1px solid #ccc; border-radius: .4em }
button { font: inherit; padding: .3em .8em } .sign { float: right; width: 4em }'''
SIGN = '''<svg viewBox="0 0 40 40" role="img" aria-label="A coin">
<circle cx="20" cy="20" r="18" fill="#fc3" stroke="#a70" stroke-width="2"/>
<text x="20" y="27" text-anchor="middle" font-size="20" fill="#850">€</text></svg>'''


class Account(Li):
    def __init__(self, name, amount):
        super().__init__(name, B(amount), state={'amount': amount})     # the state stays here: a browser sees the text only

    def add(self, amount):
        self.state['amount'] += amount
        self[1].set_text(self.state['amount'])


@app.route('/')
class Bank(View):
    def handle_request(self, request):
        with app.state.lock:                            # two accesses in one step, for all views and threads of this process
            app.state['visits'] += 1
            visit = app.state['visits']
        self.accounts, self.total = Ul(Account('Ada', 100), Account('Grace', 100)), P()
        transfer = Button('Transfer 10 to Grace')
        self.show(HTML(
            Style(CSS), RawHTML(SIGN, _class='sign'), H1('Bank'), P(f'You are visitor {visit}.'),
            self.accounts, self.total, transfer,
        ))
        self.spawn(self.audit)
        ada, grace = self.accounts
        while True:
            self.await_click(transfer)
            with self.accounts.lock:                    # who shows, sends or renders this page waits until it is left
                ada.add(-10)
                self.sleep(.3)                          # a slow bank
                grace.add(10)
            self.show()

    def audit(self):
        while True:
            with self.accounts.lock:
                self.total.set_text(f"Together: {sum(account.state['amount'] for account in self.accounts)}")
            self.show()
            self.sleep(.1)


if __name__ == '__main__':
    app.run()
