"""初评分: what a unit's own selection said of the filings, on the system or on paper.

A closed round of the unit's own experts, the meeting held on it and the result of a selection
held on paper feed the same column; of one filing the later one counts.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from panels import queries as panels
from recommenders.models import PaperResult
from reviews.models import Result
from reviews.stages import RoundState

EXPERTS, PANEL, PAPER = "专家初审", "会议评审", "线下评审"


@dataclass(frozen=True, slots=True)
class Score:
    """``value`` from 0 to 100, ``rank`` within the selection; one of them may be unknown."""

    value: Decimal | None
    rank: int | None
    source: str
    title: str
    at: datetime

    @property
    def order(self) -> tuple[bool, Decimal, bool, int]:
        """Sorts the best first; what has neither a score nor a rank last."""
        return (
            self.value is None,
            -(self.value or Decimal(0)),
            self.rank is None,
            self.rank or 0,
        )


def of(call: int, unit: int) -> dict[int, Score]:
    """By application. Three queries."""
    found: dict[int, Score] = {}
    for one in (
        Result.objects.filter(
            round__call=call, round__organisation=unit, round__state=RoundState.CLOSED
        )
        .select_related("round")
        .order_by("round__closed_at", "pk")
    ):
        at = one.round.closed_at or one.computed_at
        found[one.application_id] = Score(one.score, one.rank, EXPERTS, one.round.title, at)
    for key, panel in panels.results_of_unit(call, unit).items():
        at = panel.meeting.closed_at or panel.computed_at
        known = found.get(key)
        if known is None or known.at <= at:
            found[key] = Score(panel.score, panel.rank, PANEL, panel.meeting.title, at)
    for said in PaperResult.objects.filter(
        selection__call=call, selection__organisation=unit, selection__replaced_at__isnull=True
    ).select_related("selection"):
        known = found.get(said.application_id)
        if known is None or known.at <= said.selection.at:
            found[said.application_id] = Score(
                said.score,
                said.rank,
                PAPER,
                f"{said.selection.held_on} 线下评审",
                said.selection.at,
            )
    return found
