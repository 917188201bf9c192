"""Classes of data, and how an export says which it holds. Of our own making: no standard was
consulted, and which column is what stands in ``office/labels.toml``. No models, no rules."""

from collections.abc import Iterable
from enum import StrEnum


class Label(StrEnum):
    """From the least to the most guarded."""

    PUBLIC = "public"
    INTERNAL = "internal"
    PERSONAL = "personal"
    BUSINESS = "business"
    REVIEW = "review"
    SECRET = "secret"

    @property
    def words(self) -> str:
        return WORDS[self]

    @property
    def about(self) -> str:
        return ABOUT[self]


WORDS = {
    Label.PUBLIC: "公开",
    Label.INTERNAL: "内部",
    Label.PERSONAL: "个人信息",
    Label.BUSINESS: "商业敏感",
    Label.REVIEW: "评审敏感",
    Label.SECRET: "鉴别信息",
}
ABOUT = {
    Label.PUBLIC: "任何人可以查阅，或办结后公布的内容",
    Label.INTERNAL: "办理中的工作内容，只供有职责的人员",
    Label.PERSONAL: "能识别个人的姓名、邮箱、电话、任职，以及含有这些内容的文字",
    Label.BUSINESS: "申报单位未公开的技术、指标、经营和测评内容",
    Label.REVIEW: "评分、票决、推荐意见和未公布的结果",
    Label.SECRET: "口令、验证密钥、会话和一次性链接，只存散列或密文，不导出",
}
ORDER = tuple(Label)


def highest(held: Iterable[Label]) -> Label:
    """The most guarded of several."""
    return max(held, key=ORDER.index)


def line(*held: Label) -> str:
    """The small print of an export."""
    return f"数据类别：{'、'.join(one.words for one in sorted(held, key=ORDER.index))}"


def marked(name: str, label: Label) -> str:
    """A file's name that says its class: 联系表（个人信息）.xlsx."""
    stem, dot, suffix = name.rpartition(".")
    return f"{stem or suffix}（{label.words}）{dot + suffix if stem else ''}"
