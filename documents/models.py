"""Stored bytes, documents on paper, and the counters of their numbers."""

from django.db import models
from django.db.models import F, Q

from documents import codes, kinds
from documents.packages.model import Package as Package
from documents.signatures import Signing as Signing
from documents.signatures import SigningKey as SigningKey


class Blob(models.Model):
    """The bytes of one file, kept in the default storage under their own hash.

    Equal bytes are one blob. What the file is called and whom it belongs to stands on the row of
    the owner; a blob is content and nothing else, and is never changed.
    """

    sha256 = models.CharField("SHA-256", max_length=64, primary_key=True)
    size = models.PositiveBigIntegerField("字节数")
    media_type = models.CharField("媒体类型", max_length=100)
    created_at = models.DateTimeField("存入时间")

    class Meta:
        verbose_name = "文件内容"
        verbose_name_plural = "文件内容"
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0), name="documents_blob_is_not_empty"),
        ]

    def __str__(self) -> str:
        return self.sha256

    @property
    def path(self) -> str:
        """Where the bytes lie in the default storage: two levels, so that no folder grows large."""
        return f"blobs/{self.sha256[:2]}/{self.sha256[2:4]}/{self.sha256}"


class VirusCheck(models.Model):
    """What the scanner said of a blob. ``found`` names what it found, empty when nothing."""

    blob = models.OneToOneField(
        Blob, on_delete=models.CASCADE, primary_key=True, related_name="virus_check"
    )
    found = models.CharField("发现", max_length=200, blank=True)
    checked_at = models.DateTimeField("检查时间")

    class Meta:
        verbose_name = "病毒检查"

    def __str__(self) -> str:
        return f"{self.blob_id}: {self.found}"


class Document(models.Model):
    """One version of one document on paper, drawn from a frozen snapshot.

    The row is written in the transaction of whatever asks for it; a worker finds it, draws the PDF
    and marks it ready. ``subject`` is the label of what it is about ("app.model:pk").
    """

    class State(models.TextChoices):
        WAITING = "waiting", "等待生成"
        RENDERING = "rendering", "正在生成"
        READY = "ready", "已生成"
        FAILED = "failed", "生成失败"

    public_id = models.CharField(
        "公开标识", max_length=16, unique=True, editable=False, default=codes.new_public_id
    )
    kind = models.CharField(
        "种类", max_length=40, choices=[(k.code, k.label) for k in kinds.KINDS.values()]
    )
    title = models.CharField("标题", max_length=300)
    subject = models.CharField("对象", max_length=120, db_index=True)
    organisation = models.ForeignKey(
        "accounts.Organisation",
        verbose_name="单位",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    snapshot = models.JSONField("内容快照")
    fingerprint = models.CharField("内容指纹", max_length=64)
    host = models.CharField("核验网址主机", max_length=200)
    code = models.CharField(
        "核验码", max_length=codes.LENGTH, unique=True, editable=False, default=codes.new_code
    )
    number = models.CharField("文件编号", max_length=60, blank=True, db_index=True)
    version = models.PositiveIntegerField("版本", default=1)

    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING)
    claimed_until = models.DateTimeField("占用至", null=True, blank=True)
    attempts = models.PositiveSmallIntegerField("生成次数", default=0)
    not_before = models.DateTimeField("不早于")
    last_error = models.TextField("最近错误", blank=True)

    template_version = models.CharField("模板版本", max_length=16, blank=True)
    pdf = models.ForeignKey(
        Blob,
        verbose_name="PDF",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="documents",
    )
    file_sha256 = models.CharField("文件 SHA-256", max_length=64, blank=True)
    pages = models.PositiveIntegerField("页数", default=0)
    created_at = models.DateTimeField("提出时间")
    ready_at = models.DateTimeField("生成时间", null=True, blank=True)

    voided_at = models.DateTimeField("作废时间", null=True, blank=True)
    void_reason = models.CharField("作废原因", max_length=300, blank=True)
    replaced_by = models.ForeignKey(
        "self",
        verbose_name="替代文件",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="replaces",
    )

    class Meta:
        verbose_name = "文件"
        verbose_name_plural = "文件"
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(
                fields=["not_before"],
                name="documents_to_render",
                condition=Q(state__in=["waiting", "rendering"]),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject", "fingerprint"],
                condition=Q(voided_at__isnull=True),
                name="documents_one_per_content",
            ),
            models.CheckConstraint(
                condition=(
                    Q(state="waiting", claimed_until__isnull=True, pdf__isnull=True)
                    | Q(state="rendering", claimed_until__isnull=False, pdf__isnull=True)
                    | Q(state="failed", claimed_until__isnull=True, pdf__isnull=True)
                    & ~Q(last_error="")
                    | Q(
                        state="ready",
                        claimed_until__isnull=True,
                        pdf__isnull=False,
                        ready_at__isnull=False,
                        pages__gt=0,
                    )
                    & Q(file_sha256=F("pdf"))
                ),
                name="documents_state_fits_columns",
            ),
            models.CheckConstraint(
                condition=(
                    Q(voided_at__isnull=True, void_reason="", replaced_by__isnull=True)
                    | Q(voided_at__isnull=False) & ~Q(void_reason="")
                ),
                name="documents_void_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}（{self.grouped_code}）"

    @property
    def grouped_code(self) -> str:
        return codes.grouped(self.code)

    @property
    def shown_fingerprint(self) -> str:
        """The fingerprint printed on the pages.

        A document drawn from an already frozen version (of an application, of a list) prints that
        version's fingerprint, which its snapshot names; any other prints its own.
        """
        return self.snapshot.get("content_fingerprint") or self.fingerprint

    @property
    def is_ready(self) -> bool:
        return self.state == self.State.READY

    @property
    def file_name(self) -> str:
        """A name for the downloaded file, free of anything a file system dislikes."""
        label = kinds.KINDS[self.kind].label
        return (
            "_".join(part for part in (label, self.number, f"第{self.version}版") if part) + ".pdf"
        )


class Counter(models.Model):
    """The last number given out in one series."""

    series = models.CharField("系列", max_length=80, primary_key=True)
    value = models.PositiveBigIntegerField("当前值", default=0)

    class Meta:
        verbose_name = "编号计数器"
        verbose_name_plural = "编号计数器"

    def __str__(self) -> str:
        return f"{self.series}: {self.value}"
