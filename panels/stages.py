"""The states of a meeting and of its items, and the steps between them. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class MeetingState(StrEnum):
    PLANNED = "planned"
    RUNNING = "running"
    CLOSED = "closed"
    CANCELLED = "cancelled"


LABELS = {
    MeetingState.PLANNED: "筹备中",
    MeetingState.RUNNING: "进行中",
    MeetingState.CLOSED: "已结束",
    MeetingState.CANCELLED: "已取消",
}


class ItemState(StrEnum):
    WAITING = "waiting"
    CURRENT = "current"
    CONCLUDED = "concluded"


ITEM_LABELS = {
    ItemState.WAITING: "待审议",
    ItemState.CURRENT: "正在审议",
    ItemState.CONCLUDED: "已审议",
}


class Presence(StrEnum):
    """Where a member is while an item is discussed. Only who is ``in`` sees, scores and votes."""

    IN = "in"
    BARRED = "barred"
    ABSENT = "absent"
    AWAY = "away"


PRESENCE_LABELS = {
    Presence.IN: "在场",
    Presence.BARRED: "回避",
    Presence.ABSENT: "未到会",
    Presence.AWAY: "离席",
}


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the meeting, where it may be taken, and what is said elsewhere."""

    name: str
    sources: Collection[MeetingState]
    target: MeetingState | None
    refusal: str


_S = MeetingState
STEPS = {
    step.name: step
    for step in (
        Step("plan", (_S.PLANNED,), None, "会议已经开始，不能再修改安排。"),
        Step("invite", (_S.PLANNED, _S.RUNNING), None, "会议已经结束，不能再邀请成员。"),
        Step("start", (_S.PLANNED,), _S.RUNNING, "只有筹备中的会议可以开始。"),
        Step("cancel", (_S.PLANNED,), _S.CANCELLED, "只有筹备中的会议可以取消。"),
        Step("conduct", (_S.RUNNING,), None, "会议不在进行中。"),
        Step("close", (_S.RUNNING,), _S.CLOSED, "只有进行中的会议可以结束。"),
        Step("file", (_S.CLOSED,), None, "会议结束后才能上传签字扫描件。"),
    )
}


def allows(name: str, state: str) -> bool:
    return state in STEPS[name].sources
