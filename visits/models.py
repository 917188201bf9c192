"""Visits, their teams and half hours, findings, photographs, reports and signatures."""

from __future__ import annotations

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.functional import cached_property

from calls.programme import Step
from documents.codes import new_public_id
from reviews.models import Conflict
from visits import stages
from visits.form import Form, Typed
from visits.stages import VisitState


def person(words: str, *, null: bool = False) -> models.ForeignKey:
    return models.ForeignKey(
        "accounts.User",
        verbose_name=words,
        null=null,
        blank=null,
        on_delete=models.PROTECT,
        related_name="+",
    )


class Visit(models.Model):
    """One visit to one applicant. ``organisation`` is empty for the ministry's own.

    ``state`` is written by ``services.moving.advance`` alone. Times are the call's own. The form
    is frozen when the visit is planned; ``version`` is what the team holds the site against.
    """

    class Asked(models.TextChoices):
        NEVER = "", "没有提出"
        OPEN = "open", "待答复"
        AGREED = "agreed", "已改期"
        DECLINED = "declined", "未同意"

    public_id = models.CharField(max_length=16, unique=True, editable=False, default=new_public_id)
    call = models.ForeignKey("calls.Call", on_delete=models.PROTECT, related_name="site_visits")
    organisation = models.ForeignKey(
        "accounts.Organisation",
        verbose_name="组织单位",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="site_visits",
    )
    application = models.ForeignKey(
        "applications.Application", on_delete=models.PROTECT, related_name="site_visits"
    )
    version = models.ForeignKey("applications.Version", on_delete=models.PROTECT, related_name="+")
    follows = models.OneToOneField(
        "self",
        verbose_name="复查的前次",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="followed_by",
    )
    state = models.CharField(
        "状态",
        max_length=10,
        choices=[(state.value, label) for state, label in stages.LABELS.items()],
        default=VisitState.PLANNED.value,
    )
    starts_at = models.DateTimeField("开始时间")
    ends_at = models.DateTimeField("结束时间")
    place = models.CharField("地点", max_length=120)
    prepare = models.TextField("准备事项", blank=True)
    form = models.JSONField("表")
    changes = models.PositiveSmallIntegerField("改期次数", default=0)
    planned_at = models.DateTimeField("安排时间")
    planned_by = person("安排人")
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    confirmed_by = person("确认人", null=True)
    asked = models.CharField("另约", max_length=10, choices=Asked.choices, blank=True, default="")
    asked_at = models.DateTimeField("提出时间", null=True, blank=True)
    asked_by = person("提出人", null=True)
    asked_reason = models.CharField("另约理由", max_length=300, blank=True)
    asked_for = models.CharField("希望的时间", max_length=60, blank=True)
    asked_answer = models.CharField("答复", max_length=300, blank=True)
    remark = models.TextField("申报单位陈述", blank=True)
    remark_at = models.DateTimeField("陈述时间", null=True, blank=True)
    remark_by = person("陈述人", null=True)
    concluded_at = models.DateTimeField("结论时间", null=True, blank=True)
    done_at = models.DateTimeField("完成时间", null=True, blank=True)
    released_at = models.DateTimeField("告知时间", null=True, blank=True)
    released_by = person("告知人", null=True)
    ended_reason = models.CharField("取消原因", max_length=300, blank=True)
    reminded_at = models.DateTimeField("行前提醒", null=True, blank=True)
    overdue_at = models.DateTimeField("逾期提醒", null=True, blank=True)
    due_at = models.DateTimeField("复查提醒", null=True, blank=True)

    class Meta:
        verbose_name = "现场评估"
        ordering = ["starts_at", "pk"]
        indexes = [
            models.Index(name="visit_by_time", fields=["organisation", "starts_at"]),
        ]
        constraints = [
            models.UniqueConstraint(
                name="visit_one_live_per_application",
                fields=["application"],
                condition=Q(state__in=[one.value for one in stages.LIVE]),
            ),
            models.CheckConstraint(
                name="visit_has_length", condition=Q(starts_at__lt=F("ends_at"))
            ),
            models.CheckConstraint(
                name="visit_state_fits_columns",
                condition=Q(
                    state__in=["planned", "confirmed"],
                    concluded_at__isnull=True,
                    done_at__isnull=True,
                    ended_reason="",
                )
                | Q(
                    state="concluded",
                    concluded_at__isnull=False,
                    done_at__isnull=True,
                    ended_reason="",
                )
                | Q(
                    state="done",
                    concluded_at__isnull=False,
                    done_at__isnull=False,
                    ended_reason="",
                )
                | Q(state="cancelled", concluded_at__isnull=True, done_at__isnull=True)
                & ~Q(ended_reason=""),
            ),
            models.CheckConstraint(
                name="visit_released_when_done",
                condition=Q(released_at__isnull=True, released_by__isnull=True)
                | Q(state="done", released_at__isnull=False, released_by__isnull=False),
            ),
            models.CheckConstraint(
                name="visit_asked_with_reason",
                condition=Q(asked="", asked_at__isnull=True, asked_reason="")
                | Q(asked__in=["open", "agreed", "declined"], asked_at__isnull=False)
                & ~Q(asked_reason=""),
            ),
            models.CheckConstraint(
                name="visit_remark_has_instant",
                condition=Q(remark="", remark_at__isnull=True)
                | ~Q(remark="") & Q(remark_at__isnull=False, remark_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application} {self.get_state_display()}"

    def get_absolute_url(self) -> str:
        return reverse("visits:visit", args=[self.public_id])

    @cached_property
    def sheet(self) -> Form:
        return Form.from_json(self.form)

    @property
    def title(self) -> str:
        """What the programme calls it: 现场评估, 考察, 现场核查."""
        programme = self.call.programme
        if self.organisation_id is None:
            return programme.step_title(Step.SITE_VISIT)
        below = programme.recommendation
        return below.visit_title if below else "现场核查"

    @property
    def shape(self) -> str:
        return stages.SHAPES[VisitState(self.state)]

    @property
    def is_ahead(self) -> bool:
        return self.state in stages.AHEAD

    @property
    def is_live(self) -> bool:
        return self.state in stages.LIVE

    @property
    def is_done(self) -> bool:
        return self.state == VisitState.DONE


class Seat(models.Model):
    """A member of the team: an expert of the organiser's pool, or one of its officials."""

    class State(models.TextChoices):
        ACTIVE = "active", "在组"
        ENDED = "ended", "已退出"

    public_id = models.CharField(max_length=16, unique=True, editable=False, default=new_public_id)
    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="seats")
    user = models.ForeignKey(
        "accounts.User", verbose_name="成员", on_delete=models.PROTECT, related_name="visit_seats"
    )
    expert = models.ForeignKey(
        "reviews.Expert",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="visit_seats",
    )
    lead = models.BooleanField("组长", default=False)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.ACTIVE)
    added_at = models.DateTimeField("加入时间")
    declared_at = models.DateTimeField("申明时间", null=True, blank=True)
    ended_at = models.DateTimeField("退出时间", null=True, blank=True)
    reason = models.CharField("退出原因", max_length=300, blank=True)

    class Meta:
        verbose_name = "现场评估组成员"
        ordering = ["-lead", "pk"]
        constraints = [
            models.UniqueConstraint(name="seat_once", fields=["visit", "user"]),
            models.UniqueConstraint(
                name="seat_one_lead",
                fields=["visit"],
                condition=Q(lead=True, state="active"),
            ),
            models.CheckConstraint(
                name="seat_state_fits_columns",
                condition=Q(state="active", ended_at__isnull=True, reason="")
                | Q(state="ended", ended_at__isnull=False) & ~Q(reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{'组长' if self.lead else '成员'}）"

    def get_absolute_url(self) -> str:
        return reverse("visits:form", args=[self.public_id])

    @property
    def name(self) -> str:
        return self.expert.name if self.expert else self.user.name

    @property
    def unit(self) -> str:
        return self.expert.employer_name if self.expert else "组织单位工作人员"

    @property
    def is_active(self) -> bool:
        return self.state == self.State.ACTIVE


def barring() -> Exists:
    """Is there a conflict between a seat's person, in any pool, and the visited application?"""
    return Exists(
        Conflict.objects.filter(
            expert__user=OuterRef("user"),
            application=OuterRef("visit__application"),
            state__in=(Conflict.State.ACTIVE, Conflict.State.PINNED),
        )
    )


class HeldSlot(models.Model):
    """A half hour of a person, taken by one visit: nobody is at two places at once."""

    seat = models.ForeignKey(Seat, on_delete=models.CASCADE, related_name="slots")
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("半小时")

    class Meta:
        verbose_name = "占用时段"
        constraints = [
            models.UniqueConstraint(name="slot_held_once", fields=["user", "at"]),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.at}"


class Finding(models.Model):
    """What one member found. ``version`` grows with each save and settles who wrote last."""

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        SUBMITTED = "submitted", "已提交"

    seat = models.OneToOneField(Seat, on_delete=models.PROTECT, related_name="finding")
    answers = models.JSONField("填写", default=dict)
    notes = models.JSONField("说明", default=dict)
    seen = models.JSONField("现场所见", default=dict)
    seen_notes = models.JSONField("所见说明", default=dict)
    overall = models.TextField("总体意见", blank=True)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.DRAFT)
    version = models.PositiveIntegerField("版本", default=0)
    saved_at = models.DateTimeField("保存时间", null=True, blank=True)
    submitted_at = models.DateTimeField("提交时间", null=True, blank=True)

    class Meta:
        verbose_name = "现场记录"
        constraints = [
            models.CheckConstraint(
                name="finding_submitted_has_instant",
                condition=Q(state="draft", submitted_at__isnull=True)
                | Q(state="submitted", submitted_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seat}：{self.get_state_display()}"

    @property
    def typed(self) -> Typed:
        return Typed(self.answers, self.notes, self.seen, self.seen_notes, self.overall)


class Photo(models.Model):
    """A photograph or file from the site. The bytes stay as they came, where it was taken included;
    what is shown is a picture drawn from them, without any of that.

    ``picture``: the one that the report prints, kept, so that the report is the same for ever;
    none where the file cannot be drawn."""

    public_id = models.CharField(max_length=16, unique=True, editable=False, default=new_public_id)
    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="photos")
    name = models.CharField("文件名", max_length=120)
    blob = models.ForeignKey("documents.Blob", on_delete=models.PROTECT, related_name="+")
    picture = models.ForeignKey(
        "documents.Blob",
        verbose_name="印在报告上的图",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    pages = models.PositiveIntegerField("页数")
    caption = models.CharField("说明", max_length=100, blank=True)
    position = models.PositiveIntegerField("次序", default=0)
    uploaded_at = models.DateTimeField("上传时间")
    uploaded_by = person("上传人")
    removed_at = models.DateTimeField("移除时间", null=True, blank=True)

    class Meta:
        verbose_name = "现场照片"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="photo_once",
                fields=["visit", "blob"],
                condition=Q(removed_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.caption or self.name

    @property
    def further_pages(self) -> range:
        """The pages after the first, for links to them."""
        return range(2, self.pages + 1)


class Report(models.Model):
    """The lead's joint conclusion over the findings, frozen; a changed one is another row."""

    class Result(models.TextChoices):
        PASS = "pass", "通过"
        FAIL = "fail", "不通过"
        RECHECK = "recheck", "整改后复查"

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="reports")
    number = models.PositiveSmallIntegerField("次")
    result = models.CharField("结论", max_length=10, choices=Result.choices)
    opinion = models.TextField("意见")
    due = models.DateField("整改期限", null=True, blank=True)
    snapshot = models.JSONField("冻结内容")
    fingerprint = models.CharField("指纹", max_length=64)
    frozen_at = models.DateTimeField("形成时间")
    frozen_by = person("形成人")
    document = models.ForeignKey(
        "documents.Document", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    scan = models.ForeignKey(
        "documents.Blob", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    scan_name = models.CharField("签字件", max_length=120, blank=True)
    scan_note = models.CharField("无法识别的页", max_length=300, blank=True)
    scan_at = models.DateTimeField("签字件上传时间", null=True, blank=True)
    scan_by = person("签字件上传人", null=True)
    voided_at = models.DateTimeField("收回时间", null=True, blank=True)
    void_reason = models.CharField("收回原因", max_length=300, blank=True)

    class Meta:
        verbose_name = "现场评估报告"
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(name="report_number_once", fields=["visit", "number"]),
            models.UniqueConstraint(
                name="report_one_in_force", fields=["visit"], condition=Q(voided_at__isnull=True)
            ),
            models.CheckConstraint(
                name="report_recheck_has_a_day",
                condition=Q(result="recheck", due__isnull=False)
                | Q(result__in=["pass", "fail"], due__isnull=True),
            ),
            models.CheckConstraint(
                name="report_void_has_reason",
                condition=Q(voided_at__isnull=True, void_reason="")
                | Q(voided_at__isnull=False) & ~Q(void_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.visit}：{self.get_result_display()}"


class Signature(models.Model):
    """A member's yes to the frozen text, by its fingerprint."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="signatures")
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="signatures")
    fingerprint = models.CharField("所签指纹", max_length=64)
    at = models.DateTimeField("签署时间")

    class Meta:
        verbose_name = "成员签署"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="signature_once", fields=["report", "seat"]),
        ]

    def __str__(self) -> str:
        return f"{self.seat} {self.at}"
