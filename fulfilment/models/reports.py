"""Reports: what is due, the draft, the frozen versions, the evidence."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q

from applications.models import new_public_id
from fulfilment.models.tasks import Task
from outcomes.models.people import person


class Report(models.Model):
    """A report that is due: periodic by the file's rule, asked for by the office, or the last one.

    ``data`` is the draft, ``saves`` counts its saves; what was submitted stands in ``versions``.
    ``named`` lists what a return named: ``{"part", "title", "comment"}``; only those parts are
    open then. ``due_on`` is the last day. Late is marked, never locked out. ``state`` is written
    by ``services.reporting``.
    """

    class Kind(models.TextChoices):
        PERIODIC = "periodic", "进展报告"
        ASKED = "asked", "专项报告"
        FINAL = "final", "完成报告"

    class State(models.TextChoices):
        OPEN = "open", "待提交"
        SUBMITTED = "submitted", "待审核"
        RETURNED = "returned", "已退回"
        ACCEPTED = "accepted", "已接受"
        DROPPED = "dropped", "不再需要"

    WAITING = (State.OPEN, State.RETURNED)
    """What the unit has to do something about."""

    public_id = models.CharField(max_length=16, unique=True, default=new_public_id, editable=False)
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="reports")
    kind = models.CharField("种类", max_length=10, choices=Kind.choices)
    number = models.PositiveSmallIntegerField("期次")
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.OPEN)
    covers_from = models.DateField("报告起", null=True, blank=True)
    covers_to = models.DateField("报告止", null=True, blank=True)
    due_on = models.DateField("截止日", null=True, blank=True)
    ask = models.CharField("要求", max_length=500, blank=True)
    data = models.JSONField("草稿", default=dict, blank=True)
    saves = models.PositiveIntegerField("保存次数", default=0)
    saved_at = models.DateTimeField("保存时间", null=True)
    saved_by = person("保存人", null=True)
    named = models.JSONField("退回的部分", default=list, blank=True)
    return_note = models.TextField("退回意见", blank=True)
    decided_at = models.DateTimeField("审核时间", null=True)
    decided_by = person("审核人", null=True)
    chased_at = models.DateTimeField("催报时间", null=True)

    class Meta:
        verbose_name = "报告"
        ordering = ["due_on", "pk"]
        indexes = [models.Index(name="report_by_day", fields=["state", "due_on"])]
        constraints = [
            models.UniqueConstraint(name="report_once", fields=["task", "kind", "number"]),
            models.CheckConstraint(
                name="report_span_has_length",
                condition=Q(covers_from__isnull=True) | Q(covers_to__gte=F("covers_from")),
            ),
            models.CheckConstraint(
                name="report_decided_whole",
                condition=~Q(state__in=["accepted", "returned"])
                | Q(decided_at__isnull=False, decided_by__isnull=False),
            ),
            models.CheckConstraint(
                name="report_returned_says_why",
                condition=~Q(state="returned") | ~Q(return_note=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task} {self.title}"

    @property
    def title(self) -> str:
        """第 2 次进展报告; the last one by its own name."""
        if self.kind == self.Kind.FINAL:
            programme = self.task.application.call.programme
            return "验收申请" if "acceptance" in programme.steps else "完成报告"
        return f"第 {self.number} 次{self.get_kind_display()}"

    @property
    def is_waiting(self) -> bool:
        return self.state in self.WAITING

    def is_overdue(self, today: date) -> bool:
        """Whether the unit still has to hand it in and its last day has gone by."""
        return self.state in self.WAITING and self.due_on is not None and today > self.due_on


class ReportVersion(models.Model):
    """What was submitted: frozen, with its fingerprint and the instant of its arrival."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField("版本")
    snapshot = models.JSONField("冻结内容")
    fingerprint = models.CharField("指纹", max_length=64)
    idempotency_key = models.CharField(max_length=64)
    arrived_at = models.DateTimeField("提交时间")
    late = models.BooleanField("逾期提交", default=False)
    submitted_by = person("提交人")
    submitted_by_name = models.CharField("提交人", max_length=50)
    document = models.ForeignKey(
        "documents.Document", null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "报告版本"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(name="report_version_once", fields=["report", "number"]),
            models.UniqueConstraint(
                name="report_version_one_per_key", fields=["report", "idempotency_key"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report} 第 {self.number} 版"
