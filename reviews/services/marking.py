"""Scores: a draft that saves itself, one submission, and reopening with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from core.failpoints import failpoint
from reviews import letters, queries, scoring
from reviews.models import Assignment, Review, Round


class Unfit(Refusal):
    """A score that the form refuses; ``problems`` names the field of each."""

    def __init__(self, problems: list[scoring.Problem]) -> None:
        super().__init__("unfit", problems[0].message, status=422)
        self.problems = problems


def _open(assignment: Assignment, *, at: datetime) -> tuple[Assignment, Round]:
    """The task, locked, and its round, if a score may be written now.

    The round is read after the lock is held and not locked itself, so that experts do not wait
    for one another; closing a round takes every task's lock before it adds up.
    """
    assignment = (
        Assignment.objects.select_for_update(of=("self",))
        .select_related("expert")
        .get(pk=assignment.pk)
    )
    round = Round.objects.select_related("call").get(pk=assignment.round_id)
    if not round.is_open:
        raise Refusal("round-closed", "本轮评审已结束，不能再评分。")
    time = queries.call_time(round, at)
    if time < round.opens_at:
        raise Refusal("too-early", "本轮评审尚未开始，请在开始时间之后评分。")
    if time >= round.closes_at:
        raise Refusal("too-late", "已过评审截止时间，不能再评分。如需补评，请与组织方联系。")
    if assignment.state != Assignment.State.DEPLOYED or queries.is_barred(assignment):
        raise Refusal("recused", "您已回避或不再评审该项目。", status=404)
    if assignment.declared_at is None:
        raise Refusal("undeclared", "请先完成回避申明，再评分。")
    return assignment, round


@transaction.atomic
def save_score(
    assignment: Assignment,
    *,
    scores: Mapping[str, int],
    comments: Mapping[str, str],
    overall: str,
    version: int,
    actor: Actor,
    at: datetime,
) -> Review:
    """Keep a draft, with anything missing. ``version`` is the one the page was made from.

    The version row is the audit of drafts, as it is for a filing's autosave. Raises
    ``Refusal`` ``stale`` (409) when another page saved meanwhile, ``submitted`` (409),
    ``Unfit`` (422) for figures off the scale.
    """
    assignment, round = _open(assignment, at=at)
    form = round.sheet
    problems = scoring.malformed(form, scores, comments, overall)
    if problems:
        raise Unfit(problems)
    kept = {key: score for key, score in scores.items() if score is not None}
    review, fresh = Review.objects.get_or_create(assignment=assignment)
    if review.state == Review.State.SUBMITTED:
        raise Refusal("submitted", "该项评分已提交。要修改，请与组织方联系退回。")
    if review.version != version:
        raise Refusal(
            "stale",
            "该项评分已在另一个页面保存过。请刷新页面查看最新内容，再继续填写。",
        )
    review.scores, review.overall = kept, overall
    review.comments = {key: text for key, text in comments.items() if text.strip()}
    review.total = scoring.total(form, kept)
    review.version, review.saved_at = version + 1, at
    review.save(update_fields=["scores", "comments", "overall", "total", "version", "saved_at"])
    if fresh:
        audit.record(
            actor=actor,
            action="reviews.start_score",
            subject=review,
            at=at,
            expert=assignment.expert_id,
            application=assignment.application_id,
        )
    return review


@transaction.atomic
def submit_score(
    assignment: Assignment,
    *,
    scores: Mapping[str, int],
    comments: Mapping[str, str],
    overall: str,
    version: int,
    actor: Actor,
    at: datetime,
) -> Review:
    """Submit a complete score. From now on it changes only after ``reopen``.

    Raises what ``save_score`` raises, and ``Unfit`` (422) naming each criterion without a
    score and each reason that is due.
    """
    problems = scoring.problems(assignment.round.sheet, scores, comments, overall)
    if problems:
        raise Unfit(problems)
    review = save_score(
        assignment,
        scores=scores,
        comments=comments,
        overall=overall,
        version=version,
        actor=actor,
        at=at,
    )
    failpoint("score.kept")
    review.state, review.submitted_at = Review.State.SUBMITTED, at
    review.save(update_fields=["state", "submitted_at"])
    audit.record(
        actor=actor,
        action="reviews.submit_score",
        subject=review,
        at=at,
        expert=assignment.expert_id,
        application=assignment.application_id,
        total=review.total,
        scores=review.scores,
        version=review.version,
    )
    return review


@transaction.atomic
def reopen(review: Review, *, reason: str, actor: Actor, at: datetime) -> Review:
    """Give a submitted score back to its expert, with a reason. The old figures stay on record."""
    task = Assignment.objects.select_for_update(of=("self",)).get(pk=review.assignment_id)
    round = Round.objects.get(pk=task.round_id)
    if not round.is_open:
        raise Refusal("round-closed", "本轮评审已结束，不能退回评分。")
    review = (
        Review.objects.select_for_update(of=("self",))
        .select_related("assignment__expert__user")
        .get(pk=review.pk)
    )
    if review.state != Review.State.SUBMITTED:
        raise Refusal("not-submitted", "该项评分尚未提交，无须退回。")
    reason = reason.strip()
    if not reason:
        raise Refusal("reason-missing", "请写明退回的理由。", status=422)
    before = {"total": str(review.total), "scores": review.scores}
    review.state, review.submitted_at = Review.State.DRAFT, None
    review.reopened_at, review.reopen_reason = at, reason[:300]
    review.save(update_fields=["state", "submitted_at", "reopened_at", "reopen_reason"])
    entry = audit.record(
        actor=actor, action="reviews.reopen", subject=review, at=at, reason=reason, before=before
    )
    letters.reopened(round, review, occasion=entry.pk, at=at)
    return review
