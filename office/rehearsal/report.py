"""What a rehearsal found, step by step. Pure; kept as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

DONE, DEAD_END, SKIPPED = "done", "dead_end", "skipped"
RESULTS = {DONE: "走通", DEAD_END: "走不通", SKIPPED: "未演练"}


RULES, DATES, PEOPLE = "rules", "dates", "people"
BEFORE = {RULES: "规则", DATES: "期限", PEOPLE: "人员"}
"""What is judged before anybody plays."""
OFFICE, APPLICANT = "主管部门", "申报主体"
WHO = {
    "opening": OFFICE,
    "filing": APPLICANT,
    "deadline": APPLICANT,
    "preselection": "初审部门",
    "recommendation": "推荐单位",
    "review": "评审专家",
}
"""Whose turn it is at a step; the office's where no other is named."""


@dataclass(slots=True)
class Finding:
    """One dead end or warning: at which step, who cannot go on, what it is, and the way out."""

    step: str
    words: str
    way_out: str
    who: str = ""


@dataclass(slots=True)
class StepDone:
    """One step: its result, what happened, at which time of the call, in how many seconds."""

    key: str
    title: str
    result: str = DONE
    words: list[str] = field(default_factory=list)
    at: str = ""
    seconds: float = 0.0


@dataclass(slots=True)
class Report:
    steps: list[StepDone] = field(default_factory=list)
    dead_ends: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    letters: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def dead_end(self, step: str, words: str, way_out: str, *, who: str = "") -> None:
        """Named once, however often it is met."""
        if all((one.step, one.words) != (step, words) for one in self.dead_ends):
            self.dead_ends.append(Finding(step, words, way_out, who or WHO.get(step, OFFICE)))
        for one in self.steps:
            if one.key == step:
                one.result = DEAD_END

    def warn(self, step: str, words: str, way_out: str = "") -> None:
        if all((one.step, one.words) != (step, words) for one in self.warnings):
            self.warnings.append(Finding(step, words, way_out))

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Line:
    """A finding as it is shown: with the title of its step."""

    step: str
    who: str
    words: str
    way_out: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A kept report for people: findings of before the play first, then step by step."""

    steps: list[dict[str, Any]]
    dead_ends: list[Line]
    warnings: list[Line]
    letters: list[tuple[str, int]]
    counts: dict[str, int]
    seconds: float
    through: int


def shown(kept: dict[str, Any]) -> Shown:
    """Reads what ``as_json`` wrote; also the reports of before findings said who is stopped."""
    steps = [{**one, "moment": _instant(one["at"])} for one in kept.get("steps", [])]
    titles = {**BEFORE, **{one["key"]: one["title"] for one in steps}}
    order = {key: number for number, key in enumerate(titles)}

    def lines(found: list[dict[str, str]]) -> list[Line]:
        by_step = sorted(found, key=lambda one: order.get(one["step"], len(order)))
        return [
            Line(
                titles.get(one["step"], one["step"]),
                one.get("who") or WHO.get(one["step"], OFFICE),
                one["words"],
                one["way_out"],
            )
            for one in by_step
        ]

    return Shown(
        steps=steps,
        dead_ends=lines(kept.get("dead_ends", [])),
        warnings=lines(kept.get("warnings", [])),
        letters=list(kept.get("letters", {}).items()),
        counts=kept.get("counts", {}),
        seconds=sum(one["seconds"] for one in steps),
        through=sum(one["result"] == DONE for one in steps),
    )


def _instant(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
