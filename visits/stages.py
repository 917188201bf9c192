"""The states of a visit and the steps between them. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from core.errors import Refusal


class VisitState(StrEnum):
    PLANNED = "planned"
    CONFIRMED = "confirmed"
    CONCLUDED = "concluded"
    DONE = "done"
    CANCELLED = "cancelled"


LABELS = {
    VisitState.PLANNED: "待申报单位确认",
    VisitState.CONFIRMED: "已确认",
    VisitState.CONCLUDED: "待成员签署",
    VisitState.DONE: "已完成",
    VisitState.CANCELLED: "已取消",
}
SHAPES = {
    VisitState.PLANNED: "wait",
    VisitState.CONFIRMED: "doing",
    VisitState.CONCLUDED: "wait",
    VisitState.DONE: "done",
    VisitState.CANCELLED: "void",
}
"""The shape of each state's mark."""
AHEAD = (VisitState.PLANNED, VisitState.CONFIRMED)
"""The date can be changed, findings are written."""
LIVE = (*AHEAD, VisitState.CONCLUDED)
"""Not at an end: an application has one such visit at most."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step, where it may be taken, where it leads, and what is said elsewhere."""

    name: str
    sources: Collection[VisitState]
    target: VisitState
    refusal: str


_S = VisitState
STEPS = {
    one.name: one
    for one in (
        Step("confirm", (_S.PLANNED,), _S.CONFIRMED, "只有待确认的安排可以确认。"),
        Step("change", AHEAD, _S.PLANNED, "只有尚未形成结论的安排可以改期。"),
        Step("cancel", AHEAD, _S.CANCELLED, "只有尚未形成结论的安排可以取消。"),
        Step("conclude", AHEAD, _S.CONCLUDED, "结论已经形成，或这次安排已经取消。"),
        Step("reopen", (_S.CONCLUDED,), _S.CONFIRMED, "只有待成员签署的结论可以收回。"),
        Step("finish", (_S.CONCLUDED,), _S.DONE, "只有待成员签署的结论可以完成。"),
    )
}


def target(name: str, state: str) -> VisitState:
    """Where the step leads from here. Raises ``Refusal`` ``wrong-state``."""
    step = STEPS[name]
    if state not in step.sources:
        here = LABELS[VisitState(state)]
        raise Refusal("wrong-state", f"{step.refusal}（现为“{here}”，请刷新页面查看。）")
    return step.target
