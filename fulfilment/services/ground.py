"""What every act here stands on: who may act, and the day it is."""

from __future__ import annotations

from datetime import date, datetime

from accounts.roles import FILING
from audit.services import Actor
from core.errors import Refusal
from core.lengths import characters
from fulfilment.models import Task
from outcomes.rules import day_of
from outcomes.services.ground import must_approve, must_be_office, two_people

__all__ = ["day", "must_approve", "must_be_office", "must_be_unit", "reason_of", "two_people"]


def must_be_unit(task: Task, actor: Actor) -> None:
    """Raises ``Refusal`` ``not-yours`` (403)."""
    if actor.role not in FILING or actor.organisation_id != task.application.organisation_id:
        raise Refusal(
            "not-yours", "这一步由承担单位的管理员或填报人办理，请切换到相应的身份。", status=403
        )


def day(task: Task, at: datetime) -> date:
    """The day of an instant in the call's own time."""
    return day_of(task.application.call.time(at))


def reason_of(text: str, *, what: str, shortest: int = 5) -> str:
    """The reason, trimmed. Raises ``Refusal`` ``reason-short`` (422)."""
    if characters(text) < shortest:
        raise Refusal("reason-short", f"请写明{what}（不少于 {shortest} 字）。", status=422)
    return text.strip()
