"""A unit does not agree with its result: once, within the days of the file; two people decide."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from applications.models import new_public_id
from outcomes.models.people import person
from testing.states import Ruled


class Dispute(models.Model):
    """The unit's dispute over a released result, at most one per result.

    ``keys`` names the indicators it is about. ``ruling``, ``finding`` and, for a retest,
    ``agency`` and ``due`` are what one person of the office proposes and another approves.
    """

    State = Ruled

    class Ruling(models.TextChoices):
        UPHOLD = "uphold", "维持原结果"
        RETEST = "retest", "复测"

    public_id = models.CharField(max_length=16, unique=True, default=new_public_id, editable=False)
    result = models.OneToOneField(
        "testing.Result", on_delete=models.PROTECT, related_name="dispute"
    )
    state = models.CharField("状态", max_length=10, choices=Ruled.choices, default=Ruled.OPEN)
    keys = models.JSONField("异议指标", default=list)
    reason = models.CharField("异议理由", max_length=1000)
    evidence = models.ForeignKey(
        "documents.Blob", null=True, on_delete=models.PROTECT, related_name="+"
    )
    evidence_name = models.CharField("证据", max_length=255, blank=True)
    raised_by = person("提出人")
    raised_at = models.DateTimeField("提出时间")
    ruling = models.CharField("拟处理", max_length=10, choices=Ruling.choices, blank=True)
    finding = models.CharField("处理意见", max_length=1000, blank=True)
    agency = models.ForeignKey(
        "testing.Agency", null=True, on_delete=models.PROTECT, related_name="+"
    )
    due = models.DateTimeField("复测期限", null=True)
    proposed_by = person("拟定人", null=True)
    proposed_at = models.DateTimeField("拟定时间", null=True)
    approved_by = person("批准人", null=True)
    approved_at = models.DateTimeField("批准时间", null=True)
    retest = models.OneToOneField(
        "testing.Commission", null=True, on_delete=models.PROTECT, related_name="dispute"
    )

    class Meta:
        verbose_name = "测评异议"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="dispute_state_fits",
                condition=Q(state=Ruled.OPEN, approved_by__isnull=True)
                | Q(state=Ruled.PROPOSED, proposed_by__isnull=False, approved_by__isnull=True)
                & ~Q(ruling="")
                & ~Q(finding="")
                | Q(state__in=[Ruled.UPHELD, Ruled.RETEST])
                & Q(proposed_by__isnull=False, approved_by__isnull=False)
                & Q(approved_at__isnull=False)
                & ~Q(approved_by=F("proposed_by"))
                & ~Q(finding=""),
            ),
            models.CheckConstraint(
                name="dispute_retest_is_commissioned",
                condition=~Q(state=Ruled.RETEST) | Q(retest__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"测评异议 {self.result_id}"
