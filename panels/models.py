"""The panel meeting (会评) of a review round: who sits there, what is discussed, how it ended."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from documents.codes import new_public_id
from panels import stages, voting
from panels.stages import ItemState, MeetingState, Presence
from reviews.models import Result


class Meeting(models.Model):
    """One meeting of a closed round. ``state`` is written by ``services.planning.advance`` alone.

    Times are the call's own. ``motions`` are the opinions that can be voted for, each with a key.
    """

    public_id = models.CharField(max_length=16, unique=True, editable=False, default=new_public_id)
    round = models.ForeignKey(
        "reviews.Round", verbose_name="评审轮次", on_delete=models.PROTECT, related_name="meetings"
    )
    title = models.CharField("会议名称", max_length=60)
    place = models.CharField("地点", max_length=80)
    starts_at = models.DateTimeField("会议时间")
    state = models.CharField(
        "状态",
        max_length=10,
        choices=[(state.value, label) for state, label in stages.LABELS.items()],
        default=MeetingState.PLANNED.value,
    )
    motions = models.JSONField("表决意见")
    secret = models.BooleanField("无记名表决", default=True)
    rule = models.CharField(
        "通过办法",
        max_length=12,
        choices=[(rule.value, label) for rule, label in voting.RULES.items()],
        default=voting.Rule.MOST.value,
    )
    quorum = models.PositiveSmallIntegerField("法定人数", default=3)
    created_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField("建立时间")
    started_at = models.DateTimeField("开始时间", null=True, blank=True)
    closed_at = models.DateTimeField("结束时间", null=True, blank=True)
    cancel_reason = models.CharField("取消原因", max_length=300, blank=True)

    class Meta:
        verbose_name = "评审会议"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(name="meeting_quorum_positive", condition=Q(quorum__gte=1)),
            models.CheckConstraint(
                name="meeting_state_fits_columns",
                condition=Q(
                    state="planned",
                    started_at__isnull=True,
                    closed_at__isnull=True,
                    cancel_reason="",
                )
                | Q(state="running", started_at__isnull=False, closed_at__isnull=True)
                | Q(state="closed", started_at__isnull=False, closed_at__isnull=False)
                | Q(state="cancelled", started_at__isnull=True, closed_at__isnull=False)
                & ~Q(cancel_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("panels:meeting", args=[self.public_id])

    @property
    def is_planned(self) -> bool:
        return self.state == MeetingState.PLANNED

    @property
    def is_running(self) -> bool:
        return self.state == MeetingState.RUNNING

    @property
    def is_closed(self) -> bool:
        return self.state == MeetingState.CLOSED


class Member(models.Model):
    """An expert of the round's pool who sits in the meeting.

    ``entered_at``: when they declared for every item that is theirs to hear and signed in;
    nothing can be seen before. ``away``: they have left the room until the organiser says so.
    """

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="members")
    expert = models.ForeignKey("reviews.Expert", on_delete=models.PROTECT, related_name="seats")
    is_chair = models.BooleanField("组长", default=False)
    invited_at = models.DateTimeField("邀请时间")
    entered_at = models.DateTimeField("签到时间", null=True, blank=True)
    away = models.BooleanField("离席", default=False)
    away_reason = models.CharField("离席原因", max_length=100, blank=True)

    class Meta:
        verbose_name = "会议成员"
        ordering = ["-is_chair", "pk"]
        constraints = [
            models.UniqueConstraint(name="member_once", fields=["meeting", "expert"]),
            models.UniqueConstraint(
                name="member_one_chair", fields=["meeting"], condition=Q(is_chair=True)
            ),
        ]

    def __str__(self) -> str:
        return str(self.expert)


class Item(models.Model):
    """An application on the agenda. ``sitting`` grows when it is taken up again.

    ``state`` is written by ``services.conducting`` alone. ``notes_version`` settles who wrote
    the notes last.
    """

    public_id = models.CharField(max_length=16, unique=True, editable=False, default=new_public_id)
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="items")
    entry = models.OneToOneField(
        "reviews.RoundApplication",
        verbose_name="参评申报书",
        on_delete=models.PROTECT,
        related_name="panel_item",
    )
    position = models.PositiveIntegerField("顺序")
    state = models.CharField(
        "状态",
        max_length=10,
        choices=[(state.value, label) for state, label in stages.ITEM_LABELS.items()],
        default=ItemState.WAITING.value,
    )
    sitting = models.PositiveSmallIntegerField("第几次审议", default=0)
    called_at = models.DateTimeField("开始审议", null=True, blank=True)
    vote_opened_at = models.DateTimeField("开始表决", null=True, blank=True)
    ballots = models.JSONField("无记名票数", default=dict, blank=True)
    notes = models.TextField("讨论记录", blank=True)
    notes_version = models.PositiveIntegerField("记录版本", default=0)

    class Meta:
        verbose_name = "审议项目"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="item_one_current", fields=["meeting"], condition=Q(state="current")
            ),
            models.CheckConstraint(
                name="item_state_fits_columns",
                condition=Q(state="waiting", called_at__isnull=True, vote_opened_at__isnull=True)
                | Q(state__in=["current", "concluded"], called_at__isnull=False, sitting__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.entry}"

    @property
    def is_current(self) -> bool:
        return self.state == ItemState.CURRENT


class Attendance(models.Model):
    """Who was in the room for an item, and who was out and why."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="attendances")
    sitting = models.PositiveSmallIntegerField("第几次审议")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="attendances")
    presence = models.CharField(
        "到场",
        max_length=8,
        choices=[(state.value, label) for state, label in stages.PRESENCE_LABELS.items()],
    )
    reason = models.CharField("原因", max_length=100, blank=True)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "到场记录"
        ordering = ["item", "sitting", "member"]
        constraints = [
            models.UniqueConstraint(name="attendance_once", fields=["item", "sitting", "member"]),
        ]

    def __str__(self) -> str:
        return f"{self.member}：{self.get_presence_display()}"

    @property
    def is_in(self) -> bool:
        return self.presence == Presence.IN


class Vote(models.Model):
    """A member's vote in one sitting on an item: one, because their attendance is one.

    In a secret ballot the choice is kept nowhere beside the name: ``Item.ballots`` counts it.
    """

    attendance = models.OneToOneField(Attendance, on_delete=models.PROTECT, related_name="vote")
    secret = models.BooleanField("无记名")
    choice = models.CharField("意见", max_length=10, blank=True)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "表决"
        constraints = [
            models.CheckConstraint(
                name="vote_secret_keeps_no_choice",
                condition=Q(secret=True, choice="") | Q(secret=False) & ~Q(choice=""),
            ),
        ]

    def __str__(self) -> str:
        return str(self.attendance)


class Rescore(models.Model):
    """A member's score given in the meeting, beside their review, which stays as it is.

    The one without ``replaced_at`` counts; earlier ones stay on record.
    """

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="rescores")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="rescores")
    sitting = models.PositiveSmallIntegerField("第几次审议")
    scores = models.JSONField("分数")
    before = models.DecimalField("改前合计", max_digits=5, decimal_places=2)
    total = models.DecimalField("改后合计", max_digits=5, decimal_places=2)
    reason = models.CharField("理由", max_length=500)
    at = models.DateTimeField("时间")
    replaced_at = models.DateTimeField("被替代时间", null=True, blank=True)

    class Meta:
        verbose_name = "会上改分"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="rescore_one_counts",
                fields=["item", "member"],
                condition=Q(replaced_at__isnull=True),
            ),
            models.CheckConstraint(
                name="rescore_within_scale",
                condition=Q(total__gte=0, total__lte=100, before__gte=0, before__lte=100),
            ),
            models.CheckConstraint(name="rescore_has_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="rescore_changes_something", condition=~Q(total=F("before"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member}：{self.before} → {self.total}"


class Ruling(models.Model):
    """How one sitting on an item ended. The latest one of an item stands."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="rulings")
    sitting = models.PositiveSmallIntegerField("第几次审议")
    how = models.CharField(
        "方式",
        max_length=6,
        choices=[(how.value, label) for how, label in voting.HOW_LABELS.items()],
    )
    motion = models.CharField("意见", max_length=10, blank=True)
    tally = models.JSONField("票数")
    present = models.PositiveSmallIntegerField("在场人数")
    voted = models.PositiveSmallIntegerField("投票人数")
    reason = models.CharField("组长理由", max_length=500, blank=True)
    concluded_at = models.DateTimeField("结束时间")
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    reopen_reason = models.CharField("重新审议的理由", max_length=300, blank=True)

    class Meta:
        verbose_name = "审议结论"
        ordering = ["item", "sitting"]
        constraints = [
            models.UniqueConstraint(name="ruling_once", fields=["item", "sitting"]),
            models.CheckConstraint(
                name="ruling_votes_within_room", condition=Q(voted__lte=F("present"))
            ),
            models.CheckConstraint(
                name="ruling_how_fits_columns",
                condition=Q(how="vote", reason="") & ~Q(motion="")
                | Q(how="chair") & ~Q(motion="") & ~Q(reason="")
                | Q(how__in=["short", "none"], motion="", reason=""),
            ),
        ]

    def __str__(self) -> str:
        return self.words

    @property
    def words(self) -> str:
        """推荐（表决通过）, or how it ended without an opinion."""
        said = voting.title(self.item.meeting.motions, self.motion)
        return f"{said}（{self.get_how_display()}）" if said else self.get_how_display()


class PanelResult(models.Model):
    """What a closed meeting says of one application, beside the round's own result.

    ``counted`` holds the total of each expert it is made of. Written by ``services.closing``.
    """

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="results")
    application = models.ForeignKey(
        "applications.Application", on_delete=models.PROTECT, related_name="panel_results"
    )
    score = models.DecimalField("会评得分", max_digits=5, decimal_places=2, null=True, blank=True)
    rank = models.PositiveIntegerField("会评名次", null=True, blank=True)
    before_score = models.DecimalField(
        "网评得分", max_digits=5, decimal_places=2, null=True, blank=True
    )
    before_rank = models.PositiveIntegerField("网评名次", null=True, blank=True)
    reviews_count = models.PositiveSmallIntegerField("计分份数")
    changed = models.PositiveSmallIntegerField("改分人数")
    flags = models.JSONField("提示", default=list, blank=True)
    counted = models.JSONField("计分", default=dict)
    opinion = models.CharField("会议意见", max_length=60, blank=True)
    how = models.CharField("方式", max_length=30)
    discussed = models.BooleanField("已审议")
    computed_at = models.DateTimeField("计算时间")

    class Meta:
        verbose_name = "会评结果"
        ordering = ["rank", "pk"]
        constraints = [
            models.UniqueConstraint(name="panel_result_once", fields=["meeting", "application"]),
        ]

    def __str__(self) -> str:
        return f"{self.application}：{self.score}"

    @property
    def flag_words(self) -> list[str]:
        return [Result.FLAG_WORDS.get(flag, flag) for flag in self.flags]


class SignedScan(models.Model):
    """The signed minutes or signature sheet as they came back, byte for byte."""

    class Kind(models.TextChoices):
        MINUTES = "minutes", "会议纪要"
        SIGNATURES = "signatures", "签到与签字表"

    public_id = models.CharField(max_length=16, unique=True, editable=False, default=new_public_id)
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="scans")
    kind = models.CharField("种类", max_length=10, choices=Kind.choices)
    blob = models.ForeignKey("documents.Blob", on_delete=models.PROTECT, related_name="+")
    name = models.CharField("文件名", max_length=100)
    pages = models.PositiveSmallIntegerField("页数")
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("上传时间")
    replaced_at = models.DateTimeField("被替代时间", null=True, blank=True)

    class Meta:
        verbose_name = "签字扫描件"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="signed_scan_one_in_force",
                fields=["meeting", "kind"],
                condition=Q(replaced_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name
