"""What a unit keeps for itself about the filings of its area: notes, tags, a paper selection.

Nothing here is ever shown to the applicant, to another unit or to the office.
"""

from django.db import models
from django.db.models import Q

from documents import codes
from recommenders.models.people import person


class FilingNote(models.Model):
    """A remark of the unit on a filing, for its own people. Taken back, it is hidden, not lost."""

    application = models.ForeignKey(
        "applications.Application", on_delete=models.PROTECT, related_name="unit_notes"
    )
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="filing_notes"
    )
    text = models.CharField("内部备注", max_length=500)
    by = person("填写人")
    at = models.DateTimeField("填写时间")
    removed_at = models.DateTimeField("删除时间", null=True)
    removed_by = person("删除人", null=True)

    class Meta:
        verbose_name = "内部备注"
        indexes = [
            models.Index(
                name="filing_note_live",
                fields=["organisation", "application"],
                condition=Q(removed_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.text


class Tag(models.Model):
    """A word of the unit's own for sorting filings. ``tone`` is one of the marks of the pages."""

    class Tone(models.TextChoices):
        PLAIN = "plain", "素"
        INK = "ink", "墨"
        TEAL = "teal", "青"
        RED = "red", "朱"
        DASHED = "dashed", "虚线"

    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="filing_tags"
    )
    name = models.CharField("标签", max_length=12)
    tone = models.CharField("样式", max_length=8, choices=Tone, default=Tone.PLAIN)

    class Meta:
        verbose_name = "标签"
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(name="filing_tag_once", fields=["organisation", "name"]),
        ]

    def __str__(self) -> str:
        return self.name


class Tagging(models.Model):
    """A tag on a filing."""

    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="taggings")
    application = models.ForeignKey(
        "applications.Application", on_delete=models.PROTECT, related_name="taggings"
    )
    by = person("标注人")
    at = models.DateTimeField("标注时间")

    class Meta:
        verbose_name = "标注"
        constraints = [
            models.UniqueConstraint(name="filing_tagged_once", fields=["tag", "application"]),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} {self.tag_id}"


class PaperSelection(models.Model):
    """The result of a selection held outside the system, with its minutes. A later one replaces it.

    It feeds the 初评分 of the unit's pages exactly as a closed round of its own experts does.
    """

    public_id = models.CharField(
        max_length=16, unique=True, editable=False, default=codes.new_public_id
    )
    call = models.ForeignKey(
        "calls.Call", on_delete=models.PROTECT, related_name="paper_selections"
    )
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="paper_selections"
    )
    held_on = models.DateField("评审日期")
    participants = models.CharField("参加人员", max_length=300)
    note = models.CharField("说明", max_length=500, blank=True)
    minutes = models.ForeignKey("documents.Blob", on_delete=models.PROTECT, related_name="+")
    minutes_name = models.CharField("纪要文件名", max_length=255)
    by = person("录入人")
    at = models.DateTimeField("录入时间")
    replaced_at = models.DateTimeField("替换时间", null=True)

    class Meta:
        verbose_name = "线下评审结果"
        constraints = [
            models.UniqueConstraint(
                name="paper_selection_one_in_force",
                fields=["call", "organisation"],
                condition=Q(replaced_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} {self.held_on} 线下评审"


class PaperResult(models.Model):
    """What a selection on paper said of one filing: a score (0–100), a rank, or both."""

    selection = models.ForeignKey(PaperSelection, on_delete=models.PROTECT, related_name="results")
    application = models.ForeignKey(
        "applications.Application", on_delete=models.PROTECT, related_name="paper_results"
    )
    score = models.DecimalField("得分", max_digits=5, decimal_places=2, null=True)
    rank = models.PositiveSmallIntegerField("名次", null=True)

    class Meta:
        verbose_name = "线下评审得分"
        constraints = [
            models.UniqueConstraint(name="paper_result_once", fields=["selection", "application"]),
            models.CheckConstraint(
                name="paper_result_says_something",
                condition=Q(score__isnull=False) | Q(rank__isnull=False),
            ),
            models.CheckConstraint(
                name="paper_result_score_to_100",
                condition=Q(score__isnull=True) | Q(score__gte=0, score__lte=100),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} {self.score}"
