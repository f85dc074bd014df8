"""Who a visitor is."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from itsdangerous import TimestampSigner
from werkzeug.http import parse_cookie

from lona_sync.server.sessions import Sessions
from lona_sync.settings import Settings
from lona_sync.views.request import AnonymousUser


def sessions(key: str = "k" * 32, **settings: object) -> Sessions:
    return Sessions(Settings(settings), lambda: key)


def cookie_of(header: str) -> str:
    """The `Cookie` header that a browser sends after it has got this `Set-Cookie` header."""
    return header.partition(";")[0]


def test_a_new_user_is_recognised_by_the_cookie():
    own = sessions()

    user, header = own.new(secure=False, path="")

    assert own.user(cookie_of(header)) == user


def test_a_visitor_is_the_user_of_the_cookie_or_a_guest_and_has_an_address():
    own = sessions()
    user, header = own.new(secure=False, path="")

    known = own.visitor({"REMOTE_ADDR": "192.0.2.1", "HTTP_COOKIE": cookie_of(header)})
    guest = own.visitor({"REMOTE_ADDR": "192.0.2.2"})

    assert (known, known.address, known.has_own_key) == (user, "192.0.2.1", True)
    assert (guest.guest, guest.address, guest.has_own_key) == (True, "192.0.2.2", False)


def test_without_sessions_everybody_is_one_user_and_keeps_his_address():
    own = sessions(SESSIONS=False)

    first, second = own.visitor({"REMOTE_ADDR": "192.0.2.1"}), own.visitor({"REMOTE_ADDR": "192.0.2.2"})

    assert first == second and not first.has_own_key
    assert (first.address, second.address) == ("192.0.2.1", "192.0.2.2")


def test_a_user_is_recognised_in_another_process_with_the_same_key():
    user, header = sessions().new(secure=False, path="")

    found = sessions().user(cookie_of(header))

    assert found == user


def test_a_broken_cookie_of_somebody_else_does_no_harm():
    own = sessions()
    user, header = own.new(secure=False, path="")

    found = own.user(f"other=\xff; {cookie_of(header)}")

    assert found == user


def test_users_can_be_kept_in_a_set():
    own = sessions()
    user, header = own.new(secure=False, path="")

    found = {user, own.user(cookie_of(header)), own.new(secure=False, path="")[0]}

    assert len(found) == 2


def test_a_user_does_not_show_its_key():
    user, _ = sessions().new(secure=False, path="")

    shown = f"{user!r} {user}"

    assert user.session_key not in shown


def test_the_cookie_is_kept_from_scripts_and_from_other_sites():
    _, header = sessions().new(secure=False, path="")

    flags = [flag for flag in header.split("; ")[1:] if not flag.startswith("Expires=")]

    assert sorted(flags) == ["HttpOnly", "Max-Age=2592000", "Path=/", "SameSite=Lax"]


def test_the_cookie_of_a_secure_page_is_not_sent_without_tls():
    _, header = sessions().new(secure=True, path="")

    flags = header.split("; ")[1:]

    assert "Secure" in flags


def test_the_cookie_is_good_for_the_folder_where_the_application_is_mounted():
    _, header = sessions().new(secure=False, path="/prefix")

    flags = header.split("; ")[1:]

    assert "Path=/prefix" in flags


@pytest.mark.parametrize("header", [
    "", "other=1", "lona_sync_session=", "lona_sync_session", ";;;=", "lona_sync_session=\"", "=\x00",
])
def test_a_visitor_without_a_cookie_is_nobody(header: str):
    found = sessions().user(header)

    assert found is None


CHANGES: dict[str, Callable[[str], str]] = {
    "beginning cut": lambda value: value[1:],
    "end cut": lambda value: value[:-1],
    "longer": lambda value: "x" + value,
    "without signature": lambda value: value.partition(".")[0],
    "more dots": lambda value: value.replace(".", ".."),
    "another user": lambda value: "AAAA" + value[4:],
    "not ASCII": lambda value: "ü" + value,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_cookie_that_was_changed_names_nobody(change: Callable[[str], str]):
    own = sessions()
    name, _, value = cookie_of(own.new(secure=False, path="")[1]).partition("=")

    found = own.user(f"{name}={change(value)}")

    assert found is None


def test_a_cookie_that_another_key_has_signed_names_nobody():
    _, header = sessions("another key, just as long as ours").new(secure=False, path="")

    found = sessions().user(cookie_of(header))

    assert found is None


def test_a_cookie_that_was_signed_for_something_else_names_nobody():
    value = TimestampSigner("k" * 32, salt="something else").sign("user").decode()

    found = sessions().user(f"lona_sync_session={value}")

    assert found is None


def test_a_cookie_is_good_until_the_end_of_its_lifetime(monkeypatch: pytest.MonkeyPatch):
    own = sessions(SESSION_LIFETIME=60)
    user, header = own.new(secure=False, path="")
    cookie = cookie_of(header)
    now = time.time()

    found = []
    for seconds in (0, 59, 62):
        monkeypatch.setattr(time, "time", lambda seconds=seconds: now + seconds)
        found.append(own.user(cookie))

    assert found == [user, user, None]


def test_the_cookie_has_the_name_of_the_setting():
    own = sessions(SESSION_COOKIE="visitor")

    user, header = own.new(secure=False, path="")

    assert own.user("visitor=" + parse_cookie(cookie_of(header))["visitor"]) == user


def test_without_sessions_every_visitor_is_the_same():
    own = sessions(SESSIONS=False)

    found = [own.user(""), own.user("lona_sync_session=x")]

    assert found == [AnonymousUser(""), AnonymousUser("")]


def test_the_key_is_asked_for_when_it_is_needed_and_once():
    asked = []
    own = Sessions(Settings(), lambda: asked.append(1) or "k" * 32)
    before = len(asked)

    for _ in range(3):
        own.new(secure=False, path="")

    assert (before, len(asked)) == (0, 1)


def test_guests_are_equal_to_nobody():
    first, second = AnonymousUser.make_guest(), AnonymousUser.make_guest()

    assert first != second
    assert first.guest
