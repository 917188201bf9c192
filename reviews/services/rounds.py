"""Making a round and moving it through its states."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import Organisation
from applications import services as applications
from applications.models import Application
from applications.workflow import Status
from audit import services as audit
from audit.services import Actor
from calls.models import Call
from calls.phases import Phase
from calls.programme import Review as ReviewRules
from core.errors import Refusal
from reviews import assignment, queries, scoring, stages
from reviews.aggregation import Method
from reviews.models import Round, RoundApplication
from reviews.services.pool import pool_of
from reviews.stages import RoundState


def sheet_of(rules: ReviewRules) -> scoring.Sheet:
    """The scoring form of a programme file."""
    return scoring.Sheet(
        criteria=tuple(
            scoring.Criterion(
                key=one.key,
                title=one.title,
                weight=one.weight,
                highest=one.highest,
                help=one.help,
            )
            for one in rules.criteria
        ),
        comment=scoring.CommentRule(
            low=rules.comment_low, high=rules.comment_high, least=rules.comment_min_chars
        ),
    )


@transaction.atomic
def create_round(
    call: Call,
    *,
    organisation: Organisation | None,
    title: str,
    opens_at: datetime,
    closes_at: datetime,
    actor: Actor,
    at: datetime,
    experts_per_application: int | None = None,
    method: str = "",
    region_recusal: bool = False,
    seed: str | None = None,
    mask: str | None = None,
    criteria: Sequence[scoring.Criterion] = (),
) -> Round:
    """Make a round of all applications that wait for review, and start their review.

    ``organisation`` is None for the ministry (its applications move to 评审中) or the
    recommender that runs its own 初审 (its applications stay where they are). Rules are
    copied from the programme, except that a recommender may bring ``criteria`` of its own;
    without ``method`` it is the mean, trimmed where the programme says so. The hash of the seed
    is published from now on, the seed itself when the draw is deployed.

    Raises ``Refusal``: ``no-review`` when there are no criteria, ``own-criteria`` when the
    ministry brings some, ``contents-closed`` while filing runs, ``empty-span``,
    ``nothing-to-review`` when no application waits.
    """
    rules = call.programme.review
    if criteria and organisation is None:
        raise Refusal("own-criteria", "评分标准按方案规定，不能另定。", status=422)
    if organisation is not None and call.phase(at) in (Phase.ANNOUNCED, Phase.FILING):
        raise Refusal(
            "contents-closed", "申报截止后才能开始初审：申报期间内容尚未开放，且仍可修改。"
        )
    if not criteria and (rules is None or not rules.criteria):
        raise Refusal(
            "no-review",
            f"“{call.title}”的方案没有设专家评审，不能建立评审轮次。",
            rule=rules.source if rules else "",
        )
    rules = rules or ReviewRules()
    if opens_at >= closes_at:
        raise Refusal("empty-span", "截止时间须晚于开始时间，请修改。", status=422)
    waiting = list(queries.waiting_for_review(call, organisation).select_for_update(of=("self",)))
    if not waiting:
        raise Refusal(
            "nothing-to-review",
            "没有待评审的申报书：须形式审查通过且未列入其他进行中的轮次。"
            if organisation is None
            else "没有待初审的申报书：须由本单位推荐、已提交且未列入其他进行中的轮次。",
        )
    seed = seed or secrets.token_hex(16)
    wanted = experts_per_application or rules.experts_per_application
    made = Round.objects.create(
        call=call,
        organisation=organisation,
        pool=pool_of(organisation, at=at),
        title=title,
        form=_sheet(rules, criteria).as_json(),
        method=Method(method) if method else Method.TRIMMED if rules.trim else Method.MEAN,
        experts_per_application=wanted,
        min_reviews=min(rules.min_reviews, wanted),
        blind=rules.blind,
        region_recusal=region_recusal,
        opens_at=opens_at,
        closes_at=closes_at,
        seed=seed,
        mask=mask or secrets.token_hex(16),
        seed_commitment=assignment.commitment(seed),
        created_at=at,
        created_by_id=actor.user_id,
    )
    if organisation is None:
        waiting = [_start(application, actor=actor, at=at) for application in waiting]
    _enter(made, waiting)
    audit.record(
        actor=actor,
        action="reviews.create_round",
        subject=made,
        at=at,
        applications=len(waiting),
        experts_per_application=wanted,
        method=made.method,
        commitment=made.seed_commitment,
        criteria=[[one.title, one.weight, one.highest] for one in criteria],
    )
    return made


def _sheet(rules: ReviewRules, criteria: Sequence[scoring.Criterion]) -> scoring.Sheet:
    """The programme's form, or the unit's own criteria.

    The programme's rule of comments speaks of its own scale: it holds where all own criteria
    have that scale too.
    """
    if not criteria:
        return sheet_of(rules)
    known = {one.highest for one in rules.criteria}
    same = {one.highest for one in criteria} == known
    comment = sheet_of(rules).comment if same else scoring.CommentRule()
    return scoring.Sheet(criteria=tuple(criteria), comment=comment)


def _start(application: Application, *, actor: Actor, at: datetime) -> Application:
    if application.status == Status.IN_REVIEW:
        return application
    return applications.move(application, "start_review", actor=actor, at=at)


def _enter(made: Round, waiting: list[Application]) -> None:
    """Number the applications in an order that tells nothing of when they were filed."""

    def drawn(application: Application) -> str:
        return hashlib.sha256(f"{made.mask}|n|{application.pk}".encode()).hexdigest()

    versions = queries.judged_versions(waiting)
    RoundApplication.objects.bulk_create(
        RoundApplication(
            round=made,
            application=application,
            version_id=versions[application.pk],
            number=number,
        )
        for number, application in enumerate(sorted(waiting, key=drawn), start=1)
    )


def lock(round: Round) -> Round:
    """The round under a lock; inside a transaction only."""
    return Round.objects.select_for_update(of=("self",)).select_related("call").get(pk=round.pk)


def demand(round: Round, name: str) -> None:
    """Raise ``Refusal`` ``wrong-state`` when the step cannot be taken now."""
    if not stages.allows(name, round.state):
        raise Refusal(
            "wrong-state",
            f"{stages.step(name).refusal}（本轮现为“{stages.LABELS[RoundState(round.state)]}”）",
        )


def advance(round: Round, name: str, *, actor: Actor, at: datetime) -> None:
    """Take a step of the round: the only writer of ``Round.state``. The row must be locked."""
    demand(round, name)
    step = stages.step(name)
    fields = ["state"]
    round.state = step.target.value
    if name == "propose":
        round.proposed_by_id = actor.user_id
        fields.append("proposed_by")
    elif name == "deploy":
        round.deployed_at, round.approved_by_id = at, actor.user_id
        fields += ["deployed_at", "approved_by"]
    elif name == "undo":
        round.deployed_at, round.approved_by_id = None, None
        fields += ["deployed_at", "approved_by"]
    elif name == "close":
        round.closed_at = at
        fields.append("closed_at")
    round.save(update_fields=fields)


@transaction.atomic
def extend_round(
    round: Round, *, closes_at: datetime, reason: str, actor: Actor, at: datetime
) -> Round:
    """Move the end of scoring, in the call's own time, with a reason on record.

    Raises ``Refusal`` ``wrong-state``, ``bad-until`` (422) unless it lies in the future,
    ``reason-missing`` (422).
    """
    round = lock(round)
    demand(round, "extend")
    if closes_at <= max(queries.call_time(round, at), round.opens_at):
        raise Refusal("bad-until", "新的截止时间须晚于现在和开始时间。", status=422)
    reason = reason.strip()
    if not reason:
        raise Refusal("reason-missing", "请写明调整截止时间的理由。", status=422)
    before, round.closes_at = round.closes_at, closes_at
    round.save(update_fields=["closes_at"])
    audit.record(
        actor=actor,
        action="reviews.extend",
        subject=round,
        at=at,
        before=before,
        after=closes_at,
        reason=reason[:300],
    )
    return round
