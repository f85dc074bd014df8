"""Settings of Lona's that are called otherwise here, or that have no meaning: what programs written for it may set.

Nothing of it fails: an alias sets ours, and the rest says why it changes nothing, once for each line that sets it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

#: "Off", where we have a number of seconds: a century.
_NEVER = 100 * 365 * 24 * 3600.0

_POOLS = "there are no pools of threads to be sized; each view, handler and request has a greenlet"
_CACHES = "routes are found without a cache: literal ones by one look, and there is a single pass over the others"
_CHANNELS = "channels have no workers; which broker carries them says CHANNEL_BROKER"
_HOOKS = "the page has a status bar, and events are acknowledged: there is nothing to time out"


def _same(value: Any) -> Any:                                    # Any: here and below, settings have many types
    return value


def _interval(value: Any) -> Any:
    return value if value else _NEVER


#: Name there → name here, and what makes our value of theirs.
ALIASES: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "AIOHTTP_CLIENT_MAX_SIZE": ("FORM_BYTES", _same),
    "CLIENT_PING_INTERVAL": ("PING_INTERVAL", _interval),
    "SESSIONS_KEY_NAME": ("SESSION_COOKIE", _same),
}

#: Values of such that say what is so anyway: they are passed over without a word.
AS_HERE: Mapping[str, Any] = {
    "CLIENT_VERSION": 2, "USE_FUTURE_NODE_CLASSES": True, "CLIENT_AUTO_RECONNECT": True, "CLIENT_DEBUG": False,
    "TEST_VIEW_START_TIMEOUT": False, "TEST_INPUT_EVENT_TIMEOUT": False,
}

#: Name there → why it changes nothing here.
WITHOUT_MEANING: Mapping[str, str] = {
    "MAX_WORKER_THREADS": _POOLS,
    "MAX_STATIC_THREADS": _POOLS,
    "MAX_RUNTIME_THREADS": "views are greenlets; there is no pool. How many may run says MAX_VIEWS",
    "MAX_CHANNEL_MESSAGE_BROKER_THREADS": _POOLS,
    "MAX_CHANNEL_TASK_WORKER_THREADS": _POOLS,
    "ROUTING_NAME_CACHE_MAX_SIZE": _CACHES,
    "ROUTING_RESOLVE_CACHE_MAX_SIZE": _CACHES,
    "ROUTING_REVERSE_CACHE_MAX_SIZE": _CACHES,
    "CORE_TEMPLATE_DIRS": "the framework's own templates always come last; TEMPLATE_DIRS come before them",
    "CORE_STATIC_DIRS": "the framework's own files always come last; STATIC_DIRS come before them",
    "CORE_FRONTEND_VIEW": "FRONTEND_VIEW is the one to set",
    "CORE_ERROR_403_VIEW": "ERROR_403_VIEW is the one to set",
    "CORE_ERROR_404_VIEW": "ERROR_404_VIEW is the one to set",
    "CORE_ERROR_500_VIEW": "ERROR_500_VIEW is the one to set",
    "CORE_COMMANDS": "the shell's own commands are always there; COMMANDS adds to them",
    "CLIENT_DEBUG": "the client has no such mode",
    "CLIENT_VIEW_START_TIMEOUT": _HOOKS,
    "CLIENT_INPUT_EVENT_TIMEOUT": _HOOKS,
    "CLIENT_AUTO_RECONNECT": "a browser always comes back to its view",
    "CLIENT_AUTO_RECONNECT_TIMEOUT": "a browser tries again after 0.1 to 10 s, by chance, so that not all come at once",
    "CLIENT_VERSION": "there is one client; each component has one root node, as in Lona's second one",
    "USE_FUTURE_NODE_CLASSES": "Select is what Select2 is there",
    "SESSIONS_KEY_GENERATOR": "keys of sessions are random and signed; whom they belong to is for a middleware to say",
    "SESSIONS_KEY_RANDOM_LENGTH": "keys of sessions have 192 random bits",
    "CHANNEL_MESSAGE_BROKER_CLASS": _CHANNELS,
    "CHANNEL_TASK_WORKER_CLASS": _CHANNELS,
    "CHANNEL_WORKER_TIMEOUT": _CHANNELS,
    "TEST_VIEW_START_TIMEOUT": "lona_sync.testing has a clock that tests turn",
    "TEST_INPUT_EVENT_TIMEOUT": "lona_sync.testing has a clock that tests turn",
}
