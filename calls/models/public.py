"""What is said about a call before everybody: notices, questions and answers."""

from django.db import models
from django.db.models import Q
from django.utils.crypto import get_random_string

from calls.models.call import Call


class Notice(models.Model):
    """A notice of a call: what the public and the units read. Published ones do not change."""

    call = models.ForeignKey(Call, null=True, on_delete=models.PROTECT, related_name="notices")
    title = models.CharField("标题", max_length=150)
    body = models.TextField("正文")
    published_at = models.DateTimeField("发布时间", null=True)
    published_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "通知"
        ordering = ["-published_at", "-pk"]

    def __str__(self) -> str:
        return self.title


def new_public_id() -> str:
    return get_random_string(12, "23456789abcdefghjkmnpqrstuvwxyz")


class Question(models.Model):
    """A private question about a call. What is published is written anew, without names.

    ``published_at`` may lie ahead: until then only the office sees what will be published.
    ``state`` is written by ``office.answering``.
    """

    class Category(models.TextChoices):
        ELIGIBILITY = "eligibility", "资格与限项"
        MATERIAL = "material", "填写与材料"
        RECOMMENDING = "recommending", "推荐与名额"
        DATES = "dates", "期限"
        SYSTEM = "system", "平台操作"
        OTHER = "other", "其他"

    class State(models.TextChoices):
        WAITING = "waiting", "待答复"
        ANSWERED = "answered", "已答复"

    public_id = models.CharField(max_length=16, unique=True, default=new_public_id, editable=False)
    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="questions")
    asked_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(
        "accounts.Organisation", null=True, on_delete=models.PROTECT, related_name="+"
    )
    text = models.TextField("问题")
    asked_at = models.DateTimeField("提出时间")
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.WAITING)
    answer = models.TextField("答复", blank=True)
    answered_at = models.DateTimeField("答复时间", null=True)
    answered_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    category = models.CharField(
        "类别", max_length=15, choices=Category.choices, default=Category.OTHER
    )
    published_question = models.TextField("公开的问题", blank=True)
    published_answer = models.TextField("公开的答复", blank=True)
    published_at = models.DateTimeField("公开时间", null=True)
    published_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    reminded_at = models.DateTimeField("提醒时间", null=True)

    class Meta:
        verbose_name = "提问"
        indexes = [models.Index(name="question_waiting", fields=["state", "asked_at"])]
        constraints = [
            models.CheckConstraint(
                name="question_published_was_answered",
                condition=Q(published_at__isnull=True) | Q(state="answered"),
            )
        ]

    def __str__(self) -> str:
        return self.text[:40]
