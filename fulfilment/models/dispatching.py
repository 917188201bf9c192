"""行文下达: the official letter of a published list, issued by several offices together."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from applications.models import new_public_id
from outcomes.models.people import person


class Dispatch(models.Model):
    """The letter to the units of a published list: drafted, approved by every office, numbered.

    ``rows`` and ``paragraphs`` are frozen with the draft and are what every office approves. The
    last approval gives it its number of the series of ``mark`` and its year. ``state`` is written
    by ``services.dispatching``.
    """

    class State(models.TextChoices):
        OPEN = "open", "会签中"
        ISSUED = "issued", "已下达"
        RETURNED = "returned", "已退回"
        VOID = "void", "已作废"

    public_id = models.CharField(max_length=16, unique=True, default=new_public_id, editable=False)
    publication = models.ForeignKey(
        "outcomes.Publication", on_delete=models.PROTECT, related_name="dispatches"
    )
    title = models.CharField("标题", max_length=150)
    mark = models.CharField("发文机关代字", max_length=20)
    paragraphs = models.JSONField("正文", default=list)
    rows = models.JSONField("立项名单", default=list)
    fingerprint = models.CharField("指纹", max_length=64)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.OPEN)
    proposed_by = person("拟稿人")
    proposed_at = models.DateTimeField("拟稿时间")
    approved_by = person("签发人", null=True)
    issued_at = models.DateTimeField("下达时间", null=True)
    series = models.CharField("编号序列", max_length=60, blank=True)
    serial = models.PositiveIntegerField("序号", null=True)
    number = models.CharField("文号", max_length=60, blank=True)
    document = models.ForeignKey(
        "documents.Document", null=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField("退回或作废时间", null=True)
    ended_reason = models.CharField("退回或作废原因", max_length=300, blank=True)

    class Meta:
        verbose_name = "行文"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="dispatch_one_in_force",
                fields=["publication"],
                condition=Q(state__in=["open", "issued"]),
            ),
            models.UniqueConstraint(
                name="dispatch_number_once",
                fields=["series", "serial"],
                condition=Q(serial__isnull=False),
            ),
            models.CheckConstraint(
                name="dispatch_issued_whole",
                condition=Q(state__in=["open", "returned"], serial__isnull=True, number="")
                | Q(state__in=["issued", "void"])
                & Q(serial__isnull=False, issued_at__isnull=False, document__isnull=False)
                & Q(approved_by__isnull=False)
                & ~Q(number="")
                & ~Q(approved_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="dispatch_ended_says_why",
                condition=Q(state__in=["open", "issued"], ended_at__isnull=True)
                | Q(state__in=["returned", "void"], ended_at__isnull=False) & ~Q(ended_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return self.number or self.title


class DispatchSignature(models.Model):
    """One office that issues the letter: its approver agreed, or has not yet."""

    dispatch = models.ForeignKey(Dispatch, on_delete=models.PROTECT, related_name="signatures")
    order = models.PositiveSmallIntegerField("次序")
    office = models.CharField("发文单位", max_length=100)
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    signed_by = person("签发人", null=True)
    signer = models.CharField("签发人", max_length=60, blank=True)
    signed_at = models.DateTimeField("签发时间", null=True)

    class Meta:
        verbose_name = "签发"
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(name="dispatch_office_once", fields=["dispatch", "office"]),
            models.UniqueConstraint(
                name="dispatch_each_by_another",
                fields=["dispatch", "signed_by"],
                condition=Q(signed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="dispatch_signed_whole",
                condition=Q(signed_at__isnull=True, signed_by__isnull=True)
                | Q(signed_at__isnull=False, signed_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.office
