"""The next round in preparation: cloned from the running one, with what is left to be done."""

from datetime import datetime

from accounts.roles import Role
from calls import cloning
from calls.models import Call
from office.demo.cast import Cast


def prepare(cast: Cast, call: Call, *, at: datetime) -> Call:
    """Put forward by the operator; its checklist shows what stands before the opening."""
    operator = cast.actor(cast.operator, Role.OFFICE_OPERATOR)
    return cloning.clone(
        call,
        code=f"{call.code}-next",
        title=f"（演示）{call.title}（下一批）",
        interval=cloning.Interval(years=1),
        actor=operator,
        at=at,
    )
