"""Secrets that must be readable to be used, kept in the database under a key that is not in it.

``JIEBANG_SEAL_KEY`` holds Fernet keys: the first locks, all open, so that a new one can be put in
front and an old one taken off after ``manage.py relock``. What is locked says what it is for:
moved to another row it does not open. No models, no rules.
"""

import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Locked(RuntimeError):
    """No key in the settings opens it, or it was locked for something else."""


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(one) for one in settings.JIEBANG_SEAL_KEY])


def lock(said: dict[str, Any]) -> bytes:
    """JSON under the first key."""
    return _keys().encrypt(json.dumps(said).encode())


def unlock(kept: bytes) -> dict[str, Any]:
    """Raises ``Locked`` when no key fits."""
    try:
        found: dict[str, Any] = json.loads(_keys().decrypt(kept))
    except InvalidToken:
        raise Locked("JIEBANG_SEAL_KEY does not open this key") from None
    return found


def relock(kept: bytes) -> bytes:
    """The same under the first key. Raises ``Locked`` when no key fits."""
    try:
        return _keys().rotate(kept)
    except InvalidToken:
        raise Locked("JIEBANG_SEAL_KEY does not open this key") from None
