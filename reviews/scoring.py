"""The scoring form as a rule: criteria, weighted total, when a comment is due.

Pure: figures in, a total or a list of Chinese problems out. Weights and scales
come from the programme file (评分表 weights are data, DOMAIN 4).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from core.lengths import characters

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of the scoring form: scored 0 to ``highest``, worth ``weight`` of the total."""

    key: str
    title: str
    weight: int
    highest: int = 10
    help: str = ""

    def part(self, score: int) -> Decimal:
        """What a score brings in weight points, before scaling to 100. Exact to 0.01."""
        exact = Decimal(self.weight) * Decimal(score) / Decimal(self.highest)
        return exact.quantize(CENT, rounding=ROUND_HALF_UP)

    @property
    def scale(self) -> range:
        return range(self.highest + 1)


@dataclass(frozen=True, slots=True)
class CommentRule:
    """A reason is due for a score up to ``low`` or from ``high`` on, of ``least`` characters."""

    low: int | None = None
    high: int | None = None
    least: int = 1
    most: int = 500

    def due(self, score: int | None) -> bool:
        if score is None:
            return False
        low = self.low is not None and score <= self.low
        return low or (self.high is not None and score >= self.high)

    def words(self, highest: int) -> str:
        """When a reason is due on a scale up to ``highest``, in words; '' when never."""
        parts = []
        if self.low is not None:
            parts.append("0 分" if self.low == 0 else f"0–{self.low} 分")
        if self.high is not None and self.high <= highest:
            parts.append(f"{highest} 分" if self.high == highest else f"{self.high}–{highest} 分")
        return f"给 {'或 '.join(parts)}时必填" if parts else ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a score cannot be submitted. ``key`` names the field it belongs to."""

    key: str
    message: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A scoring form: the criteria of a round and its comment rule."""

    criteria: tuple[Criterion, ...]
    comment: CommentRule = field(default_factory=CommentRule)

    def __post_init__(self) -> None:
        keys = [criterion.key for criterion in self.criteria]
        if not keys:
            raise ValueError("a scoring form needs at least one criterion")
        if len(set(keys)) != len(keys):
            raise ValueError("criteria keys must differ")
        for criterion in self.criteria:
            if criterion.weight <= 0 or criterion.highest <= 0:
                raise ValueError(f"criterion {criterion.key}: weight and highest must be positive")

    @property
    def weights(self) -> int:
        return sum(criterion.weight for criterion in self.criteria)

    def as_json(self) -> dict[str, Any]:
        return {
            "criteria": [asdict(criterion) for criterion in self.criteria],
            "comment": asdict(self.comment),
        }


def sheet(data: Mapping[str, Any]) -> Sheet:
    """Read a form back from what ``Sheet.as_json`` wrote."""
    return Sheet(
        criteria=tuple(Criterion(**row) for row in data["criteria"]),
        comment=CommentRule(**data.get("comment", {})),
    )


def total(form: Sheet, scores: Mapping[str, int]) -> Decimal:
    """The weighted total on a scale of 0 to 100; what is not scored counts nothing.

    One rounding only, at the end, so that the figure does not depend on the order
    of the criteria.
    """
    exact = sum(
        (
            Decimal(criterion.weight) * scores[criterion.key] / criterion.highest
            for criterion in sorted(form.criteria, key=lambda one: one.key)
            if scores.get(criterion.key) is not None
        ),
        Decimal(0),
    )
    return (exact * 100 / form.weights).quantize(CENT, rounding=ROUND_HALF_UP)


def unscored(form: Sheet, scores: Mapping[str, int]) -> list[Criterion]:
    return [criterion for criterion in form.criteria if scores.get(criterion.key) is None]


def malformed(
    form: Sheet, scores: Mapping[str, Any], comments: Mapping[str, Any], overall: str = ""
) -> list[Problem]:
    """What may not even be kept as a draft: unknown keys, figures off the scale, endless text."""
    known = {criterion.key: criterion for criterion in form.criteria}
    found = [
        Problem(key, f"评分表中没有“{key}”这一项，请刷新页面后重试")
        for key in sorted({*scores, *comments} - set(known))
    ]
    for key, criterion in known.items():
        score = scores.get(key)
        if score is None:
            continue
        whole = isinstance(score, int) and not isinstance(score, bool)
        if not whole or not 0 <= score <= criterion.highest:
            found.append(Problem(key, f"“{criterion.title}”须为 0 至 {criterion.highest} 的整数"))
    found += [
        Problem(key, f"“{known[key].title}”的理由超出 {form.comment.most} 字，请删减")
        for key, text in comments.items()
        if key in known and characters(str(text)) > form.comment.most
    ]
    if characters(overall) > form.comment.most:
        found.append(Problem("overall", f"总体意见超出 {form.comment.most} 字，请删减"))
    return found


def problems(
    form: Sheet, scores: Mapping[str, int], comments: Mapping[str, str], overall: str = ""
) -> list[Problem]:
    """Everything that stands between a draft and its submission, in the form's order."""
    found = malformed(form, scores, comments, overall)
    if found:
        return found
    for criterion in form.criteria:
        score = scores.get(criterion.key)
        if score is None:
            found.append(Problem(criterion.key, f"请为“{criterion.title}”打分"))
        elif form.comment.due(score):
            length = characters(comments.get(criterion.key, ""))
            least = max(form.comment.least, 1)
            if length < least:
                found.append(
                    Problem(
                        criterion.key,
                        f"请写明“{criterion.title}”给 {score} 分的理由，"
                        f"不少于 {least} 字（现为 {length} 字）",
                    )
                )
    return found
