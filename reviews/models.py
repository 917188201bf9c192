"""Experts, rounds, who reviews what, scores and results."""

from __future__ import annotations

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.functional import cached_property

from documents.codes import new_public_id
from reviews import aggregation, assignment, scoring, stages
from reviews.conflicts import ExpertFacts, Unit, person_hash
from reviews.drawmodel import Draw as Draw
from reviews.intakemodel import Intake as Intake


class Expert(models.Model):
    """A person in one pool: the ministry's, or that of a recommender who runs its own 初审.

    Known by e-mail until the invitation is taken; then ``user`` is set. One person may stand
    in several pools, and no pool learns of another.
    """

    pool = models.ForeignKey(
        "accounts.Organisation",
        verbose_name="专家库",
        on_delete=models.PROTECT,
        related_name="experts",
    )
    user = models.ForeignKey(
        "accounts.User",
        verbose_name="账号",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="expert_roles",
    )
    email = models.EmailField("邮箱")
    name = models.CharField("姓名", max_length=50)
    phone = models.CharField("手机号", max_length=20, blank=True)
    title = models.CharField("职称职务", max_length=60, blank=True)
    fields = models.JSONField("专业领域", default=list)
    employer_name = models.CharField("现任职单位", max_length=100)
    employer_code = models.CharField("单位统一社会信用代码", max_length=18, blank=True)
    past_employers = models.JSONField("曾任职单位", default=list, blank=True)
    region = models.CharField("所在地区", max_length=6, blank=True)
    capacity = models.PositiveSmallIntegerField("评审量上限", default=20)
    available = models.BooleanField("可参加评审", default=True)
    created_at = models.DateTimeField("入库时间")

    class Meta:
        verbose_name = "专家"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="expert_once_per_pool", fields=["pool", "email"]),
            models.UniqueConstraint(
                name="expert_user_once_per_pool",
                fields=["pool", "user"],
                condition=Q(user__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def facts(self) -> ExpertFacts:
        return ExpertFacts(
            employer=Unit(self.employer_name, self.employer_code),
            past_employers=tuple(
                Unit(one.get("name", ""), one.get("code", "")) for one in self.past_employers
            ),
            person=person_hash(self.name, self.phone),
            region=self.region,
        )


class Round(models.Model):
    """One round of scoring. ``organisation`` is empty for the ministry's own.

    ``state`` is written by ``services.rounds.advance`` alone. Criteria, method and numbers are
    copied from the programme when the round is made, so that nothing changes under the experts.

    ``seed`` draws and is disclosed; ``mask`` orders numbers and pseudonyms and never is, or whoever
    reads the seed could tell who is behind a number.
    """

    public_id = models.CharField(max_length=16, unique=True, editable=False, default=new_public_id)
    call = models.ForeignKey("calls.Call", on_delete=models.PROTECT, related_name="review_rounds")
    organisation = models.ForeignKey(
        "accounts.Organisation",
        verbose_name="组织单位",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="review_rounds",
    )
    pool = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="+", verbose_name="专家库"
    )
    title = models.CharField("名称", max_length=80)
    state = models.CharField(
        "状态",
        max_length=10,
        choices=[(state.value, label) for state, label in stages.LABELS.items()],
        default=stages.RoundState.DRAFT.value,
    )
    form = models.JSONField("评分表")
    method = models.CharField(
        "计分方法",
        max_length=10,
        choices=[(method.value, label) for method, label in aggregation.LABELS.items()],
    )
    experts_per_application = models.PositiveSmallIntegerField("每项专家数")
    min_reviews = models.PositiveSmallIntegerField("最少评审数")
    blind = models.BooleanField("匿名评审", default=False)
    region_recusal = models.BooleanField("地区回避", default=False)
    opens_at = models.DateTimeField("开始时间")
    closes_at = models.DateTimeField("截止时间")
    seed = models.CharField(max_length=64)
    mask = models.CharField(max_length=64)
    seed_commitment = models.CharField("抽取种子承诺值", max_length=64)
    proposal = models.JSONField("分配方案说明", default=dict, blank=True)
    created_at = models.DateTimeField("建立时间")
    created_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    proposed_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    deployed_at = models.DateTimeField("下发时间", null=True, blank=True)
    closed_at = models.DateTimeField("结束时间", null=True, blank=True)

    class Meta:
        verbose_name = "评审轮次"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="round_has_length", condition=Q(opens_at__lt=models.F("closes_at"))
            ),
            models.CheckConstraint(
                name="round_state_fits_columns",
                condition=Q(state__in=["draft", "assigning"], closed_at__isnull=True)
                | Q(state="open", deployed_at__isnull=False, closed_at__isnull=True)
                | Q(state="closed", deployed_at__isnull=False, closed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("reviews:round", args=[self.public_id])

    @cached_property
    def sheet(self) -> scoring.Sheet:
        return scoring.sheet(self.form)

    @property
    def is_open(self) -> bool:
        return self.state == stages.RoundState.OPEN

    @property
    def is_closed(self) -> bool:
        return self.state == stages.RoundState.CLOSED

    @property
    def next_commitment(self) -> str:
        """Of the seed that a proposal made anew draws with, since the present one is known."""
        seed: str = self.proposal.get("next_seed", "")
        return assignment.commitment(seed) if seed else ""

    @property
    def seed_shown(self) -> str:
        """The seed, disclosed once the draw has been deployed."""
        return self.seed if self.deployed_at else ""


class RoundApplication(models.Model):
    """An application in a round, with the version that is judged and the number experts know."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="entries")
    application = models.ForeignKey(
        "applications.Application", on_delete=models.PROTECT, related_name="review_entries"
    )
    version = models.ForeignKey("applications.Version", on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField("评审编号")

    class Meta:
        verbose_name = "参评申报书"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(name="entry_once_per_round", fields=["round", "application"]),
            models.UniqueConstraint(name="entry_number_once", fields=["round", "number"]),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return self.label_of(self.number)

    @staticmethod
    def label_of(number: int) -> str:
        return f"PS-{number:04d}"


class Conflict(models.Model):
    """Why an expert must not review an application. Active and pinned ones bar; deny wins.

    ``dismissed`` (the office found no conflict) and ``pinned`` survive recomputation.
    """

    class Kind(models.TextChoices):
        DECLARED = "declared", "专家申明"
        COMPUTED = "computed", "系统比对"
        OFFICE = "office", "组织方指定"

    class State(models.TextChoices):
        ACTIVE = "active", "有效"
        DISMISSED = "dismissed", "已排除"
        PINNED = "pinned", "锁定"

    expert = models.ForeignKey(Expert, on_delete=models.PROTECT, related_name="conflicts")
    application = models.ForeignKey(
        "applications.Application", on_delete=models.PROTECT, related_name="review_conflicts"
    )
    kind = models.CharField("来源", max_length=10, choices=Kind.choices)
    reason = models.CharField("理由", max_length=300)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.ACTIVE)
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "回避关系"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="conflict_once", fields=["expert", "application", "kind"]),
            models.CheckConstraint(
                name="conflict_declared_stands",
                condition=~Q(kind="declared") | ~Q(state="dismissed"),
            ),
        ]

    def __str__(self) -> str:
        return self.reason


def barring() -> Exists:
    """Is there a conflict between a task's person and its application?"""
    return Exists(
        Conflict.objects.filter(
            Q(expert=OuterRef("expert")) | Q(expert__user=OuterRef("expert__user")),
            application=OuterRef("application"),
            state__in=(Conflict.State.ACTIVE, Conflict.State.PINNED),
        )
    )


class Assignment(models.Model):
    """An expert's task to review one application of a round.

    ``declared_at``: when the expert said there is no conflict; nothing can be read before.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", "拟分配"
        DEPLOYED = "deployed", "已下发"
        RECUSED = "recused", "已回避"
        REPLACED = "replaced", "已更换"

    public_id = models.CharField(max_length=16, unique=True, editable=False, default=new_public_id)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="assignments")
    expert = models.ForeignKey(Expert, on_delete=models.PROTECT, related_name="assignments")
    application = models.ForeignKey(
        "applications.Application", on_delete=models.PROTECT, related_name="review_assignments"
    )
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.PROPOSED)
    proposed_at = models.DateTimeField("拟定时间")
    deployed_at = models.DateTimeField("下发时间", null=True, blank=True)
    declared_at = models.DateTimeField("申明时间", null=True, blank=True)
    ended_at = models.DateTimeField("终止时间", null=True, blank=True)
    reason = models.CharField("终止原因", max_length=300, blank=True)

    class Meta:
        verbose_name = "评审任务"
        ordering = ["pk"]
        indexes = [  # shares of a round are counted in it alone, without the rows
            models.Index(
                name="assignment_shares", fields=["round", "expert", "state", "declared_at"]
            )
        ]
        constraints = [
            models.UniqueConstraint(
                name="assignment_once", fields=["round", "expert", "application"]
            ),
            models.CheckConstraint(
                name="assignment_state_fits_columns",
                condition=Q(state="proposed", deployed_at__isnull=True, ended_at__isnull=True)
                | Q(state="deployed", deployed_at__isnull=False, ended_at__isnull=True)
                | Q(state__in=["recused", "replaced"], ended_at__isnull=False) & ~Q(reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.expert} · {self.application}"

    def get_absolute_url(self) -> str:
        return reverse("reviews:score", args=[self.public_id])


class Review(models.Model):
    """An expert's scores. ``version`` grows with each save and settles who wrote last."""

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        SUBMITTED = "submitted", "已提交"

    assignment = models.OneToOneField(Assignment, on_delete=models.PROTECT, related_name="review")
    scores = models.JSONField("分数", default=dict)
    comments = models.JSONField("理由", default=dict)
    overall = models.TextField("总体意见", blank=True)
    total = models.DecimalField("加权合计", max_digits=5, decimal_places=2, default=0)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.DRAFT)
    version = models.PositiveIntegerField("版本", default=0)
    saved_at = models.DateTimeField("保存时间", null=True, blank=True)
    submitted_at = models.DateTimeField("提交时间", null=True, blank=True)
    reopened_at = models.DateTimeField("退回时间", null=True, blank=True)
    reopen_reason = models.CharField("退回理由", max_length=300, blank=True)

    class Meta:
        verbose_name = "评分"
        constraints = [
            models.CheckConstraint(
                name="review_submitted_has_instant",
                condition=Q(state="draft", submitted_at__isnull=True)
                | Q(state="submitted", submitted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="review_total_within_scale", condition=Q(total__gte=0, total__lte=100)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assignment}：{self.total}"


class Result(models.Model):
    """What a closed round says of one application. Written by ``services.closing`` alone."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="results")
    application = models.ForeignKey(
        "applications.Application", on_delete=models.PROTECT, related_name="review_results"
    )
    score = models.DecimalField("得分", max_digits=5, decimal_places=2, null=True, blank=True)
    rank = models.PositiveIntegerField("名次", null=True, blank=True)
    rank_low = models.PositiveIntegerField("名次区间起", null=True, blank=True)
    rank_high = models.PositiveIntegerField("名次区间止", null=True, blank=True)
    reviews_count = models.PositiveSmallIntegerField("评审数")
    flags = models.JSONField("提示", default=list, blank=True)
    computed_at = models.DateTimeField("计算时间")

    class Meta:
        verbose_name = "评审结果"
        ordering = ["rank", "pk"]
        constraints = [
            models.UniqueConstraint(name="result_once", fields=["round", "application"]),
        ]

    def __str__(self) -> str:
        return f"{self.application}：{self.score}"

    FLAG_WORDS = {
        "too_few": "评审数不足",
        "disagreement": "专家分歧大",
        "tie": "并列",
        "not_trimmed": "不足三份，未去高低分",
    }

    @property
    def flag_words(self) -> list[str]:
        return [self.FLAG_WORDS.get(flag, flag) for flag in self.flags]


class Feedback(models.Model):
    """What an applicant is told of its review: written by the organiser, seen once released."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="feedback")
    application = models.ForeignKey(
        "applications.Application", on_delete=models.PROTECT, related_name="review_feedback"
    )
    text = models.TextField("评审意见")
    written_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField("撰写时间")
    released_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    released_at = models.DateTimeField("反馈时间", null=True, blank=True)

    class Meta:
        verbose_name = "评审意见"
        constraints = [
            models.UniqueConstraint(name="feedback_once", fields=["round", "application"]),
            models.CheckConstraint(
                name="feedback_released_by_another",
                condition=Q(released_at__isnull=True, released_by__isnull=True)
                | (Q(released_at__isnull=False) & ~Q(released_by=models.F("written_by"))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application}：评审意见"
