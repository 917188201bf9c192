"""The row of one list of experts that a worker takes in."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from documents.codes import new_public_id


class Intake(models.Model):
    """A checked list of people on its way into a pool, a few in each transaction.

    ``lines`` is the list as JSON (``services.intake``); it goes when the work is over, so that no
    second copy of personal data stays. ``done`` lines have been gone through, the last of them
    ``row`` of the sheet; ``passed`` names those that were not taken in, by row and reason.
    ``acting`` is the membership of whoever asked: its end stops the work.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "排队中"
        WORKING = "working", "正在导入"
        DONE = "done", "已完成"
        FAILED = "failed", "中断"
        CANCELLED = "cancelled", "已停止"

    OPEN = (State.WAITING, State.WORKING)

    public_id = models.CharField(
        "公开标识", max_length=16, unique=True, editable=False, default=new_public_id
    )
    organisation = models.ForeignKey(
        "accounts.Organisation",
        verbose_name="推荐单位",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    pool = models.ForeignKey(
        "accounts.Organisation", verbose_name="专家库", on_delete=models.PROTECT, related_name="+"
    )
    acting = models.ForeignKey(
        "accounts.Membership", verbose_name="提出人", on_delete=models.PROTECT, related_name="+"
    )
    name = models.CharField("文件名", max_length=200)
    asked_at = models.DateTimeField("提出时间")
    lines = models.TextField("名单", blank=True)

    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING)
    claimed_until = models.DateTimeField("占用至", null=True, blank=True)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    not_before = models.DateTimeField("不早于")
    total = models.PositiveIntegerField("共")
    done = models.PositiveIntegerField("已办理", default=0)
    row = models.PositiveIntegerField("办理到的行", default=0)
    passed = models.JSONField("没有导入的行", default=list, blank=True)
    error = models.TextField("中断原因", blank=True)
    fault = models.TextField("技术原因", blank=True)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)

    class Meta:
        verbose_name = "名单导入"
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="intake_one_at_a_time",
                fields=["pool"],
                condition=Q(state__in=["waiting", "working"]),
            ),
            models.CheckConstraint(name="intake_done_of_total", condition=Q(done__lte=F("total"))),
            models.CheckConstraint(
                name="intake_state_fits_columns",
                condition=(
                    Q(state="waiting", claimed_until__isnull=True, ended_at__isnull=True)
                    & ~Q(lines="")
                    | Q(state="working", claimed_until__isnull=False, ended_at__isnull=True)
                    & ~Q(lines="")
                    | Q(state="failed", claimed_until__isnull=True, ended_at__isnull=False)
                    & ~Q(lines="")
                    & ~Q(error="")
                    | Q(state="done", claimed_until__isnull=True, lines="", done=F("total"))
                    & Q(ended_at__isnull=False)
                    | Q(state="cancelled", claimed_until__isnull=True, lines="")
                    & Q(ended_at__isnull=False)
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        """Whether it is still worked on."""
        return self.state in self.OPEN

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 0

    @property
    def taken(self) -> int:
        """How many people are in the pool by it."""
        return self.done - len(self.passed)

    @property
    def left(self) -> int:
        return self.total - self.done
