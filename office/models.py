from django.db import models
from django.db.models import F, Q

from office.board import REMINDABLE


class ReminderRule(models.Model):
    """Remind those who have not done it, some days before a date of a call."""

    call = models.ForeignKey("calls.Call", on_delete=models.CASCADE, related_name="reminder_rules")
    key = models.CharField("期限", max_length=30, choices=list(REMINDABLE.items()))
    days_before = models.PositiveSmallIntegerField("提前天数")
    fired_at = models.DateTimeField("执行时间", null=True)
    letters = models.PositiveIntegerField("发出封数", default=0)
    skipped = models.BooleanField("已补过", default=False)

    class Meta:
        verbose_name = "提醒"
        ordering = ["key", "-days_before"]
        constraints = [
            models.UniqueConstraint(name="reminder_once", fields=["call", "key", "days_before"]),
            models.CheckConstraint(
                name="reminder_days_in_a_year", condition=Q(days_before__lte=365)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.call} {self.get_key_display()} 提前 {self.days_before} 天"


class Mailing(models.Model):
    """A letter of the office to many, found by a filter: written by one, approved by another.

    ``audience`` and ``chosen`` say to whom; ``count`` and ``recipients`` (a fingerprint of the
    addresses) are what was shown, so that what goes out is what was looked at. ``state`` is written
    by ``office.mailing``.
    """

    class Audience(models.TextChoices):
        APPLICANTS = "applicants", "申报单位"
        DRAFTS = "drafts", "有未提交草稿的申报单位"
        RECOMMENDERS = "recommenders", "推荐单位"
        LATE_RECOMMENDERS = "late", "未提交名单的推荐单位"
        EXPERTS = "experts", "评审未完成的专家"

    class State(models.TextChoices):
        PROPOSED = "proposed", "待批准"
        SENT = "sent", "已批准发出"
        REFUSED = "refused", "未批准"

    call = models.ForeignKey("calls.Call", on_delete=models.PROTECT, related_name="mailings")
    audience = models.CharField("对象", max_length=20, choices=Audience.choices)
    chosen = models.JSONField("筛选", default=dict, blank=True)
    subject = models.CharField("标题", max_length=100)
    body = models.TextField("正文", max_length=3000)
    by_sms = models.BooleanField("同时发短信", default=False)
    count = models.PositiveIntegerField("收件人数")
    recipients = models.CharField(max_length=64)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.PROPOSED)
    proposed_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField("提出时间")
    approved_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField("办理时间", null=True)

    class Meta:
        verbose_name = "批量消息"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="mailing_needs_two",
                condition=Q(state="proposed", approved_by__isnull=True, approved_at__isnull=True)
                | Q(state="refused", approved_by__isnull=False, approved_at__isnull=False)
                | Q(state="sent", approved_by__isnull=False, approved_at__isnull=False)
                & ~Q(approved_by=F("proposed_by")),
            ),
        ]

    def __str__(self) -> str:
        return self.subject
