"""What every act here stands on: who may act, the locks, and the mark of who changed the list."""

from datetime import datetime

from accounts import roles
from accounts.models import Organisation
from applications.models import Application
from audit.services import Actor
from calls.models import Call, known, without_rules
from calls.phases import Phase
from core import writing
from core.errors import Refusal
from core.prepared import Prepared, Slot
from recommenders import liststates, queries
from recommenders.models import Allotment, RankedList


def must_belong(actor: Actor, unit_id: int | None) -> None:
    """The actor works for this recommender. Raises ``Refusal`` ``not-yours`` (403)."""
    if actor.role not in roles.RECOMMENDER or actor.organisation_id != unit_id:
        raise Refusal(
            "not-yours",
            "只有该项目的推荐单位可以办理，请切换到相应的身份。",
            status=403,
        )


def must_approve(actor: Actor, unit_id: int | None) -> None:
    """The actor is an approver of this recommender."""
    must_belong(actor, unit_id)
    if actor.role != roles.Role.REC_APPROVER:
        raise Refusal(
            "approver-only", "这一步由推荐审批人办理，请提请本单位审批人处理。", status=403
        )


def must_be_office_approver(actor: Actor) -> None:
    if actor.role != roles.Role.OFFICE_APPROVER:
        raise Refusal("approver-only", "这一步由主管部门审批人办理。", status=403)


def must_be_in_time(ranked: RankedList, *, at: datetime) -> None:
    """Filing has ended and the unit's own deadline has not come."""
    if ranked.call.phase(at) not in (Phase.RECOMMENDATION, Phase.PROCESSING):
        raise Refusal("wrong-phase", "申报截止后才能推荐；申报期间可以查看、排序意向和列入备选。")
    if not queries.in_time(ranked, at=at):
        raise Refusal(
            "recommendation-over",
            "推荐截止时间已过，名单不能再改动。确需处理的，请与主管部门联系申请延期。",
            rule=ranked.call.programme.dates.sources.get(
                "recommendation_until", ranked.call.programme.notice
            ),
        )


def lock_allotment(application: Application, *, pool: str = "") -> Allotment:
    """The allotment the application counts in, locked: the first lock of every act on places."""
    return _there(queries.hold_allotment_for(application, pool=pool), application)


def lock_room(application: Application, *, pool: str = "") -> tuple[Allotment, bool]:
    """As ``lock_allotment``, and True. Without a free place it is not locked, and False is said:
    nobody has to wait for a lock to hear that there is no place."""
    held = queries.hold_allotment_with_room(application, pool=pool)
    if held is not None:
        return held, True
    return _there(queries.allotment_for(application, pool=pool), application), False


def _there(found: Allotment | None, application: Application) -> Allotment:
    if found is None:
        raise Refusal(
            "no-allotment",
            "推荐单位在本批次没有名额，不能推荐。请与主管部门核对推荐单位范围。",
            rule=application.call.programme.notice,
        )
    return found


def lock_allotments(call: Call, unit: Organisation | int) -> list[Allotment]:
    """Every allotment of the unit in the call, locked in one order."""
    return list(
        Allotment.objects.select_for_update().filter(call=call, organisation=unit).order_by("pk")
    )


def lock_list(call: Call | int, unit: Organisation | int | None) -> RankedList:
    """The unit's list, locked: the last lock of every act."""
    found = _list_held.first(call=getattr(call, "pk", call), unit=getattr(unit, "pk", unit))
    if found is None:
        raise Refusal("no-list", "推荐单位在本批次还没有名单，请与主管部门核对推荐单位范围。")
    return known(found)


_list_held = Prepared(
    lambda: without_rules(
        RankedList.objects.select_for_update(of=("self",)).filter(
            call_id=Slot("call"), organisation_id=Slot("unit")
        ),
        *("call", "organisation"),
    )
)


def lock_open_list(call: Call | int, unit: Organisation | int | None) -> RankedList:
    ranked = lock_list(call, unit)
    liststates.must_be_open(ranked.state)
    return ranked


def touch(ranked: RankedList, *, by: int, at: datetime) -> None:
    """Remember who changed the list last: that person prepared it. Keeps its ``undo`` too."""
    ranked.changed_at = at
    ranked.changed_by_id = by
    writing.update(ranked, ["changed_at", "changed_by", "undo"])


def must_be_office(actor: Actor) -> None:
    if actor.role not in roles.OFFICE:
        raise Refusal("not-yours", "这一步由主管部门办理。", status=403)
