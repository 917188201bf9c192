"""What is published, and objections to it."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from documents import codes
from outcomes import rules
from outcomes.models.deciding import Stage
from outcomes.models.people import person


class Publication(models.Model):
    """A list before the public: 公示 for a time, or the final announcement.

    ``rows`` are frozen when it is published and are all the public page reads. Days are days of
    the call's own time; ``ends_on`` is the last day on which objections are taken.
    """

    class Kind(models.TextChoices):
        PUBLICITY = rules.PUBLICITY, "公示"
        ANNOUNCEMENT = rules.ANNOUNCEMENT, "公布名单"

    class State(models.TextChoices):
        DRAFT = "draft", "拟稿"
        PUBLISHED = "published", "已发布"
        ENDED = "ended", "公示结束"
        WITHDRAWN = "withdrawn", "已撤下"

    public_id = models.CharField(
        max_length=16, unique=True, editable=False, default=codes.new_public_id
    )
    call = models.ForeignKey("calls.Call", on_delete=models.PROTECT, related_name="publications")
    kind = models.CharField("种类", max_length=15, choices=Kind.choices)
    stage = models.CharField("阶段", max_length=10, choices=Stage.choices, default=Stage.SELECTION)
    title = models.CharField("标题", max_length=150)
    number = models.CharField("文号", max_length=60, blank=True)
    basis = models.TextField("依据与说明")
    contacts = models.TextField("联系方式", blank=True)
    rows = models.JSONField("名单", default=list)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.DRAFT)
    starts = models.DateField("开始日", null=True, blank=True)
    working_days = models.PositiveSmallIntegerField("工作日数", null=True, blank=True)
    ends_on = models.DateField("最后一日", null=True, blank=True)
    proposed_by = person("拟稿人")
    proposed_at = models.DateTimeField("拟稿时间")
    approved_by = person("批准人", null=True)
    published_at = models.DateTimeField("发布时间", null=True, blank=True)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    withdrawn_at = models.DateTimeField("撤下时间", null=True, blank=True)
    withdrawn_reason = models.CharField("撤下原因", max_length=300, blank=True)
    document = models.ForeignKey(
        "documents.Document", null=True, on_delete=models.PROTECT, related_name="+"
    )
    fingerprint = models.CharField("指纹", max_length=64, blank=True)

    class Meta:
        verbose_name = "公示公告"
        ordering = ["-published_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="publication_published_by_two",
                condition=Q(state="draft", published_at__isnull=True, approved_by__isnull=True)
                | Q(published_at__isnull=False, approved_by__isnull=False)
                & ~Q(state="draft")
                & ~Q(fingerprint="")
                & ~Q(approved_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="publication_publicity_has_days",
                condition=Q(state="draft")
                | Q(kind="announcement")
                | Q(starts__isnull=False, working_days__gte=1, ends_on__gte=F("starts")),
            ),
            models.CheckConstraint(
                name="publication_withdrawn_says_why",
                condition=~Q(state="withdrawn")
                | Q(withdrawn_at__isnull=False) & ~Q(withdrawn_reason=""),
            ),
            models.CheckConstraint(
                name="publication_only_publicity_ends",
                condition=~Q(state="ended") | Q(kind="publicity", ended_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("public:list", args=[self.public_id])

    @property
    def is_publicity(self) -> bool:
        return self.kind == self.Kind.PUBLICITY

    @property
    def is_award(self) -> bool:
        return self.stage == Stage.AWARD

    @property
    def kind_title(self) -> str:
        """公示, 公布名单; of an award 优胜公示, 公布优胜名单."""
        if not self.is_award:
            return self.get_kind_display()
        return "优胜公示" if self.is_publicity else "公布优胜名单"

    @property
    def until(self) -> datetime | None:
        """The exclusive end of the time for objections, in the call's own time."""
        return rules.end_of(self.ends_on) if self.ends_on else None

    @property
    def public_rows(self) -> list[dict[str, str]]:
        return [rules.public_row(row) for row in self.rows]


class Objection(models.Model):
    """A doubt about a publicised list, under a real name. Who raised it only the office reads."""

    class Kind(models.TextChoices):
        PERSON = "person", "个人"
        UNIT = "unit", "单位"

    class State(models.TextChoices):
        RECEIVED = "received", "已收到"
        HANDLING = "handling", "核查中"
        UPHELD = "upheld", "成立"
        REJECTED = "rejected", "不成立"

    OPEN = (State.RECEIVED, State.HANDLING)

    public_id = models.CharField(
        max_length=16, unique=True, editable=False, default=codes.new_public_id
    )
    publication = models.ForeignKey(
        Publication, on_delete=models.PROTECT, related_name="objections"
    )
    application = models.ForeignKey(
        "applications.Application",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="objections",
    )
    kind = models.CharField("提出人类别", max_length=10, choices=Kind.choices)
    name = models.CharField("姓名或单位名称", max_length=100)
    contact = models.CharField("联系方式", max_length=100)
    text = models.TextField("异议内容")
    attachment = models.ForeignKey(
        "documents.Blob", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    attachment_name = models.CharField("附件名", max_length=200, blank=True)
    received_at = models.DateTimeField("收到时间")
    state = models.CharField(
        "办理状态", max_length=10, choices=State.choices, default=State.RECEIVED
    )
    handled_by = person("承办人", null=True)
    handling_at = models.DateTimeField("开始核查", null=True, blank=True)
    finding = models.TextField("核查情况", blank=True)
    answer = models.TextField("答复", blank=True)
    closed_at = models.DateTimeField("办结时间", null=True, blank=True)
    closed_by = person("办结人", null=True)

    class Meta:
        verbose_name = "异议"
        ordering = ["-received_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="objection_has_a_name", condition=~Q(name="") & ~Q(contact="") & ~Q(text="")
            ),
            models.CheckConstraint(
                name="objection_unit_is_sealed",
                condition=Q(kind="person") | Q(attachment__isnull=False),
            ),
            models.CheckConstraint(
                name="objection_closed_whole",
                condition=Q(state__in=["received", "handling"], closed_at__isnull=True)
                | Q(state__in=["upheld", "rejected"], closed_at__isnull=False) & ~Q(answer=""),
            ),
            models.CheckConstraint(
                name="objection_upheld_by_two",
                condition=~Q(state="upheld")
                | Q(handled_by__isnull=False, closed_by__isnull=False)
                & ~Q(handled_by=F("closed_by")),
            ),
        ]

    def __str__(self) -> str:
        return f"异议 {self.public_id}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN
