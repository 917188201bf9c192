"""Testing agencies: their accreditation, the directions they test, and their declared ties."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q

from outcomes.models.people import person
from testing.states import AgencyState


class Agency(models.Model):
    """What the office knows of a unit of kind 测评机构. Its people hold the role ``tester`` in it.

    ``accreditation`` is free text (CMA, CNAS 编号 …): it counts as 未核实 until somebody of the
    office ticks it. ``valid_until`` is the last day it holds. An agency that is suspended or
    ended is out on the next request of its people.
    """

    State = AgencyState

    organisation = models.OneToOneField(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="agency"
    )
    accreditation = models.CharField("资质证书编号", max_length=120, blank=True)
    accredited_by = models.CharField("发证机构", max_length=100, blank=True)
    valid_until = models.DateField("资质有效期至", null=True, blank=True)
    fields = models.JSONField("测评方向", default=list, blank=True)
    contact = models.CharField("联系人", max_length=50, blank=True)
    phone = models.CharField("联系电话", max_length=20, blank=True)
    state = models.CharField(
        "状态", max_length=10, choices=AgencyState.choices, default=AgencyState.ACTIVE
    )
    state_reason = models.CharField("状态说明", max_length=300, blank=True)
    verified_by = person("核实人", null=True)
    verified_at = models.DateTimeField("核实时间", null=True)
    added_by = person("登记人")
    added_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "测评机构"
        ordering = ["organisation__name", "pk"]
        constraints = [
            models.CheckConstraint(
                name="agency_state_known", condition=Q(state__in=AgencyState.values)
            ),
            models.CheckConstraint(
                name="agency_stopped_says_why",
                condition=Q(state=AgencyState.ACTIVE) | ~Q(state_reason=""),
            ),
            models.CheckConstraint(
                name="agency_verified_by_somebody",
                condition=Q(verified_at__isnull=True, verified_by__isnull=True)
                | Q(verified_at__isnull=False, verified_by__isnull=False) & ~Q(accreditation=""),
            ),
        ]

    def __str__(self) -> str:
        return str(self.organisation)

    @property
    def name(self) -> str:
        return self.organisation.name

    @property
    def is_active(self) -> bool:
        return self.state == AgencyState.ACTIVE

    @property
    def is_verified(self) -> bool:
        return self.verified_at is not None

    def expired(self, today: date) -> bool:
        """Whether the accreditation held on ``today`` no more; without a date nobody knows."""
        return self.valid_until is not None and self.valid_until < today


class Tie(models.Model):
    """A declared tie of an agency to a unit: it must not test that unit. Taken back, it stays."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="ties")
    code = models.CharField("统一社会信用代码", max_length=18, blank=True)
    name = models.CharField("单位名称", max_length=100)
    reason = models.CharField("利益关系", max_length=300)
    by_agency = models.BooleanField("机构申报")
    declared_by = person("申报人")
    declared_at = models.DateTimeField("申报时间")
    ended_by = person("撤销人", null=True)
    ended_at = models.DateTimeField("撤销时间", null=True)
    end_reason = models.CharField("撤销理由", max_length=300, blank=True)

    class Meta:
        verbose_name = "利益关系"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="agency_tie_ended_says_why",
                condition=Q(ended_at__isnull=True, ended_by__isnull=True, end_reason="")
                | Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(end_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency} — {self.name}"
