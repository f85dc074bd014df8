"""A Flask application with a page that is live. Needs Flask: `pip install flask`, then `lona-sync run flask_app.py`,
or `gunicorn -k gevent flask_app:application`

Flask has the site: its pages, its forms, its sessions. What lies below /live is lona_sync's. A browser sends its cookies there,
too, so the view reads who it is from Flask's session; and what Flask's own views send to a channel appears in the live page.
"""

import os
import secrets
from datetime import datetime

from flask import Flask, redirect, render_template_string, request, session, url_for
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from lona_sync import App, Channel, HttpRedirectResponse, RedirectResponse, View
from lona_sync.html import H1, HTML, A, Button, Form, Label, Li, P, Small, Strong, TextInput, Ul

site = Flask(__name__)
site.secret_key = os.environ.get('FLASK_SECRET_KEY') or secrets.token_bytes(32)
site.config['SESSION_COOKIE_SAMESITE'] = 'Lax'          # no other site posts in a visitor's name
live = App(__file__)
live.settings.TITLE = 'Guest book'
KEPT = 50

INDEX = '''<!doctype html>
<html lang="en">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>A Flask site</title>
<h1>A Flask site</h1>
{% if name %}
<p>Hello {{ name }}! Sign the <a href="{{ live }}">guest book</a>, which is live, or leave a line from here:</p>
<form method="post" action="{{ url_for('write') }}">
<input name="text" aria-label="Line" required maxlength="200"> <button>Leave it</button>
</form>
{% else %}
<form method="post">
<label>Your name: <input name="name" required maxlength="40"></label> <button>Come in</button>
</form>
{% endif %}
'''


@site.route('/', methods=['GET', 'POST'])
def index():
    if request.method == 'POST':
        session['name'] = request.form['name']
        return redirect(url_for('index'))
    return render_template_string(INDEX, name=session.get('name'), live='/live' + live.reverse('book'))


@site.route('/write', methods=['POST'])
def write():
    sign(session.get('name', 'Somebody'), request.form['text'])
    return redirect(url_for('index'))


def sign(name, text):
    with live.state.lock:
        lines = [*live.state.get('lines', []), [name, text, f'{datetime.now():%H:%M}']]
        live.state['lines'] = lines[-KEPT:]
    Channel('guest-book').send(lines[-1])


def visitor(request):
    """Who it is, as Flask knows him; '' for a stranger. The cookie is signed by Flask, so nobody makes one up."""
    known = site.session_interface.open_session(site, request.http_request)
    return known.get('name', '') if known is not None else ''


@live.route('/book', name='book')
class GuestBook(View):
    def handle_request(self, request):
        name = visitor(request)
        if not name:
            return HttpRedirectResponse('/')
        text = TextInput(name='text', maxlength=200, required=True)
        form = Form(Label('Your line ', text), ' ', Button('Sign', type='submit'))
        if request.method == 'POST':                # without JavaScript, or before it has begun
            if form.fill(request.POST):
                sign(name, text.value)
            return RedirectResponse(request.base + live.reverse('book'))
        self.lines = Ul(self.line(*line) for line in reversed(live.state.get('lines', [])))
        self.show(HTML(H1('Guest book'), P('You are ', Strong(name), '.'), form, self.lines, P(A('Back to the site', href='/'))))
        self.subscribe('guest-book', lambda message: self.lines.insert(0, self.line(*message.data)))
        while True:
            self.await_submit(form)
            sign(name, text.value)
            text.value = ''
            self.show()

    def line(self, name, text, time):
        return Li(Strong(name), ': ', text, ' ', Small(time))


application = DispatcherMiddleware(site.wsgi_app, {'/live': live})

if __name__ == '__main__':
    live.run(application=application)
