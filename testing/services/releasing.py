"""Letting units see their results."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from audit.services import Actor
from core.errors import Refusal
from testing import letters
from testing.models import Result
from testing.services import commissioning, ground, reporting


@transaction.atomic
def release(results: Sequence[Result], *, actor: Actor, at: datetime) -> list[Result]:
    """Let the units see their results, all of them together or none.

    Raises ``Refusal``: ``approver-only`` (403), ``nothing-chosen`` (422), ``not-now``,
    ``conflict``.
    """
    ground.must_approve(actor)
    if not results:
        raise Refusal("nothing-chosen", "请先选择要发布的测评结果。", status=422)
    done = []
    for one in sorted(results, key=lambda one: one.commission.task_id):
        result = ground.lock_result(one)
        ground.must_be_free(result.commission.agency, result.commission.task)
        reporting.mark_released(result, actor=actor, at=at)
        commissioning.finish(result.commission, actor=actor, at=at)
        letters.released(result, at=at)
        done.append(result)
    return done
