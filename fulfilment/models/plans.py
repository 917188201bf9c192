"""The plan of a task, in versions, and the milestones in force."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from fulfilment.models.tasks import Task
from outcomes.models.people import person


class Plan(models.Model):
    """One version of the plan: a draft of the unit, or what it submitted and what came of that.

    ``milestones`` is a list of ``{"title", "due_on", "deliverable", "targets"}`` in order of the
    days; ``operators`` maps keys of the unit's own indicators to how they are held (ge, le, eq).
    ``finish_on`` is the day on which the unit means to be done, at the latest the end of the term.
    A submitted version does not change. ``state`` is written by ``services.planning``.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "填写中"
        SUBMITTED = "submitted", "待审核"
        ACCEPTED = "accepted", "已接受"
        RETURNED = "returned", "已退回"

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="plans")
    number = models.PositiveSmallIntegerField("版本")
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.DRAFT)
    finish_on = models.DateField("计划完成日", null=True, blank=True)
    approach = models.TextField("实施安排", blank=True)
    milestones = models.JSONField("节点", default=list, blank=True)
    operators = models.JSONField("自定义指标的比较方式", default=dict, blank=True)
    saved_at = models.DateTimeField("保存时间")
    saved_by = person("保存人")
    submitted_at = models.DateTimeField("提交时间", null=True)
    submitted_by = person("提交人", null=True)
    decided_at = models.DateTimeField("审核时间", null=True)
    decided_by = person("审核人", null=True)
    comment = models.TextField("审核意见", blank=True)

    class Meta:
        verbose_name = "实施计划"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(name="plan_version_once", fields=["task", "number"]),
            models.UniqueConstraint(
                name="plan_one_open",
                fields=["task"],
                condition=Q(state__in=["draft", "submitted"]),
            ),
            models.CheckConstraint(
                name="plan_submitted_whole",
                condition=Q(state="draft", submitted_at__isnull=True, decided_at__isnull=True)
                | Q(state="submitted", submitted_at__isnull=False, decided_at__isnull=True)
                | Q(
                    state__in=["accepted", "returned"],
                    submitted_at__isnull=False,
                    decided_at__isnull=False,
                    decided_by__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="plan_returned_says_why", condition=~Q(state="returned") | ~Q(comment="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task} 计划第 {self.number} 版"


class Milestone(models.Model):
    """A milestone of the plan in force. ``first_due_on`` is the day first agreed."""

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="milestones")
    order = models.PositiveSmallIntegerField("次序")
    title = models.CharField("节点", max_length=80)
    due_on = models.DateField("完成日")
    first_due_on = models.DateField("原定完成日")
    deliverable = models.CharField("交付物", max_length=200)
    targets = models.JSONField("涉及指标", default=list, blank=True)
    done_on = models.DateField("报告完成日", null=True, blank=True)

    class Meta:
        verbose_name = "计划节点"
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.title

    @property
    def moved(self) -> bool:
        return self.due_on != self.first_due_on

    def target_names(self, names: dict[str, str]) -> list[str]:
        return [names[key] for key in self.targets if key in names]


def milestone(row: dict[str, Any], task: Task, order: int) -> Milestone:
    """A row of an accepted plan as the milestone in force."""
    return Milestone(
        task=task,
        order=order,
        title=row["title"],
        due_on=row["due_on"],
        first_due_on=row["due_on"],
        deliverable=row["deliverable"],
        targets=row["targets"],
    )
