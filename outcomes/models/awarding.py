"""The award years after the selection: who wins, under caps of its own.

The same ledger of slots as the selection (``deciding``), in groups of the stage award. Trigger
``outcomes_award_cap`` (migration 0005) ties an award to its slots whatever writes it.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from outcomes.models.deciding import Slot
from outcomes.models.people import person


def _slot(name: str) -> models.OneToOneField:
    return models.OneToOneField(
        Slot, null=True, on_delete=models.PROTECT, related_name=f"awarded_as_{name}"
    )


class Award(models.Model):
    """What the office means to do, or did, with one selected application after its work.

    ``standing`` is what the award was judged by when it was staged (rank, score, indicators), and
    ``exception`` why it is given although no valid test result stands. Pending ones are known to
    the office alone. ``revoked``: an upheld objection took it back; its slots are free. Rows are
    written by ``outcomes.services.awarding`` and ``objecting``; who may win, ``honours`` judges.
    """

    class Outcome(models.TextChoices):
        WIN = "win", "授予"
        NONE = "none", "不授予"

    class State(models.TextChoices):
        PENDING = "pending", "待生效"
        APPLIED = "applied", "已生效"
        REVOKED = "revoked", "已取消"

    application = models.OneToOneField(
        "applications.Application", on_delete=models.PROTECT, related_name="award"
    )
    outcome = models.CharField("结果", max_length=10, choices=Outcome.choices)
    tier = models.CharField("等次", max_length=40, blank=True)
    call_slot = _slot("call_slot")
    direction_slot = _slot("direction_slot")
    subfield_slot = _slot("subfield_slot")
    reason = models.CharField("理由", max_length=500, blank=True)
    exception = models.CharField("无有效测评结果仍授予的理由", max_length=500, blank=True)
    standing = models.JSONField("依据", default=dict, blank=True)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.PENDING)
    proposed_by = person("拟定人")
    proposed_at = models.DateTimeField("拟定时间")
    approved_by = person("批准人", null=True)
    approved_at = models.DateTimeField("批准时间", null=True)
    applied_at = models.DateTimeField("生效时间", null=True)
    publicity = models.ForeignKey(
        "Publication", null=True, on_delete=models.PROTECT, related_name="publicised_awards"
    )
    announcement = models.ForeignKey(
        "Publication", null=True, on_delete=models.PROTECT, related_name="announced_awards"
    )

    class Meta:
        verbose_name = "优胜决定"
        constraints = [
            models.CheckConstraint(
                name="award_outcome_whole",
                condition=Q(outcome="win") & ~Q(tier="")
                | Q(
                    outcome="none",
                    tier="",
                    exception="",
                    call_slot__isnull=True,
                    direction_slot__isnull=True,
                    subfield_slot__isnull=True,
                ),
            ),
            models.CheckConstraint(
                name="award_applied_by_two",
                condition=Q(state="pending", approved_by__isnull=True, applied_at__isnull=True)
                | Q(
                    state__in=["applied", "revoked"],
                    approved_by__isnull=False,
                    approved_at__isnull=False,
                    applied_at__isnull=False,
                )
                & ~Q(approved_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="award_revoked_was_won",
                condition=~Q(state="revoked")
                | Q(
                    outcome="win",
                    announcement__isnull=True,
                    call_slot__isnull=True,
                    direction_slot__isnull=True,
                    subfield_slot__isnull=True,
                )
                & ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="award_published_was_won",
                condition=Q(publicity__isnull=True, announcement__isnull=True)
                | Q(outcome="win", state__in=["applied", "revoked"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} {self.get_outcome_display()}"

    @property
    def is_select(self) -> bool:
        """Whether it takes a slot, as a decision's ``is_select``."""
        return self.outcome == self.Outcome.WIN

    @property
    def is_pending(self) -> bool:
        return self.state == self.State.PENDING

    @property
    def amount(self) -> None:
        """An award names no sum; lists ask decisions and awards alike."""
        return None
