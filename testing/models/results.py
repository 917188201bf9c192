"""What an agency measured: one result per commission, one row per indicator, the sealed report."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from applications.models import new_public_id
from outcomes.models.people import person
from testing import conclusions
from testing.conclusions import Counts
from testing.states import Reported

STANDINGS = tuple(conclusions.WORDS)
FROZEN = (Reported.APPROVED, Reported.SEALED, Reported.RELEASED)


class Result(models.Model):
    """The agency's result. A draft is saved field by field; ``version`` counts the savings.

    Written by one person and approved by another of the agency; ``alone`` says that the agency
    had one person only when it was approved. Approval freezes ``snapshot``, from which the report
    is drawn; ``report`` is that of the version in force. ``released_at``: from then on the unit
    sees it.
    """

    State = Reported

    public_id = models.CharField(max_length=16, unique=True, default=new_public_id, editable=False)
    commission = models.OneToOneField(
        "testing.Commission", on_delete=models.PROTECT, related_name="result"
    )
    state = models.CharField(
        "状态", max_length=10, choices=Reported.choices, default=Reported.DRAFT
    )
    version = models.PositiveIntegerField("保存次数", default=0)
    basis = models.CharField("测评依据", max_length=500, blank=True)
    environment = models.CharField("测评环境", max_length=500, blank=True)
    tested_from = models.DateField("测评开始", null=True, blank=True)
    tested_until = models.DateField("测评结束", null=True, blank=True)
    remarks = models.CharField("总体说明", max_length=1000, blank=True)
    counts = models.JSONField("结论统计", default=dict, blank=True)
    saved_by = person("保存人", null=True)
    saved_at = models.DateTimeField("保存时间", null=True)
    submitted_by = person("编制人", null=True)
    submitted_at = models.DateTimeField("提交时间", null=True)
    approved_by = person("批准人", null=True)
    approved_at = models.DateTimeField("批准时间", null=True)
    alone = models.BooleanField("机构仅一人", default=False)
    back_reason = models.CharField("退回原因", max_length=300, blank=True)
    snapshot = models.JSONField("冻结内容", null=True)
    report = models.ForeignKey(
        "documents.Document", null=True, on_delete=models.PROTECT, related_name="+"
    )
    reports = models.PositiveSmallIntegerField("报告版次", default=0)
    sealed_at = models.DateTimeField("盖章件相符时间", null=True)
    released_by = person("发布人", null=True)
    released_at = models.DateTimeField("发布时间", null=True)

    class Meta:
        verbose_name = "测评结果"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="result_state_known", condition=Q(state__in=Reported.values)
            ),
            models.CheckConstraint(
                name="result_submitted_by_somebody",
                condition=Q(state__in=[Reported.DRAFT, Reported.CLOSED])
                | Q(submitted_by__isnull=False, submitted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="result_approved_by_another",
                condition=Q(
                    state__in=[Reported.DRAFT, Reported.SUBMITTED],
                    approved_by__isnull=True,
                    approved_at__isnull=True,
                )
                | Q(state=Reported.CLOSED)
                | Q(
                    state__in=[str(one) for one in FROZEN],
                    approved_by__isnull=False,
                    approved_at__isnull=False,
                    snapshot__isnull=False,
                    report__isnull=False,
                )
                & (Q(alone=True) | ~Q(approved_by=F("submitted_by"))),
            ),
            models.CheckConstraint(
                name="result_sealed_has_instant",
                condition=~Q(state__in=[Reported.SEALED, Reported.RELEASED])
                | Q(sealed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="result_released_by_somebody",
                condition=Q(released_at__isnull=True, released_by__isnull=True)
                & ~Q(state=Reported.RELEASED)
                | Q(state=Reported.RELEASED, released_at__isnull=False, released_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"测评结果 {self.commission_id}"

    @property
    def tally(self) -> Counts:
        """The counts as they were computed when the result was last saved."""
        return Counts(**self.counts) if self.counts else Counts()

    @property
    def is_draft(self) -> bool:
        return self.state == Reported.DRAFT


class Evidence(models.Model):
    """A file of the agency behind its figures; rows point at a page of it."""

    public_id = models.CharField(max_length=16, unique=True, default=new_public_id, editable=False)
    result = models.ForeignKey(Result, on_delete=models.PROTECT, related_name="evidence")
    blob = models.ForeignKey("documents.Blob", on_delete=models.PROTECT, related_name="+")
    name = models.CharField("文件名", max_length=255)
    pages = models.PositiveIntegerField("页数")
    uploaded_by = person("上传人")
    uploaded_at = models.DateTimeField("上传时间")
    removed_at = models.DateTimeField("移除时间", null=True)

    class Meta:
        verbose_name = "测评证据"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name


class ResultRow(models.Model):
    """One indicator as measured. ``standing``, ``value`` and ``told`` are computed, never typed.

    ``pinned`` keeps the target as it was when the result was submitted; until then the target in
    force of the task holds. ``value`` is the measured figure in the target's unit.
    """

    result = models.ForeignKey(Result, on_delete=models.PROTECT, related_name="rows")
    target = models.ForeignKey(
        "fulfilment.Target", on_delete=models.PROTECT, related_name="result_rows"
    )
    order = models.PositiveSmallIntegerField("次序")
    pinned = models.JSONField("目标", default=dict)
    measured = models.CharField("实测值", max_length=60, blank=True)
    value = models.CharField("换算值", max_length=60, blank=True)
    told = models.CharField("换算", max_length=120, blank=True)
    method = models.CharField("测评方法", max_length=200, blank=True)
    sample_size = models.CharField("样本量", max_length=60, blank=True)
    environment = models.CharField("测试环境", max_length=200, blank=True)
    evidence = models.ForeignKey(
        Evidence, null=True, blank=True, on_delete=models.PROTECT, related_name="rows"
    )
    page = models.PositiveIntegerField("证据页", null=True, blank=True)
    untested = models.CharField("未测原因", max_length=300, blank=True)
    remarks = models.CharField("备注", max_length=300, blank=True)
    standing = models.CharField("结论", max_length=10, default=conclusions.OPEN)
    difference = models.CharField("差值", max_length=60, blank=True)

    class Meta:
        verbose_name = "指标实测"
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(name="result_row_once", fields=["result", "target"]),
            models.CheckConstraint(
                name="result_row_standing_known", condition=Q(standing__in=STANDINGS)
            ),
            models.CheckConstraint(
                name="result_row_standing_has_figure",
                condition=Q(standing=conclusions.OPEN)
                | Q(standing=conclusions.UNTESTED, measured="") & ~Q(untested="")
                | Q(
                    standing__in=[
                        conclusions.MET,
                        conclusions.OVER,
                        conclusions.UNDER,
                        conclusions.NONE,
                    ],
                    untested="",
                )
                & ~Q(measured=""),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pinned.get("name", ""))

    @property
    def conclusion(self) -> str:
        return conclusions.WORDS[self.standing]


class SealedReport(models.Model):
    """The printed report as it came back sealed, and what its pages said."""

    class State(models.TextChoices):
        MATCHED = "matched", "逐页相符"
        REFUSED = "refused", "未通过"

    public_id = models.CharField(max_length=16, unique=True, default=new_public_id, editable=False)
    result = models.ForeignKey(Result, on_delete=models.PROTECT, related_name="scans")
    document = models.ForeignKey("documents.Document", on_delete=models.PROTECT, related_name="+")
    state = models.CharField("比对", max_length=10, choices=State.choices)
    reading = models.JSONField("逐页结果")
    uploaded_by = person("上传人")
    uploaded_at = models.DateTimeField("上传时间")

    class Meta:
        verbose_name = "盖章测评报告"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.result} {self.get_state_display()}"


class ScanPart(models.Model):
    """One file of a sealed report as it came, byte for byte."""

    scan = models.ForeignKey(SealedReport, on_delete=models.PROTECT, related_name="files")
    position = models.PositiveSmallIntegerField()
    blob = models.ForeignKey("documents.Blob", on_delete=models.PROTECT, related_name="+")
    name = models.CharField("文件名", max_length=255)
    pages = models.PositiveIntegerField("页数")

    class Meta:
        verbose_name = "盖章件文件"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(name="report_scan_part_once", fields=["scan", "position"])
        ]

    def __str__(self) -> str:
        return self.name
