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
