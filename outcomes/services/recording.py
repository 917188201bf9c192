"""Records of the steps that have no machinery of their own: 考察, 审定, 任务书, 验收."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from applications.models import Application
from applications.workflow import Status
from audit import services as audit
from audit.services import Actor
from calls.models import Call
from calls.programme import Step
from core.errors import Refusal
from outcomes import queries, rules
from outcomes.models import Decision, StepRecord
from outcomes.services import ground


@transaction.atomic
def record(
    call: Call,
    public_ids: Sequence[str],
    *,
    step: str,
    result: str,
    note: str = "",
    actor: Actor,
    at: datetime,
) -> list[StepRecord]:
    """Record what came of a step for these applications. The latest record is in force.

    A step before the decision is recorded while the application waits for it, a later one once
    it was selected, each only when the recorded steps before it passed. A failing record takes
    a staged selection back. Raises ``Refusal`` ``no-such-step``, ``step-order``, ``not-waiting``.
    """
    ground.must_be_office(actor)
    call = ground.lock(call)
    steps = rules.recorded(call.steps)
    if step not in steps:
        raise Refusal("no-such-step", "本批次没有这一步，或这一步不在这里登记。", status=422)
    if result not in StepRecord.Result.values:
        raise Refusal("no-result", "请选择结论。", status=422)
    if result == StepRecord.Result.FAIL:
        note = rules.reason_of(note, shortest=5, what="不通过的情况")
    applications = _here(call, public_ids, Step(step))
    _in_order(call, applications, Step(step))
    records = [
        StepRecord.objects.create(
            application=one,
            step=step,
            result=result,
            note=note.strip()[:1000],
            at=call.time(at),
            by_id=actor.person,
        )
        for one in applications
    ]
    for one in records:
        audit.record(
            actor=actor,
            action="outcomes.record",
            subject=one.application,
            at=at,
            step=step,
            result=result,
            note=one.note,
        )
    if result == StepRecord.Result.FAIL:
        _take_back(applications, actor=actor, at=at)
    return records


def _here(call: Call, public_ids: Sequence[str], step: Step) -> list[Application]:
    if step in rules.before_decision(call.steps):
        return ground.waiting(call, public_ids)
    asked = list(dict.fromkeys(public_ids))
    if not asked:
        raise Refusal("nothing-chosen", "请先选择申报项目。", status=422)
    found = list(
        Application.objects.select_for_update(of=("self",))
        .filter(call=call, public_id__in=asked, status=Status.FINALIST)
        .order_by("pk")
    )
    if len(found) != len(asked):
        raise Refusal(
            "not-waiting",
            f"“{call.programme.step_title(step)}”只对已入选的项目登记，请刷新页面后重新选择。",
        )
    return found


def _in_order(call: Call, applications: Sequence[Application], step: Step) -> None:
    steps = rules.recorded(call.steps)
    earlier = steps[: steps.index(step)]
    records = queries.latest_records(applications)
    for application in applications:
        for before in earlier:
            found = records.get((application.pk, before))
            if found is None or found.result == StepRecord.Result.FAIL:
                raise Refusal(
                    "step-order",
                    f"《{application.title}》须先通过“{call.programme.step_title(before)}”，"
                    f"才能登记“{call.programme.step_title(step)}”。",
                    rule=call.programme.notice,
                )


def _take_back(applications: Sequence[Application], *, actor: Actor, at: datetime) -> None:
    staged = Decision.objects.filter(
        application__in=[one.pk for one in applications],
        state=Decision.State.PENDING,
        outcome=Decision.Outcome.SELECT,
    ).select_related("application")
    for decision in staged:
        audit.record(
            actor=actor,
            action="outcomes.unstage",
            subject=decision.application,
            at=at,
            outcome=decision.outcome,
            tier=decision.tier,
        )
        decision.delete()
