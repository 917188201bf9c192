"""The shapes of the frozen snapshots of papers that say what was found.

Scores, tests, meetings and visits; of the same plain JSON as ``documents.snapshots``.
"""

from typing import Literal, NotRequired, TypedDict

from documents.snapshots import CallPart, Party, SealPart

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
