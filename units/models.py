"""The papers that prove a unit, what the office found, and changes that two people decide."""

from django.db import models
from django.db.models import F, Q

from documents import codes


class Proof(models.Model):
    """A scan of the licence (营业执照) or certificate (法人证书). The latest counts."""

    public_id = models.CharField(
        "公开标识", max_length=16, unique=True, editable=False, default=codes.new_public_id
    )
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="proofs"
    )
    blob = models.ForeignKey("documents.Blob", on_delete=models.PROTECT, related_name="+")
    name = models.CharField("文件名", max_length=100)
    pages = models.PositiveIntegerField("页数")
    uploaded_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField("上传时间")

    class Meta:
        verbose_name = "单位证照"
        ordering = ["-uploaded_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.organisation} {self.name}"


class Verification(models.Model):
    """Where the check of a unit's papers stands; there is none before a paper was sent."""

    class State(models.TextChoices):
        WAITING = "waiting", "待核验"
        VERIFIED = "verified", "已核验"
        RETURNED = "returned", "退回"

    organisation = models.OneToOneField(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="verification"
    )
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.WAITING)
    proof = models.ForeignKey(Proof, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField("退回原因", max_length=200, blank=True)
    sent_at = models.DateTimeField("送核时间")
    decided_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField("核验时间", null=True)

    class Meta:
        verbose_name = "单位核验"
        constraints = [
            models.CheckConstraint(
                name="verification_decided_by_somebody",
                condition=Q(state="waiting", decided_at__isnull=True)
                | ~Q(state="waiting") & Q(decided_at__isnull=False, decided_by__isnull=False),
            ),
            models.CheckConstraint(
                name="verification_returned_with_reason",
                condition=~Q(state="returned") | ~Q(reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} {self.get_state_display()}"


class Change(models.Model):
    """A rename or a merger: one person of the office proposes it, another one confirms."""

    class Kind(models.TextChoices):
        RENAME = "rename", "更名"
        MERGE = "merge", "合并"

    class State(models.TextChoices):
        PROPOSED = "proposed", "待确认"
        CONFIRMED = "confirmed", "已生效"
        REFUSED = "refused", "未通过"

    kind = models.CharField("事项", max_length=10, choices=Kind.choices)
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="changes"
    )
    name = models.CharField("新名称", max_length=100, blank=True)
    code = models.CharField("新代码", max_length=18, blank=True)
    day = models.DateField("启用日", null=True)
    into = models.ForeignKey(
        "accounts.Organisation", null=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField("依据", max_length=300)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.PROPOSED)
    proposed_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField("提出时间")
    approved_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField("确认时间", null=True)
    note = models.CharField("确认意见", max_length=200, blank=True)

    class Meta:
        verbose_name = "单位变更"
        ordering = ["-proposed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="change_one_open_per_unit",
                fields=["organisation"],
                condition=Q(state="proposed"),
            ),
            models.CheckConstraint(
                name="change_says_what",
                condition=Q(kind="rename", day__isnull=False, into__isnull=True) & ~Q(name="")
                | Q(kind="merge", into__isnull=False, day__isnull=True, name=""),
            ),
            models.CheckConstraint(
                name="change_needs_two",
                condition=~Q(state="confirmed")
                | Q(approved_by__isnull=False) & ~Q(approved_by=F("proposed_by")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} {self.get_kind_display()}"
