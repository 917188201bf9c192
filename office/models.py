from django.db import models
from django.db.models import F, Q

from office.board import REMINDABLE


class ReminderRule(models.Model):
    """Remind those who have not done it, some days before a date of a call."""

    call = models.ForeignKey("calls.Call", on_delete=models.CASCADE, related_name="reminder_rules")
    key = models.CharField("期限", max_length=30, choices=list(REMINDABLE.items()))
    days_before = models.PositiveSmallIntegerField("天数")
    after = models.BooleanField("在期限之后", default=False)
    by_sms = models.BooleanField("同时发短信", default=False)
    fired_at = models.DateTimeField("执行时间", null=True)
    letters = models.PositiveIntegerField("发出封数", default=0)
    skipped = models.BooleanField("已补过", default=False)

    class Meta:
        verbose_name = "提醒"
        ordering = ["key", "after", "-days_before"]
        constraints = [
            models.UniqueConstraint(
                name="reminder_once", fields=["call", "key", "after", "days_before"]
            ),
            models.CheckConstraint(
                name="reminder_days_in_a_year", condition=Q(days_before__lte=365)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.call} {self.get_key_display()} {self.words}"

    @property
    def words(self) -> str:
        return f"{'过后' if self.after else '提前'} {self.days_before} 天"


class Mailing(models.Model):
    """A letter of the office to many, found by a filter: written by one, approved by another.

    ``audience`` and ``chosen`` say to whom; ``count`` and ``recipients`` (a fingerprint of the
    addresses) are what was shown, so that what goes out is what was looked at. ``state`` is written
    by ``office.mailing``.
    """

    class Audience(models.TextChoices):
        APPLICANTS = "applicants", "申报单位"
        DRAFTS = "drafts", "有未提交草稿的申报单位"
        RECOMMENDERS = "recommenders", "推荐单位"
        LATE_RECOMMENDERS = "late", "未提交名单的推荐单位"
        EXPERTS = "experts", "评审未完成的专家"

    class State(models.TextChoices):
        PROPOSED = "proposed", "待批准"
        SENT = "sent", "已批准发出"
        REFUSED = "refused", "未批准"

    call = models.ForeignKey("calls.Call", on_delete=models.PROTECT, related_name="mailings")
    audience = models.CharField("对象", max_length=20, choices=Audience.choices)
    chosen = models.JSONField("筛选", default=dict, blank=True)
    subject = models.CharField("标题", max_length=100)
    body = models.TextField("正文", max_length=3000)
    by_sms = models.BooleanField("同时发短信", default=False)
    count = models.PositiveIntegerField("收件人数")
    recipients = models.CharField(max_length=64)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.PROPOSED)
    proposed_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField("提出时间")
    approved_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField("办理时间", null=True)

    class Meta:
        verbose_name = "批量消息"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="mailing_needs_two",
                condition=Q(state="proposed", approved_by__isnull=True, approved_at__isnull=True)
                | Q(state="refused", approved_by__isnull=False, approved_at__isnull=False)
                | Q(state="sent", approved_by__isnull=False, approved_at__isnull=False)
                & ~Q(approved_by=F("proposed_by")),
            ),
        ]

    def __str__(self) -> str:
        return self.subject


class Incident(models.Model):
    """Something that kept people from their work: recorded by one person, confirmed by another.

    ``until`` is exclusive and unset while it lasts. What is confirmed may justify an extension.
    """

    title = models.CharField("事由", max_length=100)
    text = models.TextField("经过", max_length=2000)
    affected = models.CharField("受影响的对象", max_length=200)
    since = models.DateTimeField("开始")
    until = models.DateTimeField("结束", null=True)
    recorded_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField("登记时间")
    confirmed_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_at = models.DateTimeField("核实时间", null=True)

    class Meta:
        verbose_name = "故障记录"
        ordering = ["-since", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="incident_has_length",
                condition=Q(until__isnull=True) | Q(until__gt=F("since")),
            ),
            models.CheckConstraint(
                name="incident_needs_two",
                condition=Q(confirmed_by__isnull=True, confirmed_at__isnull=True)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False)
                & ~Q(confirmed_by=F("recorded_by")),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Postponement(models.Model):
    """More time for a whole call, a region, a direction or a unit; asked by one, given by another.

    ``value`` is the region's code, the direction's key or the unit's primary key. ``moves`` and
    ``rows`` are what it did. ``state`` is written by ``office.postponing``.
    """

    class Scope(models.TextChoices):
        CALL = "call", "整批"
        REGION = "region", "一个地区"
        DIRECTION = "direction", "一个方向"
        UNIT = "unit", "一个单位"

    class State(models.TextChoices):
        PROPOSED = "proposed", "待批准"
        APPROVED = "approved", "已批准"
        REFUSED = "refused", "未批准"

    call = models.ForeignKey("calls.Call", on_delete=models.PROTECT, related_name="postponements")
    scope = models.CharField("范围", max_length=10, choices=Scope.choices)
    value = models.CharField("对象", max_length=60, blank=True)
    key = models.CharField("期限", max_length=30)
    until = models.DateTimeField("延至")
    cascade = models.BooleanField("后续期限一并顺延", default=True)
    reason = models.CharField("理由", max_length=500)
    incident = models.ForeignKey(
        Incident, null=True, on_delete=models.PROTECT, related_name="postponements"
    )
    moves = models.JSONField("变动", default=list)
    rows = models.PositiveIntegerField("单位延期数", default=0)
    letters = models.PositiveIntegerField("通知人数", default=0)
    notice = models.ForeignKey(
        "calls.Notice", null=True, on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.PROPOSED)
    proposed_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField("提出时间")
    approved_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField("办理时间", null=True)

    class Meta:
        verbose_name = "延期（成批）"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="postponement_needs_two",
                condition=Q(state="proposed", approved_by__isnull=True, approved_at__isnull=True)
                | Q(state="refused", approved_by__isnull=False, approved_at__isnull=False)
                | Q(state="approved", approved_by__isnull=False, approved_at__isnull=False)
                & ~Q(approved_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="postponement_scope_names_its_value",
                condition=Q(scope="call", value="") | ~Q(scope="call") & ~Q(value=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.call} {self.get_scope_display()}延期"


class Purge(models.Model):
    """Clearing personal data past its time: asked by one administrator, approved by another.

    ``kinds`` holds for each kind its days and how many rows were found; ``cleared`` how many were
    cleared. The data itself stands nowhere here. ``state`` is written by ``office.retention``.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", "待批准"
        APPROVED = "approved", "已批准，待执行"
        DONE = "done", "已清除"
        REFUSED = "refused", "未批准"

    kinds = models.JSONField("种类")
    cleared = models.JSONField("已清除", default=dict)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.PROPOSED)
    proposed_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField("提出时间")
    approved_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField("办理时间", null=True)
    done_at = models.DateTimeField("执行时间", null=True)

    class Meta:
        verbose_name = "到期清除"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="purge_needs_two",
                condition=Q(state="proposed", approved_by__isnull=True, done_at__isnull=True)
                | Q(state="refused", approved_by__isnull=False, done_at__isnull=True)
                | Q(state="approved", approved_by__isnull=False, done_at__isnull=True)
                & ~Q(approved_by=F("proposed_by"))
                | Q(state="done", approved_by__isnull=False, done_at__isnull=False)
                & ~Q(approved_by=F("proposed_by")),
            ),
        ]

    def __str__(self) -> str:
        return f"到期清除 {self.proposed_at:%Y-%m-%d}"


class ExportRequest(models.Model):
    """An export that holds many people's data: asked for by one, agreed to by another, taken once.

    ``options`` are the filter; ``about`` the call's code or empty. ``until`` ends the approval,
    exclusive. ``state`` is written by ``office.exporting``.
    """

    class Kind(models.TextChoices):
        FORMS = "forms", "申报书合集"
        CONTACTS = "contacts", "申报联系表"
        EXPERTS = "experts", "评审专家名单"

    class State(models.TextChoices):
        PROPOSED = "proposed", "待批准"
        APPROVED = "approved", "已批准，待取"
        REFUSED = "refused", "未批准"
        TAKEN = "taken", "已取走"

    kind = models.CharField("内容", max_length=12, choices=Kind.choices)
    call = models.ForeignKey(
        "calls.Call", null=True, on_delete=models.PROTECT, related_name="export_requests"
    )
    about = models.CharField("批次代号", max_length=60, blank=True)
    options = models.JSONField("筛选", default=dict, blank=True)
    reason = models.CharField("用途", max_length=300)
    count = models.PositiveIntegerField("条数")
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.PROPOSED)
    proposed_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField("提出时间")
    approved_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField("办理时间", null=True)
    until = models.DateTimeField("有效至", null=True)
    taken_at = models.DateTimeField("取走时间", null=True)

    class Meta:
        verbose_name = "导出申请"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="export_one_pending",
                fields=["proposed_by", "kind", "about"],
                condition=Q(state="proposed"),
            ),
            models.CheckConstraint(
                name="export_needs_two",
                condition=Q(state="proposed", approved_by__isnull=True, approved_at__isnull=True)
                | Q(state="refused", approved_by__isnull=False, approved_at__isnull=False)
                | Q(state__in=["approved", "taken"], approved_at__isnull=False)
                & Q(approved_by__isnull=False)
                & ~Q(approved_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="export_taken_once_in_time",
                condition=Q(state__in=["proposed", "refused"], until__isnull=True)
                & Q(taken_at__isnull=True)
                | Q(state="approved", until__isnull=False, taken_at__isnull=True)
                | Q(state="taken", until__isnull=False, taken_at__lt=F("until")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.about}"


class Rehearsal(models.Model):
    """A call played in a sandbox: asked for by a person, played by a worker, its report kept.

    ``basis`` is the fingerprint of the rules and dates that were played, so that a report whose
    call changed since is told apart. ``report`` is ``office.rehearsal.report.Report`` as JSON.
    ``state`` is written by ``office.rehearsal.keeping``.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "排队中"
        PLAYING = "playing", "正在演练"
        PASSED = "passed", "走通"
        BLOCKED = "blocked", "有走不通之处"
        FAILED = "failed", "没有完成"
        CANCELLED = "cancelled", "已取消"

    OPEN = (State.WAITING, State.PLAYING)
    PLAYED = (State.PASSED, State.BLOCKED)

    call = models.ForeignKey("calls.Call", on_delete=models.CASCADE, related_name="rehearsals")
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.WAITING)
    asked_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    asked_by_name = models.CharField("发起人", max_length=60)
    asked_at = models.DateTimeField("发起时间")
    claimed_until = models.DateTimeField("占用至", null=True)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    started_at = models.DateTimeField("开始时间", null=True)
    ended_at = models.DateTimeField("结束时间", null=True)
    done = models.PositiveSmallIntegerField("已完成", default=0)
    total = models.PositiveSmallIntegerField("共", default=0)
    step = models.CharField("现在的步骤", max_length=60, blank=True)
    basis = models.CharField("演练所依规则与期限", max_length=64, blank=True)
    report = models.JSONField("报告", default=dict)
    error = models.CharField("没有完成的原因", max_length=500, blank=True)

    class Meta:
        verbose_name = "演练"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="rehearsal_one_at_a_time",
                fields=["call"],
                condition=Q(state__in=["waiting", "playing"]),
            ),
            models.CheckConstraint(
                name="rehearsal_state_fits_columns",
                condition=Q(state="waiting", claimed_until=None, ended_at=None)
                | Q(state="playing", claimed_until__isnull=False, ended_at=None)
                | Q(state="failed", claimed_until=None, ended_at__isnull=False) & ~Q(error="")
                | Q(state="cancelled", claimed_until=None, ended_at__isnull=False)
                | Q(state__in=["passed", "blocked"], claimed_until=None, ended_at__isnull=False)
                & ~Q(basis=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.call} 演练 {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN
