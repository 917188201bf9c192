"""What is kept of electronic seals: certificates, and the documents sealed with them."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q


class SigningKey(models.Model):
    """The certificate of a unit's electronic seal and where its private key is.

    ``provider`` says who signs with it (``documents.sealkeys``): this machine, which keeps the key
    in ``wrapped``, encrypted under a key that is not in the database; or a service outside, which
    knows the key by ``reference``. A passphrase is kept nowhere. ``demo`` marks certificates of the
    demonstration, which have no legal effect.
    """

    organisation = models.ForeignKey(
        "accounts.Organisation",
        verbose_name="单位",
        on_delete=models.PROTECT,
        related_name="signing_keys",
    )
    subject = models.CharField("证书主体", max_length=300)
    issuer = models.CharField("颁发机构", max_length=300)
    serial = models.CharField("证书序列号", max_length=64)
    sha256 = models.CharField("证书 SHA-256", max_length=64, db_index=True)
    chain = models.TextField("证书链（PEM）")
    valid_from = models.DateTimeField("证书生效时间")
    valid_until = models.DateTimeField("证书失效时间")
    demo = models.BooleanField("演示证书", default=False)
    provider = models.CharField("签章服务", max_length=20)
    reference = models.CharField("密钥编号", max_length=100, blank=True)
    wrapped = models.BinaryField("加密的私钥", null=True, editable=False)
    created_at = models.DateTimeField("登记时间")
    revoked_at = models.DateTimeField("停用时间", null=True, blank=True)

    class Meta:
        verbose_name = "签章证书"
        constraints = [
            models.CheckConstraint(
                name="documents_signing_key_span",
                condition=Q(valid_until__gt=F("valid_from")),
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    def holds(self, at: datetime) -> bool:
        """Whether one may sign with it now."""
        return self.revoked_at is None and self.valid_from <= at < self.valid_until


class Signing(models.Model):
    """A document sealed electronically: a worker signs its finished PDF with a unit's key.

    The signed file is a revision of its own: ``pdf`` holds the bytes of the document followed by
    the signature. The document itself stays as it was drawn. A void document is not signed.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "等待签章"
        SIGNING = "signing", "正在签章"
        READY = "ready", "已签章"
        FAILED = "failed", "签章失败"

    document = models.OneToOneField(
        "documents.Document", on_delete=models.PROTECT, related_name="signing"
    )
    key = models.ForeignKey(SigningKey, on_delete=models.PROTECT, related_name="signings")
    picture = models.ForeignKey("documents.Blob", on_delete=models.PROTECT, related_name="+")
    diameter_mm = models.DecimalField("直径（毫米）", max_digits=4, decimal_places=1)
    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING)
    claimed_until = models.DateTimeField("占用至", null=True, blank=True)
    attempts = models.PositiveSmallIntegerField("签章次数", default=0)
    not_before = models.DateTimeField("不早于")
    last_error = models.TextField("最近错误", blank=True)
    pdf = models.ForeignKey(
        "documents.Blob",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="signings",
    )
    file_sha256 = models.CharField("文件 SHA-256", max_length=64, blank=True, db_index=True)
    stamped = models.BooleanField("带时间戳", default=False)
    requested_at = models.DateTimeField("提出时间")
    signed_at = models.DateTimeField("签章时间", null=True, blank=True)

    class Meta:
        verbose_name = "电子签章"
        constraints = [
            models.CheckConstraint(
                name="documents_signing_state_fits",
                condition=(
                    Q(state="waiting", claimed_until__isnull=True, pdf__isnull=True)
                    | Q(state="signing", claimed_until__isnull=False, pdf__isnull=True)
                    | Q(state="failed", claimed_until__isnull=True, pdf__isnull=True)
                    & ~Q(last_error="")
                    | Q(
                        state="ready",
                        claimed_until__isnull=True,
                        pdf__isnull=False,
                        signed_at__isnull=False,
                    )
                    & Q(file_sha256=F("pdf"))
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document} 电子签章"

    @property
    def is_ready(self) -> bool:
        return self.state == self.State.READY

    @property
    def file_name(self) -> str:
        return self.document.file_name.removesuffix(".pdf") + "_电子签章.pdf"
