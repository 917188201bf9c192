"""Units asked after the opening."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import Organisation
from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from surveys.models import Request, Survey
from surveys.services.opening import ask


@transaction.atomic
def add_units(
    survey: Survey, units: Sequence[Organisation], *, actor: Actor, at: datetime
) -> list[Request]:
    """Ask further units; their letters wait as rows like the first ones. All or none.

    Raises ``survey-not-open``, ``survey-none``, ``survey-late``, ``survey-kind`` and
    ``survey-asked-already`` (422).
    """
    survey = Survey.objects.select_for_update().select_related("owner").get(pk=survey.pk)
    if survey.state != Survey.State.OPEN:
        raise Refusal("survey-not-open", "这项调查不在进行中，不能补充单位。")
    if survey.answer_until is None or survey.answer_until <= at:
        raise Refusal("survey-late", "填报已经截止。确需补充的，请先延长填报截止日。")
    if not units:
        raise Refusal("survey-none", "没有选中任何单位，请先选择。", status=422)
    kinds = {str(kind) for kind in survey.spec.asked.kinds}
    for unit in units:
        if unit.kind not in kinds:
            raise Refusal(
                "survey-kind",
                f"“{unit.name}”是{unit.get_kind_display()}，不属于这项调查的对象。",
                status=422,
            )
    there = survey.requests.filter(organisation__in=units).select_related("organisation").first()
    if there is not None:
        raise Refusal(
            "survey-asked-already", f"“{there.organisation.name}”已在填报单位中。", status=422
        )
    made = ask(survey, units)
    audit.record(
        actor=actor,
        action="surveys.add",
        subject=survey,
        at=at,
        units=[unit.pk for unit in units],
    )
    return made
