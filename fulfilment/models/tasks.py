"""The task of a unit on the list: its clock, the indicators it is held to, what happened to it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property

from accounts.roles import OFFICE
from applications.models import new_public_id
from calls.comparison import Comparison
from calls.programme import Indicator
from fulfilment import targets, terms
from fulfilment.states import RUNNING, State
from outcomes.models.people import person


class Task(models.Model):
    """What a unit on the announced list undertook, from the publication of that list on.

    ``state`` is written by ``fulfilment.services.moving`` and nowhere else; late is no state but
    follows from the days. Days are days of the call's own time; ``due_on`` is the last day of the
    term, ``limit_on`` the last day the programme's rule allows; both None until somebody knows.
    ``title``, ``lead`` and ``partners`` are those in force: the filing keeps what was filed.
    """

    State = State

    public_id = models.CharField(max_length=16, unique=True, default=new_public_id, editable=False)
    application = models.OneToOneField(
        "applications.Application", on_delete=models.PROTECT, related_name="task"
    )
    publication = models.ForeignKey(
        "outcomes.Publication",
        verbose_name="所依名单",
        on_delete=models.PROTECT,
        related_name="tasks",
    )
    filed_version = models.PositiveIntegerField("申报版本")
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.UNDER_WAY)
    title = models.CharField("项目名称", max_length=60)
    lead = models.CharField("项目负责人", max_length=60, blank=True)
    partners = models.JSONField("参与单位", default=list, blank=True)
    starts_on = models.DateField("起始日")
    due_on = models.DateField("到期日", null=True, blank=True)
    limit_on = models.DateField("规定最长期限", null=True, blank=True)
    started_at = models.DateTimeField("建立时间")
    ready_on = models.DateField("报告完成日", null=True, blank=True)
    closed_at = models.DateTimeField("结束时间", null=True, blank=True)
    closed_reason = models.CharField("结束原因", max_length=500, blank=True)
    voided_from = models.CharField(max_length=12, blank=True)

    class Meta:
        verbose_name = "任务"
        ordering = ["pk"]
        indexes = [models.Index(name="task_by_days", fields=["state", "due_on"])]
        constraints = [
            models.CheckConstraint(name="task_state_known", condition=Q(state__in=State.values)),
            models.CheckConstraint(
                name="task_term_has_length",
                condition=Q(due_on__isnull=True) | Q(due_on__gte=F("starts_on")),
            ),
            models.CheckConstraint(
                name="task_closed_has_instant",
                condition=Q(state__in=[State.UNDER_WAY, State.READY], closed_at__isnull=True)
                | Q(state__in=[State.ENDED, State.FAILED, State.TERMINATED, State.VOID])
                & Q(closed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="task_ended_early_says_why",
                condition=~Q(state__in=[State.FAILED, State.TERMINATED, State.VOID])
                | ~Q(closed_reason=""),
            ),
            models.CheckConstraint(
                name="task_done_has_day",
                condition=~Q(state__in=[State.READY, State.ENDED, State.FAILED])
                | Q(ready_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"任务 {self.application_id}"

    @property
    def is_running(self) -> bool:
        return self.state in RUNNING

    @property
    def until(self) -> datetime | None:
        """The exclusive end of the term, in the call's own time."""
        return terms.until(self.due_on) if self.due_on else None

    def is_overdue(self, today: date) -> bool:
        """Whether the term has gone by and nobody reported the work done."""
        return self.state == State.UNDER_WAY and terms.overdue(self.due_on, today)


class Target(models.Model):
    """An indicator the task is held to, pinned from the frozen filing when the task began.

    ``target`` is the one in force, ``first_target`` the one that was filed. ``operator`` says how
    a value is held to the target (``ge`` at least, ``le`` at most, ``eq``); it is empty for words
    and for a row of the unit's own until the plan agrees it. ``reference`` is in words; ``rule``
    is the programme file's entry, empty for a row of the unit's own.
    """

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="targets")
    order = models.PositiveSmallIntegerField("次序")
    key = models.CharField("代号", max_length=60)
    name = models.CharField("指标", max_length=100)
    unit = models.CharField("单位", max_length=30, blank=True)
    basis = models.CharField("条件", max_length=100, blank=True)
    kind = models.CharField("类型", max_length=10)
    operator = models.CharField("比较方式", max_length=2, blank=True)
    reference = models.CharField("参考值", max_length=100, blank=True)
    current = models.CharField("申报时水平", max_length=60, blank=True)
    target = models.CharField("目标", max_length=60, blank=True)
    first_target = models.CharField("申报的目标", max_length=60, blank=True)
    lowered = models.BooleanField("目标已调低", default=False)
    method = models.CharField("测试方法", max_length=200, blank=True)
    rule = models.JSONField("参考指标", default=dict, blank=True)

    class Meta:
        verbose_name = "任务指标"
        ordering = ["order", "pk"]
        constraints = [models.UniqueConstraint(name="target_once", fields=["task", "key"])]

    def __str__(self) -> str:
        return self.name

    @cached_property
    def spec(self) -> Indicator | None:
        """The reference indicator, or None for a row of the unit's own."""
        return Indicator.model_validate(self.rule) if self.rule else None

    @property
    def is_own(self) -> bool:
        return not self.rule

    def to_target(self, value: str) -> Comparison:
        """How a value stands to the target in force: 达到, 超过, 未达到, or no comparison."""
        return targets.to_target(
            self.spec, operator=self.operator, unit=self.unit, target=self.target, value=value
        )

    def to_reference(self, value: str) -> Comparison:
        """How a value stands to the reference of the programme."""
        return targets.to_reference(self.spec, value)


class Happening(models.Model):
    """One line of a task's history, for the unit and for everybody who may read the task."""

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="history")
    at = models.DateTimeField("时间")
    what = models.CharField("事项", max_length=60)
    text = models.CharField("说明", max_length=600, blank=True)
    by = person("办理人", null=True)
    by_name = models.CharField("办理人", max_length=60, blank=True)
    by_office = models.BooleanField("主管部门办理", default=False)

    class Meta:
        verbose_name = "任务记录"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.what

    @classmethod
    def of(cls, task: Task, *, what: str, text: str, actor: Any, at: datetime) -> Happening:
        return cls(
            task=task,
            at=at,
            what=what,
            text=text[:600],
            by_id=actor.user_id,
            by_name="" if actor.is_clock else actor.name[:60],
            by_office=actor.role in OFFICE,
        )


class Reminder(models.Model):
    """One reminder of one day: fired, or passed over by a later one after an outage.

    ``what`` names the report or milestone; a day that was moved has reminders of its own.
    """

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="reminders")
    what = models.CharField(max_length=40)
    due_on = models.DateField("期限")
    offset = models.SmallIntegerField("相对期限的天数")
    fired_at = models.DateTimeField("发出时间")
    skipped = models.BooleanField("被后一次代替", default=False)
    letters = models.PositiveSmallIntegerField("信件数", default=0)

    class Meta:
        verbose_name = "任务提醒"
        constraints = [
            models.UniqueConstraint(name="task_reminder_once", fields=["what", "due_on", "offset"])
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.due_on} {self.offset:+d}"
