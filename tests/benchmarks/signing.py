"""Seal and signature on a drawn sheet, with a key that is kept open: P-256 and RSA-2048."""

from typing import Any

from tests.benchmarks import rounds
from tests.documents import sealed

CURVE, RSA = "ec", "rsa"


def measure() -> dict[str, Any]:
    """Medians in milliseconds: by the clock, and of the processor, which a busy machine spares."""
    data = sealed.sheet(15)
    for kind in (CURVE, RSA):
        sealed.opened(kind=kind)
    acts = {
        "p256": lambda: sealed.sign(data),
        "rsa2048": lambda: sealed.sign(data, kind=RSA),
    }
    taken, spent = rounds.medians(15, **acts), rounds.processor(7, **acts)
    return {
        "name": "signing",
        **{f"{name}_ms": value for name, value in taken.items()},
        **{f"{name}_cpu_ms": value for name, value in spent.items()},
    }
