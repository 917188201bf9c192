"""Who tests what until when: a commission of an agency for one task."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from applications.models import new_public_id
from outcomes.models.people import person
from testing.states import LIVE, Commissioned

APPROVED = (
    Commissioned.OFFERED,
    Commissioned.ACCEPTED,
    Commissioned.DONE,
    Commissioned.REFUSED,
)


class Commission(models.Model):
    """One agency for one task, proposed by one person of the office and approved by another.

    ``due`` is the exclusive end of the testing in the call's own time. A task has at most one
    that is live. ``keys`` names the indicators of a retest; empty means all. ``sample_*`` is
    what the unit declared, ``received_*`` what the agency says it got.
    """

    State = Commissioned

    public_id = models.CharField(max_length=16, unique=True, default=new_public_id, editable=False)
    task = models.ForeignKey(
        "fulfilment.Task", on_delete=models.PROTECT, related_name="commissions"
    )
    agency = models.ForeignKey(
        "testing.Agency", on_delete=models.PROTECT, related_name="commissions"
    )
    state = models.CharField(
        "状态", max_length=10, choices=Commissioned.choices, default=Commissioned.PROPOSED
    )
    due = models.DateTimeField("完成期限")
    keys = models.JSONField("复测指标", default=list, blank=True)
    retest_of = models.ForeignKey(
        "testing.Result", null=True, on_delete=models.PROTECT, related_name="retests"
    )
    replaces = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="replaced_by"
    )
    note = models.CharField("委托说明", max_length=500, blank=True)
    proposed_by = person("提出人")
    proposed_at = models.DateTimeField("提出时间")
    approved_by = person("批准人", null=True)
    approved_at = models.DateTimeField("批准时间", null=True)
    answered_by = person("机构答复人", null=True)
    answered_at = models.DateTimeField("机构答复时间", null=True)
    ended_at = models.DateTimeField("结束时间", null=True)
    end_reason = models.CharField("结束原因", max_length=500, blank=True)
    sample_name = models.CharField("样品名称", max_length=100, blank=True)
    sample_model = models.CharField("型号规格", max_length=100, blank=True)
    sample_version = models.CharField("版本", max_length=100, blank=True)
    sample_note = models.CharField("样品说明", max_length=500, blank=True)
    sample_by = person("样品申报人", null=True)
    sample_at = models.DateTimeField("样品申报时间", null=True)
    received_on = models.DateField("接收日期", null=True)
    received_note = models.CharField("接收记录", max_length=500, blank=True)
    received_by = person("接收人", null=True)
    received_at = models.DateTimeField("接收登记时间", null=True)
    reminded = models.CharField("已催办", max_length=10, blank=True)

    class Meta:
        verbose_name = "测评委托"
        ordering = ["pk"]
        indexes = [models.Index(name="commission_by_due", fields=["state", "due"])]
        constraints = [
            models.UniqueConstraint(
                name="commission_one_live_per_task",
                fields=["task"],
                condition=Q(state__in=[str(one) for one in LIVE]),
            ),
            models.CheckConstraint(
                name="commission_state_known", condition=Q(state__in=Commissioned.values)
            ),
            models.CheckConstraint(
                name="commission_needs_two",
                condition=Q(approved_by__isnull=True, approved_at__isnull=True)
                & ~Q(state__in=[str(one) for one in APPROVED])
                | Q(approved_by__isnull=False, approved_at__isnull=False)
                & ~Q(approved_by=F("proposed_by"))
                & ~Q(state=Commissioned.PROPOSED),
            ),
            models.CheckConstraint(
                name="commission_ended_says_why",
                condition=~Q(
                    state__in=[
                        Commissioned.REFUSED,
                        Commissioned.REJECTED,
                        Commissioned.WITHDRAWN,
                    ]
                )
                | Q(ended_at__isnull=False) & ~Q(end_reason=""),
            ),
            models.CheckConstraint(
                name="commission_sample_named",
                condition=Q(sample_at__isnull=True) | ~Q(sample_name=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency} · {self.task_id}"

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    def is_overdue(self, now: datetime) -> bool:
        """Whether the date passed while the agency still had to do something; ``now`` is the
        call's own time."""
        return self.state in (Commissioned.OFFERED, Commissioned.ACCEPTED) and now >= self.due
