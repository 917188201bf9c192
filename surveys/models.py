from __future__ import annotations

from datetime import datetime
from functools import cached_property

from django.db import models
from django.db.models import Q
from django.utils.crypto import get_random_string

from surveys import reading, spec
from surveys.chains import level_of

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def new_public_id() -> str:
    return get_random_string(12, ALPHABET)


class Survey(models.Model):
    """One survey. ``rules`` is the copy of its file; ends are exclusive (the next midnight)."""

    class State(models.TextChoices):
        PREPARING = "preparing", "准备中"
        OPEN = "open", "进行中"
        CLOSED = "closed", "已结束"

    code = models.SlugField("代号", max_length=60, unique=True)
    title = models.CharField("名称", max_length=150)
    rules = models.JSONField("规则")
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.PREPARING)
    owner = models.ForeignKey(
        "accounts.Organisation",
        verbose_name="组织单位",
        on_delete=models.PROTECT,
        related_name="surveys",
    )
    regions = models.JSONField("调查地区", default=list)
    answer_until = models.DateTimeField("填报截止", null=True)
    district_until = models.DateTimeField("区县核对截止", null=True)
    city_until = models.DateTimeField("市级核对截止", null=True)
    province_until = models.DateTimeField("省级核对截止", null=True)
    created_at = models.DateTimeField("建立时间")
    opened_at = models.DateTimeField("开放时间", null=True)
    closed_at = models.DateTimeField("结束时间", null=True)

    class Meta:
        verbose_name = "调查"
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="survey_open_has_end",
                condition=Q(state="preparing")
                | (Q(opened_at__isnull=False) & Q(answer_until__isnull=False)),
            )
        ]

    def __str__(self) -> str:
        return self.title

    def level_end(self, kind: str) -> datetime | None:
        """When the level that units of this kind belong to stops checking; none = never."""
        level = level_of(kind)
        end: datetime | None = getattr(self, f"{level}_until") if level else None
        return end

    @cached_property
    def spec(self) -> spec.Survey:
        return reading.from_rules(self.rules)


class Request(models.Model):
    """One unit asked in one survey. ``place`` counts the levels that have checked its answer;
    the check at that position is the one it waits for."""

    class State(models.TextChoices):
        ASKED = "asked", "未开始"
        STARTED = "started", "填写中"
        ANSWERED = "answered", "已填报"
        CHECKED = "checked", "已核对"
        RETURNED = "returned", "退回修改"

    public_id = models.CharField(max_length=16, unique=True, default=new_public_id, editable=False)
    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="requests")
    organisation = models.ForeignKey(
        "accounts.Organisation",
        verbose_name="填报单位",
        on_delete=models.PROTECT,
        related_name="survey_requests",
    )
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.ASKED)
    place = models.PositiveSmallIntegerField(default=0)
    until = models.DateTimeField("填报截止")
    email = models.EmailField("联系邮箱", blank=True)
    link = models.ForeignKey(
        "accounts.Link", null=True, on_delete=models.PROTECT, related_name="survey_requests"
    )
    sent_at = models.DateTimeField("通知时间", null=True)
    reminded_at = models.DateTimeField("催办时间", null=True)
    reminders = models.PositiveSmallIntegerField("催办次数", default=0)

    class Meta:
        verbose_name = "调查任务"
        constraints = [
            models.UniqueConstraint(
                name="survey_asks_a_unit_once", fields=["survey", "organisation"]
            )
        ]
        indexes = [models.Index(name="survey_request_state", fields=["survey", "state"])]

    def __str__(self) -> str:
        return f"{self.survey} · {self.organisation}"


class Check(models.Model):
    """One level's check of one answer, lowest level first (``position`` from 0)."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="checks")
    position = models.PositiveSmallIntegerField()
    unit = models.ForeignKey(
        "accounts.Organisation",
        verbose_name="核对单位",
        on_delete=models.PROTECT,
        related_name="survey_checks",
    )
    checked_at = models.DateTimeField("核对时间", null=True)
    checked_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "核对"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(name="survey_check_once", fields=["request", "position"]),
            models.UniqueConstraint(name="survey_check_unit_once", fields=["request", "unit"]),
        ]

    def __str__(self) -> str:
        return f"{self.request} · {self.unit}"


class Answer(models.Model):
    """What a unit has filled in: ``{section: {field: value}}``, one version number for the page."""

    request = models.OneToOneField(Request, on_delete=models.CASCADE, related_name="answer")
    data = models.JSONField("内容", default=dict)
    version = models.PositiveIntegerField("保存次数", default=0)
    saved_at = models.DateTimeField("保存时间")
    saved_by = models.CharField("保存人", max_length=120)
    submitted_at = models.DateTimeField("提交时间", null=True)
    return_note = models.TextField("退回意见", blank=True)

    class Meta:
        verbose_name = "调查填报"

    def __str__(self) -> str:
        return f"{self.request} 第 {self.version} 次"


class File(models.Model):
    """A file beside an answer. Removing keeps the row: what was submitted stays readable."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="files")
    public_id = models.CharField(max_length=16, unique=True, default=new_public_id, editable=False)
    key = models.CharField("种类", max_length=60)
    name = models.CharField("文件名", max_length=200)
    blob = models.ForeignKey("documents.Blob", on_delete=models.PROTECT, related_name="+")
    pages = models.PositiveIntegerField("页数", default=0)
    uploaded_at = models.DateTimeField("上传时间")
    uploaded_by = models.CharField("上传人", max_length=120)
    removed_at = models.DateTimeField("移除时间", null=True)

    class Meta:
        verbose_name = "调查附件"
        ordering = ["key", "pk"]

    def __str__(self) -> str:
        return self.name


class Submission(models.Model):
    """An answer as it was submitted, for ever; the latest one counts.

    ``files`` are the public ids of the files that lay beside it.
    """

    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="submissions")
    number = models.PositiveIntegerField("版本")
    data = models.JSONField("内容")
    files = models.JSONField("附件", default=list)
    submitted_at = models.DateTimeField("提交时间")
    submitted_by = models.CharField("提交人", max_length=120)
    returned_at = models.DateTimeField("退回时间", null=True)
    return_note = models.TextField("退回意见", blank=True)
    returned_by = models.CharField("退回单位", max_length=120, blank=True)

    class Meta:
        verbose_name = "调查填报版本"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(name="survey_submission_once", fields=["answer", "number"])
        ]

    def __str__(self) -> str:
        return f"{self.answer} 第 {self.number} 版"
