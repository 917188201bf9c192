"""What follows from the recommendation deadline. Nothing here takes a place away by the clock."""

from datetime import datetime

from django.db import transaction

from applications import services as applications
from applications.models import Application
from applications.workflow import Status
from audit import services as audit
from audit.services import CLOCK, Actor
from calls.models import Call
from calls.phases import GRACE, Phase
from calls.programme import Step
from core.errors import Refusal
from recommenders import letters, liststates, queries, sheets
from recommenders.models import RankedList
from recommenders.services import ground, lists


def close_unrecommended(*, at: datetime) -> int:
    """After a unit's deadline: what its confirmed list leaves out ends, as not recommended.

    A unit that has not confirmed its list is flagged once and told, and so is the office; its
    places and filings are kept. Returns how many filings or lists were touched; a second run
    finds nothing left.
    """
    done = 0
    for call in Call.objects.open().order_by("pk"):
        if Step.RECOMMENDATION not in call.steps or call.phase(at) != Phase.PROCESSING:
            continue
        for ranked in (
            RankedList.objects.filter(call=call)
            .select_related("call", "organisation")
            .order_by("pk")
        ):
            until = queries.own_deadline(ranked)
            if until is None or call.time(at) < until + GRACE:
                continue
            if ranked.state == liststates.OPEN:
                done += _flag(ranked, at=at)
            else:
                done += _expire(ranked, at=at)
    return done


def _waiting(ranked: RankedList) -> list[Application]:
    return list(
        Application.objects.filter(
            call=ranked.call_id, recommender=ranked.organisation_id, status=Status.SUBMITTED
        )
        .select_related("call")
        .order_by("pk")
    )


def _expire(ranked: RankedList, *, at: datetime, actor: Actor = CLOCK) -> int:
    for application in (waiting := _waiting(ranked)):
        applications.move(
            application,
            "expire",
            actor=actor,
            at=at,
            note=f"{ranked.organisation.name}推荐名单未列入",
        )
    return len(waiting)


@transaction.atomic
def _flag(ranked: RankedList, *, at: datetime) -> int:
    ranked = ground.lock_list(ranked.call, ranked.organisation_id)
    if ranked.flagged_at is not None or ranked.state != liststates.OPEN:
        return 0
    held = queries.live(ranked.call_id, ranked.organisation_id).count()
    if not held and not _waiting(ranked):
        return 0
    ranked.flagged_at = at
    ranked.save(update_fields=["flagged_at"])
    audit.record(
        actor=CLOCK, action="recommenders.flag_unsubmitted", subject=ranked, at=at, held=held
    )
    letters.list_overdue(ranked, at=at)
    return 1


@transaction.atomic
def settle_unsubmitted(
    ranked: RankedList, *, accept: bool, reason: str, actor: Actor, at: datetime
) -> RankedList:
    """The office decides on a list its unit did not confirm in time.

    ``accept`` takes the list as it stands: it is frozen and its sheet is made. Otherwise every
    recommendation is taken down, and the filings end as not recommended.
    """
    ground.must_be_office_approver(actor)
    if len(reason.strip()) < 5:
        raise Refusal("reason-short", "请写明处理依据（不少于 5 字）。", status=422)
    ground.lock_allotments(ranked.call, ranked.organisation_id)
    if not accept:
        _take_down(ranked, reason=reason.strip(), actor=actor, at=at)
    ranked = ground.lock_list(ranked.call, ranked.organisation_id)
    if ranked.flagged_at is None or ranked.state != liststates.OPEN:
        raise Refusal("not-flagged", "只有逾期未确认的名单需要处理，请刷新页面。")
    audit.record(
        actor=actor,
        action="recommenders.settle_unsubmitted",
        subject=ranked,
        at=at,
        accept=accept,
        reason=reason.strip(),
    )
    if not accept:
        _expire(ranked, at=at, actor=actor)
        return ranked
    rows = sheets.rows(ranked)
    if not rows:
        raise Refusal("list-empty", "名单中没有推荐项目，不能按现状收取。")
    lists.freeze(ranked, rows, state=liststates.FROZEN, actor=actor, at=at)
    return ranked


def _take_down(ranked: RankedList, *, reason: str, actor: Actor, at: datetime) -> None:
    for held in queries.live(ranked.call_id, ranked.organisation_id):
        applications.move(held.application, "unrecommend", actor=actor, at=at, note=reason)
