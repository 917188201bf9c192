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
    """A letter to one person: in the site and by e-mail, or by SMS. The row is the work to be done.

    ``about`` is the label of what it is about ("calls.call:3"), where that is known. A held letter
    waits to be looked at before it goes. A letter that had gone out is sent again as another row,
    ``again_of`` naming the first.
    """

    class Channel(models.TextChoices):
        MAIL = "mail", "邮件"
        SMS = "sms", "短信"

    class State(models.TextChoices):
        HELD = "held", "待放行"
        WAITING = "waiting", "待发送"
        SENT = "sent", "已发送"
        FAILED = "failed", "发送失败"
        CANCELLED = "cancelled", "已取消"

    key = models.CharField("事由", max_length=160, unique=True)
    user = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.PROTECT, related_name="messages_received"
    )
    channel = models.CharField("渠道", max_length=10, choices=Channel.choices, default=Channel.MAIL)
    email = models.EmailField("收件邮箱", blank=True)
    phone = models.CharField("收件手机号", max_length=20, blank=True)
    about = models.CharField("事项", max_length=80, blank=True, db_index=True)
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
    again_of = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="sent_again"
    )

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
            ),
            models.CheckConstraint(
                name="message_has_an_address",
                condition=(Q(channel="mail") & ~Q(email="")) | (Q(channel="sms") & ~Q(phone="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.email}"


class Attempt(models.Model):
    """One try to deliver a letter. ``error`` is empty when it went out; addresses are masked."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="tries")
    at = models.DateTimeField("时间")
    number = models.PositiveSmallIntegerField("第几次")
    error = models.CharField("错误", max_length=500, blank=True)
    reference = models.CharField("通道回执", max_length=100, blank=True)

    class Meta:
        verbose_name = "发送尝试"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.message_id} 第 {self.number} 次"
