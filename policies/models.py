"""The library: zones, policies, their articles, and the imports that brought them."""

from django.conf import settings
from django.db import models

from policies.parsing import shape


class ImportRun(models.Model):
    """A file that was read. ``applied_at`` empty: only previewed, nothing in the library changed.

    ``text`` is kept until it is applied or a later file is; ``report`` is what the preview shows.
    """

    name = models.CharField("文件名", max_length=200)
    sha256 = models.CharField("SHA-256", max_length=64)
    text = models.TextField("文件内容", blank=True)
    report = models.JSONField("报告")
    read_at = models.DateTimeField("读取时间")
    read_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="读取人",
        related_name="+",
    )
    applied_at = models.DateTimeField("导入时间", null=True, blank=True)

    class Meta:
        verbose_name = "政策导入"
        verbose_name_plural = "政策导入"
        ordering = ["-read_at", "-pk"]

    def __str__(self) -> str:
        return self.name


class Zone(models.Model):
    """``region`` is the zone's place by its GB/T 2260 code, empty when its name has none."""

    name = models.CharField("试验区", max_length=100, unique=True)
    short = models.CharField("简称", max_length=20)
    region = models.CharField("行政区划代码", max_length=6, blank=True)
    order = models.PositiveSmallIntegerField("顺序")

    class Meta:
        verbose_name = "试验区"
        verbose_name_plural = "试验区"
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.short


class Policy(models.Model):
    """``key`` is its address and comes from the title. ``gone`` since an import left it out."""

    key = models.CharField("编号", max_length=10, unique=True)
    zone = models.ForeignKey(Zone, models.PROTECT, related_name="policies", verbose_name="试验区")
    title = models.CharField("标题", max_length=300)
    order = models.PositiveSmallIntegerField("顺序")
    digest = models.CharField("内容指纹", max_length=64)
    changed_at = models.DateTimeField("内容更新时间")
    gone = models.BooleanField("已移出", default=False)

    class Meta:
        verbose_name = "政策"
        verbose_name_plural = "政策"
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.title


class Node(models.Model):
    """An article of whatever level. ``path`` is its deep link; a node that goes keeps it."""

    class Kind(models.TextChoices):
        POLICY = shape.POLICY, "政策"
        CHAPTER = shape.CHAPTER, "章"
        ARTICLE = shape.ARTICLE, "条"
        PART = shape.PART, "部分"
        SECTION = shape.SECTION, "节"
        ITEM = shape.ITEM, "项"
        SUBITEM = shape.SUBITEM, "目"
        BOX = shape.BOX, "专栏"
        TABLE = shape.TABLE, "表"
        STRAY = shape.STRAY, "未归位"

    policy = models.ForeignKey(Policy, models.CASCADE, related_name="nodes", verbose_name="政策")
    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="children", verbose_name="上级"
    )
    kind = models.CharField("层级", max_length=10, choices=Kind.choices)
    depth = models.PositiveSmallIntegerField("深度")
    number = models.PositiveSmallIntegerField("序号")
    label = models.CharField("编号", max_length=40, blank=True)
    heading = models.CharField("标题", max_length=300, blank=True)
    text = models.TextField("正文", blank=True)
    path = models.CharField("地址", max_length=80, blank=True)
    order = models.PositiveIntegerField("顺序")
    themes = models.JSONField("主题", default=list)
    bigrams = models.TextField("检索词", blank=True)
    gone = models.BooleanField("已移出", default=False)

    class Meta:
        verbose_name = "条款"
        verbose_name_plural = "条款"
        ordering = ["policy__order", "order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "path"], name="one_node_per_deep_link"),
        ]

    def __str__(self) -> str:
        return f"{self.label}{self.heading}"

    @property
    def full(self) -> str:
        """Heading and text as one."""
        return (
            f"{self.heading}\n{self.text}"
            if self.heading and self.text
            else (self.heading or self.text)
        )

    @property
    def paragraphs(self) -> list[str]:
        return self.text.split("\n") if self.text else []

    @property
    def rows(self) -> list[list[str]]:
        """The rows of a table, all with the same number of cells."""
        rows = [line.split("\t") for line in self.paragraphs]
        width = max((len(row) for row in rows), default=0)
        return [row + [""] * (width - len(row)) for row in rows]


class Theme(models.Model):
    """That a node has a theme of data/themes.toml; one row each, so that it can be filtered."""

    node = models.ForeignKey(Node, models.CASCADE, related_name="theme_rows", verbose_name="条款")
    title = models.CharField("主题", max_length=20, db_index=True)

    class Meta:
        verbose_name = "主题"
        verbose_name_plural = "主题"

    def __str__(self) -> str:
        return self.title


class Amount(models.Model):
    """An amount in a node's text: value and unit as written, ``wan`` the value in 万元."""

    node = models.ForeignKey(Node, models.CASCADE, related_name="amounts", verbose_name="条款")
    value = models.DecimalField("数值", max_digits=14, decimal_places=4)
    low = models.DecimalField("下限", max_digits=14, decimal_places=4, null=True, blank=True)
    unit = models.CharField("单位", max_length=4)
    wan = models.DecimalField(
        "折合（万元）", max_digits=18, decimal_places=4, null=True, blank=True, db_index=True
    )
    qualifier = models.CharField("限定", max_length=10, blank=True)
    per = models.CharField("计算单位", max_length=20, blank=True)
    order = models.PositiveSmallIntegerField("顺序")

    class Meta:
        verbose_name = "金额"
        verbose_name_plural = "金额"
        ordering = ["node", "order"]

    def __str__(self) -> str:
        after = self.qualifier in ("以上", "左右")
        return f"{self.figure}{self.qualifier}" if after else f"{self.qualifier} {self.figure}"

    @property
    def figure(self) -> str:
        low = f"{self.low.normalize():f}–" if self.low is not None else ""
        return f"{low}{self.value.normalize():f} {self.unit}"


class Revision(models.Model):
    """What a node said until an import changed or removed it."""

    node = models.ForeignKey(Node, models.CASCADE, related_name="revisions", verbose_name="条款")
    run = models.ForeignKey(ImportRun, models.PROTECT, related_name="+", verbose_name="导入")
    heading = models.CharField("原标题", max_length=300, blank=True)
    text = models.TextField("原文", blank=True)
    until = models.DateTimeField("适用至")

    class Meta:
        verbose_name = "历史版本"
        verbose_name_plural = "历史版本"
        ordering = ["-until", "-pk"]

    def __str__(self) -> str:
        return str(self.node)


class Rule(models.Model):
    """A rule of an opened call that cites a source; ``node`` is the article it stands on.

    A citation of several articles has a row each; ``node`` is empty where the library does not
    hold the document.
    """

    call = models.ForeignKey(
        "calls.Call", models.CASCADE, related_name="cited_rules", verbose_name="批次"
    )
    place = models.CharField("规则位置", max_length=200)
    words = models.CharField("规则", max_length=300)
    citation = models.CharField("依据", max_length=300, db_index=True)
    node = models.ForeignKey(
        Node, models.CASCADE, null=True, blank=True, related_name="rules", verbose_name="条款"
    )

    class Meta:
        verbose_name = "规则依据"
        verbose_name_plural = "规则依据"
        ordering = ["call", "pk"]

    def __str__(self) -> str:
        return f"{self.words}（{self.citation}）"
