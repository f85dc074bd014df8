"""Sessions in a Redis server."""

from __future__ import annotations

import pytest
import redis
import werkzeug.test

from lona_sync import App, Request, View
from lona_sync.server.people.redis_sessions import RedisStore
from lona_sync.server.people.session_store import StoreUnavailable
from tests.redis.server import RedisServer


def app_of(server: RedisServer) -> App:
    app = App(__file__)
    app.settings.update({"SECRET_KEY": "k" * 32, "SESSION_STORE": server.url})

    @app.route("/in", interactive=False)
    class In(View):
        def handle_request(self, request: Request) -> object:
            return self.session.login("ann")

    @app.route("/who", interactive=False)
    class Who(View):
        def handle_request(self, request: Request) -> object:
            return str(request.user)

    return app


def test_what_was_saved_is_loaded_until_it_is_deleted(redis_server: RedisServer) -> None:
    store = RedisStore(redis_server.url)
    store.save("key", {"a": ["ü", None]}, 60)

    found = [store.load("key"), store.load("other")]
    store.delete("key")
    store.delete("key")

    assert found == [{"a": ["ü", None]}, None]
    assert store.load("key") is None


def test_redis_forgets_it_by_itself(redis_server: RedisServer) -> None:
    store = RedisStore(redis_server.url)

    store.save("key", {"a": 1}, 60)

    client = redis.Redis.from_url(redis_server.url)
    (name,) = client.keys()
    assert 0 < client.pttl(name) <= 60_000
    client.close()


def test_only_what_is_there_is_replaced(redis_server: RedisServer) -> None:
    store = RedisStore(redis_server.url)
    store.save("here", {"a": 1}, 60)

    replaced = [store.replace(key, {"a": 2}, 60) for key in ("here", "gone")]

    assert replaced == [True, False]
    assert [store.load(key) for key in ("here", "gone")] == [{"a": 2}, None]
    assert store._client is not None
    store._client.close()


def test_redis_does_not_know_the_keys(redis_server: RedisServer) -> None:
    RedisStore(redis_server.url).save("a secret key", {"a": 1}, 60)

    client = redis.Redis.from_url(redis_server.url)

    names = client.keys()
    assert names and not any(b"secret" in name for name in names)
    client.close()


@pytest.mark.parametrize("text", [b"", b"[1]", b"{", b"\xff"])
def test_what_somebody_else_has_written_there_is_nothing(redis_server: RedisServer, text: bytes) -> None:
    store = RedisStore(redis_server.url)
    store.save("key", {"a": 1}, 60)
    client = redis.Redis.from_url(redis_server.url)
    client.set(client.keys()[0], text)
    client.close()

    assert store.load("key") is None


def test_two_applications_share_a_login_and_its_end(redis_server: RedisServer) -> None:
    here, there = app_of(redis_server), app_of(redis_server)
    first = werkzeug.test.Client(here)
    first.get("/in")
    second = werkzeug.test.Client(there)
    cookie = first.get_cookie("lona_sync_session")
    assert cookie is not None
    second.set_cookie("lona_sync_session", cookie.value)
    before = second.get("/who").text

    here.log_out("ann")

    assert (before, second.get("/who").text) == ("ann", "<AnonymousUser>")


def test_a_server_that_is_down_is_told_and_comes_back(redis_server: RedisServer) -> None:
    store = RedisStore(redis_server.url)
    store.save("key", {"a": 1}, 60)
    redis_server.kill()

    with pytest.raises(StoreUnavailable, match="Redis does not keep sessions"):
        store.load("key")
    redis_server.start()

    assert store.load("key") is None                         # it keeps nothing over its death
    store.save("key", {"a": 2}, 60)
    assert store.load("key") == {"a": 2}
