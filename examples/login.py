"""Members only: a login, a page for those who have, and a logout that ends it in all tabs. `lona-sync run login.py`

Ada's password is "engine", Grace's is "compiler".
"""

from dataclasses import dataclass
from urllib.parse import quote

from werkzeug.security import check_password_hash, generate_password_hash

from lona_sync import App, RedirectResponse, View
from lona_sync.html import H1, HTML, A, Button, Form, Label, P, PasswordInput, Strong, Submit, TextInput

app = App(__file__)
app.settings.TITLE = 'Members'


@dataclass(frozen=True)
class Member:
    id: str                          # what the session keeps of him
    name: str
    password: str                    # a hash: nobody can read it, not even we
    is_authenticated = True


MEMBERS = {
    'ada': Member('ada', 'Ada Lovelace', generate_password_hash('engine')),
    'grace': Member('grace', 'Grace Hopper', generate_password_hash('compiler')),
}
NOBODY = generate_password_hash('nobody')


@app.load_user
def load(name):
    return MEMBERS.get(name)         # None: there is no such member any more, and his sessions are worth nothing


@app.middleware
class MembersOnly:
    """Whoever has not logged in gets the login in the place of such a page."""

    def handle_request(self, data):
        request = data.request
        if getattr(data.view, 'members_only', False) and not request.user.is_authenticated:
            return RedirectResponse(f'/login?next={quote(request.url.geturl())}')
        return data


@app.route('/')
class Home(View):
    def handle_request(self, request):
        name = request.user.name if request.user.is_authenticated else 'stranger'
        return HTML(H1(f'Hello, {name}'), P(A('The members’ page', href='/members')))


@app.route('/login')
class Login(View):
    def handle_request(self, request):
        form = Form(
            Label('Name ', TextInput(name='name', required=True, autocomplete='username')),
            Label('Password ', PasswordInput(name='password', required=True, autocomplete='current-password')),
            P(Submit('Log in')),
        )
        self.show(HTML(H1('Log in'), form))
        while True:
            self.await_submit(form)
            member = self.check(form.values['name'], form.values['password'])
            if member is not None:
                return self.session.login(member, next=request.GET.get('next', '/'))
            form.set_error('password', 'That is not the name and password of a member.')
            self.show()

    def check(self, name, password):
        member = MEMBERS.get(name.strip().lower())
        # As long for a name that nobody has, in a thread: it takes a tenth of a second. Who guesses waits a second each time.
        stored = member.password if member is not None else NOBODY
        if not self.run_blocking(check_password_hash, stored, password):
            self.sleep(1)
            return None
        return member


@app.route('/members')
class Members(View):
    members_only = True

    def handle_request(self, request):
        logout = Button('Log out')
        here = self.server.get_connection_count(request.user)
        self.show(HTML(
            H1('Members'), P('You are ', Strong(request.user.name), f', with {here} open window{"s" if here != 1 else ""}.'),
            P('Open this page in a second tab: it ends when you log out here.'), logout,
        ))
        self.await_click(logout)
        return self.session.logout()


if __name__ == '__main__':
    app.run()
