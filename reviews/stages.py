"""The states of a round and the steps between them. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class RoundState(StrEnum):
    DRAFT = "draft"
    ASSIGNING = "assigning"
    OPEN = "open"
    CLOSED = "closed"


LABELS = {
    RoundState.DRAFT: "筹备中",
    RoundState.ASSIGNING: "分配中",
    RoundState.OPEN: "评审中",
    RoundState.CLOSED: "已结束",
}


@dataclass(frozen=True, slots=True)
class Step:
    """A step and where it may be taken. ``target`` counts for those that change the state."""

    name: str
    sources: Collection[RoundState]
    target: RoundState
    refusal: str


_S = RoundState
STEPS = (
    Step(
        "propose",
        (_S.DRAFT, _S.ASSIGNING),
        _S.ASSIGNING,
        "本轮评审已下发，不能重新生成分配方案。要更换个别专家，请用“更换专家”。",
    ),
    Step(
        "remove",
        (_S.ASSIGNING,),
        _S.ASSIGNING,
        "只有在“分配中”才能移出专家。已下发的评审请用“更换专家”，尚未生成方案的请先生成。",
    ),
    Step(
        "add",
        (_S.ASSIGNING, _S.OPEN),
        _S.ASSIGNING,
        "只有“分配中”或“评审中”的评审可以增加专家。尚未生成方案的请先生成。",
    ),
    Step(
        "extend",
        (_S.ASSIGNING, _S.OPEN),
        _S.ASSIGNING,
        "只有“分配中”或“评审中”的评审可以调整截止时间。",
    ),
    Step(
        "deploy",
        (_S.ASSIGNING,),
        _S.OPEN,
        "只有“分配中”的评审可以下发。请先生成分配方案。",
    ),
    Step(
        "undo",
        (_S.OPEN,),
        _S.ASSIGNING,
        "只有“评审中”且尚无任何评分的评审可以撤回下发。",
    ),
    Step(
        "close",
        (_S.OPEN,),
        _S.CLOSED,
        "只有“评审中”的评审可以结束。",
    ),
)


def step(name: str) -> Step:
    return next(one for one in STEPS if one.name == name)


def allows(name: str, state: str) -> bool:
    return state in step(name).sources
