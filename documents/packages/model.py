"""The row of one package."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from documents import codes


class Package(models.Model):
    """A file somebody asked for, as a piece of work: what, for whom, how far, and where it lies.

    ``subject`` is the label of what it is about ("app.model:pk"), ``options`` what the person
    chose, ``choice`` the fingerprint of both. ``organisation`` is the unit for which the person
    acted: whether they still may is asked again at each download. The file has a path of its
    own, since it goes when the package expires; a blob never does.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "排队中"
        BUILDING = "building", "正在打包"
        READY = "ready", "可以下载"
        FAILED = "failed", "没有成功"
        CANCELLED = "cancelled", "已取消"
        EXPIRED = "expired", "已过期"

    public_id = models.CharField(
        "公开标识", max_length=16, unique=True, editable=False, default=codes.new_public_id
    )
    kind = models.CharField("种类", max_length=40)
    title = models.CharField("名称", max_length=200)
    subject = models.CharField("对象", max_length=120, db_index=True)
    options = models.JSONField("选项", default=dict, blank=True)
    choice = models.CharField("选项指纹", max_length=64)
    organisation = models.ForeignKey(
        "accounts.Organisation",
        verbose_name="单位",
        on_delete=models.PROTECT,
        related_name="+",
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="申请人",
        on_delete=models.PROTECT,
        related_name="packages",
    )
    requested_at = models.DateTimeField("申请时间")

    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING)
    claimed_until = models.DateTimeField("占用至", null=True, blank=True)
    attempts = models.PositiveSmallIntegerField("打包次数", default=0)
    not_before = models.DateTimeField("不早于")
    done = models.PositiveIntegerField("已完成", default=0)
    total = models.PositiveIntegerField("共", default=0)
    note = models.TextField("说明", blank=True)
    error = models.TextField("未成功原因", blank=True)
    fault = models.TextField("技术原因", blank=True)

    path = models.CharField("存放位置", max_length=120, blank=True)
    name = models.CharField("文件名", max_length=200, blank=True)
    size = models.PositiveBigIntegerField("字节数", default=0)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    expires_at = models.DateTimeField("保留至", null=True, blank=True)

    class Meta:
        verbose_name = "打包文件"
        verbose_name_plural = "打包文件"
        ordering = ["-requested_at", "-pk"]
        indexes = [
            models.Index(
                fields=["not_before"],
                name="documents_to_pack",
                condition=Q(state__in=["waiting", "building"]),
            ),
            models.Index(fields=["requested_by", "-requested_at"], name="documents_packages_of"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject", "choice", "requested_by"],
                condition=Q(state__in=["waiting", "building"]),
                name="documents_package_asked_once",
            ),
            models.CheckConstraint(
                condition=(
                    Q(state="waiting", claimed_until__isnull=True, path="")
                    | Q(state="building", claimed_until__isnull=False, path="")
                    | Q(state="failed", claimed_until__isnull=True, path="") & ~Q(error="")
                    | Q(state__in=["cancelled", "expired"], claimed_until__isnull=True, path="")
                    | Q(
                        state="ready",
                        claimed_until__isnull=True,
                        size__gt=0,
                        expires_at__isnull=False,
                    )
                    & ~Q(path="")
                ),
                name="documents_package_state_fits_columns",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        """Whether it is still worked on."""
        return self.state in (self.State.WAITING, self.State.BUILDING)

    @property
    def is_ready(self) -> bool:
        return self.state == self.State.READY

    @property
    def percent(self) -> int:
        """How far, in whole per cent; 0 while nothing is known."""
        return min(100, 100 * self.done // self.total) if self.total else 0
