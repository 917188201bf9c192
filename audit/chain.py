"""What a link of the chain is. Pure: contents and the link before it in, digest out."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def digest(previous: str, seq: int, contents: Mapping[str, Any]) -> str:
    """SHA-256 over the previous digest, the place in the chain and the canonical contents."""
    body = json.dumps(
        {"previous": previous, "seq": seq, **contents},
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
        default=str,
    )
    return hashlib.sha256(body.encode("utf-8")).hexdigest()
