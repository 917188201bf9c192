"""One proposal of a round as it was drawn: what went in, what came out, and whether it was sent."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property

from reviews import drawing


class Draw(models.Model):
    """Written once; afterwards only its being sent out and taken back. ``services.drawn`` alone.

    ``inputs`` and ``outcome`` hold canonical JSON (``reviews.drawing``), compressed;
    ``fingerprint`` and ``outcome_fingerprint`` are the SHA-256 of what was compressed.
    """

    round = models.ForeignKey("reviews.Round", on_delete=models.PROTECT, related_name="draws")
    number = models.PositiveIntegerField("序号")
    made_at = models.DateTimeField("抽取时间")
    made_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    commitment = models.CharField("种子承诺值", max_length=64)
    committed_at = models.DateTimeField("承诺公布时间")
    seed = models.CharField("抽取种子", max_length=64)
    inputs = models.BinaryField("抽取输入")
    fingerprint = models.CharField("输入指纹", max_length=64)
    outcome = models.BinaryField("抽取结果")
    outcome_fingerprint = models.CharField("结果指纹", max_length=64)
    pairs = models.PositiveIntegerField("拟分配数")
    objective = models.CharField("专业匹配度", max_length=10)
    cost = models.BigIntegerField("目标值")
    gap = models.BigIntegerField("与最优界之差")
    solver = models.CharField("求解程序", max_length=60)
    deployed_at = models.DateTimeField("下发时间", null=True, blank=True)
    undone_at = models.DateTimeField("撤回时间", null=True, blank=True)

    class Meta:
        verbose_name = "抽取记录"
        ordering = ["round", "number"]
        constraints = [
            models.UniqueConstraint(name="draw_number_once", fields=["round", "number"]),
            models.UniqueConstraint(
                name="draw_one_is_out",
                fields=["round"],
                condition=Q(deployed_at__isnull=False, undone_at__isnull=True),
            ),
            models.CheckConstraint(
                name="draw_undone_was_out",
                condition=Q(undone_at__isnull=True) | Q(deployed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"第 {self.number} 次抽取"

    @cached_property
    def given(self) -> Any:
        """What went in, as ``drawing.inputs`` made it."""
        return drawing.unpacked(self.inputs)

    @cached_property
    def drawn(self) -> set[tuple[int, int]]:
        """What came out: (application, expert)."""
        return set(drawing.apart(drawing.unpacked(self.outcome)["pairs"]))

    @property
    def is_out(self) -> bool:
        return self.deployed_at is not None and self.undone_at is None

    @property
    def seed_shown(self) -> str:
        """The seed, once it has been disclosed: a taken back draw stays disclosed."""
        return self.seed if self.deployed_at else ""
