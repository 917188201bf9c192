from django.db import models
from django.db.models import Q

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
