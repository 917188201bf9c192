"""The public library: what anybody may read of a project whose result is published."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse

from documents import codes


class Project(models.Model):
    """An announced project, as far as its programme opens it to the public.

    Written in the transaction that announces it and closed in the one that takes the list down.
    Holds public columns of the frozen list and fields the programme marks ``public``, and nothing
    else: no public page reads an application. ``since`` is the instant of the publication.
    """

    public_id = models.CharField(
        max_length=16, unique=True, editable=False, default=codes.new_public_id
    )
    application = models.OneToOneField(
        "applications.Application", on_delete=models.PROTECT, related_name="public_project"
    )
    call = models.ForeignKey("calls.Call", on_delete=models.PROTECT, related_name="projects")
    programme_title = models.CharField("项目计划", max_length=120)
    year = models.PositiveSmallIntegerField("年度")
    title = models.CharField("项目名称", max_length=120)
    organisation = models.CharField("单位", max_length=100)
    recommender = models.CharField("推荐单位", max_length=100, blank=True)
    direction = models.CharField("方向", max_length=120, blank=True)
    region = models.CharField("地区", max_length=6, blank=True, db_index=True)
    tier = models.CharField("入选结果", max_length=40)
    tier_title = models.CharField("入选结果名称", max_length=60)
    award_tier = models.CharField("优胜结果", max_length=40, blank=True)
    award_title = models.CharField("优胜结果名称", max_length=60, blank=True)
    announcement = models.ForeignKey(
        "outcomes.Publication", on_delete=models.PROTECT, related_name="projects"
    )
    award_list = models.ForeignKey(
        "outcomes.Publication",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="awarded_projects",
    )
    fields = models.JSONField("公开内容", default=list)
    indicators = models.JSONField("公开指标", default=list)
    words = models.TextField("检索文字", blank=True)
    since = models.DateTimeField("公开时间", db_index=True)
    award_since = models.DateTimeField("优胜公开时间", null=True, blank=True)
    closed_at = models.DateTimeField("撤下时间", null=True, blank=True)

    class Meta:
        verbose_name = "公开项目"
        ordering = ["-since", "pk"]
        constraints = [
            models.CheckConstraint(
                name="project_award_whole",
                condition=Q(award_tier="", award_list__isnull=True, award_since__isnull=True)
                | ~Q(award_tier="") & Q(award_list__isnull=False, award_since__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("library:project", args=[self.public_id])
