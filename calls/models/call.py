from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import MD5, Cast
from django.utils.functional import cached_property

from calls import programme as programmes
from calls.models.kept import RulesField
from calls.phases import PHASE_TITLES, Phase, Timetable
from calls.programme import Programme, Step

Row = TypeVar("Row", bound=models.Model)


class CallQuerySet(models.QuerySet["Call"]):
    def open(self) -> CallQuerySet:
        return self.filter(state=Call.State.OPEN)


class _Digest(MD5):
    """On PostgreSQL the column that stands beside the rules (migration 0007)."""

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> tuple[str, list[Any]]:
        (cast,) = self.get_source_expressions()
        (rules,) = cast.get_source_expressions()
        return f'{compiler.quote_name_unless_alias(rules.alias)}."rules_digest"', []


def rules_digest(column: str) -> MD5:
    """For a query: the digest of the rules in this column, by which a process knows them."""
    return _Digest(Cast(column, models.TextField()))


def without_rules(rows: models.QuerySet[Row], *related: str) -> models.QuerySet[Row]:
    """These, which have a ``call``, with their relations; of its rules only the digest is read
    (``known``)."""
    read: models.QuerySet[Row] = rows.select_related(*related).defer("call__rules")
    return read.annotate(rules=rules_digest("call__rules"))  # type: ignore[return-value]


def known(found: Row) -> Row:
    """Read ``without_rules``; its call is told by which rules it goes."""
    found.call.known_by(found.rules)  # type: ignore[attr-defined]
    return found


class Call(models.Model):
    """One edition of a programme. Its rules are copied in when it opens, and then stay.

    The dates are exclusive ends (the next midnight, +08:00). They are compared with the call's
    own time, ``call.time(at)``: the instant plus ``clock_offset``, which is zero outside
    rehearsals. ``number_prefix`` is taken as it opens (``calls.numbering``): every number that
    the call gives begins with it.
    """

    class State(models.TextChoices):
        PREPARING = "preparing", "筹备中"
        OPEN = "open", "进行中"
        CLOSED = "closed", "已结束"

    code = models.SlugField("代号", max_length=60, unique=True)
    title = models.CharField("名称", max_length=120)
    programme_code = models.CharField("方案代号", max_length=60)
    rules = RulesField("规则")
    number_prefix = models.CharField("编号前缀", max_length=32, blank=True)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.PREPARING)
    filing_from = models.DateTimeField("申报开始", null=True, blank=True)
    filing_until = models.DateTimeField("申报截止", null=True, blank=True)
    recommendation_until = models.DateTimeField("推荐截止", null=True, blank=True)
    scan_until = models.DateTimeField("盖章扫描件截止", null=True, blank=True)
    paper_until = models.DateTimeField("纸质材料截止", null=True, blank=True)
    review_until = models.DateTimeField("评审截止", null=True, blank=True)
    announcement_by = models.DateTimeField("公布名单", null=True, blank=True)
    rehearsal = models.BooleanField("演练", default=False)
    clock_offset = models.DurationField("演练时钟", default=timedelta)
    opened_at = models.DateTimeField("开放时间", null=True, blank=True)
    created_at = models.DateTimeField("建立时间")

    objects = CallQuerySet.as_manager()

    class Meta:
        verbose_name = "批次"
        constraints = [
            models.CheckConstraint(
                name="call_filing_has_length",
                condition=Q(filing_from__isnull=True)
                | Q(filing_until__isnull=True)
                | Q(filing_from__lt=F("filing_until")),
            ),
            models.CheckConstraint(
                name="call_recommendation_after_filing",
                condition=Q(recommendation_until__isnull=True)
                | Q(filing_until__isnull=True)
                | Q(recommendation_until__gt=F("filing_until")),
            ),
            models.UniqueConstraint(
                name="call_number_prefix_once",
                fields=["number_prefix"],
                condition=~Q(number_prefix=""),
            ),
            models.CheckConstraint(
                name="call_clock_moves_in_rehearsal_only",
                condition=Q(rehearsal=True) | Q(clock_offset=timedelta()),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @cached_property
    def programme(self) -> Programme:
        text = RulesField.text_of(self, "rules")
        return programmes.kept(self.rules) if text is None else programmes.kept_text(text)

    def known_by(self, digest: str) -> None:
        """Its rules were not loaded, only their digest (``rules_digest``): most readers want the
        programme, and this process has nearly always read it before."""
        self.__dict__["programme"] = programmes.kept_by(digest, lambda: self.rules)

    @property
    def steps(self) -> tuple[Step, ...]:
        return self.programme.steps

    def time(self, at: datetime) -> datetime:
        """The call's own time at an instant."""
        return at + self.clock_offset

    @property
    def timetable(self) -> Timetable:
        recommended = Step.RECOMMENDATION in self.steps
        return Timetable(
            self.filing_from,
            self.filing_until,
            self.recommendation_until if recommended else None,
        )

    def phase(self, at: datetime) -> Phase:
        if self.state == self.State.PREPARING:
            return Phase.ANNOUNCED
        if self.state == self.State.CLOSED:
            return Phase.CLOSED
        return self.timetable.phase(self.time(at))

    def phase_title(self, at: datetime) -> str:
        return PHASE_TITLES[self.phase(at)]


class Direction(models.Model):
    """A direction of a call. The office may add those the notice's public part does not list."""

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="directions")
    key = models.CharField("代号", max_length=60)
    title = models.CharField("方向", max_length=120)
    class_title = models.CharField("类别", max_length=60, default="未注明")
    order = models.PositiveSmallIntegerField("次序", default=0)
    verified = models.BooleanField("已核实", default=True)

    class Meta:
        verbose_name = "方向"
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(name="direction_once_per_call", fields=["call", "key"])
        ]

    def __str__(self) -> str:
        return self.title


class SubField(models.Model):
    """A sub-field of a direction; each direction has 整个方向 (key ``all``)."""

    direction = models.ForeignKey(Direction, on_delete=models.PROTECT, related_name="subfields")
    key = models.CharField("代号", max_length=60)
    title = models.CharField("细分领域", max_length=120)
    order = models.PositiveSmallIntegerField("次序", default=0)

    class Meta:
        verbose_name = "细分领域"
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(name="subfield_once_per_direction", fields=["direction", "key"])
        ]

    def __str__(self) -> str:
        return self.title


class Indicator(models.Model):
    """A reference indicator of a direction. ``rule`` is its entry of the programme file."""

    direction = models.ForeignKey(Direction, on_delete=models.PROTECT, related_name="indicators")
    subfield = models.ForeignKey(
        SubField, null=True, on_delete=models.PROTECT, related_name="indicators"
    )
    key = models.CharField("代号", max_length=60)
    order = models.PositiveSmallIntegerField("次序", default=0)
    rule = models.JSONField("指标")

    class Meta:
        verbose_name = "参考指标"
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="indicator_once_per_direction", fields=["direction", "key"]
            )
        ]

    def __str__(self) -> str:
        return self.spec.name

    @cached_property
    def spec(self) -> programmes.Indicator:
        return programmes.Indicator.model_validate(self.rule)


class LevelDate(models.Model):
    """An earlier date a level sets for itself and those below it, and the copies it asks for.

    The unit is a province, a city or a district; ``until`` is exclusive and never later than
    the call's own date.
    """

    class Key(models.TextChoices):
        FILING = "filing", "申报截止"
        PRESELECTION = "preselection", "初审报送截止"
        RECOMMENDATION = "recommendation", "推荐截止"
        PAPER = "paper", "纸质材料截止"

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="level_dates")
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="level_dates"
    )
    key = models.CharField("期限", max_length=20, choices=Key.choices)
    until = models.DateTimeField("截止时间")
    copies = models.PositiveSmallIntegerField("纸质份数", default=0)
    note = models.CharField("说明", max_length=200, blank=True)

    class Meta:
        verbose_name = "本级期限"
        constraints = [
            models.UniqueConstraint(name="level_date_once", fields=["call", "organisation", "key"])
        ]

    def __str__(self) -> str:
        return f"{self.organisation} {self.get_key_display()}"


class Extension(models.Model):
    """More time for one unit, with a reason; in force once a second person has approved it."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "待批准"
        APPROVED = "approved", "已批准"
        REFUSED = "refused", "未批准"

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="extensions")
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="extensions"
    )
    key = models.CharField("期限", max_length=20, choices=LevelDate.Key.choices)
    until = models.DateTimeField("延至")
    reason = models.CharField("理由", max_length=500)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.PROPOSED)
    proposed_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "延期"
        constraints = [
            models.CheckConstraint(
                name="extension_needs_two",
                condition=~Q(state="approved")
                | (Q(approved_by__isnull=False) & ~Q(approved_by=F("proposed_by"))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} {self.get_key_display()} 延至 {self.until:%Y-%m-%d %H:%M}"


class CalendarDay(models.Model):
    """An override of the working-day calendar, entered by the office."""

    day = models.DateField("日期", unique=True)
    working = models.BooleanField("上班")
    note = models.CharField("说明", max_length=100, blank=True)

    class Meta:
        verbose_name = "日历调整"

    def __str__(self) -> str:
        return f"{self.day} {'上班' if self.working else '放假'}"


class WinnerQuerySet(models.QuerySet["Winner"]):
    def in_force(self) -> WinnerQuerySet:
        """Those whose list was not taken down since."""
        return self.filter(withdrawn_at__isnull=True)


class Winner(models.Model):
    """A project that won: it may not be filed again in later rounds, its unit may file.

    Rounds of this portal are written by ``honours`` with the announcement of the award;
    ``call_code`` names such a round and ``project`` the application's public id. Earlier rounds are
    imported by the office. A row is never deleted: the taking down of a list withdraws it.
    """

    programme_code = models.CharField("方案代号", max_length=60, blank=True)
    round_title = models.CharField("批次", max_length=120)
    title = models.CharField("项目名称", max_length=120)
    organisation_code = models.CharField(
        "统一社会信用代码", max_length=18, blank=True, db_index=True
    )
    organisation_name = models.CharField("单位", max_length=100)
    announced_on = models.DateField("公布日期", null=True, blank=True)
    source = models.CharField("依据", max_length=200, blank=True)
    call_code = models.CharField("本平台批次", max_length=60, blank=True, db_index=True)
    project = models.CharField("项目标识", max_length=20, blank=True, db_index=True)
    direction = models.CharField("方向", max_length=120, blank=True)
    entered_at = models.DateTimeField("登记时间", null=True, blank=True)
    entered_by = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField("撤销登记时间", null=True, blank=True)
    withdrawn_reason = models.CharField("撤销登记原因", max_length=300, blank=True)

    objects = WinnerQuerySet.as_manager()

    class Meta:
        verbose_name = "往届优胜项目"
        constraints = [
            models.UniqueConstraint(
                name="winner_once_per_project",
                fields=["project"],
                condition=Q(withdrawn_at__isnull=True) & ~Q(project=""),
            ),
            models.CheckConstraint(
                name="winner_withdrawn_says_why",
                condition=Q(withdrawn_at__isnull=True) | ~Q(withdrawn_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return self.title
