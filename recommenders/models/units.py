"""What units keep beside their list: seals, what lower levels said, checks on site."""

from django.db import models
from django.db.models import F, Q

from recommenders.models.people import person


class Seal(models.Model):
    """The registered seal of a unit, from one day to another (half-open): picture and certificate.

    A picture is put on paper only together with a signature: a seal without ``key`` is kept for
    the record and never used.
    """

    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="seals"
    )
    blob = models.ForeignKey("documents.Blob", on_delete=models.PROTECT, related_name="+")
    key = models.OneToOneField(
        "documents.SigningKey", null=True, on_delete=models.PROTECT, related_name="seal"
    )
    diameter_mm = models.DecimalField("直径（毫米）", max_digits=4, decimal_places=1)
    valid_from = models.DateField("启用日")
    valid_until = models.DateField("停用日", null=True, blank=True)
    registered_by = person("登记人")
    registered_at = models.DateTimeField("登记时间")
    approved_by = person("核准人", null=True)
    approved_at = models.DateTimeField("核准时间", null=True)

    class Meta:
        verbose_name = "单位印章"
        constraints = [
            models.CheckConstraint(
                name="seal_diameter", condition=Q(diameter_mm__gte=30, diameter_mm__lte=60)
            ),
            models.CheckConstraint(
                name="seal_span",
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
            ),
            models.CheckConstraint(
                name="seal_two_people",
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("registered_by")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} 印章"


class Preselection(models.Model):
    """What a city or district said of a filing of its area: forwarded upwards, or held."""

    class State(models.TextChoices):
        FORWARDED = "forwarded", "已上报"
        HELD = "held", "未上报"

    application = models.ForeignKey(
        "applications.Application", on_delete=models.PROTECT, related_name="preselections"
    )
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="preselections"
    )
    state = models.CharField("初审意见", max_length=10, choices=State)
    rank = models.PositiveSmallIntegerField("排序", null=True, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)
    by = person("初审人")
    at = models.DateTimeField("初审时间")

    class Meta:
        verbose_name = "初审"
        constraints = [
            models.UniqueConstraint(
                name="preselection_once", fields=["application", "organisation"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} {self.get_state_display()}"


class Visit(models.Model):
    """A check on site that a programme asks for before it is recommended."""

    application = models.ForeignKey(
        "applications.Application", on_delete=models.PROTECT, related_name="visits"
    )
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="visits"
    )
    day = models.DateField("核查日期")
    people = models.CharField("核查人员", max_length=100)
    finding = models.TextField("核查情况")
    passed = models.BooleanField("核查通过")
    by = person("登记人")
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "现场核查"
        constraints = [
            models.UniqueConstraint(name="visit_once", fields=["application", "organisation"]),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} {self.day}"
