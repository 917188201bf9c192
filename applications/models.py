from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.crypto import get_random_string

from applications.workflow import BEFORE_RESULTS, Status

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def new_public_id() -> str:
    return get_random_string(12, ALPHABET)


class Application(models.Model):
    """A filing of one unit to one call.

    ``status`` is written by ``applications.services.move`` and nowhere else. In URLs it is named
    by ``public_id``; ``number`` comes with the first submission and never changes.
    ``recommender`` is the unit that recommends it, ``preselector`` the lowest level that sees it
    first, where there is one below.

    ``shown_as`` is set while a result has taken effect and no list has published it: the status
    before, which everybody but the office goes on seeing (``shown_status``).
    """

    public_id = models.CharField(max_length=16, unique=True, default=new_public_id, editable=False)
    number = models.CharField("申报编号", max_length=40, blank=True)
    call = models.ForeignKey("calls.Call", on_delete=models.PROTECT, related_name="applications")
    organisation = models.ForeignKey(
        "accounts.Organisation",
        verbose_name="申报单位",
        on_delete=models.PROTECT,
        related_name="applications",
    )
    recommender = models.ForeignKey(
        "accounts.Organisation",
        verbose_name="推荐单位",
        null=True,
        on_delete=models.PROTECT,
        related_name="applications_to_recommend",
    )
    preselector = models.ForeignKey(
        "accounts.Organisation",
        verbose_name="初审单位",
        null=True,
        on_delete=models.PROTECT,
        related_name="applications_to_preselect",
    )
    title = models.CharField("项目名称", max_length=60)
    direction = models.ForeignKey(
        "calls.Direction", verbose_name="方向", null=True, on_delete=models.PROTECT
    )
    subfield = models.ForeignKey(
        "calls.SubField", verbose_name="细分领域", null=True, on_delete=models.PROTECT
    )
    status = models.CharField("状态", max_length=12, choices=Status.choices, default=Status.DRAFT)
    shown_as = models.CharField(
        "结果公布前的状态", max_length=12, choices=Status.choices, blank=True
    )
    version_number = models.PositiveIntegerField("最新提交版本", default=0)
    first_submitted_at = models.DateTimeField("首次提交时间", null=True)
    submitted_at = models.DateTimeField("提交时间", null=True)
    returned_from = models.CharField(max_length=12, blank=True)
    returned_fields = models.JSONField("退回的栏目", default=list, blank=True)
    return_note = models.TextField("退回意见", blank=True)
    correction_until = models.DateTimeField("修改截止", null=True)
    created_at = models.DateTimeField("建立时间")
    created_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField("最近变动")

    class Meta:
        verbose_name = "申报"
        indexes = [
            models.Index(name="application_in_call", fields=["call", "status", "-submitted_at"]),
            models.Index(name="application_area", fields=["recommender", "call", "status"]),
            # The office's list: the newest of a call, and how many there are.
            models.Index(
                name="application_newest",
                fields=["call", "-submitted_at", "-id"],
                condition=Q(version_number__gt=0),
            ),
            models.Index(
                name="application_submitted",
                fields=["call", "status"],
                condition=Q(version_number__gt=0),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="application_status_known", condition=Q(status__in=Status.values)
            ),
            models.CheckConstraint(
                name="application_submitted_has_instant",
                condition=Q(submitted_at__isnull=False, version_number__gt=0)
                | Q(status__in=[Status.DRAFT, Status.LAPSED, Status.WITHDRAWN]),
            ),
            models.CheckConstraint(
                name="application_returned_has_until",
                condition=~Q(status=Status.RETURNED) | Q(correction_until__isnull=False),
            ),
            models.CheckConstraint(
                name="application_only_results_hidden",
                condition=Q(shown_as="")
                | Q(
                    status__in=[Status.FINALIST, Status.NOT_SELECTED],
                    shown_as__in=BEFORE_RESULTS,
                ),
            ),
            models.UniqueConstraint(
                name="application_number_once", fields=["number"], condition=~Q(number="")
            ),
        ]

    def __str__(self) -> str:
        return self.number or self.title

    def get_absolute_url(self) -> str:
        return reverse("applications:detail", args=[self.public_id])

    @property
    def was_submitted(self) -> bool:
        return self.version_number > 0

    @property
    def shown_status(self) -> Status:
        """The status as everybody but the office and the auditor may know it."""
        return Status(self.shown_as or self.status)

    @property
    def shown_word(self) -> str:
        return self.shown_status.label


class Section(models.Model):
    """One section of the form as it stands: the working copy. ``version`` counts its saves."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="sections")
    key = models.CharField("部分", max_length=60)
    data = models.JSONField("内容", default=dict)
    version = models.PositiveIntegerField("保存次数", default=0)
    saved_at = models.DateTimeField("保存时间", null=True)
    saved_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "申报书部分"
        constraints = [models.UniqueConstraint(name="section_once", fields=["application", "key"])]

    def __str__(self) -> str:
        return f"{self.application} {self.key}"


class SectionVersion(models.Model):
    """What a section held at one save: the trail of autosave."""

    section = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="history")
    version = models.PositiveIntegerField("保存次数")
    data = models.JSONField("内容")
    saved_at = models.DateTimeField("保存时间")
    saved_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "保存记录"
        constraints = [
            models.UniqueConstraint(name="section_version_once", fields=["section", "version"])
        ]

    def __str__(self) -> str:
        return f"{self.section} 第 {self.version} 次"


class Attachment(models.Model):
    """A file of the filing. Removing keeps the row: it can be undone, old versions read.

    ``replaces`` is the file whose place this one took, for taking that back; ``position`` the
    order within its kind, set when somebody changes it.
    """

    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, related_name="attachments"
    )
    public_id = models.CharField(max_length=16, unique=True, default=new_public_id, editable=False)
    key = models.CharField("种类", max_length=60)
    name = models.CharField("文件名", max_length=200)
    blob = models.ForeignKey("documents.Blob", on_delete=models.PROTECT, related_name="+")
    pages = models.PositiveIntegerField("页数", default=0)
    uploaded_at = models.DateTimeField("上传时间")
    uploaded_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField("移除时间", null=True)
    replaces = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="replaced_by"
    )
    position = models.PositiveSmallIntegerField("次序", default=0)

    class Meta:
        verbose_name = "证明材料"
        ordering = ["key", "position", "pk"]

    def __str__(self) -> str:
        return self.name


class Upload(models.Model):
    """A file on its way in parts, so that a lost connection costs one part and not the whole.

    ``parts`` names the parts that have arrived, in order, each with its size; their bytes lie in
    the storage until the file is whole or given up. ``attachment`` is what became of it.
    """

    public_id = models.CharField(max_length=16, unique=True, default=new_public_id, editable=False)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="uploads")
    key = models.CharField("种类", max_length=60)
    name = models.CharField("文件名", max_length=300)
    size = models.PositiveBigIntegerField("字节数")
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    replaces = models.ForeignKey(Attachment, null=True, on_delete=models.CASCADE, related_name="+")
    started_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField("开始时间")
    touched_at = models.DateTimeField("最近到达", db_index=True)
    received = models.PositiveBigIntegerField("已到字节数", default=0)
    parts = models.JSONField("已到部分", default=list)
    attachment = models.ForeignKey(
        Attachment, null=True, on_delete=models.CASCADE, related_name="+"
    )

    class Meta:
        verbose_name = "上传"
        constraints = [
            models.CheckConstraint(
                name="upload_received_within_size", condition=Q(received__lte=models.F("size"))
            )
        ]

    def __str__(self) -> str:
        return self.name


class IndicatorRow(models.Model):
    """The applicant's row of an indicator: a reference one, or its own with unit and method."""

    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, related_name="indicator_rows"
    )
    indicator = models.ForeignKey(
        "calls.Indicator", null=True, on_delete=models.PROTECT, related_name="rows"
    )
    order = models.PositiveSmallIntegerField("行", default=0)
    name = models.CharField("指标", max_length=60, blank=True)
    unit = models.CharField("单位", max_length=30, blank=True)
    current = models.CharField("当前水平", max_length=60, blank=True)
    target = models.CharField("目标", max_length=60, blank=True)
    method = models.CharField("测试方法", max_length=200, blank=True)
    evidence = models.ForeignKey(
        Attachment, verbose_name="证据", null=True, blank=True, on_delete=models.SET_NULL
    )
    evidence_page = models.PositiveIntegerField("证据页", null=True, blank=True)

    class Meta:
        verbose_name = "指标"
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="indicator_row_once",
                fields=["application", "indicator"],
                condition=Q(indicator__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.name or str(self.indicator)


class Participation(models.Model):
    """A unit that takes part in a filing as last submitted: its lead, or a partner by its code.

    Partners need not be registered here, so units are named by code. Written by ``submit``.
    """

    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, related_name="participations"
    )
    code = models.CharField("统一社会信用代码", max_length=18, db_index=True)
    name = models.CharField("单位", max_length=100)
    lead = models.BooleanField("牵头", default=False)
    direction_key = models.CharField("方向", max_length=60, blank=True)

    class Meta:
        verbose_name = "参与单位"
        constraints = [
            models.UniqueConstraint(name="participation_once", fields=["application", "code"])
        ]

    def __str__(self) -> str:
        return f"{self.application} {self.name}"


class UnitInCall(models.Model):
    """One row per unit and call, locked while a filing in which it takes part is submitted."""

    call = models.ForeignKey("calls.Call", on_delete=models.PROTECT, related_name="+")
    code = models.CharField("统一社会信用代码", max_length=18)

    class Meta:
        verbose_name = "批次中的单位"
        constraints = [models.UniqueConstraint(name="unit_in_call_once", fields=["call", "code"])]

    def __str__(self) -> str:
        return f"{self.call} {self.code}"


class Version(models.Model):
    """What was submitted: frozen contents, their fingerprint, and when they arrived.

    ``arrived_at`` is the call's own time of the request's arrival. A database trigger refuses a
    row whose arrival is not before the deadline in force, or which is written more than the
    grace after it.
    """

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField("版本")
    snapshot = models.JSONField("冻结内容")
    fingerprint = models.CharField("指纹", max_length=64)
    idempotency_key = models.CharField(max_length=64)
    arrived_at = models.DateTimeField("提交时间")
    submitted_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    submitted_by_name = models.CharField("提交人", max_length=50)
    form = models.ForeignKey(
        "documents.Document", null=True, on_delete=models.PROTECT, related_name="+"
    )
    receipt = models.ForeignKey(
        "documents.Document", null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "提交版本"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(name="version_once", fields=["application", "number"]),
            models.UniqueConstraint(
                name="version_one_per_key", fields=["application", "idempotency_key"]
            ),
            models.CheckConstraint(name="version_counts_from_one", condition=Q(number__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.application} 第 {self.number} 版"


class TextSketch(models.Model):
    """The sampled runs of a submitted version's texts: what ``applications.similarity`` finds
    pairs by. ``runs`` is how many runs the texts have."""

    version = models.OneToOneField(Version, on_delete=models.CASCADE, related_name="text_sketch")
    sketch = models.BinaryField()
    runs = models.PositiveIntegerField()
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = "文本索引"

    def __str__(self) -> str:
        return str(self.version)


class Likeness(models.Model):
    """Two filings whose texts are alike, for staff only. ``share`` is 0 to 1 of the shorter one;
    ``fields`` and ``passages`` are those of ``applications.similarity``, spans in the frozen texts.
    """

    a = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="+")
    b = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="+")
    a_version = models.PositiveIntegerField()
    b_version = models.PositiveIntegerField()
    share = models.DecimalField("相同比例", max_digits=5, decimal_places=4, db_index=True)
    fields = models.JSONField("栏目", default=list)
    passages = models.JSONField("段落", default=list)
    found_at = models.DateTimeField("比对时间")

    class Meta:
        verbose_name = "相似文本"
        constraints = [
            models.UniqueConstraint(name="likeness_once", fields=["a", "b"]),
            models.CheckConstraint(name="likeness_in_order", condition=Q(a__lt=models.F("b"))),
        ]

    def __str__(self) -> str:
        return f"{self.a} {self.b}"


class Correction(models.Model):
    """One round of correction: what a return named, and what came of it. Kept for ever.

    ``state`` is written by ``applications.services.corrections``. ``organisation`` returned it;
    ``by_office`` says on which side it stood then.
    """

    class State(models.TextChoices):
        OPEN = "open", "等待修改"
        SUBMITTED = "submitted", "已修改，待核对"
        ACCEPTED = "accepted", "已接受"
        AGAIN = "again", "再次退回"
        STOOD = "stood", "到期未提交，维持原版本"
        WITHDRAWN = "withdrawn", "申报已撤回"

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="corrections"
    )
    number = models.PositiveSmallIntegerField("轮次")
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.OPEN)
    from_version = models.PositiveIntegerField("退回的版本")
    to_version = models.PositiveIntegerField("修改后的版本", null=True)
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    by_office = models.BooleanField("主管部门退回", default=False)
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField("退回人", max_length=50)
    note = models.TextField("总的意见", blank=True)
    until = models.DateTimeField("修改截止")
    opened_at = models.DateTimeField("退回时间")
    ended_at = models.DateTimeField("结束时间", null=True)
    decided_at = models.DateTimeField("核对时间", null=True)
    decided_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "修改轮次"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(name="correction_once", fields=["application", "number"]),
            models.UniqueConstraint(
                name="correction_one_open", fields=["application"], condition=Q(state="open")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application} 第 {self.number} 轮"

    @property
    def shape(self) -> str:
        """The mark of the state on pages."""
        return {
            self.State.OPEN: "fix",
            self.State.SUBMITTED: "wait",
            self.State.ACCEPTED: "done",
            self.State.AGAIN: "fix",
        }.get(self.State(self.state), "void")


class CorrectedField(models.Model):
    """A place that a return named, with its comment. An empty ``field`` is the whole section."""

    correction = models.ForeignKey(Correction, on_delete=models.CASCADE, related_name="named")
    order = models.PositiveSmallIntegerField("次序")
    section = models.CharField("部分", max_length=60)
    field = models.CharField("栏目", max_length=60, blank=True)
    title = models.CharField("名称", max_length=200)
    comment = models.CharField("意见", max_length=300, blank=True)

    class Meta:
        verbose_name = "点名的栏目"
        ordering = ["order"]

    def __str__(self) -> str:
        return self.title


class Copy(models.Model):
    """From which earlier filing one began, and what went over: a list of
    ``applications.copying.Taken`` as maps."""

    application = models.OneToOneField(Application, on_delete=models.CASCADE, related_name="copy")
    source = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="copies")
    report = models.JSONField("带入情况", default=list)
    at = models.DateTimeField("带入时间")
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "底稿"

    def __str__(self) -> str:
        return f"{self.application} 底稿 {self.source}"
