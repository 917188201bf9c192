"""Scores for the award that no test computes."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from outcomes.models.people import person


class AwardScore(models.Model):
    """One criterion of the file's ``[award]`` for one task, with its reason.

    ``source`` says whose judgement it is. A later score replaces an earlier one; the trail keeps
    both. The criterion ``completion`` is computed and never scored.
    """

    class Source(models.TextChoices):
        OFFICE = "office", "主管部门评定"
        EXPERTS = "experts", "专家评定"

    task = models.ForeignKey(
        "fulfilment.Task", on_delete=models.PROTECT, related_name="award_scores"
    )
    criterion = models.CharField("项目", max_length=40)
    score = models.DecimalField("得分", max_digits=5, decimal_places=2)
    source = models.CharField("评定方式", max_length=10, choices=Source.choices)
    reason = models.CharField("理由", max_length=500)
    scored_by = person("登记人")
    scored_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "优胜评分"
        constraints = [
            models.UniqueConstraint(name="award_score_once", fields=["task", "criterion"]),
            models.CheckConstraint(name="award_score_not_negative", condition=Q(score__gte=0)),
            models.CheckConstraint(
                name="award_score_not_of_completion", condition=~Q(criterion="completion")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion} {self.score}"
