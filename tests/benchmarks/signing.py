"""Seal and signature on a drawn sheet, with a key that is kept open: P-256 and RSA-2048."""

from typing import Any

from tests.benchmarks import rounds
from tests.documents import sealed


def measure() -> dict[str, Any]:
    data = sealed.sheet(15)
    for kind in ("ec", "rsa"):
        sealed.opened(kind=kind)
    taken = rounds.medians(
        15, p256=lambda: sealed.sign(data), rsa2048=lambda: sealed.sign(data, kind="rsa")
    )
    return {
        "name": "signing",
        "p256_ms": taken["p256"],
        "rsa2048_ms": taken["rsa2048"],
        "target_ms": 50,
        "met": taken["p256"] <= 50,
    }
