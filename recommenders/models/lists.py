"""A unit's list, its reserve, its confirmed versions, and the sealed sheets that come back."""

from django.db import models
from django.db.models import F, Q

from documents import codes
from recommenders import liststates, matching
from recommenders.models.people import person


class RankedList(models.Model):
    """A unit's list in one call: recommended lines above, reserve below the line.

    ``state`` is written by ``services.lists`` alone. ``changed_by`` prepared it last. ``undo``
    says how the last step is taken back; the next step replaces it, a confirmation clears it.
    """

    class State(models.TextChoices):
        OPEN = liststates.OPEN, liststates.WORDS[liststates.OPEN]
        FROZEN = liststates.FROZEN, liststates.WORDS[liststates.FROZEN]
        SEALED = liststates.SEALED, liststates.WORDS[liststates.SEALED]
        DELIVERED = liststates.DELIVERED, liststates.WORDS[liststates.DELIVERED]

    call = models.ForeignKey("calls.Call", on_delete=models.PROTECT, related_name="ranked_lists")
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="ranked_lists"
    )
    state = models.CharField("状态", max_length=10, choices=State, default=State.OPEN)
    version = models.PositiveSmallIntegerField("版本", default=0)
    changed_at = models.DateTimeField("改动时间", null=True)
    changed_by = person("编制人", null=True)
    delivered_at = models.DateTimeField("报送时间", null=True)
    delivered_by = person("报送人", null=True)
    flagged_at = models.DateTimeField("逾期未报标记", null=True)
    undo = models.JSONField("可撤销的一步", null=True)

    class Meta:
        verbose_name = "推荐名单"
        constraints = [
            models.UniqueConstraint(name="ranked_list_once", fields=["call", "organisation"]),
            models.CheckConstraint(
                name="ranked_list_delivered_when",
                condition=Q(state="delivered", delivered_at__isnull=False)
                | (~Q(state="delivered") & Q(delivered_at__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} 推荐名单"


class Reserve(models.Model):
    """A line below the list: not reported, first to follow when a place falls free."""

    list = models.ForeignKey(RankedList, on_delete=models.PROTECT, related_name="reserve")
    application = models.OneToOneField(
        "applications.Application", on_delete=models.PROTECT, related_name="reserve"
    )
    rank = models.PositiveSmallIntegerField("备选序号")
    note = models.CharField("备注", max_length=60, blank=True)
    by = person("列入人")
    at = models.DateTimeField("列入时间")

    class Meta:
        verbose_name = "备选"
        constraints = [
            models.CheckConstraint(name="reserve_rank_from_one", condition=Q(rank__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} 备 {self.rank}"


class ListVersion(models.Model):
    """The list as it was confirmed: rows, hash and sheet. Never changed, only voided."""

    list = models.ForeignKey(RankedList, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField("版本")
    rows = models.JSONField("名单")
    hash = models.CharField("指纹", max_length=64)
    frozen_at = models.DateTimeField("确认时间")
    prepared_by = person("填表人")
    approved_by = person("审核人")
    document = models.ForeignKey(
        "documents.Document", null=True, on_delete=models.PROTECT, related_name="+"
    )
    letter_number = models.CharField("文件编号", max_length=60, blank=True)
    voided_at = models.DateTimeField("作废时间", null=True)
    void_reason = models.CharField("作废原因", max_length=300, blank=True)

    class Meta:
        verbose_name = "名单版本"
        constraints = [
            models.UniqueConstraint(name="list_version_once", fields=["list", "number"]),
            models.UniqueConstraint(
                name="list_version_one_in_force",
                fields=["list"],
                condition=Q(voided_at__isnull=True),
            ),
            models.CheckConstraint(
                name="list_version_void_has_reason",
                condition=Q(voided_at__isnull=True, void_reason="")
                | (Q(voided_at__isnull=False) & ~Q(void_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.list} 第 {self.number} 版"


class SealedScan(models.Model):
    """A sealed sheet that came back as a scan, and how its pages compare. Kept whatever it is."""

    class State(models.TextChoices):
        MATCHED = "matched", "逐页相符"
        REFUSED = "refused", "不符"
        MANUAL_PENDING = "manual_pending", "人工确认，待复核"
        MANUAL_CONFIRMED = "manual_confirmed", "人工确认，已复核"

    public_id = models.CharField(
        max_length=16, unique=True, editable=False, default=codes.new_public_id
    )
    list_version = models.ForeignKey(ListVersion, on_delete=models.PROTECT, related_name="scans")
    uploaded_by = person("上传人")
    uploaded_at = models.DateTimeField("上传时间")
    result = models.JSONField("比对结果")
    state = models.CharField("状态", max_length=20, choices=State)
    manual_reason = models.CharField("人工确认理由", max_length=300, blank=True)
    manual_by = person("人工确认人", null=True)
    manual_at = models.DateTimeField("人工确认时间", null=True)
    second_by = person("复核人", null=True)
    second_at = models.DateTimeField("复核时间", null=True)
    second_note = models.CharField("复核意见", max_length=300, blank=True)

    class Meta:
        verbose_name = "盖章扫描件"
        constraints = [
            models.CheckConstraint(
                name="sealed_scan_by_hand_whole",
                condition=Q(state__in=["matched", "refused"])
                | (Q(state="manual_pending", manual_by__isnull=False) & ~Q(manual_reason=""))
                | (
                    Q(state="manual_confirmed", manual_by__isnull=False, second_by__isnull=False)
                    & ~Q(manual_reason="")
                    & ~Q(second_by=F("manual_by"))
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.list_version} 扫描件"

    @property
    def may_be_confirmed_by_hand(self) -> bool:
        return self.state == self.State.REFUSED and self.result.get("verdict") == matching.BY_HAND


class ScanFile(models.Model):
    """One uploaded file of a scan, byte for byte as it came."""

    scan = models.ForeignKey(SealedScan, on_delete=models.PROTECT, related_name="files")
    position = models.PositiveSmallIntegerField()
    blob = models.ForeignKey("documents.Blob", on_delete=models.PROTECT, related_name="+")
    name = models.CharField("文件名", max_length=255)
    pages = models.PositiveSmallIntegerField("页数", default=1)

    class Meta:
        verbose_name = "扫描文件"
        constraints = [
            models.UniqueConstraint(name="scan_file_position", fields=["scan", "position"]),
        ]

    def __str__(self) -> str:
        return self.name
