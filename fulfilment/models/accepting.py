"""The way of a programme with 审定, 任务书, 验收 and 认定."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from applications.models import new_public_id
from documents import codes
from fulfilment.models.tasks import Task
from outcomes.models.people import person


class Deliberation(models.Model):
    """审定 of the applications that wait for it: a meeting, then every office that has to sign.

    ``rows`` are frozen when it begins and are what everybody signs. When all have agreed, the
    step is recorded for each application; one that does not agree ends it. ``state`` is written
    by ``services.deliberating``.
    """

    class State(models.TextChoices):
        OPEN = "open", "会签中"
        PASSED = "passed", "审定通过"
        STOPPED = "stopped", "未通过"

    public_id = models.CharField(max_length=16, unique=True, default=new_public_id, editable=False)
    call = models.ForeignKey("calls.Call", on_delete=models.PROTECT, related_name="deliberations")
    rows = models.JSONField("审定名单", default=list)
    fingerprint = models.CharField("指纹", max_length=64)
    meeting = models.CharField("会议", max_length=100)
    held_on = models.DateField("会议日期")
    minutes = models.TextField("会议纪要")
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.OPEN)
    opened_by = person("发起人")
    opened_at = models.DateTimeField("发起时间")
    ended_at = models.DateTimeField("结束时间", null=True)

    class Meta:
        verbose_name = "审定"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="deliberation_one_open", fields=["call"], condition=Q(state="open")
            ),
            models.CheckConstraint(
                name="deliberation_ended_has_instant",
                condition=Q(state="open", ended_at__isnull=True)
                | Q(state__in=["passed", "stopped"], ended_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.call_id} {self.meeting}"


class Cosignature(models.Model):
    """One office that has to sign a deliberation: what it said, and who said it there."""

    class Verdict(models.TextChoices):
        WAITING = "waiting", "待会签"
        AGREED = "agreed", "同意"
        OBJECTED = "objected", "不同意"

    deliberation = models.ForeignKey(
        Deliberation, on_delete=models.PROTECT, related_name="signatures"
    )
    order = models.PositiveSmallIntegerField("次序")
    office = models.CharField("会签单位", max_length=100)
    organisation = models.ForeignKey(
        "accounts.Organisation", null=True, on_delete=models.PROTECT, related_name="+"
    )
    verdict = models.CharField(
        "意见", max_length=10, choices=Verdict.choices, default=Verdict.WAITING
    )
    note = models.CharField("意见内容", max_length=500, blank=True)
    signed_by = person("签署人", null=True)
    signer = models.CharField("签署人", max_length=60, blank=True)
    signed_at = models.DateTimeField("签署时间", null=True)

    class Meta:
        verbose_name = "会签"
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(name="cosignature_once", fields=["deliberation", "office"]),
            models.CheckConstraint(
                name="cosignature_signed_whole",
                condition=Q(verdict="waiting", signed_at__isnull=True, signed_by__isnull=True)
                | Q(
                    verdict__in=["agreed", "objected"],
                    signed_at__isnull=False,
                    signed_by__isnull=False,
                ),
            ),
            models.UniqueConstraint(
                name="cosignature_each_by_another",
                fields=["deliberation", "signed_by"],
                condition=Q(signed_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.office} {self.get_verdict_display()}"


class TaskBook(models.Model):
    """任务书: the accepted plan as a numbered paper that both sides sign."""

    task = models.OneToOneField(Task, on_delete=models.PROTECT, related_name="book")
    plan = models.ForeignKey("fulfilment.Plan", on_delete=models.PROTECT, related_name="+")
    number = models.CharField("编号", max_length=60, unique=True)
    document = models.ForeignKey("documents.Document", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField("生成时间")
    unit_signed_by = person("单位签署人", null=True)
    unit_signed_at = models.DateTimeField("单位签署时间", null=True)
    office_signed_by = person("主管部门签署人", null=True)
    office_signed_at = models.DateTimeField("主管部门签署时间", null=True)

    class Meta:
        verbose_name = "任务书"
        constraints = [
            models.CheckConstraint(
                name="task_book_office_signs_last",
                condition=Q(office_signed_at__isnull=True)
                | Q(
                    unit_signed_at__isnull=False,
                    unit_signed_by__isnull=False,
                    office_signed_by__isnull=False,
                ),
            )
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_signed(self) -> bool:
        return self.office_signed_at is not None


class Acceptance(models.Model):
    """验收: the experts' meeting and its conclusion, entered by one and confirmed by another."""

    class Result(models.TextChoices):
        PASS = "pass", "合格"
        FAIL = "fail", "不合格"

    class State(models.TextChoices):
        PROPOSED = "proposed", "待确认"
        CONFIRMED = "confirmed", "已确认"
        REFUSED = "refused", "已退回"

    public_id = models.CharField(max_length=16, unique=True, default=new_public_id, editable=False)
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="acceptances")
    held_on = models.DateField("验收日期")
    place = models.CharField("验收方式与地点", max_length=100)
    experts = models.JSONField("专家", default=list)
    opinion = models.TextField("专家意见")
    result = models.CharField("结论", max_length=10, choices=Result.choices)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.PROPOSED)
    proposed_by = person("登记人")
    proposed_at = models.DateTimeField("登记时间")
    approved_by = person("确认人", null=True)
    decided_at = models.DateTimeField("确认时间", null=True)
    note = models.CharField("退回原因", max_length=300, blank=True)

    class Meta:
        verbose_name = "验收"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="acceptance_confirmed_by_two",
                condition=Q(state="proposed", decided_at__isnull=True)
                | Q(decided_at__isnull=False, approved_by__isnull=False)
                & (Q(state="refused") | ~Q(approved_by=F("proposed_by"))),
            ),
            models.UniqueConstraint(
                name="acceptance_one_in_force",
                fields=["task"],
                condition=Q(state__in=["proposed", "confirmed"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task} {self.get_result_display()}"


class Recognition(models.Model):
    """认定 after a passed acceptance, with its letter; a withdrawal stays before the public.

    ``state`` is written by ``services.recognising``.
    """

    class State(models.TextChoices):
        IN_FORCE = "in_force", "有效"
        WITHDRAWAL = "withdrawal", "拟撤销"
        WITHDRAWN = "withdrawn", "已撤销"

    public_id = models.CharField(
        max_length=16, unique=True, default=codes.new_public_id, editable=False
    )
    task = models.OneToOneField(Task, on_delete=models.PROTECT, related_name="recognition")
    title = models.CharField("名称", max_length=120)
    number = models.CharField("文号", max_length=60, unique=True)
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.IN_FORCE)
    recognised_on = models.DateField("认定日期")
    plaque_on = models.DateField("授牌日期", null=True, blank=True)
    document = models.ForeignKey("documents.Document", on_delete=models.PROTECT, related_name="+")
    proposed_by = person("拟定人")
    approved_by = person("批准人")
    approved_at = models.DateTimeField("批准时间")
    withdrawal_reason = models.CharField("撤销原因", max_length=300, blank=True)
    withdrawal_proposed_by = person("撤销提出人", null=True)
    withdrawal_proposed_at = models.DateTimeField("撤销提出时间", null=True)
    withdrawal_approved_by = person("撤销批准人", null=True)
    withdrawn_at = models.DateTimeField("撤销时间", null=True)

    class Meta:
        verbose_name = "认定"
        ordering = ["-recognised_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="recognition_by_two", condition=~Q(approved_by=F("proposed_by"))
            ),
            models.CheckConstraint(
                name="recognition_withdrawn_by_two",
                condition=Q(state="in_force", withdrawn_at__isnull=True)
                | Q(
                    state="withdrawal",
                    withdrawn_at__isnull=True,
                    withdrawal_proposed_by__isnull=False,
                )
                & ~Q(withdrawal_reason="")
                | Q(
                    state="withdrawn",
                    withdrawn_at__isnull=False,
                    withdrawal_proposed_by__isnull=False,
                    withdrawal_approved_by__isnull=False,
                )
                & ~Q(withdrawal_reason="")
                & ~Q(withdrawal_approved_by=F("withdrawal_proposed_by")),
            ),
        ]

    def __str__(self) -> str:
        return self.number
