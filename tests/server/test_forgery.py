"""What other sites make browsers send is not taken for what our own pages send."""

from __future__ import annotations

import re

import pytest
from werkzeug.test import Client

from lona_sync import App, Request, View

OWN = "http://localhost"


class Transfer(View):
    """Does something when it is told to."""

    def handle_request(self, request: Request) -> str:
        if request.method == "GET":
            return f'<form method="post"><input type="hidden" name="csrf_token" value="{request.csrf_token}"></form>'
        return "done"


def app_of(**settings: object) -> App:
    app = App(__file__)
    app.settings.update({"SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.2, **settings})
    app.route("/page")(View)
    app.route("/", interactive=False)(Transfer)
    app.route("/hook", interactive=False, csrf_exempt=True)(Transfer)
    app.route("/page-hook", csrf_exempt=True)(View)
    app.route("/other", http_pass_through=True)(Transfer)
    return app


def known(app: App) -> Client:
    """A browser with a cookie of ours."""
    client = Client(app)
    client.get("/page")
    return client


def token_of(client: Client) -> str:
    [token] = re.findall(r'name="csrf_token" value="([^"]*)"', client.get("/").text)
    return token


@pytest.mark.parametrize(("headers", "status"), [
    ({"Sec-Fetch-Site": "same-origin", "Origin": OWN}, 200),
    ({"Sec-Fetch-Site": "same-origin"}, 200),
    ({"Sec-Fetch-Site": "none"}, 200),
    ({"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, 403),
    ({"Sec-Fetch-Site": "cross-site"}, 403),
    ({"Sec-Fetch-Site": "same-site", "Origin": "http://other.localhost"}, 403),
    ({"Sec-Fetch-Site": "nonsense", "Origin": OWN}, 403),
    ({"Sec-Fetch-Site": "cross-site", "Origin": OWN}, 403),
    ({"Sec-Fetch-Site": "cross-site", "Origin": "https://partner.example"}, 200),
    ({"Origin": OWN}, 200),
    ({"Origin": "https://localhost"}, 200),                 # a proxy that speaks TLS, without our knowledge
    ({"Origin": "https://partner.example"}, 200),
    ({"Origin": "https://partner.example.evil.example"}, 403),
    ({"Origin": "https://evil.example"}, 403),
    ({"Origin": "http://localhost:81"}, 403),
    ({"Origin": "null"}, 403),                              # a sandboxed frame, a file
    ({"Origin": ""}, 403),
    ({"Origin": f"{OWN}, https://evil.example"}, 403),
    ({"Referer": OWN}, 403),                                # neither of them, and no token
    ({}, 403),
])
@pytest.mark.parametrize("path", ["/", "/page"])
def test_only_our_own_pages_may_post(headers: dict[str, str], status: int, path: str):
    app = app_of(ALLOWED_ORIGINS=["https://partner.example"])

    response = known(app).post(path, data={"to": "mallory"}, headers=headers)

    assert response.status_code == status
    assert app.stats().get("requests.forged", 0) == (status == 403)
    assert ("done" in response.text) is (status == 200 and path == "/")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "PURGE"])
def test_whatever_may_change_something_is_looked_at(method: str):
    response = known(app_of()).open("/", method=method, headers={"Sec-Fetch-Site": "cross-site"})

    assert response.status_code == 403


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_whatever_changes_nothing_may_come_from_anywhere(method: str):
    response = known(app_of()).open("/", method=method, headers={"Sec-Fetch-Site": "cross-site"})

    assert response.status_code == 200


def test_a_program_without_a_cookie_may_post():
    response = Client(app_of()).post("/", data={"a": "b"})

    assert response.text == "done"


@pytest.mark.parametrize("place", ["field", "header"])
def test_a_browser_of_old_may_post_with_its_token(place: str):
    client = known(app_of())
    token = token_of(client)

    if place == "field":
        response = client.post("/", data={"csrf_token": token})
    else:
        response = client.post("/", json={}, headers={"X-CSRF-Token": token})

    assert response.text == "done"


def test_a_token_is_another_one_each_time():
    client = known(app_of())

    first, second = token_of(client), token_of(client)

    assert first != second
    assert client.post("/", data={"csrf_token": first}).text == "done"


@pytest.mark.parametrize("wrong", [
    "", "x", "{salt}.{signature}0", "a{salt}.{signature}", "{signature}", "{salt}.", "ü", ".{signature}",
])
def test_what_is_no_token_is_refused(wrong: str):
    client = known(app_of())
    salt, _, signature = token_of(client).partition(".")

    response = client.post("/", data={"csrf_token": wrong.format(salt=salt, signature=signature)})

    assert response.status_code == 403


def test_the_token_of_somebody_else_is_refused():
    app = app_of()
    mallory, alice = known(app), known(app)

    response = alice.post("/", data={"csrf_token": token_of(mallory)})

    assert response.status_code == 403


def test_a_token_that_anybody_gets_without_a_session_is_refused():
    app = app_of()
    token = token_of(Client(app))

    assert known(app).post("/", data={"csrf_token": token}).status_code == 403
    beside = Client(app, use_cookies=False).post("/", data={"csrf_token": token}, headers={"Cookie": "other=1"})
    assert beside.status_code == 403                        # who knows what the application does with that cookie


def test_a_token_does_not_help_another_site():
    client = known(app_of())

    response = client.post("/", data={"csrf_token": token_of(client)}, headers={"Origin": "https://evil.example"})

    assert response.status_code == 403


@pytest.mark.parametrize("path", ["/hook", "/page-hook", "/other"])
def test_a_route_may_be_open_to_other_sites(path: str):
    response = known(app_of()).post(path, headers={"Sec-Fetch-Site": "cross-site", "Origin": "https://shop.example"})

    assert response.status_code == 200
