"""Scores for the award that no test computes."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from fulfilment.models import Task
from outcomes import rules
from testing import standing
from testing.models import AwardScore
from testing.services import ground


@transaction.atomic
def score(
    task: Task,
    *,
    criterion: str,
    figure: Decimal,
    source: str,
    reason: str,
    actor: Actor,
    at: datetime,
) -> AwardScore:
    """Score one criterion of the file's ``[award]`` for one task; a later score replaces it.

    Raises ``Refusal`` (422): ``no-criterion``, ``computed``, ``out-of-range``, ``reason-short``.
    """
    ground.must_be_office(actor)
    task = ground.lock_task(task)
    award = task.application.call.programme.award
    found = next((one for one in award.criteria if one.key == criterion), None) if award else None
    if found is None:
        raise Refusal("no-criterion", "本批次没有这个评分项目，请刷新页面。", status=422)
    if criterion == standing.COMPLETION:
        raise Refusal("computed", "指标完成度由测评结果计算，不能填写。", status=422)
    if not 0 <= figure <= found.highest:
        raise Refusal("out-of-range", f"{found.title}应为 0 至 {found.highest} 分。", status=422)
    reason = rules.reason_of(reason, shortest=5, what="评分理由")
    kept = AwardScore.objects.filter(task=task, criterion=criterion).first()
    before = str(kept.score) if kept else ""
    kept = kept or AwardScore(task=task, criterion=criterion)
    kept.score, kept.source, kept.reason = figure, AwardScore.Source(source), reason[:500]
    kept.scored_by_id, kept.scored_at = actor.person, at
    kept.save()
    audit.record(
        actor=actor,
        action="testing.award_score",
        subject=task,
        at=at,
        criterion=criterion,
        score=figure,
        before=before,
        source=source,
        reason=reason,
    )
    return kept
