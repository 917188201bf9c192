"""Taking a place and giving it back."""

from datetime import datetime

from django.db import IntegrityError, transaction

from applications import exclusivity
from applications import services as applications
from applications.models import Application
from audit import services as audit
from audit.services import Actor
from calls.programme import Step
from core.errors import Refusal
from core.failpoints import failpoint
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
    full = _full(application, pool=pool)
    if full is not None:  # nobody has to wait for a lock to hear that there is no place
        _ready(application, full, at=at, reason=clash_reason)
    allotment = ground.lock_allotment(application, pool=pool)
    clash_reason, place = _ready(application, allotment, at=at, reason=clash_reason)
    failpoint("place.chosen")
    application = applications.move(application, "recommend", actor=actor, at=at, note=note)
    ranked = ground.lock_open_list(application.call, allotment.organisation_id)
    spare = Reserve.objects.filter(application=application).first()
    note = note or (spare.note if spare else "")
    listing.leave_reserve(application)
    held = hold(place, application, allotment, ranked, by=by, at=at, note=note)
    failpoint("place.held")
    held.condition, held.clash_reason = condition.strip()[:100], clash_reason
    if held.condition or clash_reason:
        held.save(update_fields=["condition", "clash_reason"])
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
        granted=place.granted_for_id is not None,
        pool=allotment.pool,
        condition=held.condition,
        clash=clash_reason,
    )
    return held


def _full(application: Application, *, pool: str) -> Allotment | None:
    """The application's allotment, read without a lock, when it has no place for it now."""
    found = queries.allotment_for(application, pool=pool)
    if found is None or found.limit is None or free_place(found, application) is not None:
        return None
    return found


def _ready(
    application: Application, allotment: Allotment, *, at: datetime, reason: str
) -> tuple[str, Place]:
    """The reason to keep beside the confirmation, and the place. Raises as ``recommend`` says."""
    ranked = queries.list_of(application.call, allotment.organisation_id)
    if ranked is None:
        raise Refusal("no-list", "推荐单位在本批次还没有名单，请与主管部门核对。")
    liststates.must_be_open(ranked.state)
    ground.must_be_in_time(ranked, at=at)
    _prepared(application)
    reason = explained(application, reason=reason)
    place = free_place(allotment, application)
    if place is None:
        names = queries.scope_names(application.call)
        ledger = queries.ledger_of(allotment, scope_name=names.get(allotment.scope, ""))
        raise Refusal("quota-used", ledger.refusal(), rule=allotment.source)
    return reason, place


def explained(application: Application, *, reason: str) -> str:
    """The reason to keep beside a confirmation; empty where nothing has to be explained.

    Raises ``Refusal``: the code of a hard clash, or ``clash-unexplained`` where the unit has not
    said why it recommends all the same.
    """
    exclusivity.must_be_clear(application)
    warnings = clashing.of(application)
    if not warnings:
        return ""
    if len("".join(reason.split())) < 5:
        said = "；".join(one.words for one in warnings)
        raise Refusal(
            "clash-unexplained",
            f"《{application.title}》有重复情况：{said}。"
            "确需推荐的，请在该申报的页面写明情况（不少于 5 字）后推荐。",
            status=422,
        )
    return reason.strip()[:300]


def free_place(allotment: Allotment, application: Application) -> Place | None:
    """The place granted for this application, else the lowest free ordinary one.

    Call it with the allotment locked. Without a limit the row is made now.
    """
    live = Confirmation.objects.filter(allotment=allotment, released_at__isnull=True)
    granted = (
        allotment.places.filter(granted_for=application)
        .exclude(pk__in=live.values("place"))
        .first()
    )
    taken = set(
        live.filter(place__granted_for__isnull=True).values_list("place__number", flat=True)
    )
    number = quota.next_place(allotment.limit, taken)
    if number is not None and allotment.limit is None:
        return Place.objects.get_or_create(
            allotment=allotment, number=number, defaults={"of_limit": None}
        )[0]
    if number is not None:
        return allotment.places.get(number=number)
    return granted


def hold(
    place: Place,
    application: Application,
    allotment: Allotment,
    ranked: RankedList,
    *,
    by: int,
    at: datetime,
    note: str,
) -> Confirmation:
    """Write the confirmation; the database refuses a place that is held, or none."""
    rank = queries.live(ranked.call_id, ranked.organisation_id).count() + 1
    try:
        with transaction.atomic():
            return Confirmation.objects.create(
                allotment=allotment,
                place=place,
                application=application,
                rank=rank,
                note=note,
                proposed_by_id=by,
                confirmed_at=at,
            )
    except IntegrityError:
        raise Refusal("place-taken", "这个名额刚刚被占用，请刷新页面后重试。") from None


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
