"""Which dates move when one of them is postponed. Pure.

The dates of a call follow one another; when one moves, those after it keep their distance and move
by the same span, unless the cascade is declined; then the next date only has to stay later.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

ORDER = (
    "filing_until",
    "recommendation_until",
    "scan_until",
    "paper_until",
    "review_until",
    "announcement_by",
)


@dataclass(frozen=True, slots=True)
class Moved:
    """One date that moves. Both are exclusive ends in the call's own time."""

    key: str
    before: datetime
    after: datetime


def moved(
    dates: Mapping[str, datetime | None], key: str, until: datetime, *, cascade: bool
) -> list[Moved]:
    """The date itself and those that go with it, in their order; unset dates stay unset.

    Raises ``ValueError`` when ``until`` is not later than the date it replaces.
    """
    before = dates[key]
    if before is None or until <= before:
        raise ValueError(key)
    found = [Moved(key, before, until)]
    if cascade:
        span = until - before
        found += [
            Moved(name, value, value + span)
            for name in ORDER[ORDER.index(key) + 1 :]
            if (value := dates.get(name)) is not None and value >= before
        ]
    return found
