"""What a test says: per indicator, over all of them, and as a completion for the award. Pure.

A conclusion is computed from the measured value and the target that was agreed
(``fulfilment.targets.to_target``); nobody types one. The rules here:

* an indicator that was not tested has no conclusion and needs a reason; it never counts as reached
* what has nothing to compare (a text, a target that is no figure) is reported and not counted
* overall 全部达到 when all that count are reached, 未达到 when none is, else 部分达到
* completion (指标完成度) = reached ÷ counted, in per cent to one decimal; exceeding a target brings
  no more than reaching it. No source gives a formula: usual practice, unverified
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

MET, OVER, UNDER, NONE, UNTESTED, OPEN = "met", "over", "under", "none", "untested", "open"
WORDS = {
    MET: "达到",
    OVER: "超过",
    UNDER: "未达到",
    NONE: "不比较",
    UNTESTED: "未测",
    OPEN: "未填写",
}

ALL, PART, NOTHING, UNDECIDED = "all", "part", "nothing", "undecided"
OVERALL = {ALL: "全部达到", PART: "部分达到", NOTHING: "未达到", UNDECIDED: "无可比较的指标"}


@dataclass(frozen=True, slots=True)
class Counts:
    """How many indicators stand where."""

    met: int = 0
    over: int = 0
    under: int = 0
    none: int = 0
    untested: int = 0
    open: int = 0

    @property
    def total(self) -> int:
        return self.met + self.over + self.under + self.none + self.untested + self.open

    @property
    def counted(self) -> int:
        """What a completion is measured by: all but what has nothing to compare."""
        return self.total - self.none

    @property
    def reached(self) -> int:
        return self.met + self.over

    @property
    def overall(self) -> str:
        if not self.counted:
            return UNDECIDED
        if self.reached == self.counted:
            return ALL
        return PART if self.reached else NOTHING

    @property
    def overall_words(self) -> str:
        return OVERALL[self.overall]

    @property
    def words(self) -> str:
        """``共 5 项：超过 2，达到 1，未达到 1，未测 1``; what is zero is left out."""
        parts = [
            f"{WORDS[key]} {number}"
            for key in (OVER, MET, UNDER, UNTESTED, NONE, OPEN)
            if (number := getattr(self, key))
        ]
        return f"共 {self.total} 项" + (f"：{'，'.join(parts)}" if parts else "")

    def as_dict(self) -> dict[str, int]:
        return {key: getattr(self, key) for key in (MET, OVER, UNDER, NONE, UNTESTED, OPEN)}


def count(standings: Iterable[str]) -> Counts:
    """``standings``: one of the words of this module per indicator."""
    found = dict.fromkeys((MET, OVER, UNDER, NONE, UNTESTED, OPEN), 0)
    for one in standings:
        found[one] += 1
    return Counts(**found)


def completion(counts: Counts) -> Decimal | None:
    """指标完成度 in per cent, one decimal; None where nothing counts."""
    if not counts.counted:
        return None
    share = Decimal(counts.reached) * 100 / Decimal(counts.counted)
    return share.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
