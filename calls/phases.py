"""Which phase a call is in at an instant, and which deadline is in force for whom. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

GRACE = timedelta(minutes=10)
"""How long after a deadline a request that arrived in time may still take to be committed."""


class Phase(StrEnum):
    ANNOUNCED = "announced"
    FILING = "filing"
    RECOMMENDATION = "recommendation"
    PROCESSING = "processing"
    CLOSED = "closed"


PHASE_TITLES = {
    Phase.ANNOUNCED: "尚未开始",
    Phase.FILING: "申报阶段",
    Phase.RECOMMENDATION: "推荐阶段",
    Phase.PROCESSING: "审核与评审",
    Phase.CLOSED: "已结束",
}


@dataclass(frozen=True, slots=True)
class Timetable:
    """Half-open spans: a phase holds from its start up to, not including, its end.

    ``recommendation_until`` is None where the programme has no recommendation step.
    An unset ``filing_until`` keeps the call announced.
    """

    filing_from: datetime | None
    filing_until: datetime | None
    recommendation_until: datetime | None

    def phase(self, at: datetime) -> Phase:
        if self.filing_until is None or (self.filing_from and at < self.filing_from):
            return Phase.ANNOUNCED
        if at < self.filing_until:
            return Phase.FILING
        if self.recommendation_until and at < self.recommendation_until:
            return Phase.RECOMMENDATION
        return Phase.PROCESSING


def deadline(
    base: datetime | None,
    *,
    earlier: Iterable[datetime] = (),
    extended: Iterable[datetime] = (),
) -> datetime | None:
    """The exclusive end in force for one unit.

    ``base`` is the call's date, ``earlier`` those that levels of the unit's own chain set for
    themselves (the earliest counts, never later than the base), ``extended`` approved extensions
    (the latest counts, and it wins over everything).
    """
    granted = [until for until in extended if until]
    if granted:
        return max([*granted, *([base] if base else [])])
    if base is None:
        return None
    return min([base, *(until for until in earlier if until)])
