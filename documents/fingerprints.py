"""The fingerprint of a frozen snapshot: SHA-256 of its canonical JSON."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def canonical(snapshot: Mapping[str, Any]) -> bytes:
    """Sorted keys, no spaces, UTF-8: the same content always gives the same bytes.

    Raises ``TypeError`` for what JSON does not know (dates, Decimals) and ``ValueError`` for NaN:
    a snapshot holds strings, whole numbers, booleans, lists and maps; decimals are strings.
    """
    text = json.dumps(
        snapshot, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode("utf-8")


def fingerprint(snapshot: Mapping[str, Any]) -> str:
    """64 hex digits."""
    return hashlib.sha256(canonical(snapshot)).hexdigest()


def sha256(data: bytes) -> str:
    """64 hex digits of the bytes of a file."""
    return hashlib.sha256(data).hexdigest()


def grouped(digits: str, *, size: int = 4, limit: int = 0) -> str:
    """Hex digits in groups for the eye; ``limit`` cuts to the first so many digits."""
    digits = digits[:limit] if limit else digits
    return " ".join(digits[i : i + size] for i in range(0, len(digits), size))
