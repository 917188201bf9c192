"""The secret of an authenticator: drawn here, kept locked together with whose it is. Pure but for
the keys of ``core.locking``."""

import secrets

from core import locking

BYTES = 20
"""As RFC 4226 recommends for its HMAC."""
PURPOSE = "totp"


def drawn() -> bytes:
    return secrets.token_bytes(BYTES)


def sealed(secret: bytes, *, user: int) -> str:
    """What is kept of it."""
    return locking.lock({"for": PURPOSE, "user": user, "key": secret.hex()}).decode()


def opened(kept: str, *, user: int) -> bytes:
    """Raises ``locking.Locked`` when no key fits, or when it is another person's."""
    said = locking.unlock(kept.encode())
    if said.get("for") != PURPOSE or said.get("user") != user:
        raise locking.Locked("this secret belongs to somebody else")
    return bytes.fromhex(said["key"])
