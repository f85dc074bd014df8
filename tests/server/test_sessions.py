"""Session cookies, and what belongs to them."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from itsdangerous import TimestampSigner

from lona_sync.server.people.session_store import MemoryStore
from lona_sync.server.people.sessions import COOKIE_ROOM, Known, Sessions
from lona_sync.settings import Settings


def sessions(key: str = "k" * 32, store: MemoryStore | None = None, **settings: object) -> Sessions:
    return Sessions(Settings(settings), lambda: key, store)


def cookie_of(header: str) -> str:
    """The `Cookie` header that a browser sends after it has got this `Set-Cookie` header."""
    return header.partition(";")[0]


def flags_of(header: str) -> list[str]:
    return sorted(flag for flag in header.split("; ")[1:] if not flag.startswith("Expires="))


def read(own: Sessions, header: str, *, secure: bool = False, base: str = "") -> Known | None:
    return own.read(header, secure=secure, base=base)


def key_in(own: Sessions, header: str, *, secure: bool = False, base: str = "") -> str | None:
    found = read(own, header, secure=secure, base=base)
    return None if found is None else found.key


def test_a_new_user_is_recognised_by_the_cookie():
    own = sessions()

    user, header = own.new(secure=False, path="")

    assert key_in(own, cookie_of(header)) == user.session_key


def test_a_user_is_recognised_in_another_process_with_the_same_key():
    user, header = sessions().new(secure=False, path="")

    found = key_in(sessions(), cookie_of(header))

    assert found == user.session_key


def test_each_new_user_has_another_key():
    own = sessions()

    keys = {own.new(secure=False, path="")[0].session_key for _ in range(100)}

    assert len(keys) == 100
    assert min(map(len, keys)) >= 32


def test_a_broken_cookie_of_somebody_else_does_no_harm():
    own = sessions()
    user, header = own.new(secure=False, path="")

    found = key_in(own, f"other=\xff; {cookie_of(header)}")

    assert found == user.session_key


def test_a_user_does_not_show_its_key():
    user, _ = sessions().new(secure=False, path="")

    shown = f"{user!r} {user}"

    assert user.session_key not in shown


def test_the_cookie_is_kept_from_scripts_and_from_other_sites():
    _, header = sessions().new(secure=False, path="")

    assert flags_of(header) == ["HttpOnly", "Max-Age=2592000", "Path=/", "SameSite=Lax"]


def test_the_cookie_of_a_secure_page_is_for_this_host_and_for_tls_alone():
    _, header = sessions().new(secure=True, path="")

    assert header.startswith("__Host-lona_sync_session=")
    assert flags_of(header) == ["HttpOnly", "Max-Age=2592000", "Path=/", "SameSite=Lax", "Secure"]


def test_the_cookie_is_good_for_the_folder_where_the_application_is_mounted():
    _, header = sessions().new(secure=True, path="/prefix")

    assert header.startswith("lona_sync_session=")                 # __Host- is for '/' alone
    assert {"Path=/prefix", "Secure"} <= set(flags_of(header))


def test_over_tls_a_cookie_that_a_neighbour_could_have_set_is_not_believed():
    own = sessions()
    _, header = own.new(secure=False, path="")

    found = read(own, cookie_of(header), secure=True)

    assert found is None


@pytest.mark.parametrize("header", [
    "", "other=1", "lona_sync_session=", "lona_sync_session", ";;;=", "lona_sync_session=\"", "=\x00",
])
def test_a_visitor_without_a_cookie_is_nobody(header: str):
    assert read(sessions(), header) is None


CHANGES: dict[str, Callable[[str], str]] = {
    "beginning cut": lambda value: value[1:],
    "end cut": lambda value: value[:-1],
    "longer": lambda value: "x" + value,
    "without signature": lambda value: value.partition(".")[0],
    "more dots": lambda value: value.replace(".", ".."),
    "another user": lambda value: "AAAA" + value[4:],
    "more data": lambda value: value.replace(".", "~eyJfdXNlciI6MX0.", 1),
    "not ASCII": lambda value: "ü" + value,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_cookie_that_was_changed_names_nobody(change: Callable[[str], str]):
    own = sessions()
    name, _, value = cookie_of(own.new(secure=False, path="")[1]).partition("=")

    found = read(own, f"{name}={change(value)}")

    assert found is None


def test_a_cookie_that_another_key_has_signed_names_nobody():
    _, header = sessions("another key, just as long as ours").new(secure=False, path="")

    assert read(sessions(), cookie_of(header)) is None


def test_a_cookie_that_was_signed_for_something_else_names_nobody():
    value = TimestampSigner("k" * 32, salt="something else").sign("user").decode()

    assert read(sessions(), f"lona_sync_session={value}") is None


def test_a_cookie_is_good_until_the_end_of_its_lifetime(monkeypatch: pytest.MonkeyPatch):
    own = sessions(SESSION_LIFETIME=60)
    user, header = own.new(secure=False, path="")
    now = time.time()

    found = []
    for seconds in (0, 59, 62, -2):                 # the last one: somebody has set the clock back
        monkeypatch.setattr(time, "time", lambda seconds=seconds: now + seconds)
        found.append(key_in(own, cookie_of(header)))

    assert found == [user.session_key, user.session_key, None, None]


def test_a_cookie_is_old_after_a_tenth_of_its_lifetime(monkeypatch: pytest.MonkeyPatch):
    own = sessions(SESSION_LIFETIME=1000)
    known = read(own, cookie_of(own.new(secure=False, path="")[1]))
    assert known is not None
    now = known.signed

    found = []
    for seconds in (0, 99, 101):
        monkeypatch.setattr(time, "time", lambda seconds=seconds: now + seconds)
        found.append(own.is_old(known))

    assert found == [False, False, True]


def test_the_cookie_has_the_name_of_the_setting():
    own = sessions(SESSION_COOKIE="visitor")

    user, header = own.new(secure=False, path="")

    assert header.startswith("visitor=")
    assert key_in(own, cookie_of(header)) == user.session_key


def test_the_key_is_asked_for_when_it_is_needed_and_once():
    asked = []
    own = Sessions(Settings(), lambda: asked.append(1) or "k" * 32)
    before = len(asked)

    for _ in range(3):
        own.new(secure=False, path="")

    assert (before, len(asked)) == (0, 1)


# Data.

DATA = {"name": "Ü", "cart": [1, {"a": None}], "_user": 5}


def test_data_travels_in_the_cookie():
    own = sessions()
    header = own.cookie("key", DATA, secure=False, base="")

    found = read(own, cookie_of(header))

    assert found is not None and (found.key, found.data) == ("key", DATA)


def test_with_a_store_only_the_key_travels():
    own = sessions(store=MemoryStore())
    own.keep("key", DATA)
    header = own.cookie("key", DATA, secure=False, base="")

    found = read(own, cookie_of(header))

    assert found is not None and found.data == DATA
    assert header.partition("=")[2].startswith("key.")


def test_what_the_store_has_forgotten_is_a_session_without_data():
    own = sessions(store=MemoryStore())
    own.keep("key", DATA)
    header = own.cookie("key", DATA, secure=False, base="")

    own.forget("key")

    found = read(own, cookie_of(header))
    assert found is not None and (found.key, found.data) == ("key", {})


def test_data_that_fits_makes_a_cookie_that_browsers_take():
    own = sessions(SESSION_COOKIE="a_long_name_of_a_cookie_of_a_program")
    data = {"text": "x" * (COOKIE_ROOM - len('{"text": ""}'))}
    own.check_size(data)

    header = own.cookie("k" * 32, data, secure=True, base="")

    assert len(cookie_of(header)) <= 4096


@pytest.mark.parametrize(("store", "size", "limit"), [
    (None, 10_000, COOKIE_ROOM), (None, 100, 100), (MemoryStore(), 10_000, 10_000),
], ids=["a cookie has only so much room", "less in a cookie", "more in a store"])
def test_more_data_than_a_session_may_have_is_refused(store: MemoryStore | None, size: int, limit: int):
    own = sessions(store=store, SESSION_SIZE=size)
    frame = len('{"text": ""}')

    own.check_size({"text": "x" * (limit - frame)})
    with pytest.raises(ValueError, match=f"may have {limit:,}"):
        own.check_size({"text": "x" * (limit - frame + 1)})


# The store in this process.


def test_a_memory_store_forgets_what_is_over():
    now = [0.0]
    store = MemoryStore(clock=lambda: now[0])
    store.save("key", {"a": 1}, 10)

    found = []
    for now[0] in (9.9, 10.0):
        found.append(store.load("key"))

    assert found == [{"a": 1}, None]
    assert len(store) == 0


def test_a_memory_store_lets_those_go_that_were_saved_first():
    store = MemoryStore(limit=2)
    for key in ("a", "b", "a", "c"):
        store.save(key, {"key": key}, 10)

    found = [store.load(key) for key in ("a", "b", "c")]

    assert found == [{"key": "a"}, None, {"key": "c"}]
