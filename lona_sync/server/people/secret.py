"""The key that signs cookies: the same one in every worker, and after every restart."""

from __future__ import annotations

import logging
import os
import secrets
from pathlib import Path

logger = logging.getLogger("lona_sync.server")

FILE_NAME = "secret_key"


def secret_key(configured: str, instance: Path) -> str:
    """`configured` when there is one; else the key in the `instance` folder, which is made (0600) when it is missing.

    Where that folder cannot be written, a key that lasts as long as this process, with a warning.
    """
    if configured:
        return configured
    try:
        return _read_or_make(instance)
    except OSError as error:
        logger.warning(
            "sessions will not outlive this process, and several workers will not share them: no SECRET_KEY is set, and "
            "none can be kept in %s (%s). Set SECRET_KEY or the environment variable LONA_SYNC_SECRET_KEY.", instance, error,
        )
        return secrets.token_urlsafe(32)


def _read_or_make(instance: Path) -> str:
    path = instance / FILE_NAME
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        # Written beside and linked in: of two workers that start together one wins, and none reads half a key.
        fresh = instance / f".{FILE_NAME}-{os.getpid()}-{secrets.token_hex(4)}"
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32))
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    key = path.read_text(errors="replace").strip()
    if len(key) < 16 or not key.isascii():
        raise OSError(f"{path} holds no key: delete it")
    return key
