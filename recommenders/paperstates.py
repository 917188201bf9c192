"""When a paper counts as arrived, and how long one may remind. Pure: figures in, words out."""

from collections.abc import Iterable
from datetime import datetime, timedelta

MISSING, PARTIAL, WRONG, COMPLETE = "missing", "partial", "wrong", "complete"

WORDS = {
    MISSING: "未收到",
    PARTIAL: "未收齐",
    WRONG: "只收到旧版",
    COMPLETE: "已收齐",
}
SHAPES = {MISSING: "todo", PARTIAL: "doing", WRONG: "fix", COMPLETE: "done"}

DAYS_BEFORE = (3, 1)
"""A level's reminders: so many days before its date."""


def state(*, copies: int, arrived: int, others: int) -> str:
    """Of one paper: ``copies`` expected, ``arrived`` of the version in force, ``others`` not."""
    if arrived >= copies:
        return COMPLETE
    if arrived:
        return PARTIAL
    return WRONG if others else MISSING


def together(states: Iterable[str]) -> str:
    """Of everything one unit sends: the worst that stands in the way, or complete."""
    found = list(states)
    if WRONG in found:
        return WRONG
    if all(one == COMPLETE for one in found):
        return COMPLETE
    return MISSING if all(one == MISSING for one in found) else PARTIAL


def due_reminders(until: datetime, *, now: datetime) -> list[int]:
    """Which reminders before ``until`` (exclusive) have come due, the nearest to the date first.

    After an outage several may be due at once: only the first of them is to be sent.
    """
    if now >= until:
        return []
    return sorted(days for days in DAYS_BEFORE if until - timedelta(days=days) <= now)
