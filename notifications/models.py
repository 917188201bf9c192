from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q


class MessageQuerySet(models.QuerySet["Message"]):
    def due(self, at: datetime) -> MessageQuerySet:
        return self.filter(state=Message.State.WAITING, not_before__lte=at).filter(
            Q(claimed_until__isnull=True) | Q(claimed_until__lt=at)
        )


class Message(models.Model):
    """A letter to one person: in the site and by e-mail. The row is the work to be done."""

    class State(models.TextChoices):
        WAITING = "waiting", "待发送"
        SENT = "sent", "已发送"
        FAILED = "failed", "发送失败"
        CANCELLED = "cancelled", "已取消"

    key = models.CharField("事由", max_length=160, unique=True)
    user = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.PROTECT, related_name="messages_received"
    )
    email = models.EmailField("收件邮箱")
    kind = models.CharField("种类", max_length=60, db_index=True)
    subject = models.CharField("标题", max_length=150)
    body = models.TextField("正文")
    link = models.ForeignKey("accounts.Link", null=True, on_delete=models.PROTECT)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField("生成时间")
    not_before = models.DateTimeField("最早发送时间")
    claimed_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField("尝试次数", default=0)
    last_error = models.TextField("最近错误", blank=True)
    sent_at = models.DateTimeField("发送时间", null=True)
    read_at = models.DateTimeField("阅读时间", null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = "消息"
        indexes = [
            models.Index(name="message_due", fields=["not_before"], condition=Q(state="waiting")),
            models.Index(name="message_inbox", fields=["user", "-id"]),
        ]
        constraints = [
            models.CheckConstraint(
                name="message_sent_has_instant",
                condition=~Q(state="sent") | Q(sent_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.email}"
