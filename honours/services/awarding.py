"""The award: staged by one, looked at, applied together by another, under its caps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from applications.models import Application
from audit import services as audit
from audit.services import Actor
from calls.models import Call
from core.errors import Refusal
from core.failpoints import failpoint
from core.lengths import characters
from honours import board, standing
from outcomes import queries as deciding
from outcomes import rules
from outcomes import services as outcomes
from outcomes.models import Award, SlotRequest, Stage
from outcomes.services import awarding, ground

SHORTEST_EXCEPTION = 10
"""Characters of the reason for an award without what it should rest on."""


@transaction.atomic
def select(
    call: Call,
    public_ids: Sequence[str],
    *,
    tier: str,
    reason: str = "",
    exception: str = "",
    actor: Actor,
    at: datetime,
) -> list[Award]:
    """Mean to award these finalists in this tier: all of them, or a refusal and none.

    One whose task ended otherwise (terminated, failed) is refused; one without a valid test
    result or acceptance needs ``exception``, the reason, which stays with the award. Raises
    ``Refusal`` ``barred``, ``no-result`` (422), and the caps' with their clause.
    """
    ground.must_be_office(actor)
    call = ground.lock(call)
    applications = ground.finalists(call, public_ids)
    standings = standing.of(call, applications)
    awarding.unstage(applications, actor=actor, at=at)
    return [
        _hold(
            call,
            application,
            standings[application.pk],
            tier=tier,
            reason=reason,
            exception=exception,
            proposed_by=actor.person,
            actor=actor,
            at=at,
        )
        for application in applications
    ]


def _hold(
    call: Call,
    application: Application,
    found: standing.Standing,
    *,
    tier: str,
    reason: str,
    exception: str,
    proposed_by: int,
    actor: Actor,
    at: datetime,
) -> Award:
    _may_win(call, application, found, exception=exception)
    return awarding.hold(
        call,
        application,
        tier=tier,
        reason=reason,
        exception=exception if found.missing else "",
        standing=found.basis,
        proposed_by=proposed_by,
        actor=actor,
        at=at,
    )


def _may_win(
    call: Call, application: Application, found: standing.Standing, *, exception: str
) -> None:
    clause = call.programme.award.source if call.programme.award else ""
    clause = clause or call.programme.notice
    if found.barred:
        raise Refusal(
            "barred", f"《{application.title}》{found.barred}，不能授予优胜。", rule=clause
        )
    if found.missing and characters(exception) < SHORTEST_EXCEPTION:
        raise Refusal(
            "no-result",
            f"《{application.title}》{'、'.join(found.missing)}。确需授予的，"
            f"请写明理由（不少于 {SHORTEST_EXCEPTION} 字），理由随决定留存。",
            rule=clause,
            status=422,
        )


@transaction.atomic
def pass_over(
    call: Call, public_ids: Sequence[str], *, reason: str = "", actor: Actor, at: datetime
) -> list[Award]:
    """Mean to give these finalists no award."""
    ground.must_be_office(actor)
    call = ground.lock(call)
    applications = ground.finalists(call, public_ids)
    return awarding.pass_over(call, applications, reason=reason, actor=actor, at=at)


@transaction.atomic
def unstage(call: Call, public_ids: Sequence[str], *, actor: Actor, at: datetime) -> int:
    """Take staged awards back. Returns how many there were."""
    ground.must_be_office(actor)
    call = ground.lock(call)
    return awarding.unstage(ground.finalists(call, public_ids), actor=actor, at=at)


@transaction.atomic
def request_more(
    application: Application, *, tier: str, reason: str, actor: Actor, at: datetime
) -> SlotRequest:
    """Ask to award one more than a soft cap allows; who may not win at all is refused here."""
    ground.must_be_office(actor)
    call = ground.lock(application.call)
    application = ground.finalists(call, [application.public_id])[0]
    rules.tier_of(call.programme, tier, board.AWARD)
    found = standing.of(call, [application])[application.pk]
    _may_win(call, application, found, exception=reason)
    return outcomes.request_more(application, tier=tier, reason=reason, actor=actor, at=at)


@transaction.atomic
def decide_request(
    request: SlotRequest, *, approve: bool, actor: Actor, at: datetime
) -> SlotRequest:
    """Grant or refuse. Granting adds a slot for the named finalist and stages its award, in the
    name of whoever asked: the granter does not apply what they staged alone."""
    decided = outcomes.decide_request(request, approve=approve, actor=actor, at=at)
    if not approve:
        return decided
    call = ground.lock(decided.application.call)
    application = ground.finalists(call, [decided.application.public_id])[0]
    _hold(
        call,
        application,
        standing.of(call, [application])[application.pk],
        tier=decided.tier,
        reason=decided.reason,
        exception=decided.reason,
        proposed_by=decided.proposed_by_id,
        actor=actor,
        at=at,
    )
    return decided


@dataclass(frozen=True, slots=True)
class Applied:
    won: int
    none: int


@transaction.atomic
def apply_together(
    call: Call, *, shown: str, vacancies_confirmed: bool, actor: Actor, at: datetime
) -> Applied:
    """Apply every staged award of the call in one transaction, by a second person.

    ``shown`` is the fingerprint of what the approver was shown (``board.fingerprint_of``). Every
    finalist whose work is done must be staged; one still under way may wait. Raises ``Refusal``
    ``approver-only``, ``nothing-staged``, ``changed`` (409), ``two-people``, ``requests-open``,
    ``undecided``, ``vacant`` (422), ``barred``.
    """
    ground.must_approve(actor)
    call = ground.lock(call)
    list(
        Application.objects.select_for_update(of=("self",))
        .filter(call=call, award__state=Award.State.PENDING)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    staged = board.pending(call)
    if not staged:
        raise Refusal("nothing-staged", "没有待生效的优胜决定，请先拟定。")
    if board.fingerprint_of(call, staged) != shown:
        raise Refusal("changed", "名单在您查看之后有变动，没有生效。请重新核对最新的名单再办理。")
    ground.two_people(actor, {one.proposed_by_id for one in staged}, what="拟定名单")
    if deciding.open_requests(call, Stage.AWARD).exists():
        raise Refusal("requests-open", "还有超出上限的申请没有处理，请先批准或不予批准。")
    left = board.undecided(call)
    if left:
        raise Refusal(
            "undecided",
            f"还有 {len(left)} 项任务已完成而没有拟定。每一项都须拟定授予或不授予，才能一并生效。",
        )
    empty = board.vacancies(call)
    if empty and not vacancies_confirmed:
        words = "、".join(f"{one.title}空缺 {one.free} 个" for one in empty[:6])
        more = "等" if len(empty) > 6 else ""
        raise Refusal(
            "vacant", f"{words}{more}。空缺是允许的结果，请勾选确认后再办理。", status=422
        )
    standings = standing.of(call, [one.application for one in staged])
    for award in staged:
        award.application.call = call
        if award.is_select:
            _may_win(
                call,
                award.application,
                standings[award.application_id],
                exception=award.exception,
            )
        awarding.take_effect(award, actor=actor, at=at)
        failpoint("award.applied")
    won = sum(one.is_select for one in staged)
    audit.record(
        actor=actor,
        action="honours.apply",
        subject=call,
        at=at,
        list=shown,
        won=won,
        none=len(staged) - won,
        vacancies=[{"scope": one.title, "tier": one.tier, "free": one.free} for one in empty],
    )
    return Applied(won, len(staged) - won)


def revoke(award: Award, *, reason: str, actor: Actor, at: datetime) -> Award:
    """Take back an award that is on no list; an approver other than the one who approved it."""
    return awarding.revoke(award, reason=reason, actor=actor, at=at)
