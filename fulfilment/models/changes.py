"""Changes of a task that are asked for, and the two people who decide."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from applications.models import new_public_id
from fulfilment.models.tasks import Task
from outcomes.models.people import person


class Change(models.Model):
    """A change that is asked for, with what stands now and what shall stand.

    The unit asks (or, for a termination, the office); one person of the office gives an opinion
    (``proposed_by``), another decides (``approved_by``). ``before`` and ``after`` hold plain JSON
    by ``kind``; the effect is applied in the transaction of the approval. ``state`` is written by
    ``services.changing``.
    """

    class Kind(models.TextChoices):
        TARGET = "target", "指标目标"
        TERM = "term", "期限"
        LEAD = "lead", "项目负责人"
        PARTNER = "partner", "参与单位"
        MILESTONE = "milestone", "计划节点"
        NAME = "name", "项目名称"
        CONTENT = "content", "实施内容"
        BUDGET = "budget", "资金预算"
        TERMINATION = "termination", "终止任务"

    class State(models.TextChoices):
        ASKED = "asked", "待审核"
        PROPOSED = "proposed", "待批准"
        APPROVED = "approved", "已批准"
        REFUSED = "refused", "未同意"
        WITHDRAWN = "withdrawn", "已撤回"

    OPEN = (State.ASKED, State.PROPOSED)

    public_id = models.CharField(max_length=16, unique=True, default=new_public_id, editable=False)
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField("事项", max_length=12, choices=Kind.choices)
    subject = models.CharField("对象", max_length=60, blank=True)
    subject_title = models.CharField("对象", max_length=100, blank=True)
    before = models.CharField("现在", max_length=1000, blank=True)
    after = models.CharField("变更为", max_length=1000, blank=True)
    lowers = models.BooleanField("调低目标", default=False)
    reason = models.TextField("理由")
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.ASKED)
    by_office = models.BooleanField("主管部门提出", default=False)
    asked_by = person("提出人")
    asked_at = models.DateTimeField("提出时间")
    opinion = models.CharField("审核意见", max_length=500, blank=True)
    proposed_by = person("审核人", null=True)
    proposed_at = models.DateTimeField("审核时间", null=True)
    approved_by = person("批准人", null=True)
    decided_at = models.DateTimeField("办结时间", null=True)
    decided_by = person("办结人", null=True)
    note = models.CharField("批准意见", max_length=500, blank=True)

    class Meta:
        verbose_name = "变更申请"
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="change_approved_by_two",
                condition=~Q(state="approved")
                | Q(proposed_by__isnull=False, approved_by__isnull=False)
                & ~Q(approved_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="change_decided_whole",
                condition=Q(state__in=["asked", "proposed"], decided_at__isnull=True)
                | Q(state__in=["approved", "refused", "withdrawn"], decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="change_proposed_by_somebody",
                condition=~Q(state="proposed") | Q(proposed_by__isnull=False),
            ),
            models.UniqueConstraint(
                name="change_one_open_each",
                fields=["task", "kind", "subject"],
                condition=Q(state__in=["asked", "proposed"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task} {self.get_kind_display()}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def title(self) -> str:
        label = "延期" if self.kind == self.Kind.TERM else self.get_kind_display()
        return f"{label}：{self.subject_title}" if self.subject_title else label


class TaskFile(models.Model):
    """A file of evidence: of a report, of a change, or of an acceptance. Removing keeps the row."""

    public_id = models.CharField(max_length=16, unique=True, default=new_public_id, editable=False)
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="files")
    report = models.ForeignKey(
        "fulfilment.Report", null=True, on_delete=models.PROTECT, related_name="files"
    )
    change = models.ForeignKey(Change, null=True, on_delete=models.PROTECT, related_name="files")
    acceptance = models.ForeignKey(
        "fulfilment.Acceptance", null=True, on_delete=models.PROTECT, related_name="files"
    )
    blob = models.ForeignKey("documents.Blob", on_delete=models.PROTECT, related_name="+")
    name = models.CharField("文件名", max_length=200)
    pages = models.PositiveIntegerField("页数", default=0)
    uploaded_at = models.DateTimeField("上传时间")
    uploaded_by = person("上传人")
    removed_at = models.DateTimeField("移除时间", null=True)

    class Meta:
        verbose_name = "任务附件"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="task_file_of_one",
                condition=Q(report__isnull=False, change__isnull=True, acceptance__isnull=True)
                | Q(report__isnull=True, change__isnull=False, acceptance__isnull=True)
                | Q(report__isnull=True, change__isnull=True, acceptance__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.name
