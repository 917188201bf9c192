"""Taking a place and giving it back."""

from collections.abc import Iterable
from datetime import datetime
from typing import NoReturn

from django.db import IntegrityError, transaction

from applications import exclusivity
from applications import services as applications
from applications.models import Application
from audit import services as audit
from audit.services import Actor
from calls.programme import Step
from core import writing
from core.errors import Refusal
from core.failpoints import failpoint
from core.lengths import characters
from recommenders import clashing, letters, liststates, queries, quota
from recommenders.models import (
    Allotment,
    Confirmation,
    OverQuotaRequest,
    Place,
    Preselection,
    RankedList,
    Reserve,
    Visit,
)
from recommenders.queries import Listed, PlaceNow
from recommenders.services import ground, listing


@transaction.atomic
def recommend(
    application: Application,
    *,
    actor: Actor,
    at: datetime,
    note: str = "",
    pool: str = "",
    condition: str = "",
    clash_reason: str = "",
) -> Confirmation:
    """Give the application the lowest free place and the last rank of the list, or refuse.

    ``pool`` names a side pool whose places count apart; ``condition`` makes it 有条件推荐, to be
    fulfilled later; ``clash_reason`` explains a repetition that the rules leave to the unit.

    Raises ``Refusal``: ``not-yours``, ``wrong-phase``, ``recommendation-over``, ``list-frozen``,
    ``not-forwarded``, ``visit-missing``, ``clash-unexplained`` or the code of a hard clash,
    ``quota-used`` with the clause, or what the workflow says. A refusal changes nothing.
    """
    ground.must_belong(actor, application.recommender_id)
    return _confirm(
        application,
        actor=actor,
        at=at,
        note=note,
        pool=pool,
        condition=condition,
        clash_reason=clash_reason,
    )


def promote(
    application: Application, *, actor: Actor, at: datetime, pool: str = "", clash_reason: str = ""
) -> Confirmation:
    """A reserve line follows onto a free place; the reserve closes ranks."""
    if not Reserve.objects.filter(application=application).exists():
        raise Refusal("not-in-reserve", "该项目不在备选之列，请刷新页面。")
    return recommend(application, actor=actor, at=at, pool=pool, clash_reason=clash_reason)


def confirm_granted(
    application: Application,
    *,
    proposed_by: int,
    reason: str,
    actor: Actor,
    at: datetime,
    pool: str = "",
) -> Confirmation:
    """The office's approval of an over-quota request confirms the named application.

    On the list it is the act of whoever asked for it, ``proposed_by``, with their ``reason``.
    """
    return _confirm(
        application,
        actor=actor,
        at=at,
        note="超额",
        pool=pool,
        proposed_by=proposed_by,
        clash_reason=reason,
    )


def _confirm(
    application: Application,
    *,
    actor: Actor,
    at: datetime,
    note: str = "",
    pool: str = "",
    proposed_by: int | None = None,
    condition: str = "",
    clash_reason: str = "",
) -> Confirmation:
    by = proposed_by or actor.person
    allotment, room = ground.lock_room(application, pool=pool)
    if not room:
        _refuse_as_full(allotment, application, at=at)
    place = free_place(allotment, application)
    if place is None:  # whoever waited for the lock in vain hears it as soon as it has the lock
        raise _used_up(allotment, application)
    failpoint("place.chosen")
    application = applications.locked(application)
    ranked = ground.lock_list(application.call_id, allotment.organisation_id)
    _must_be_ready(application, ranked, at=at)
    listed = queries.listed(ranked.call_id, ranked.organisation_id)
    clash_reason = explained(application, listed, reason=clash_reason)
    application = applications.step(application, "recommend", actor=actor, at=at, note=note)
    spare = listing.leave_reserve(application)
    held = hold(
        place,
        application,
        allotment,
        rank=len(listed) + 1,
        by=by,
        at=at,
        note=note or (spare.note if spare else ""),
        condition=condition.strip()[:100],
        clash_reason=clash_reason,
    )
    failpoint("place.held")
    listing.remember(
        ranked,
        f"推荐《{application.title}》",
        {"kind": "recommend", "application": application.pk, "reserve": spare.rank if spare else 0},
    )
    ground.touch(ranked, by=by, at=at)
    audit.record(
        actor=actor,
        action="recommenders.confirm",
        subject=application,
        at=at,
        allotment=allotment.pk,
        list=ranked.pk,
        rank=held.rank,
        granted=place.granted_for is not None,
        pool=allotment.pool,
        condition=held.condition,
        clash=clash_reason,
    )
    return held


def _refuse_as_full(allotment: Allotment, application: Application, *, at: datetime) -> NoReturn:
    """No place is left; what else forbids it is said before that."""
    ranked = queries.list_of(application.call, allotment.organisation_id)
    if ranked is not None:
        _must_be_ready(application, ranked, at=at)
    raise _used_up(allotment, application)


def _used_up(allotment: Allotment, application: Application) -> Refusal:
    scope = application.direction.title if allotment.scope and application.direction else ""
    ledger = quota.Ledger(limit=allotment.limit, soft=allotment.soft, scope_name=scope)
    return Refusal("quota-used", ledger.refusal(), rule=allotment.source)


def _must_be_ready(application: Application, ranked: RankedList, *, at: datetime) -> None:
    """The list is open, it is time, and what the programme asks for before has been done."""
    liststates.must_be_open(ranked.state)
    ground.must_be_in_time(ranked, at=at)
    _prepared(application)


def explained(application: Application, listed: Iterable[Listed], *, reason: str) -> str:
    """The reason to keep beside a confirmation; empty where nothing has to be explained.

    ``listed`` is what its recommender recommends now. Raises ``Refusal``: the code of a hard
    clash, or ``clash-unexplained`` where the unit has not said why it recommends all the same.
    """
    rules = clashing.said(exclusivity.must_be_clear(application))
    warnings = rules + clashing.repeated(application, listed)
    if not warnings:
        return ""
    if characters(reason) < 5:
        said = "；".join(one.words for one in warnings)
        raise Refusal(
            "clash-unexplained",
            f"《{application.title}》有重复情况：{said}。"
            "确需推荐的，请在该申报的页面写明情况（不少于 5 字）后推荐。",
            status=422,
        )
    return reason.strip()[:300]


def free_place(allotment: Allotment, application: Application) -> PlaceNow | None:
    """The lowest free ordinary place, else the one granted for this application.

    Call it with the allotment locked. Without a limit the row is made now.
    """
    places = queries.places(allotment)
    number = quota.next_place(allotment.limit, {one.number for one in places if one.held})
    if number is None:
        granted = (one for one in places if one.granted_for == application.pk and not one.held)
        return next(granted, None)
    ordinary = {one.number: one for one in places if one.granted_for is None}
    if allotment.limit is None and number not in ordinary:
        made = Place.objects.create(allotment=allotment, number=number, of_limit=None)
        return PlaceNow(made.pk, number)
    return ordinary[number]


def hold(
    place: PlaceNow,
    application: Application,
    allotment: Allotment,
    *,
    rank: int,
    by: int,
    at: datetime,
    note: str = "",
    condition: str = "",
    clash_reason: str = "",
) -> Confirmation:
    """Write the confirmation; the database refuses a place that is held, or none."""
    held = Confirmation(
        allotment=allotment,
        place_id=place.pk,
        application=application,
        rank=rank,
        note=note,
        condition=condition,
        clash_reason=clash_reason,
        proposed_by_id=by,
        confirmed_at=at,
    )
    try:
        writing.insert(held)
    except IntegrityError:
        raise Refusal("place-taken", "这个名额刚刚被占用，请刷新页面后重试。") from None
    return held


def _prepared(application: Application) -> None:
    """What the programme asks for before a recommendation has been done."""
    call = application.call
    programme = call.programme
    settings = programme.recommendation
    own = application.organisation_id == application.recommender_id
    if settings and own and not settings.own_filing:
        raise Refusal("own-filing", "推荐单位不得推荐本单位的申报。", rule=settings.source)
    if Step.PRESELECTION in programme.steps and application.preselector_id:
        first = application.preselector
        units = [application.preselector_id, first.parent_id if first else None]
        asked = [unit for unit in units if unit and unit != application.recommender_id]
        done = set(
            Preselection.objects.filter(
                application=application,
                organisation__in=asked,
                state=Preselection.State.FORWARDED,
            ).values_list("organisation", flat=True)
        )
        if set(asked) - done:
            raise Refusal(
                "not-forwarded",
                "下级单位还没有上报这个项目，不能推荐。请先由下级单位完成初审并上报。",
            )
    if settings and settings.visit:
        passed = Visit.objects.filter(application=application, passed=True).exists()
        if not passed:
            raise Refusal(
                "visit-missing",
                f"推荐前须完成{settings.visit_title}并登记通过，请先登记。",
                rule=settings.source,
            )


@transaction.atomic
def unrecommend(application: Application, *, actor: Actor, at: datetime, reason: str) -> None:
    """Take the recommendation back while the list is open; the place is free again."""
    ground.must_belong(actor, application.recommender_id)
    if not reason.strip():
        raise Refusal("reason-missing", "请写明撤下的原因。", status=422)
    ranked = queries.list_of(application.call, application.recommender_id or 0)
    if ranked is None:
        raise Refusal("no-list", "推荐单位在本批次还没有名单。")
    ground.must_be_in_time(ranked, at=at)
    # writing a confirmation twice makes PostgreSQL look at its allotment: taken in the one order
    ground.lock_allotments(application.call, application.recommender_id or 0)
    applications.move(application, "unrecommend", actor=actor, at=at, note=reason.strip())
    Confirmation.objects.filter(application=application, released_at=at).update(
        release_reason=reason.strip()[:300]
    )


@transaction.atomic
def release(
    application: Application, *, why: str, actor: Actor, at: datetime, by_choice: bool
) -> Confirmation | None:
    """Free the application's place and close ranks. Called when a move takes it off the list.

    ``by_choice``: the recommender itself takes it down, which needs an open list. When the
    applicant withdraws, a list that is confirmed but not delivered is reopened before the
    deadline, since its sheet no longer tells the truth; after the deadline it stands as it was
    confirmed. Freeing needs no lock on the allotment.
    """
    listing.leave_reserve(application)
    OverQuotaRequest.objects.filter(
        application=application, state=OverQuotaRequest.State.PENDING
    ).update(
        state=OverQuotaRequest.State.CANCELLED,
        decided_at=at,
        decision_note=f"自动撤销：{why}"[:300],
    )
    held = (
        Confirmation.objects.filter(application=application, released_at__isnull=True)
        .select_related("allotment")
        .first()
    )
    if held is None:
        return None
    ranked = ground.lock_list(held.allotment.call_id, held.allotment.organisation_id)
    if by_choice:
        liststates.must_be_open(ranked.state)
    listing.forget(ranked)
    held.released_at, held.released_by_id = at, actor.user_id
    held.release_reason = (why or "撤下")[:300]
    held.save(update_fields=["released_at", "released_by", "release_reason"])
    if ranked.state in (liststates.FROZEN, liststates.SEALED) and queries.in_time(ranked, at=at):
        listing.void_version(
            ranked, reason=f"《{application.title}》不再推荐：{why}", actor=actor, at=at
        )
        letters.list_reopened(ranked, reason=f"《{application.title}》{why}", at=at)
    if ranked.state == liststates.OPEN:
        listing.close_ranks(ranked)
        if by_choice:
            ground.touch(ranked, by=actor.person, at=at)
    audit.record(
        actor=actor,
        action="recommenders.release",
        subject=application,
        at=at,
        allotment=held.allotment_id,
        why=why,
    )
    return held
