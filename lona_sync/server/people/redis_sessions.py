"""Sessions in a Redis or Valkey server, for several machines."""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from .session_store import StoreUnavailable

#: Seconds that an answer may take: a visitor waits for it.
ANSWER_SECONDS = 2.0
_PREFIX = "lona_sync:session:"


class RedisStore:
    """As `session_store.SessionStore`. Redis gets a hash of each key: who reads its memory, or a backup, can be nobody with it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client: redis.Redis | None = None
        self._process = 0

    def load(self, key: str) -> dict[str, Any] | None:       # Any: JSON
        found = self._ask("GET", _name(key))
        if found is None:
            return None
        try:
            data = json.loads(found)
        except ValueError:
            return None                                      # nobody of us has written that
        return data if isinstance(data, dict) else None

    def save(self, key: str, data: dict[str, Any], seconds: float) -> None:
        self._ask("SET", _name(key), json.dumps(data), "PX", max(1, round(seconds * 1000)))

    def replace(self, key: str, data: dict[str, Any], seconds: float) -> bool:
        return self._ask("SET", _name(key), json.dumps(data), "PX", max(1, round(seconds * 1000)), "XX") is not None

    def delete(self, key: str) -> None:
        self._ask("DEL", _name(key))

    def _ask(self, *command: Any) -> Any:
        if self._client is None or self._process != os.getpid():             # a connection is not for a parent and its child
            self._process = os.getpid()
            self._client = redis.Redis.from_url(
                self._url, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS, retry=Retry(NoBackoff(), 1),
            )
        try:
            return self._client.execute_command(*command)          # type: ignore[no-untyped-call]  # redis-py's
        except (RedisError, OSError) as error:
            raise StoreUnavailable(f"Redis does not keep sessions: {error}") from None


def _name(key: str) -> str:
    return _PREFIX + hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()
