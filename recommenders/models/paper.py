"""What goes out and comes back on paper: letters of a list, and the register of what arrived."""

from django.db import models
from django.db.models import Q

from documents import codes
from recommenders.models.people import person


class CoverLetterText(models.Model):
    """What a unit sets itself on the 报送函 of its list; everything else comes from the list."""

    list = models.OneToOneField(
        "recommenders.RankedList", on_delete=models.PROTECT, related_name="cover_letter_text"
    )
    number = models.CharField("发文字号", max_length=40, blank=True)
    to = models.CharField("主送机关", max_length=60, blank=True)
    contact_name = models.CharField("联系人", max_length=20, blank=True)
    contact_phone = models.CharField("联系电话", max_length=30, blank=True)
    changed_by = person("修改人")
    changed_at = models.DateTimeField("修改时间")

    class Meta:
        verbose_name = "报送函"

    def __str__(self) -> str:
        return self.number or str(self.list)


class PaperReceipt(models.Model):
    """Copies of one paper that arrived at one level. Never changed: corrected by another row.

    ``receiver`` registers what ``sender`` sent. ``document`` is the paper whose code was read, or,
    by hand, the one in force then. Only ``counted`` copies count, and only while their document
    is still the one in force; what was set aside arrived, and was the wrong paper.
    """

    class State(models.TextChoices):
        COUNTED = "counted", "已登记"
        SET_ASIDE = "set_aside", "不计入"
        CORRECTED = "corrected", "已更正"

    class Kind(models.TextChoices):
        SHEET = "sheet", "信息报送汇总表"
        LETTER = "letter", "报送函"
        FORM = "form", "项目申报书"

    class How(models.TextChoices):
        SCANNED = "scanned", "扫码"
        PHOTO = "photo", "照片识别"
        BY_HAND = "by_hand", "人工核对"

    class Verdict(models.TextChoices):
        MATCHED = "matched", "相符"
        STALE = "stale", "旧版"
        VOID = "void", "作废"

    public_id = models.CharField(
        max_length=16, unique=True, editable=False, default=codes.new_public_id
    )
    token = models.CharField("防重标识", max_length=32, unique=True)
    call = models.ForeignKey("calls.Call", on_delete=models.PROTECT, related_name="paper_receipts")
    receiver = models.ForeignKey(
        "accounts.Organisation",
        verbose_name="接收单位",
        on_delete=models.PROTECT,
        related_name="papers_received",
    )
    sender = models.ForeignKey(
        "accounts.Organisation",
        verbose_name="报送单位",
        null=True,
        on_delete=models.PROTECT,
        related_name="papers_sent",
    )
    kind = models.CharField("种类", max_length=10, choices=Kind)
    list = models.ForeignKey(
        "recommenders.RankedList", null=True, on_delete=models.PROTECT, related_name="papers"
    )
    application = models.ForeignKey(
        "applications.Application", null=True, on_delete=models.PROTECT, related_name="papers"
    )
    document = models.ForeignKey(
        "documents.Document", null=True, on_delete=models.PROTECT, related_name="+"
    )
    verdict = models.CharField("比对", max_length=10, choices=Verdict)
    how = models.CharField("核对方式", max_length=10, choices=How)
    state = models.CharField("状态", max_length=10, choices=State)
    copies = models.PositiveSmallIntegerField("份数", default=1)
    received_on = models.DateField("收到日期")
    courier = models.CharField("快递单号", max_length=40, blank=True)
    remark = models.CharField("备注", max_length=200, blank=True)
    recorded_by = person("登记人")
    recorded_at = models.DateTimeField("登记时间")
    corrected_by = person("更正人", null=True)
    corrected_at = models.DateTimeField("更正时间", null=True)
    correction_reason = models.CharField("更正原因", max_length=200, blank=True)
    corrects = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="corrected_as"
    )

    class Meta:
        verbose_name = "纸质材料登记"
        ordering = ["-recorded_at", "-pk"]
        indexes = [
            models.Index(name="paper_receipt_at", fields=["call", "receiver", "sender"]),
        ]
        constraints = [
            models.CheckConstraint(
                name="paper_receipt_about_one_thing",
                condition=Q(kind="form", application__isnull=False)
                | Q(kind__in=["sheet", "letter"], list__isnull=False),
            ),
            models.CheckConstraint(
                name="paper_receipt_counts_what_matched",
                condition=~Q(state="counted") | Q(verdict="matched", document__isnull=False),
            ),
            models.CheckConstraint(
                name="paper_receipt_correction_whole",
                condition=Q(
                    state="corrected", corrected_by__isnull=False, corrected_at__isnull=False
                )
                & ~Q(correction_reason="")
                | ~Q(state="corrected") & Q(corrected_by__isnull=True, correction_reason=""),
            ),
            models.CheckConstraint(name="paper_receipt_some_copies", condition=Q(copies__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.copies} 份"


class PaperReminder(models.Model):
    """Those behind with their paper were reminded: once for each date and number of days before.

    ``days_before`` None: by a person's hand, once a day at most.
    """

    call = models.ForeignKey("calls.Call", on_delete=models.PROTECT, related_name="paper_reminders")
    receiver = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="paper_reminders"
    )
    until = models.DateTimeField("截止时间", null=True)
    days_before = models.PositiveSmallIntegerField("提前天数", null=True)
    day = models.DateField("发出日")
    at = models.DateTimeField("发出时间")
    letters = models.PositiveIntegerField("发出封数", default=0)

    class Meta:
        verbose_name = "纸质材料催交"
        constraints = [
            models.UniqueConstraint(
                name="paper_reminder_once",
                fields=["call", "receiver", "until", "days_before"],
                condition=Q(days_before__isnull=False),
            ),
            models.UniqueConstraint(
                name="paper_reminder_by_hand_daily",
                fields=["call", "receiver", "day"],
                condition=Q(days_before__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.receiver} {self.day}"


class ResultLetter(models.Model):
    """The unit's letter to one applicant: recommended or not. Sent once; then it stands."""

    list = models.ForeignKey(
        "recommenders.RankedList", on_delete=models.PROTECT, related_name="result_letters"
    )
    application = models.OneToOneField(
        "applications.Application", on_delete=models.PROTECT, related_name="result_letter"
    )
    recommended = models.BooleanField("已推荐")
    text = models.TextField("正文")
    changed_by = person("修改人", null=True)
    changed_at = models.DateTimeField("修改时间", null=True)
    sent_by = person("发出人", null=True)
    sent_at = models.DateTimeField("发出时间", null=True)
    document = models.ForeignKey(
        "documents.Document", null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "推荐结果通知"
        constraints = [
            models.CheckConstraint(
                name="result_letter_sent_whole",
                condition=Q(sent_at__isnull=True, sent_by__isnull=True, document__isnull=True)
                | Q(sent_at__isnull=False, sent_by__isnull=False, document__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} {'推荐' if self.recommended else '未推荐'}"
