"""Who may have the archive of a whole call."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from honours.models.people import person


class ArchiveRequest(models.Model):
    """The archive of a whole call holds everybody's material: a second person agrees first."""

    class State(models.TextChoices):
        PENDING = "pending", "待批准"
        APPROVED = "approved", "已批准"
        REFUSED = "refused", "未批准"

    call = models.ForeignKey(
        "calls.Call", on_delete=models.PROTECT, related_name="archive_requests"
    )
    reason = models.CharField("用途", max_length=300)
    evidence = models.BooleanField("含证明材料", default=False)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.PENDING)
    proposed_by = person("提出人")
    proposed_at = models.DateTimeField("提出时间")
    approved_by = person("批准人", null=True)
    approved_at = models.DateTimeField("批准时间", null=True)

    class Meta:
        verbose_name = "归档申请"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="archive_request_one_pending",
                fields=["call", "proposed_by"],
                condition=Q(state="pending"),
            ),
            models.CheckConstraint(
                name="archive_request_needs_two",
                condition=Q(state="pending", approved_by__isnull=True)
                | Q(approved_by__isnull=False, approved_at__isnull=False)
                & (Q(state="refused") | Q(state="approved") & ~Q(approved_by=F("proposed_by"))),
            ),
        ]

    def __str__(self) -> str:
        return f"归档 {self.call_id}"
