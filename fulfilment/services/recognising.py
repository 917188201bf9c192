"""认定 after 合格, its plaque, and its withdrawal. The only writer of ``Recognition.state``."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction

from audit import services as audit
from audit.services import Actor
from calls.programme import Step, TierStage
from core.errors import Refusal
from documents import services as documents
from fulfilment import letters, papers, terms
from fulfilment.models import Acceptance, Recognition, Task
from fulfilment.services import ground, moving

State = Recognition.State


@transaction.atomic
def recognise(task: Task, *, number: str, actor: Actor, at: datetime) -> Recognition:
    """Recognise a platform whose acceptance was 合格, with an official letter.

    Whoever entered the acceptance proposed it, so another person issues it. Raises ``Refusal``
    ``approver-only``, ``no-such-step``, ``not-passed``, ``two-people``, ``already-there``,
    ``number-missing``, ``number-taken``.
    """
    ground.must_approve(actor)
    task = moving.locked(task)
    call = task.application.call
    if not {Step.ACCEPTANCE, Step.AWARD} <= set(call.steps):
        raise Refusal("no-such-step", "本批次没有验收后的认定。", rule=call.programme.notice)
    passed = task.acceptances.filter(state=Acceptance.State.CONFIRMED, result="pass").first()
    if passed is None or task.state != Task.State.ENDED:
        source = call.programme.task.source if call.programme.task else ""
        raise Refusal("not-passed", "只有验收合格的才能认定。", rule=source)
    ground.two_people(actor, {passed.proposed_by_id}, what="登记验收")
    if Recognition.objects.filter(task=task).exists():
        raise Refusal("already-there", "已经认定，请刷新页面。")
    number = number.strip()[:60]
    if not number:
        raise Refusal("number-missing", "请填写认定文件的文号。", status=422)
    today = ground.day(task, at)
    tiers = call.programme.tiers_of(TierStage.AWARD)
    title = tiers[0].title if tiers else call.programme.title
    document = documents.request_document(
        kind="task_letter",
        subject=passed,
        snapshot=papers.letter(
            task,
            title=f"关于认定{title}的通知",
            number=number,
            paragraphs=[
                f"你单位承担的《{task.title}》（申报编号 {task.application.number}）建设期已满，"
                f"于{terms.words(passed.held_on)}组织专家验收，结论为合格。",
                f"根据《{call.programme.notice}》，认定其为“{title}”。",
                "请按任务书和有关规定继续做好建设、运行和开放服务。",
            ],
            day=today,
            enclosures=[],
        ),
        title=f"认定通知：{task.title}",
        at=at,
        organisation=task.application.organisation,
        number=number,
    )
    made = Recognition(
        task=task,
        title=title,
        number=number,
        recognised_on=today,
        document=document,
        proposed_by=passed.proposed_by,
        approved_by_id=actor.person,
        approved_at=call.time(at),
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        raise Refusal("number-taken", "这个文号已经用过，请核对。", status=422) from None
    moving.tell(task, what="认定", text=f"{title}（{number}）", actor=actor, at=at)
    audit.record(actor=actor, action="fulfilment.recognise", subject=task, at=at, number=number)
    letters.recognised(made, at=at)
    return made


def _hold(recognition: Recognition) -> Recognition:
    task = moving.locked(recognition.task)
    found = (
        Recognition.objects.select_for_update(of=("self",))
        .select_related("document")
        .get(pk=recognition.pk)
    )
    found.task = task
    return found


@transaction.atomic
def give_plaque(recognition: Recognition, *, day: date, actor: Actor, at: datetime) -> Recognition:
    """Note the day on which the plaque was handed over."""
    ground.must_be_office(actor)
    recognition = _hold(recognition)
    if recognition.state != State.IN_FORCE:
        raise Refusal("not-in-force", "认定已不在有效状态，不能登记授牌。")
    if not recognition.recognised_on <= day <= ground.day(recognition.task, at):
        raise Refusal("day-wrong", "授牌日期须在认定之后，且不晚于今天。", status=422)
    recognition.plaque_on = day
    recognition.save(update_fields=["plaque_on"])
    moving.tell(recognition.task, what="授牌", text=f"{terms.words(day)}", actor=actor, at=at)
    audit.record(
        actor=actor, action="fulfilment.plaque", subject=recognition.task, at=at, day=str(day)
    )
    return recognition


@transaction.atomic
def propose_withdrawal(
    recognition: Recognition, *, reason: str, actor: Actor, at: datetime
) -> Recognition:
    """One person proposes to withdraw it; the reason will be public."""
    ground.must_be_office(actor)
    recognition = _hold(recognition)
    reason = ground.reason_of(reason, what="撤销的原因，原因将公开", shortest=10)
    if recognition.state != State.IN_FORCE:
        raise Refusal("not-in-force", "认定已不在有效状态，请刷新页面。")
    recognition.state = State.WITHDRAWAL
    recognition.withdrawal_reason = reason[:300]
    recognition.withdrawal_proposed_by_id = actor.person
    recognition.withdrawal_proposed_at = recognition.task.application.call.time(at)
    recognition.save()
    audit.record(
        actor=actor,
        action="fulfilment.propose_withdrawal",
        subject=recognition.task,
        at=at,
        reason=reason,
    )
    return recognition


@transaction.atomic
def decide_withdrawal(
    recognition: Recognition, *, approve: bool, actor: Actor, at: datetime
) -> Recognition:
    """A second person withdraws it, and the public page says so; or it stays in force."""
    ground.must_approve(actor)
    recognition = _hold(recognition)
    if recognition.state != State.WITHDRAWAL:
        raise Refusal("decided", "这件撤销已经办结，请刷新页面。")
    if approve:
        ground.two_people(actor, {recognition.withdrawal_proposed_by_id}, what="提出撤销")
        recognition.state = State.WITHDRAWN
        recognition.withdrawal_approved_by_id = actor.person
        recognition.withdrawn_at = recognition.task.application.call.time(at)
        recognition.save()
        documents.void(
            recognition.document, reason=recognition.withdrawal_reason, at=at, actor=actor
        )
        moving.tell(
            recognition.task,
            what="撤销认定",
            text=recognition.withdrawal_reason,
            actor=actor,
            at=at,
        )
        letters.withdrawn(recognition, at=at)
    else:
        recognition.state = State.IN_FORCE
        recognition.withdrawal_reason = ""
        recognition.withdrawal_proposed_by = recognition.withdrawal_proposed_at = None
        recognition.save()
    audit.record(
        actor=actor,
        action="fulfilment.withdraw_recognition" if approve else "fulfilment.keep_recognition",
        subject=recognition.task,
        at=at,
    )
    return recognition
