"""The order of a list and the hash that names it. Pure.

A rank is a position, dense from 1. The hash is what the page shows before the list is
confirmed and what the confirmation carries back: a list that changed in between has another.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

T = TypeVar("T")

UP, DOWN = "up", "down"


def move_to(order: Sequence[T], item: T, number: int) -> list[T]:
    """The order with ``item`` at the 1-based ``number``; too low or too high means the end there.

    Raises ValueError when the item is not in the order.
    """
    rest = list(order)
    rest.remove(item)
    rest.insert(min(max(number, 1), len(order)) - 1, item)
    return rest


def step(order: Sequence[T], item: T, direction: str) -> list[T]:
    """The order with ``item`` one line up or down; at the edge nothing changes."""
    if direction not in (UP, DOWN):
        raise ValueError(f"not a direction: {direction}")
    at = list(order).index(item) + 1
    return move_to(order, item, at - 1 if direction == UP else at + 1)


def dense(order: Sequence[T]) -> dict[T, int]:
    """Rank of each item, 1 to n without a gap."""
    return {item: rank for rank, item in enumerate(order, start=1)}


def canonical(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """The one spelling of the rows: keys sorted, no spaces, UTF-8, in list order."""
    return json.dumps(
        list(rows), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def list_hash(rows: Sequence[Mapping[str, Any]]) -> str:
    """SHA-256 over the canonical rows, 64 hex digits."""
    return hashlib.sha256(canonical(rows)).hexdigest()


def grouped(fingerprint: str, digits: int = 32) -> str:
    """The first digits in groups of four, as printed on the sheet."""
    shown = fingerprint[:digits]
    return " ".join(shown[i : i + 4] for i in range(0, len(shown), 4))
