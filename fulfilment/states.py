"""Where a task can stand, and how it gets there: a table. Pure but for the words of the choices.

``fulfilment.services.moving.advance`` is the only writer. Whether a task is late is no state: it
follows from its days.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import TextChoices


class State(TextChoices):
    UNDER_WAY = "under_way", "实施中"
    READY = "ready", "已完成待评价"
    ENDED = "ended", "已结题"
    FAILED = "failed", "未通过验收"
    TERMINATED = "terminated", "已终止"
    VOID = "void", "名单已撤下"


RUNNING = (State.UNDER_WAY, State.READY)
"""What still has to be done something about."""

ELIGIBLE = (State.READY, State.ENDED)
"""What may be tested, or stand for an award: the work is reported done and nothing forbids it."""


@dataclass(frozen=True, slots=True)
class Move:
    name: str
    sources: tuple[State, ...]
    target: State
    words: str


_S = State
MOVES: dict[str, Move] = {
    move.name: move
    for move in (
        Move("complete", (_S.UNDER_WAY,), _S.READY, "报告完成"),
        Move("resume", (_S.READY,), _S.UNDER_WAY, "退回继续实施"),
        Move("conclude", (_S.READY,), _S.ENDED, "结题"),
        Move("fail", (_S.READY,), _S.FAILED, "验收不合格"),
        Move("terminate", RUNNING, _S.TERMINATED, "终止"),
        Move("void", RUNNING, _S.VOID, "名单撤下"),
        Move("revive", (_S.VOID,), _S.UNDER_WAY, "名单重新公布"),
    )
}
