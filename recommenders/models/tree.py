"""The tree of units over time: moves under another parent, access ended in an emergency."""

from django.db import models
from django.db.models import F, Q

from recommenders.models.people import person


class LevelQuota(models.Model):
    """How many filings a level below may forward in a call, as the unit above it says."""

    call = models.ForeignKey("calls.Call", on_delete=models.PROTECT, related_name="level_quotas")
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="level_quotas"
    )
    limit = models.PositiveSmallIntegerField("上报名额")
    by = person("设定人")
    at = models.DateTimeField("设定时间")

    class Meta:
        verbose_name = "下级上报名额"
        constraints = [
            models.UniqueConstraint(name="level_quota_once", fields=["call", "organisation"]),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} {self.limit}"


class UnitTransfer(models.Model):
    """A unit moves under another parent from a day on; one person asks, another approves."""

    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="transfers"
    )
    old_parent = models.ForeignKey(
        "accounts.Organisation", null=True, on_delete=models.PROTECT, related_name="+"
    )
    new_parent = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    day = models.DateField("生效日")
    reason = models.CharField("依据", max_length=300)
    proposed_by = person("提出人")
    proposed_at = models.DateTimeField("提出时间")
    approved_by = person("批准人", null=True)
    approved_at = models.DateTimeField("批准时间", null=True)
    cancelled_at = models.DateTimeField("取消时间", null=True)
    done_at = models.DateTimeField("完成时间", null=True)

    class Meta:
        verbose_name = "隶属调整"
        constraints = [
            models.CheckConstraint(
                name="unit_transfer_two_people",
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="unit_transfer_done_after_approval",
                condition=Q(done_at__isnull=True) | Q(approved_at__isnull=False),
            ),
            models.UniqueConstraint(
                name="unit_transfer_one_waiting",
                fields=["organisation"],
                condition=Q(done_at__isnull=True, cancelled_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} → {self.new_parent}"


class UnitRevocation(models.Model):
    """Every access of a unit's people was ended at once. Given back only by two people.

    ``ended`` holds the keys of the memberships that were ended then.
    """

    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="revocations"
    )
    reason = models.CharField("原因", max_length=300)
    revoked_by = person("停用人")
    revoked_at = models.DateTimeField("停用时间")
    ended = models.JSONField("停用的任职", default=list)
    links = models.PositiveSmallIntegerField("作废的链接", default=0)
    restore_reason = models.CharField("恢复理由", max_length=300, blank=True)
    restore_by = person("恢复提出人", null=True)
    restore_asked_at = models.DateTimeField("恢复提出时间", null=True)
    restored_by = person("恢复批准人", null=True)
    restored_at = models.DateTimeField("恢复时间", null=True)

    class Meta:
        verbose_name = "紧急停用"
        constraints = [
            models.UniqueConstraint(
                name="unit_revocation_one_in_force",
                fields=["organisation"],
                condition=Q(restored_at__isnull=True),
            ),
            models.CheckConstraint(
                name="unit_restored_by_two_people",
                condition=Q(restored_at__isnull=True)
                | (
                    Q(restore_by__isnull=False, restored_by__isnull=False)
                    & ~Q(restored_by=F("restore_by"))
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} 停用"
