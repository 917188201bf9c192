"""What a member in the room does on the current item: score again with a reason, vote once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from panels import queries
from panels.models import Attendance, Item, Member, Rescore, Vote
from panels.services import ground
from reviews import scoring


class Unfit(Refusal):
    """A score that the form refuses; ``problems`` names the field of each."""

    def __init__(self, problems: list[scoring.Problem]) -> None:
        super().__init__("unfit", problems[0].message, status=422)
        self.problems = problems


def _in_the_room(member: Member, item: Item) -> tuple[Item, Attendance]:
    """The item, locked, and the member's attendance. ``Refusal`` ``out`` (404) to who is out."""
    item = ground.lock_item(item)
    ground.demand_current(item)
    attendance = Attendance.objects.filter(item=item, sitting=item.sitting, member=member).first()
    out = attendance is None or not attendance.is_in
    if out or queries.is_barred(member, item.entry.application_id):
        raise Refusal("out", "没有这个页面，或您不能查看。", status=404)
    assert attendance is not None
    return item, attendance


@transaction.atomic
def rescore(
    member: Member,
    item: Item,
    *,
    scores: Mapping[str, Any],
    reason: str,
    actor: Actor,
    at: datetime,
) -> Rescore:
    """A new score beside the member's review, which stays as it is.

    An earlier one of this meeting is replaced and stays on record. Raises ``Refusal`` ``out``
    (404), ``moved-on``, ``no-review`` for who did not review the application, 422
    ``unchanged``, ``reason-short``, ``Unfit``.
    """
    item, _ = _in_the_room(member, item)
    form = item.meeting.round.sheet
    problems = scoring.malformed(form, scores, {}) or [
        scoring.Problem(one.key, f"请为“{one.title}”打分") for one in scoring.unscored(form, scores)
    ]
    if problems:
        raise Unfit(problems)
    review = queries.review_of(member, item.entry.application_id)
    if review is None:
        raise Refusal("no-review", "您没有评审过该项目，不能改分；可以参加表决。")
    held = Rescore.objects.filter(item=item, member=member, replaced_at__isnull=True).first()
    before = held.total if held else review.total
    total = scoring.total(form, scores)
    if total == before:
        raise Refusal("unchanged", "合计分数没有变化，不需要改分。", status=422)
    reason = ground.reason_of(reason, what="改分的理由")
    if held is not None:
        held.replaced_at = at
        held.save(update_fields=["replaced_at"])
    made = Rescore.objects.create(
        item=item,
        member=member,
        sitting=item.sitting,
        scores=dict(scores),
        before=before,
        total=total,
        reason=reason,
        at=at,
    )
    audit.record(
        actor=actor,
        action="panels.rescore",
        subject=made,
        at=at,
        expert=member.expert_id,
        application=item.entry.application_id,
        before=before,
        after=total,
        scores=dict(scores),
    )
    return made


@transaction.atomic
def vote(member: Member, item: Item, *, motion: str, actor: Actor, at: datetime) -> Vote:
    """One vote of one member on one item. In a secret ballot only the count keeps the choice.

    Raises ``Refusal`` ``out`` (404), ``moved-on``, ``vote-shut``, ``voted``; 422 ``no-motion``.
    """
    item, attendance = _in_the_room(member, item)
    if item.vote_opened_at is None:
        raise Refusal("vote-shut", "尚未开始表决，请等候组织方开始。")
    if motion not in {one["key"] for one in item.meeting.motions}:
        raise Refusal("no-motion", "请选择一种意见。", status=422)
    secret = item.meeting.secret
    try:
        with transaction.atomic():
            made = Vote.objects.create(
                attendance=attendance, secret=secret, choice="" if secret else motion, at=at
            )
    except IntegrityError:
        raise Refusal("voted", "您已就该项投票，每人一票，不能更改。") from None
    if secret:
        counts = item.ballots.setdefault(str(item.sitting), {})
        counts[motion] = counts.get(motion, 0) + 1
        item.save(update_fields=["ballots"])
    audit.record(
        actor=actor,
        action="panels.vote",
        subject=item.meeting,
        at=at,
        expert=member.expert_id,
        item=item.pk,
        sitting=item.sitting,
        **({} if secret else {"motion": motion}),
    )
    return made
