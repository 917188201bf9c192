from django.conf import settings
from django.db import models
from django.db.models import Q


class Entry(models.Model):
    """One thing that happened, who did it and when. Written once, never changed.

    It is inserted unchained in the transaction of the change it tells of; a task gives it its
    place in the chain (``seq``, ``previous``, ``digest``) a few seconds later.
    """

    at = models.DateTimeField("时间", db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    actor_name = models.CharField("操作人", max_length=100)
    actor_role = models.CharField("身份", max_length=30, blank=True)
    organisation = models.BigIntegerField("单位", null=True)
    action = models.CharField("动作", max_length=60, db_index=True)
    subject = models.CharField("对象", max_length=80, db_index=True)
    data = models.JSONField("内容", default=dict)
    seq = models.BigIntegerField("链序", null=True, unique=True)
    previous = models.CharField("前链值", max_length=64, blank=True)
    digest = models.CharField("链值", max_length=64, blank=True)

    class Meta:
        verbose_name = "审计记录"
        constraints = [
            models.CheckConstraint(
                name="audit_chained_whole",
                condition=Q(seq__isnull=True, digest="") | (Q(seq__isnull=False) & ~Q(digest="")),
            )
        ]
        indexes = [
            models.Index(name="audit_tail", fields=["id"], condition=Q(seq__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name} {self.action} {self.subject}"


class Head(models.Model):
    """The end of the chain: one row, locked by whoever lengthens the chain."""

    seq = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, default="0" * 64)

    def __str__(self) -> str:
        return f"{self.seq} {self.digest[:12]}"


class Check(models.Model):
    """One verification of the chain: what was read, up to which head, and what did not fit.

    ``tail`` counts the entries that were not linked yet, ``tail_since`` is the time of the oldest
    of them. ``state`` is written by ``audit.checking``.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "排队中"
        RUNNING = "running", "正在校验"
        WHOLE = "whole", "完整"
        BROKEN = "broken", "有问题"

    state = models.CharField("结果", max_length=10, choices=State.choices, default=State.WAITING)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    asked_by_name = models.CharField("发起人", max_length=100)
    asked_at = models.DateTimeField("发起时间")
    claimed_until = models.DateTimeField(null=True)
    started_at = models.DateTimeField("开始时间", null=True)
    ended_at = models.DateTimeField("结束时间", null=True)
    done = models.PositiveBigIntegerField("已读", default=0)
    total = models.PositiveBigIntegerField("共", default=0)
    length = models.PositiveBigIntegerField("已链接", default=0)
    tail = models.PositiveBigIntegerField("待链接", default=0)
    tail_since = models.DateTimeField("最早待链接", null=True)
    head = models.CharField("链首值", max_length=64, blank=True)
    problems = models.JSONField("问题", default=list)

    class Meta:
        verbose_name = "审计校验"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="audit_check_state_fits_columns",
                condition=Q(state="waiting", ended_at__isnull=True)
                | Q(state="running", ended_at__isnull=True, started_at__isnull=False)
                | Q(state="whole", ended_at__isnull=False, problems=[])
                | Q(state="broken", ended_at__isnull=False) & ~Q(problems=[]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} {self.length}"

    @property
    def percent(self) -> int:
        return min(100, 100 * self.done // self.total) if self.total else 0


class Restoration(models.Model):
    """This database came out of a backup. Until somebody unseals it, nothing is sent from here.

    ``backup_at`` is the instant the backup shows. Written with the restored rows, in one
    transaction; ``audit.restoring`` alone unseals.
    """

    restored_at = models.DateTimeField("恢复时间")
    backup_at = models.DateTimeField("备份时间")
    unsealed_at = models.DateTimeField("启封时间", null=True)
    unsealed_by = models.CharField("启封人", max_length=100, blank=True)
    reason = models.CharField("理由", max_length=200, blank=True)

    class Meta:
        verbose_name = "备份恢复"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="audit_unsealed_by_somebody",
                condition=Q(unsealed_at__isnull=True, unsealed_by="", reason="")
                | Q(unsealed_at__isnull=False) & ~Q(unsealed_by="") & ~Q(reason=""),
            )
        ]

    def __str__(self) -> str:
        return f"{self.backup_at:%Y-%m-%d %H:%M} 的备份"
