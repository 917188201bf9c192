"""Reports: saved, submitted, accepted, returned. With ``scheduling`` the writer of their state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from documents import services as documents
from documents.fingerprints import fingerprint
from fulfilment import letters, papers, reportform
from fulfilment.models import Report, ReportVersion, Task
from fulfilment.services import ground, moving
from fulfilment.states import State as TaskState

Kind, State = Report.Kind, Report.State


def _hold(report: Report) -> tuple[Task, Report]:
    """The task, then the report, both locked."""
    task = moving.locked(report.task)
    found = Report.objects.select_for_update().get(pk=report.pk)
    found.task = task
    return task, found


def must_be_open(task: Task, report: Report) -> None:
    """Raises ``Refusal`` ``task-over`` or ``report-closed``."""
    moving.must_run(task)
    if report.kind == Kind.FINAL and task.state != TaskState.UNDER_WAY:
        raise Refusal("report-closed", "任务已报告完成，这份报告不能再改。")
    if not report.is_waiting:
        raise Refusal(
            "report-closed",
            f"{report.title}现在是“{report.get_state_display()}”，不能再改，请刷新页面。",
        )


@transaction.atomic
def save_report(
    report: Report, *, posted: Mapping[str, str], version: int, actor: Actor, at: datetime
) -> Report:
    """Keep the draft. ``version`` is the save the page shows.

    Raises ``Refusal`` ``not-yours``, ``task-over``, ``report-closed``, ``changed-elsewhere``.
    """
    task, report = _hold(report)
    ground.must_be_unit(task, actor)
    must_be_open(task, report)
    if version != report.saves:
        who = report.saved_by.name if report.saved_by else "同事"
        raise Refusal(
            "changed-elsewhere",
            f"{who}在另一页面保存过这份报告。请复制您刚填的内容，刷新页面后再填。",
        )
    data = reportform.read(posted, list(task.targets.all()), list(task.milestones.all()))
    report.data = reportform.only_named(data, report.data, _named(report))
    report.saves += 1
    report.saved_at, report.saved_by_id = task.application.call.time(at), actor.person
    report.save(update_fields=["data", "saves", "saved_at", "saved_by"])
    return report


def _named(report: Report) -> Sequence[Mapping[str, str]]:
    return report.named if report.state == State.RETURNED else []


@transaction.atomic
def submit_report(report: Report, *, key: str, actor: Actor, at: datetime) -> ReportVersion:
    """Freeze the draft as the next version, with its receipt. One key, one version.

    Late is marked and nothing else. Raises ``Refusal`` ``not-yours``, ``task-over``,
    ``report-closed``, ``incomplete`` (422).
    """
    task, report = _hold(report)
    ground.must_be_unit(task, actor)
    earlier = report.versions.filter(idempotency_key=key).first()
    if earlier is not None:
        return earlier
    must_be_open(task, report)
    targets, milestones = list(task.targets.all()), list(task.milestones.all())
    files = list(report.files.filter(removed_at=None).select_related("blob"))
    wrong = reportform.problems(report, report.data, targets, files)
    if wrong:
        raise Refusal(
            "incomplete",
            f"还有 {len(wrong)} 处需要修改，第一处：{wrong[0][1]}。",
            status=422,
        )
    snapshot = reportform.frozen(report, report.data, targets, milestones, files)
    now = task.application.call.time(at)
    last = report.versions.order_by("-number").values_list("number", flat=True).first()
    late = report.due_on is not None and ground.day(task, at) > report.due_on
    version = ReportVersion.objects.create(
        report=report,
        number=(last or 0) + 1,
        snapshot=snapshot,
        fingerprint=fingerprint(snapshot),
        idempotency_key=key,
        arrived_at=now,
        late=late,
        submitted_by_id=actor.person,
        submitted_by_name=actor.name[:50],
    )
    version.document = documents.request_document(
        kind="task_report",
        subject=version,
        snapshot=papers.report(version, task),
        title=f"{report.title}：{task.title}",
        at=at,
        organisation=task.application.organisation,
        number=task.application.number,
        version=version.number,
    )
    version.save(update_fields=["document"])
    report.state, report.named, report.return_note = State.SUBMITTED, [], ""
    report.save(update_fields=["state", "named", "return_note"])
    words = f"{report.title}第 {version.number} 版" + ("（逾期提交）" if late else "")
    moving.tell(task, what="提交报告", text=words, actor=actor, at=at)
    audit.record(
        actor=actor,
        action="fulfilment.submit_report",
        subject=task,
        at=at,
        report=report.title,
        number=version.number,
        fingerprint=version.fingerprint,
        late=late,
    )
    letters.report_received(version, at=at)
    return version


@transaction.atomic
def accept_report(report: Report, *, note: str = "", actor: Actor, at: datetime) -> Report:
    """Take the report. Milestones it says are reached are noted; the last report ends the work.

    Raises ``Refusal`` ``not-waiting``.
    """
    ground.must_be_office(actor)
    task, report = _submitted(report)
    report.state = State.ACCEPTED
    report.decided_at, report.decided_by_id = task.application.call.time(at), actor.person
    report.return_note = ""
    report.save(update_fields=["state", "decided_at", "decided_by", "return_note"])
    version = report.versions.order_by("-number")[0]
    reached = [one["id"] for one in version.snapshot["milestones"] if one["reached"]]
    task.milestones.filter(pk__in=reached, done_on=None).update(done_on=ground.day(task, at))
    moving.tell(task, what="接受报告", text=f"{report.title}。{note}".strip(), actor=actor, at=at)
    audit.record(
        actor=actor, action="fulfilment.accept_report", subject=task, at=at, report=report.title
    )
    if report.kind == Kind.FINAL:
        moving.advance(task, "complete", actor=actor, at=at)
    letters.report_decided(report, at=at)
    return report


@transaction.atomic
def return_report(
    report: Report,
    *,
    parts: Sequence[tuple[str, str]],
    note: str,
    actor: Actor,
    at: datetime,
) -> Report:
    """Send it back: ``parts`` are (part, comment); only those open again, all when none is named.

    Raises ``Refusal`` ``not-waiting``, ``reason-short``, ``unknown-part`` (422).
    """
    ground.must_be_office(actor)
    task, report = _submitted(report)
    note = ground.reason_of(note, what="退回的意见")
    known = reportform.parts(list(task.targets.all()))
    named: list[dict[str, Any]] = []
    for part, comment in parts:
        if part not in known:
            raise Refusal("unknown-part", "报告没有这一部分，请刷新页面。", status=422)
        named.append({"part": part, "title": known[part], "comment": comment.strip()[:300]})
    report.state, report.named, report.return_note = State.RETURNED, named, note
    report.decided_at, report.decided_by_id = task.application.call.time(at), actor.person
    report.save(update_fields=["state", "named", "return_note", "decided_at", "decided_by"])
    moving.tell(task, what="退回报告", text=f"{report.title}：{note}", actor=actor, at=at)
    audit.record(
        actor=actor,
        action="fulfilment.return_report",
        subject=task,
        at=at,
        report=report.title,
        parts=[one["part"] for one in named],
    )
    letters.report_decided(report, at=at)
    return report


def _submitted(report: Report) -> tuple[Task, Report]:
    task, report = _hold(report)
    moving.must_run(task)
    if report.state != State.SUBMITTED:
        raise Refusal(
            "not-waiting",
            f"{report.title}现在是“{report.get_state_display()}”，不在等待审核，请刷新页面。",
        )
    return task, report
