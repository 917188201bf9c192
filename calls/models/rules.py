"""The rules of a call over time: every file it was made from, and changes after it opened."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from calls.models.call import Call


class RulesVersion(models.Model):
    """The rules of a call as one file, sheet or earlier call gave them. Never changed.

    ``text`` is the file as it came, ``sha256`` the hash of its bytes in UTF-8 (of a sheet: of the
    workbook); ``fingerprint`` is that of the rules that came of it. The newest one are the call's.
    """

    class Origin(models.TextChoices):
        CATALOGUE = "catalogue", "方案目录"
        UPLOAD = "upload", "上传文件"
        PASTE = "paste", "粘贴文本"
        SHEET = "sheet", "表格导入"
        CLONE = "clone", "复制批次"

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="rules_versions")
    number = models.PositiveIntegerField("版本")
    origin = models.CharField("来源", max_length=10, choices=Origin.choices)
    name = models.CharField("文件名", max_length=200, blank=True)
    text = models.TextField("文件内容", blank=True)
    sha256 = models.CharField("SHA-256", max_length=64)
    fingerprint = models.CharField("规则指纹", max_length=64)
    rules = models.JSONField("规则")
    note = models.CharField("说明", max_length=300, blank=True)
    made_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField("提交时间")

    class Meta:
        verbose_name = "规则版本"
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(name="rules_version_once", fields=["call", "number"])
        ]

    def __str__(self) -> str:
        return f"{self.call} 第 {self.number} 版规则"


class Opening(models.Model):
    """Who put a call's rules forward as they are, and who opened it: two people.

    ``reason`` is why it was opened without having been rehearsed as it is.
    """

    call = models.OneToOneField(Call, on_delete=models.PROTECT, related_name="opening")
    proposed_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField("提交时间")
    approved_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField("开放时间", null=True)
    reason = models.CharField("未演练即开放的理由", max_length=500, blank=True)

    class Meta:
        verbose_name = "批次开放"
        constraints = [
            models.CheckConstraint(
                name="call_opening_needs_two",
                condition=Q(proposed_by__isnull=True)
                | Q(approved_by__isnull=True)
                | ~Q(approved_by=F("proposed_by")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.call} 开放"


class CallChange(models.Model):
    """A change of an open call's dates or directions: in force once a second person approved it.

    ``content`` holds, by ``kind``: dates as ISO instants by their names, or the lines of a sheet.
    """

    class Kind(models.TextChoices):
        DATES = "dates", "期限"
        DIRECTIONS = "directions", "方向与指标"

    class State(models.TextChoices):
        PROPOSED = "proposed", "待批准"
        APPROVED = "approved", "已批准"
        REFUSED = "refused", "未批准"

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField("内容", max_length=12, choices=Kind.choices)
    content = models.JSONField("变更")
    reason = models.CharField("理由", max_length=500)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.PROPOSED)
    proposed_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField("提出时间")
    approved_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField("办理时间", null=True)

    class Meta:
        verbose_name = "批次变更"
        ordering = ["-proposed_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="call_change_needs_two",
                condition=~Q(state="approved")
                | (Q(approved_by__isnull=False) & ~Q(approved_by=F("proposed_by"))),
            ),
            models.UniqueConstraint(
                name="call_change_waits_once",
                fields=["call", "kind"],
                condition=Q(state="proposed"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.call} {self.get_kind_display()}变更"
