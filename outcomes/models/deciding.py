"""Decisions under caps, and records of steps.

The caps are kept by the database: a selection points at a slot of every cap that holds for it, a
slot is pointed at once, and a slot above the cap exists only for the application a second person
granted it to. Triggers (migration 0002) tie slots to their cap and selections to their slots.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from calls.programme import STEP_TITLES, TierStage
from outcomes import rules
from outcomes.models.people import person


class Stage(models.TextChoices):
    """Which decision: the selection, or the award years later."""

    SELECTION = TierStage.SELECTION.value, "遴选"
    AWARD = TierStage.AWARD.value, "优胜"


class SlotGroup(models.Model):
    """A cap of a call in one place: the whole call, a direction, or a sub-field of one.

    Slots of the ``stage`` selection are held by decisions, those of the award by awards.
    """

    class Kind(models.TextChoices):
        CALL = "call", "整个批次"
        DIRECTION = "direction", "方向"
        SUBFIELD = "subfield", "细分领域"

    call = models.ForeignKey("calls.Call", on_delete=models.PROTECT, related_name="slot_groups")
    tier = models.CharField("等次", max_length=40)
    stage = models.CharField("阶段", max_length=10, choices=Stage.choices, default=Stage.SELECTION)
    kind = models.CharField("范围", max_length=10, choices=Kind.choices)
    direction = models.ForeignKey(
        "calls.Direction", null=True, on_delete=models.PROTECT, related_name="slot_groups"
    )
    subfield = models.ForeignKey(
        "calls.SubField", null=True, on_delete=models.PROTECT, related_name="slot_groups"
    )
    limit = models.PositiveSmallIntegerField("上限")
    soft = models.BooleanField("原则上", default=False)
    source = models.CharField("依据", max_length=200, blank=True)

    class Meta:
        verbose_name = "遴选上限"
        constraints = [
            models.CheckConstraint(
                name="slot_group_scope_whole",
                condition=Q(kind="call", direction__isnull=True, subfield__isnull=True)
                | Q(kind="direction", direction__isnull=False, subfield__isnull=True)
                | Q(kind="subfield", direction__isnull=False, subfield__isnull=False),
            ),
            models.CheckConstraint(
                name="slot_group_limit_below_granted",
                condition=Q(limit__gte=1, limit__lt=rules.GRANTED_FROM),
            ),
            models.UniqueConstraint(
                name="slot_group_once_per_call",
                fields=["call", "tier"],
                condition=Q(kind="call"),
            ),
            models.UniqueConstraint(
                name="slot_group_once_per_direction",
                fields=["tier", "direction"],
                condition=Q(kind="direction"),
            ),
            models.UniqueConstraint(
                name="slot_group_once_per_subfield",
                fields=["tier", "subfield"],
                condition=Q(kind="subfield"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.tier} {self.limit}"


class Slot(models.Model):
    """One token of a cap. Those granted above it are for one named application each."""

    group = models.ForeignKey(SlotGroup, on_delete=models.PROTECT, related_name="slots")
    number = models.PositiveSmallIntegerField()
    of_limit = models.PositiveSmallIntegerField(null=True)
    granted_for = models.ForeignKey(
        "applications.Application", null=True, on_delete=models.PROTECT, related_name="+"
    )
    granted_reason = models.CharField("超出理由", max_length=500, blank=True)
    proposed_by = person("提出人", null=True)
    approved_by = person("批准人", null=True)

    class Meta:
        verbose_name = "遴选名额位"
        constraints = [
            models.UniqueConstraint(name="slot_once", fields=["group", "number"]),
            models.CheckConstraint(
                name="slot_within_limit_or_granted",
                condition=Q(
                    granted_for__isnull=True,
                    granted_reason="",
                    approved_by__isnull=True,
                    number__gte=1,
                    number__lte=F("of_limit"),
                )
                | Q(
                    granted_for__isnull=False,
                    of_limit__isnull=True,
                    proposed_by__isnull=False,
                    approved_by__isnull=False,
                    number__gte=rules.GRANTED_FROM,
                )
                & ~Q(granted_reason="")
                & ~Q(approved_by=F("proposed_by")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group_id}/{self.number}"


class SlotRequest(models.Model):
    """Somebody asks to select one more than a soft cap allows; a second person decides."""

    class State(models.TextChoices):
        PENDING = "pending", "待批准"
        GRANTED = "granted", "已批准"
        REFUSED = "refused", "未批准"

    application = models.ForeignKey(
        "applications.Application", on_delete=models.PROTECT, related_name="slot_requests"
    )
    tier = models.CharField("等次", max_length=40)
    amount = models.DecimalField("金额", max_digits=12, decimal_places=2, null=True, blank=True)
    reason = models.CharField("理由", max_length=500)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.PENDING)
    proposed_by = person("提出人")
    proposed_at = models.DateTimeField("提出时间")
    decided_by = person("批准人", null=True)
    decided_at = models.DateTimeField("批准时间", null=True)

    class Meta:
        verbose_name = "超出上限申请"
        constraints = [
            models.UniqueConstraint(
                name="slot_request_one_pending",
                fields=["application"],
                condition=Q(state="pending"),
            ),
            models.CheckConstraint(
                name="slot_request_needs_two",
                condition=Q(state="pending", decided_by__isnull=True)
                | Q(decided_by__isnull=False, decided_at__isnull=False)
                & (Q(state="refused") | Q(state="granted") & ~Q(decided_by=F("proposed_by"))),
            ),
        ]

    def __str__(self) -> str:
        return f"超出上限申请 {self.application_id}"


def _slot(name: str) -> models.OneToOneField:
    return models.OneToOneField(
        Slot, null=True, on_delete=models.PROTECT, related_name=f"held_as_{name}"
    )


class Decision(models.Model):
    """What the office means to do, or did, with one application.

    Pending ones are known to the office alone and can be taken back; applied ones moved the
    application. ``revoked``: an upheld objection took the selection back; its slots are free.
    Rows are written by ``outcomes.services`` alone.
    """

    class Outcome(models.TextChoices):
        SELECT = "select", "入选"
        DECLINE = "decline", "不入选"

    class State(models.TextChoices):
        PENDING = "pending", "待生效"
        APPLIED = "applied", "已生效"
        REVOKED = "revoked", "已取消"

    application = models.OneToOneField(
        "applications.Application", on_delete=models.PROTECT, related_name="decision"
    )
    outcome = models.CharField("结果", max_length=10, choices=Outcome.choices)
    tier = models.CharField("等次", max_length=40, blank=True)
    call_slot = _slot("call_slot")
    direction_slot = _slot("direction_slot")
    subfield_slot = _slot("subfield_slot")
    amount = models.DecimalField("金额", max_digits=12, decimal_places=2, null=True, blank=True)
    reason = models.CharField("理由", max_length=500, blank=True)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.PENDING)
    proposed_by = person("拟定人")
    proposed_at = models.DateTimeField("拟定时间")
    approved_by = person("批准人", null=True)
    approved_at = models.DateTimeField("批准时间", null=True)
    applied_at = models.DateTimeField("生效时间", null=True)
    publicity = models.ForeignKey(
        "Publication", null=True, on_delete=models.PROTECT, related_name="publicised"
    )
    announcement = models.ForeignKey(
        "Publication", null=True, on_delete=models.PROTECT, related_name="announced"
    )

    class Meta:
        verbose_name = "遴选决定"
        constraints = [
            models.CheckConstraint(
                name="decision_outcome_whole",
                condition=Q(outcome="select") & ~Q(tier="")
                | Q(
                    outcome="decline",
                    tier="",
                    amount__isnull=True,
                    call_slot__isnull=True,
                    direction_slot__isnull=True,
                    subfield_slot__isnull=True,
                ),
            ),
            models.CheckConstraint(
                name="decision_applied_by_two",
                condition=Q(state="pending", approved_by__isnull=True, applied_at__isnull=True)
                | Q(
                    state__in=["applied", "revoked"],
                    approved_by__isnull=False,
                    approved_at__isnull=False,
                    applied_at__isnull=False,
                )
                & ~Q(approved_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="decision_revoked_was_selected",
                condition=~Q(state="revoked")
                | Q(
                    outcome="select",
                    call_slot__isnull=True,
                    direction_slot__isnull=True,
                    subfield_slot__isnull=True,
                )
                & ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="decision_amount_positive", condition=Q(amount__isnull=True) | Q(amount__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} {self.get_outcome_display()}"

    @property
    def is_select(self) -> bool:
        return self.outcome == self.Outcome.SELECT

    @property
    def is_pending(self) -> bool:
        return self.state == self.State.PENDING


class StepRecord(models.Model):
    """What came of a step. The latest one counts.

    ``visit`` is the public id of the visit it came from, empty where it was typed in. 整改后复查 is
    given by a visit alone; until the second look passes it stands in the way like 不通过.
    """

    class Result(models.TextChoices):
        PASS = "pass", "通过"
        FAIL = "fail", "不通过"
        NOTED = "noted", "已记录"
        RECHECK = "recheck", "整改后复查"

    application = models.ForeignKey(
        "applications.Application", on_delete=models.PROTECT, related_name="step_records"
    )
    step = models.CharField(
        "步骤",
        max_length=20,
        choices=[(step.value, STEP_TITLES[step]) for step in rules.RECORDED],
    )
    result = models.CharField("结论", max_length=10, choices=Result.choices)
    note = models.CharField("说明", max_length=1000, blank=True)
    visit = models.CharField("现场评估", max_length=16, blank=True)
    at = models.DateTimeField("登记时间")
    by = person("登记人")

    class Meta:
        verbose_name = "步骤记录"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="step_record_failed_says_why", condition=~Q(result="fail") | ~Q(note="")
            ),
            models.CheckConstraint(
                name="step_record_recheck_by_visit",
                condition=~Q(result="recheck") | ~Q(visit=""),
            ),
        ]
        indexes = [models.Index(name="step_record_latest", fields=["application", "step", "-id"])]

    def __str__(self) -> str:
        return f"{self.application_id} {self.step} {self.result}"

    @property
    def is_in_the_way(self) -> bool:
        """Whether the application cannot be selected, nor a later step recorded."""
        return self.result in (self.Result.FAIL, self.Result.RECHECK)
