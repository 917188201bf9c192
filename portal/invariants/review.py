"""Assignments, scores and results."""

from collections.abc import Iterator

from django.db.models import F

from portal.invariants.base import check
from reviews import aggregation, drawing, drawrecord, queries, scoring
from reviews.drawmodel import Draw
from reviews.models import Assignment, Conflict, Review, Round, RoundApplication
from reviews.stages import RoundState

Found = Iterator[tuple[str, str]]
BARRING = (Conflict.State.ACTIVE, Conflict.State.PINNED)


@check("R7")
def nobody_reviews_in_conflict() -> Found:
    """R7: no task lies with somebody who is barred from it, by this or another pool's record.

    In a closed round a conflict counts that was known when the round was closed.
    """
    barred: dict[tuple[int, int], list[Conflict]] = {}
    for one in Conflict.objects.filter(state__in=BARRING).select_related("expert"):
        barred.setdefault((one.application_id, one.expert_id), []).append(one)
        if one.expert.user_id:
            barred.setdefault((one.application_id, -one.expert.user_id), []).append(one)
    live = Assignment.objects.filter(
        state__in=(Assignment.State.PROPOSED, Assignment.State.DEPLOYED)
    ).select_related("expert", "round")
    for task in live.iterator(1000):
        found = barred.get((task.application_id, task.expert_id), [])
        if task.expert.user_id:
            found = [*found, *barred.get((task.application_id, -task.expert.user_id), [])]
        closed = task.round.closed_at
        if task.state == Assignment.State.PROPOSED and closed is None:
            continue  # a proposal is held against the conflicts when it is sent out
        if any(closed is None or one.at < closed for one in found):
            yield f"reviews.assignment:{task.pk}", "评审人须回避该申报，任务却仍有效"


@check("R7")
def only_declared_experts_scored() -> Found:
    """R7: a submitted score comes from somebody who declared first."""
    for pk in Review.objects.filter(
        state=Review.State.SUBMITTED, assignment__declared_at__isnull=True
    ).values_list("pk", flat=True):
        yield f"reviews.review:{pk}", "没有作回避申明就提交了评分"


@check("R13")
def totals_are_those_of_their_scores() -> Found:
    """R13: every total is the weighted sum of its scores under the round's own form."""
    for review in Review.objects.select_related("assignment__round").iterator(500):
        form = review.assignment.round.sheet
        name = f"reviews.review:{review.pk}"
        if scoring.total(form, review.scores) != review.total:
            yield name, f"合计 {review.total} 与各项分数不符"
        if review.state == Review.State.SUBMITTED and scoring.unscored(form, review.scores):
            yield name, "已提交而有未评的项"


@check("R13")
def results_follow_from_the_scores() -> Found:
    """R13: the results of a closed round come out the same when the scores are read backwards."""
    for round in Round.objects.filter(state=RoundState.CLOSED):
        scores = queries.submitted_scores(round)[::-1]
        rule = aggregation.Rule(method=aggregation.Method(round.method), least=round.min_reviews)
        stored = {
            result.application_id: (
                result.score,
                result.rank,
                result.rank_low,
                result.rank_high,
                result.reviews_count,
                tuple(result.flags),
            )
            for result in round.results.all()
        }
        computed = {
            one.application: (one.score, one.rank, one.low, one.high, one.reviews, one.flags)
            for direction, applications in queries.by_direction(round).items()
            for one in aggregation.standings(
                applications[::-1], scores, rule=rule, seed=f"{round.seed}|{direction}"
            )
        }
        for application in sorted({*stored, *computed}):
            if stored.get(application) != computed.get(application):
                yield (
                    f"reviews.round:{round.pk}",
                    f"申报 {application} 的结果 {stored.get(application)} "
                    f"与重算 {computed.get(application)} 不同",
                )


MOST_REPEATED = 5000
"""Pairs of a draw that is made again here; a larger one is held against its hashes, and made again
by ``manage.py repeat_draw``."""


@check("R13")
def draws_follow_from_what_they_were_made_from() -> Found:
    """R13: seed, inputs and outcome of every draw are those of its hashes; one that is out comes
    out the same again, unless it is larger than ``MOST_REPEATED`` or of another solver.
    """
    for draw in Draw.objects.order_by("pk").iterator(20):
        name = f"reviews.draw:{draw.pk}"
        again = draw.is_out and draw.solver == drawing.solver()
        for words in drawing.differences(
            draw.given,
            seed=draw.seed,
            commitment=draw.commitment,
            fingerprint=draw.fingerprint,
            pairs=draw.drawn,
            outcome_fingerprint=draw.outcome_fingerprint,
            most_pairs=MOST_REPEATED if again else -1,
        ):
            yield name, words


@check("R13")
def tasks_come_from_the_draw_or_from_a_hand() -> Found:
    """R13: every task of a round that is out was drawn, or given by hand, as the trail says."""
    out = Draw.objects.filter(deployed_at__isnull=False, undone_at__isnull=True)
    for draw in out.select_related("round").order_by("pk").iterator(20):
        if draw.round.seed_commitment != draw.commitment:
            yield f"reviews.draw:{draw.pk}", "下发的抽取不是本轮承诺的种子所抽"
        for application, expert in drawrecord.unexplained(draw):
            yield (
                f"reviews.round:{draw.round_id}",
                f"申报 {application} 与专家 {expert} 的任务既非抽取所得，也没有手工调整的记录",
            )


@check("R5")
def rounds_judge_versions_of_their_applications() -> Found:
    """R5: what the experts read is a frozen version of that application."""
    wrong = RoundApplication.objects.exclude(version__application=F("application"))
    for pk in wrong.values_list("pk", flat=True):
        yield f"reviews.roundapplication:{pk}", "评审的不是该申报的版本"
