"""A Django project in one file with a page that is live. Needs Django: `pip install django`, then `lona-sync run django_app.py`,
or `gunicorn -k gevent django_app:application`

Django has the site: URLs, forms with their CSRF tokens, sessions. What lies below /live is lona_sync's; the view reads from
Django's session who it is. (In a project of its own, this `application` stands in wsgi.py.)
"""

import os
import secrets

from django import forms
from django.conf import settings
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template import engines
from django.urls import path
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from lona_sync import App, Channel, HttpRedirectResponse, View
from lona_sync.html import H1, HTML, A, Button, P, Strong

settings.configure(
    SECRET_KEY=os.environ.get('DJANGO_SECRET_KEY') or secrets.token_urlsafe(48),
    ALLOWED_HOSTS=['localhost', '127.0.0.1', '[::1]'],
    ROOT_URLCONF=__name__,
    SESSION_ENGINE='django.contrib.sessions.backends.signed_cookies',
    MIDDLEWARE=['django.contrib.sessions.middleware.SessionMiddleware', 'django.middleware.csrf.CsrfViewMiddleware'],
    TEMPLATES=[{'BACKEND': 'django.template.backends.django.DjangoTemplates'}],
    USE_TZ=True,
)
live = App(__file__)
live.settings.TITLE = 'Vote'

INDEX = '''<!doctype html>
<html lang="en">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>A Django site</title>
<h1>A Django site</h1>
{% if name %}<p>Hello {{ name }}! There is a <a href="{{ live }}">vote</a>, which is live.</p>
{% else %}<form method="post">{% csrf_token %}{{ form }} <button>Come in</button></form>{% endif %}
'''


class NameForm(forms.Form):
    name = forms.CharField(max_length=40, label='Your name')


def index(request):
    form = NameForm(request.POST or None)
    if request.method == 'POST' and form.is_valid():
        request.session['name'] = form.cleaned_data['name']
        return redirect('index')
    context = {'form': form, 'name': request.session.get('name'), 'live': '/live' + live.reverse('vote')}
    return HttpResponse(engines['django'].from_string(INDEX).render(context, request))


urlpatterns = [path('', index, name='index')]
site = get_wsgi_application()


def visitor(request):
    """Who it is, as Django knows him; '' for a stranger."""
    return SessionStore(request.cookies.get(settings.SESSION_COOKIE_NAME)).get('name', '')


@live.route('/vote', name='vote')
class Vote(View):
    def handle_request(self, request):
        self.name = visitor(request)
        if not self.name:
            return HttpRedirectResponse('/')
        self.result = P()
        answers = P(Button('Tea', handle_click=self.vote), ' ', Button('Coffee', handle_click=self.vote))
        self.refresh()
        self.subscribe('votes', lambda message: self.refresh())
        return HTML(
            H1('Tea or coffee?'), P('You are ', Strong(self.name), ', and may change your mind.'), answers, self.result,
            P(A('Back to the site', href='/')),
        )

    def vote(self, event):
        with live.state.lock:
            live.state['votes'] = {**live.state.get('votes', {}), self.name: event.node.get_text()}
        Channel('votes').send()

    def refresh(self):
        votes = list(live.state.get('votes', {}).values())
        self.result.set_text(f'Tea: {votes.count("Tea")}, coffee: {votes.count("Coffee")}')


application = DispatcherMiddleware(site, {'/live': live})

if __name__ == '__main__':
    live.run(application=application)
