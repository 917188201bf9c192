"""The shapes of the frozen snapshots that documents are drawn from.

Whoever asks for a document builds one of these. They hold plain JSON: strings, whole numbers,
booleans, lists and maps. Decimals are strings, instants are ISO 8601 with an offset
("2021-11-14T20:31:07+08:00"), dates are ISO dates ("2021-11-29"). Long texts keep their line
breaks.

``content_fingerprint`` is the fingerprint of the frozen version (of an application, of a list) a
paper is drawn from; it is what is printed as 指纹. Where it is left out, the fingerprint of the
snapshot itself is printed.
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


# ── 专家评分汇总表 ───────────────────────────────────────────────────────────────────────────


class ScoreCell(TypedDict):
    text: str  # "88.0", 回避, — ; formatted with the same decimals
    mark: NotRequired[Literal["", "high", "low"]]  # dropped highest or lowest


class ScoreRow(TypedDict):
    rank: int
    title: str
    organisation: str
    scores: list[ScoreCell]
    counted: int
    average: str
    advice: str  # 建议入围, 后备, 不入围, or ""


class ScoreSheet(TypedDict):
    call: CallPart
    group: str  # 第二组, or the direction
    number: str
    version: int
    frozen_at: str
    date: str
    mode: str  # 网络评审, 会议评审
    criteria: list[str]  # 指标先进性30
    full_marks: int
    experts: list[str]  # 专家1 …: never names
    rows: list[ScoreRow]
    notes: list[str]
    content_fingerprint: NotRequired[str]


# ── 测评报告 ─────────────────────────────────────────────────────────────────────────────────


class TestRow(TypedDict):
    name: str
    unit: str
    basis: str
    target: str  # in force, with its sign: "≥ 70"
    first_target: str  # as filed, where it was changed since; else ""
    measured: str  # as the agency wrote it; "" where it was not tested
    told: str  # how it was converted: 0.2 s＝200 ms
    method: str
    sample_size: str
    environment: str
    conclusion: str  # computed, in words: 达到, 超过, 未达到, 不比较, 未测
    difference: str
    evidence: str
    untested: str  # why it was not tested
    remarks: str


class TestReport(TypedDict):
    call: CallPart
    number: str
    version: int
    frozen_at: str
    date: str
    commissioner: str  # who commissioned the test
    agency: Party
    accreditation: str
    accredited_by: str
    accredited_until: str
    accreditation_verified: bool
    organisation: Party  # the tested unit
    title: str
    application_number: str
    direction: str
    sample: str
    sample_model: str
    sample_version: str
    received_on: str
    basis: str
    environment: str
    tested_from: str
    tested_until: str
    retest: bool
    rows: list[TestRow]
    overall: str  # computed, in words
    counts: str
    remarks: str
    written_by: str
    approved_by: str
    seal: SealPart | None


# ── 会议纪要, 签到与签字表 ───────────────────────────────────────────────────────────────────


class PanelItem(TypedDict):
    number: int
    label: str  # PS-0003
    title: str
    organisation: str
    direction: str
    before: str  # score of the round, "84.20" or —
    before_rank: str
    after: str  # score after the meeting
    after_rank: str
    present: int
    out: list[str]  # 委员03（回避：系统比对）
    votes: list[str]  # 推荐 4, 不推荐 1; empty when nobody voted
    abstained: int
    opinion: str
    how: str  # 表决通过, 未审议
    reason: str  # of the chair, where votes were equal
    changes: list[str]  # 委员02：78.00 → 84.00，理由
    again: list[str]  # sittings that no longer stand, and why
    notes: str


class PanelMinutes(TypedDict):
    call: CallPart
    number: str
    version: int
    frozen_at: str
    date: str
    meeting: str
    round: str
    organiser: str
    place: str
    span: str  # 09:05—11:40
    members: str  # 5 名，签到 5 名；组长 委员02: never names
    rules: str
    note: str  # why items were left
    rows: list[PanelItem]
    content_fingerprint: NotRequired[str]


class Signer(TypedDict):
    number: int
    name: str
    employer: str
    title: str
    role: str  # 组长, 成员
    entered: str  # 09:02, "" before


class PanelSignatures(TypedDict):
    """The one paper of a meeting that names the members: they sign it."""

    call: CallPart
    number: str
    version: int
    frozen_at: str
    date: str
    starts: str
    meeting: str
    round: str
    organiser: str
    place: str
    rows: list[Signer]


# ── 现场评估报告 ─────────────────────────────────────────────────────────────────────────────


class VisitMember(TypedDict):
    name: str
    unit: str
    lead: bool


class VisitAnswer(TypedDict):
    member: str
    value: str  # 是, 36 人, 优; "" where nothing was answered
    note: str


class VisitItem(TypedDict):
    title: str
    weight: int | None
    answers: list[VisitAnswer]


class VisitSeen(TypedDict):
    member: str
    value: str
    note: str
    beside_stated: str  # computed, in words; "" where nothing was compared
    beside_reference: str


class VisitStated(TypedDict):
    name: str
    unit: str
    basis: str
    reference: str
    current: str
    target: str
    seen: list[VisitSeen]


class VisitPhoto(TypedDict):
    number: int
    caption: str
    name: str
    size: int  # bytes
    pages: int
    sha256: str
    picture: NotRequired[str]  # SHA-256 of the JPEG that is printed; empty: cannot be drawn


class VisitOpinion(TypedDict):
    member: str
    text: str


class VisitSigned(TypedDict):
    name: str
    lead: bool
    at: str


class VisitReport(TypedDict):
    call: CallPart
    heading: str  # 现场评估报告, 考察报告
    organiser: str
    number: str
    version: int
    frozen_at: str
    title: str
    application_number: str
    application_version: int
    application_fingerprint: str
    organisation: Party
    direction: str
    starts_at: str
    ends_at: str
    place: str
    second: bool  # a second look after a time to put things right
    team: list[VisitMember]
    result: str  # 通过, 不通过, 整改后复查
    opinion: str
    due: str
    items: list[VisitItem]
    stated: list[VisitStated]
    overall: list[VisitOpinion]
    photos: list[VisitPhoto]
    remark: str
    remark_at: str
    verified: bool  # of the form's items
    source: str
    signatures: list[VisitSigned]
    content_fingerprint: NotRequired[str]
    seal: SealPart | None


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
