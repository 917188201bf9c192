"""The quota: allotments, their places, who holds them, requests above the limit.

The quota is kept by the database: a confirmation points at a row of ``Place``, a place is held
by one live confirmation at most, and a place above the limit exists only for the application
that the office named. Triggers (migration 0002) tie the places to the allotment's limit.
"""

from django.db import models
from django.db.models import F, Q

from documents import codes
from recommenders.models.people import person

# Numbers of places granted above a limit start here, so that raising the limit meets no number.
GRANTED_FROM = 10001


class Allotment(models.Model):
    """How many applications a unit may recommend in one scope of one call.

    ``scope`` is a direction's key, or empty for the whole call. ``limit`` None: none is stated.
    ``pool`` names a side pool (先导区); the unit's own quota has none.
    """

    call = models.ForeignKey("calls.Call", on_delete=models.PROTECT, related_name="allotments")
    organisation = models.ForeignKey(
        "accounts.Organisation",
        verbose_name="推荐单位",
        on_delete=models.PROTECT,
        related_name="allotments",
    )
    scope = models.CharField("方向", max_length=60, blank=True, default="")
    pool = models.CharField("名额池", max_length=60, blank=True, default="")
    limit = models.PositiveSmallIntegerField("名额", null=True, blank=True)
    soft = models.BooleanField("原则上", default=False)
    counts_in_region = models.BooleanField("占属地指标", default=True)
    source = models.CharField("依据", max_length=200, blank=True)
    changed_at = models.DateTimeField("调整时间")

    class Meta:
        verbose_name = "推荐名额"
        constraints = [
            models.UniqueConstraint(
                name="allotment_once_per_scope", fields=["call", "organisation", "scope", "pool"]
            ),
            models.CheckConstraint(
                name="allotment_limit_below_granted",
                condition=Q(limit__isnull=True) | Q(limit__lt=GRANTED_FROM),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}：{'不限' if self.limit is None else f'{self.limit} 项'}"


class Place(models.Model):
    """One token of the quota. Its number is never shown to anybody; a list has ranks instead.

    ``granted_for`` names the application for which the office added the place above the limit.
    """

    allotment = models.ForeignKey(Allotment, on_delete=models.PROTECT, related_name="places")
    number = models.PositiveSmallIntegerField()
    of_limit = models.PositiveSmallIntegerField(null=True)
    granted_for = models.ForeignKey(
        "applications.Application",
        null=True,
        on_delete=models.PROTECT,
        related_name="granted_places",
    )

    class Meta:
        verbose_name = "名额位"
        constraints = [
            models.UniqueConstraint(name="place_once", fields=["allotment", "number"]),
            models.CheckConstraint(
                name="place_within_limit",
                condition=Q(granted_for__isnull=False, number__gte=GRANTED_FROM)
                | Q(granted_for__isnull=True, of_limit__isnull=True, number__gte=1)
                | Q(granted_for__isnull=True, number__gte=1, number__lte=F("of_limit")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.allotment_id}/{self.number}"


class Confirmation(models.Model):
    """A recommender's yes to one application, held by one place until it is released.

    A live confirmation cannot be without a place. A released one may lose it, when the office
    lowers the limit; its history stays.
    """

    allotment = models.ForeignKey(Allotment, on_delete=models.PROTECT, related_name="confirmations")
    place = models.ForeignKey(
        Place, null=True, on_delete=models.SET_NULL, related_name="confirmations"
    )
    application = models.ForeignKey(
        "applications.Application", on_delete=models.PROTECT, related_name="confirmations"
    )
    rank = models.PositiveSmallIntegerField("序号")
    note = models.CharField("备注", max_length=60, blank=True)
    condition = models.CharField("推荐条件", max_length=100, blank=True)
    condition_met_at = models.DateTimeField("条件落实时间", null=True, blank=True)
    condition_met_by = person("条件落实登记人", null=True, blank=True)
    condition_met_note = models.CharField("落实情况", max_length=300, blank=True)
    clash_reason = models.CharField("重复情况说明", max_length=300, blank=True)
    proposed_by = person("经办人")
    confirmed_at = models.DateTimeField("推荐时间")
    released_at = models.DateTimeField("撤下时间", null=True, blank=True)
    released_by = person("撤下人", null=True, blank=True)
    release_reason = models.CharField("撤下原因", max_length=300, blank=True)

    class Meta:
        verbose_name = "推荐"
        constraints = [
            models.UniqueConstraint(
                name="confirmation_place_held_once",
                fields=["place"],
                condition=Q(released_at__isnull=True),
            ),
            models.UniqueConstraint(
                name="confirmation_one_per_application",
                fields=["application"],
                condition=Q(released_at__isnull=True),
            ),
            models.CheckConstraint(
                name="confirmation_live_has_place",
                condition=Q(place__isnull=False) | Q(released_at__isnull=False),
            ),
            models.CheckConstraint(
                name="confirmation_release_has_reason",
                condition=Q(released_at__isnull=True, release_reason="")
                | (Q(released_at__isnull=False) & ~Q(release_reason="")),
            ),
            models.CheckConstraint(name="confirmation_rank_from_one", condition=Q(rank__gte=1)),
            models.CheckConstraint(
                name="confirmation_only_a_condition_is_met",
                condition=Q(condition_met_at__isnull=True) | ~Q(condition=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} 第 {self.rank} 位"

    @property
    def remark(self) -> str:
        """What the sheet prints in its last column: the pool, an open condition, the note."""
        parts = [f"{self.allotment.pool}名额" if self.allotment.pool else ""]
        if self.condition and self.condition_met_at is None:
            parts.append(f"有条件推荐：{self.condition}")
        return "；".join(part for part in [*parts, self.note] if part)


class OverQuotaRequest(models.Model):
    """A unit asks to recommend one named application above a soft limit."""

    class State(models.TextChoices):
        PENDING = "pending", "待审批"
        APPROVED = "approved", "已同意"
        REFUSED = "refused", "未同意"
        CANCELLED = "cancelled", "已撤回"

    public_id = models.CharField(
        max_length=16, unique=True, editable=False, default=codes.new_public_id
    )
    allotment = models.ForeignKey(Allotment, on_delete=models.PROTECT, related_name="requests")
    application = models.ForeignKey(
        "applications.Application", on_delete=models.PROTECT, related_name="over_quota_requests"
    )
    reason = models.TextField("理由")
    proposed_by = person("申请人")
    proposed_at = models.DateTimeField("申请时间")
    state = models.CharField("状态", max_length=10, choices=State, default=State.PENDING)
    decided_by = person("审批人", null=True)
    decided_at = models.DateTimeField("审批时间", null=True)
    decision_note = models.CharField("审批意见", max_length=300, blank=True)
    place = models.ForeignKey(Place, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "超额申请"
        constraints = [
            models.UniqueConstraint(
                name="over_quota_one_pending",
                fields=["application"],
                condition=Q(state="pending"),
            ),
            models.CheckConstraint(
                name="over_quota_decision_whole",
                condition=Q(state="pending", decided_at__isnull=True, place__isnull=True)
                | Q(state="approved", decided_at__isnull=False, place__isnull=False)
                | Q(state__in=["refused", "cancelled"], decided_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"超额申请 {self.application_id}"
