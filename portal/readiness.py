"""What must be right for this process to serve: the database answers, and the clocks agree."""

from datetime import UTC, datetime

from django.db import Error, connection

from audit import restoring
from documents import rendering

MOST_SKEW = 1.0
"""Seconds by which the application's and the database's clock may differ."""


def findings(at: datetime) -> dict[str, str]:
    """Each part's state; "ok", or what is wrong. ``at`` is this machine's instant."""
    found = {"database": "ok", "clock": "ok", "documents": rendering.ready() or "ok"}
    try:
        skew = abs((_database_clock(at) - at).total_seconds())
    except Error:
        return {**found, "database": "down", "clock": "unknown"}
    if skew > MOST_SKEW:
        found["clock"] = f"differs from the database's by {skew:.1f} s"
    found["sending"] = "ok" if restoring.sealed() is None else "sealed: restored from a backup"
    return found


def is_ready(found: dict[str, str]) -> bool:
    """PDFs and letters may wait, filing goes on. Database and clocks may not be wrong."""
    return found["database"] == "ok" and found["clock"] == "ok"


def _database_clock(at: datetime) -> datetime:
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":  # an embedded database has this machine's clock
            cursor.execute("SELECT 1")
            return at
        cursor.execute("SELECT clock_timestamp()")
        clock: datetime = cursor.fetchone()[0]
        return clock.astimezone(UTC)
