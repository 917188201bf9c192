"""The end of a round: scores become figures, figures become ranks per direction."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from core.failpoints import failpoint
from reviews import aggregation, queries, record
from reviews.models import Result, Round
from reviews.services import rounds


@transaction.atomic
def close_round(round: Round, *, actor: Actor, at: datetime, note: str = "") -> list[Result]:
    """Add up, rank each direction by itself, and end the experts' access.

    Only submitted scores of experts who were not recused or replaced count. Raises
    ``Refusal`` ``unfinished`` when scores are missing and no reason is given in ``note``.
    """
    round = rounds.lock(round)
    rounds.demand(round, "close")
    tasks = round.assignments.select_for_update().order_by("pk").values_list("pk", flat=True)
    list(tasks)  # waits for scores that are being saved; the next ones find the round closed
    missing = queries.unfinished(round).count()
    note = note.strip()
    if missing and not note:
        raise Refusal(
            "unfinished",
            f"还有 {missing} 份评分没有提交。请催办后再结束；确需现在结束的，请写明理由。",
            status=422,
        )
    scores = queries.submitted_scores(round)
    rule = aggregation.Rule(method=aggregation.Method(round.method), least=round.min_reviews)
    results = []
    for direction, applications in sorted(queries.by_direction(round).items()):
        results += [
            Result(
                round=round,
                application_id=standing.application,
                score=standing.score,
                rank=standing.rank,
                rank_low=standing.low,
                rank_high=standing.high,
                reviews_count=standing.reviews,
                flags=list(standing.flags),
                computed_at=at,
            )
            for standing in aggregation.standings(
                applications, scores, rule=rule, seed=f"{round.seed}|{direction}"
            )
        ]
    Result.objects.bulk_create(results)
    failpoint("round.ranked")
    rounds.advance(round, "close", actor=actor, at=at)
    record.request_sheets(round, at=at)
    failpoint("round.closed")
    audit.record(
        actor=actor,
        action="reviews.close",
        subject=round,
        at=at,
        method=round.method,
        scores=len(scores),
        missing=missing,
        note=note,
        results=[
            [one.application_id, str(one.score) if one.score is not None else None, one.rank]
            for one in results
        ],
    )
    return results
