"""Certificates and what becomes of them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from documents import codes
from honours.models.people import person


class Certificate(models.Model):
    """A certificate of one announced result. Its paper is drawn by the worker from a snapshot.

    ``publication`` is the list that gave it; taking the list down revokes it. ``number`` is of the
    call's own series and is never used again.
    """

    class State(models.TextChoices):
        VALID = "valid", "有效"
        REVOKED = "revoked", "已撤销"
        REPLACED = "replaced", "已换发"

    public_id = models.CharField(
        max_length=16, unique=True, editable=False, default=codes.new_public_id
    )
    application = models.ForeignKey(
        "applications.Application", on_delete=models.PROTECT, related_name="certificates"
    )
    publication = models.ForeignKey(
        "outcomes.Publication", on_delete=models.PROTECT, related_name="certificates"
    )
    tier = models.CharField("等次", max_length=40)
    number = models.CharField("证书编号", max_length=60, unique=True)
    document = models.ForeignKey(
        "documents.Document", on_delete=models.PROTECT, related_name="certificates"
    )
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.VALID)
    issued_at = models.DateTimeField("发证时间")
    ended_at = models.DateTimeField("失效时间", null=True, blank=True)
    ended_reason = models.CharField("失效原因", max_length=300, blank=True)
    replaced_by = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaces"
    )

    class Meta:
        verbose_name = "证书"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                name="certificate_one_valid",
                fields=["application", "tier"],
                condition=Q(state="valid"),
            ),
            models.CheckConstraint(
                name="certificate_state_fits_columns",
                condition=Q(
                    state="valid",
                    ended_at__isnull=True,
                    ended_reason="",
                    replaced_by__isnull=True,
                )
                | Q(state="revoked", ended_at__isnull=False, replaced_by__isnull=True)
                & ~Q(ended_reason="")
                | Q(state="replaced", ended_at__isnull=False, replaced_by__isnull=False)
                & ~Q(ended_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_valid(self) -> bool:
        return self.state == self.State.VALID


class CertificateChange(models.Model):
    """Somebody asks to revoke a certificate or to issue it anew; a second person decides."""

    class Kind(models.TextChoices):
        REVOKE = "revoke", "撤销"
        REISSUE = "reissue", "换发"

    class State(models.TextChoices):
        PENDING = "pending", "待批准"
        DONE = "done", "已办理"
        REFUSED = "refused", "未批准"

    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField("事项", max_length=10, choices=Kind.choices)
    reason = models.CharField("理由", max_length=300)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.PENDING)
    proposed_by = person("提出人")
    proposed_at = models.DateTimeField("提出时间")
    approved_by = person("批准人", null=True)
    approved_at = models.DateTimeField("批准时间", null=True)

    class Meta:
        verbose_name = "证书变更"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="certificate_change_one_pending",
                fields=["certificate"],
                condition=Q(state="pending"),
            ),
            models.CheckConstraint(
                name="certificate_change_needs_two",
                condition=Q(state="pending", approved_by__isnull=True)
                | Q(approved_by__isnull=False, approved_at__isnull=False)
                & (Q(state="refused") | Q(state="done") & ~Q(approved_by=F("proposed_by"))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.certificate_id}"
