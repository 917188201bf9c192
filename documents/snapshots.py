"""The shapes of the frozen snapshots that documents are drawn from.

Whoever asks for a document builds one of these. They hold plain JSON: strings, whole numbers,
booleans, lists and maps. Decimals are strings, instants are ISO 8601 with an offset
("2021-11-14T20:31:07+08:00"), dates are ISO dates ("2021-11-29"). Long texts keep their line
breaks.

``content_fingerprint`` is the fingerprint of the frozen version (of an application, of a list) a
paper is drawn from; it is what is printed as 指纹. Where it is left out, the fingerprint of the
snapshot itself is printed. Papers that say what was found (scores, tests, meetings, visits) are in
``documents.findings``.
"""

from typing import Literal, NotRequired, TypedDict


class CallPart(TypedDict):
    code: str
    title: str
    demo: NotRequired[bool]  # adds （演示） after the title


class Party(TypedDict):
    name: str
    code: NotRequired[str]  # 统一社会信用代码
    kind: NotRequired[str]  # in words: 企业, 高等院校
    region: NotRequired[str]  # in words: 甲市高新区


class Contact(TypedDict):
    name: str
    phone: str


class SealPart(TypedDict):
    """The unit's registered seal image. ``sha256`` names a file in assets/paper or a blob.

    An ``electronic`` seal is not drawn: its ring is left, and the signature brings the image.
    """

    sha256: str
    mm: int  # diameter: 50, 45 or 42
    demo: NotRequired[bool]  # the 演示专用 seal
    electronic: NotRequired[bool]


# ── 信息报送汇总表 ───────────────────────────────────────────────────────────────────────────

SummaryRow = TypedDict(
    "SummaryRow",
    {
        "rank": int,
        "class": str,
        "direction": str,
        "subfield": str,
        "title": str,
        "organisation": str,
        "code": str,
        "kind": str,
        "region": str,
        "contact": str,
        "phone": str,
        "note": str,
    },
)


class SummarySheet(TypedDict):
    call: CallPart
    recommender: Party
    number: str
    version: int
    frozen_at: str
    date: str  # 填报日期
    limit: int | None  # None = 无限额
    limit_soft: bool  # 原则上
    granted: int  # places added by approved over-quota requests
    granted_note: NotRequired[str]  # how the office agreed
    rows: list[SummaryRow]
    reserve_count: int
    seal: SealPart | None
    content_fingerprint: NotRequired[str]


# ── 项目申报书 ───────────────────────────────────────────────────────────────────────────────


class FieldRow(TypedDict):
    label: str
    value: str
    unit: NotRequired[str]
    wide: NotRequired[bool]  # takes the whole line; long values do so by themselves


class FieldsBlock(TypedDict):
    kind: Literal["fields"]
    label: NotRequired[str]
    rows: list[FieldRow]


class TextBlock(TypedDict):
    kind: Literal["text"]
    label: str
    text: str


class Column(TypedDict):
    label: str
    align: NotRequired[Literal["left", "right", "center"]]
    width_mm: NotRequired[float]  # shares of 156 mm; what has none shares the rest


class TableBlock(TypedDict):
    kind: Literal["table"]
    label: NotRequired[str]
    unit: NotRequired[str]  # 单位：万元
    columns: list[Column]
    rows: list[list[str]]
    sum: NotRequired[list[str]]  # a computed last row
    note: NotRequired[str]


class IndicatorRow(TypedDict):
    name: str
    unit: str
    basis: str  # FP16, 5 米; empty when none
    reference: str  # with its operator: "≥ 70"; "" = none, 指南未公开 where not published
    current: str
    target: str
    comparison: str  # computed, in words: 超过, 达到, 未达到, 自定义, 未选
    method: str
    evidence: str  # attachment and page: 检测报告 第4页
    evidence_id: NotRequired[str]  # of the attachment: printed as its number in the list
    evidence_page: NotRequired[int | None]
    custom: NotRequired[bool]


class IndicatorsBlock(TypedDict):
    kind: Literal["indicators"]
    label: NotRequired[str]
    rows: list[IndicatorRow]


class Section(TypedDict):
    key: str
    title: str
    blocks: list[FieldsBlock | TextBlock | TableBlock | IndicatorsBlock]


class AttachmentRow(TypedDict):
    kind: str  # 营业执照
    name: str  # the file's name
    pages: int
    size: int  # bytes
    sha256: str
    id: NotRequired[str]


ApplicationForm = TypedDict(
    "ApplicationForm",
    {
        "title": str,
        "title_label": NotRequired[str],  # 项目名称 when absent
        "number": str,
        "version": int,
        "submitted_at": str,  # "" in a draft
        "call": CallPart,
        "organisation": Party,
        "recommender": Party,
        "class": str,
        "direction": str,
        "subfield": str,
        "contact": Contact,
        "sections": list[Section],
        "attachments": list[AttachmentRow],
        "declaration": list[str],  # the paragraphs of the 承诺书; none = no such part
        "content_fingerprint": NotRequired[str],
    },
)


# ── 回执 ─────────────────────────────────────────────────────────────────────────────────────

Receipt = TypedDict(
    "Receipt",
    {
        "call": CallPart,
        "number": str,
        "version": int,
        "submitted_at": str,
        "submitted_by": str,
        "title": str,
        "class": str,
        "direction": str,
        "organisation": Party,
        "recommender": Party,
        "attachments_count": int,
        "attachments_pages": int,
        "attachments_size": int,  # bytes
        "content_fingerprint": str,  # of the application version
        "next": list[str],  # what happens next, with dates, one sentence each
    },
)


# ── 函, 公示, 公告 ───────────────────────────────────────────────────────────────────────────


class NoticeList(TypedDict):
    title: str
    note: NotRequired[str]  # 排名不分先后，按方向排列
    columns: list[Column]
    rows: list[list[str]]


class CoverLetter(TypedDict):
    letterhead: str  # the unit's name in red; of several that issue it, the leading one
    number: str  # 示工信函〔2021〕45号; "" while not given
    title: str  # line breaks by sense
    to: str  # 主送机关, without the colon
    paragraphs: list[str]
    enclosures: list[str]
    signed_by: str
    signed_before: NotRequired[list[str]]  # units that issue it together, before the last
    date: str
    annexes: NotRequired[list[NoticeList]]
    contact: NotRequired[Contact]
    seal: SealPart | None
    version: NotRequired[int]
    content_fingerprint: NotRequired[str]


class Notice(TypedDict):
    title: str
    number: NotRequired[str]
    paragraphs: list[str]
    contacts: list[str]  # 联系电话：…, one line each
    signed_by: str
    date: str
    annexes: list[NoticeList]
    seal: SealPart | None
    version: NotRequired[int]
    content_fingerprint: NotRequired[str]


# ── 证书 ─────────────────────────────────────────────────────────────────────────────────────


class Certificate(TypedDict):
    title: str  # 证书
    to: str  # the unit, without the colon
    paragraphs: list[str]
    number: str
    demo: NotRequired[bool]  # prints （演示）
    unverified: NotRequired[bool]  # no official pattern is known: prints 样式未核实
    signed_by: str
    date: str
    seal: SealPart | None
