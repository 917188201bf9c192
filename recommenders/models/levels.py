"""What a city or district sends up on paper: its forwarded filings as they stood."""

from django.db import models
from django.db.models import Q

from recommenders.models.people import person


class LevelReport(models.Model):
    """One version of a level's 上报: the rows that were forwarded, with its letter and sheet.

    Never changed: when what is forwarded changes it is void, and another number follows.
    """

    call = models.ForeignKey("calls.Call", on_delete=models.PROTECT, related_name="level_reports")
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="level_reports"
    )
    to = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="+", verbose_name="上级单位"
    )
    number = models.PositiveSmallIntegerField("版本")
    rows = models.JSONField("上报项目")
    hash = models.CharField("指纹", max_length=64)
    letter_number = models.CharField("编号", max_length=40, blank=True)
    reference = models.CharField("发文字号", max_length=40, blank=True)
    contact_name = models.CharField("联系人", max_length=20, blank=True)
    contact_phone = models.CharField("联系电话", max_length=30, blank=True)
    sheet = models.ForeignKey(
        "documents.Document", null=True, on_delete=models.PROTECT, related_name="+"
    )
    letter = models.ForeignKey(
        "documents.Document", null=True, on_delete=models.PROTECT, related_name="+"
    )
    frozen_at = models.DateTimeField("生成时间")
    by = person("生成人")
    voided_at = models.DateTimeField("作废时间", null=True, blank=True)
    void_reason = models.CharField("作废原因", max_length=300, blank=True)

    class Meta:
        verbose_name = "上报材料"
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                name="level_report_number_once", fields=["call", "organisation", "number"]
            ),
            models.UniqueConstraint(
                name="level_report_one_in_force",
                fields=["call", "organisation"],
                condition=Q(voided_at__isnull=True),
            ),
            models.CheckConstraint(
                name="level_report_void_says_why",
                condition=Q(voided_at__isnull=True, void_reason="")
                | Q(voided_at__isnull=False) & ~Q(void_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} 第{self.number}版"
