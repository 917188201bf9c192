"""The parts of a programme: steps, dates, who may file, quotas, review, results. Pure."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

import pydantic

from calls.programme.base import Count, Key, Spec, Title

CHINA = dt.timezone(dt.timedelta(hours=8))


def opening(day: dt.date) -> dt.datetime:
    """The first instant of a day in the file: its midnight, +08:00."""
    return dt.datetime.combine(day, dt.time(), CHINA)


def closing(day: dt.date) -> dt.datetime:
    """The exclusive end of an inclusive day in the file: the next midnight, +08:00."""
    return opening(day + dt.timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a file: where, what (English), and a hint (Chinese)."""

    where: str
    what: str
    hint: str = ""

    def __str__(self) -> str:
        hint = f"（提示：{self.hint}）" if self.hint else ""
        return f"{self.where}: {self.what}{hint}"


class Step(StrEnum):
    """The closed list of steps, in the only order they may have."""

    FILING = "filing"
    PRESELECTION = "preselection"
    RECOMMENDATION = "recommendation"
    FORMAL_CHECK = "formal_check"
    REVIEW = "review"
    PANEL = "panel"
    SITE_VISIT = "site_visit"
    APPROVAL = "approval"
    PUBLICITY = "publicity"
    ANNOUNCEMENT = "announcement"
    CONTRACT = "contract"
    TASK = "task"
    TESTING = "testing"
    ACCEPTANCE = "acceptance"
    AWARD = "award"
    LIBRARY = "library"


STEP_TITLES: dict[Step, str] = {
    Step.FILING: "申报",
    Step.PRESELECTION: "初审",
    Step.RECOMMENDATION: "推荐",
    Step.FORMAL_CHECK: "形式审查",
    Step.REVIEW: "专家评审",
    Step.PANEL: "会议评审",
    Step.SITE_VISIT: "现场评估",
    Step.APPROVAL: "审定",
    Step.PUBLICITY: "公示",
    Step.ANNOUNCEMENT: "公布名单",
    Step.CONTRACT: "签订任务书",
    Step.TASK: "任务实施",
    Step.TESTING: "测评",
    Step.ACCEPTANCE: "验收",
    Step.AWARD: "发布优胜",
    Step.LIBRARY: "入库",
}


class ApplicantKind(StrEnum):
    """Who may file; the same words as the kind of an organisation."""

    ENTERPRISE = "enterprise"
    UNIVERSITY = "university"
    INSTITUTE = "institute"
    OTHER = "other"


class RecommenderKind(StrEnum):
    """Who may recommend; the same words as the kind of an organisation."""

    PROVINCE = "province"
    SEPARATE_CITY = "separate_city"
    CORPS = "corps"
    CENTRAL_GROUP = "central_group"
    MINISTRY_BODY = "ministry_body"
    INDUSTRY_BODY = "industry_body"
    CITY = "city"
    DISTRICT = "district"


class QuotaScope(StrEnum):
    CALL = "call"
    DIRECTION = "direction"


class CapScope(StrEnum):
    CALL = "call"
    DIRECTION = "direction"
    SUBFIELD = "subfield"


class Dates(Spec):
    """Days as the notice gives them, all inclusive; unset ones are set by the office."""

    filing_from: dt.date | None = None
    filing_until: dt.date | None = None
    recommendation_until: dt.date | None = None
    scan_until: dt.date | None = None
    paper_until: dt.date | None = None
    review_until: dt.date | None = None
    announcement_by: dt.date | None = None
    note: str = ""
    sources: dict[str, str] = pydantic.Field(default_factory=dict)

    @staticmethod
    def exclusive(day: dt.date) -> dt.datetime:
        """The next midnight +08:00: what is stored for an inclusive last day."""
        return closing(day)


class Text(Spec):
    """A condition in words, which people check, with the clause it comes from."""

    text: Title
    source: str = ""


class Applicants(Spec):
    """Who may file, and how often."""

    kinds: tuple[ApplicantKind, ...] = pydantic.Field(min_length=1)
    legal_person: bool = False
    per_applicant: Count | None = None
    count_partners: bool = False
    exclude_winners: bool = False
    exclusive_in_direction: bool = False
    once_per_project: bool = False
    verified: bool = False
    max_partners: int | None = pydantic.Field(default=None, ge=0)
    regions: tuple[str, ...] = ()
    conditions: tuple[Text, ...] = ()
    sources: dict[str, str] = pydantic.Field(default_factory=dict)


class Quota(Spec):
    """How many one recommender of these kinds may recommend. No limit = unlimited.

    ``soft`` means 原则上 or 一般: more needs a reason and the office's approval. Rows with
    another ``pool`` are counted apart. ``counts_in_region`` false: 不占属地指标.
    """

    kinds: tuple[RecommenderKind, ...] = pydantic.Field(min_length=1)
    scope: QuotaScope = QuotaScope.CALL
    limit: Count | None = None
    soft: bool = False
    pool: str = ""
    counts_in_region: bool = True
    note: str = ""
    source: str = ""


class Cap(Spec):
    """How many of one tier may be chosen, in the call or per direction or sub-field."""

    tier: str
    scope: CapScope
    limit: Count
    soft: bool = False
    source: str = ""


class Recommendation(Spec):
    """How recommenders work in this programme.

    ``visit``: the recommender checks on site and records it before it recommends.
    ``letter``: a formal letter goes with the list. ``own_filing``: a unit may recommend what
    it filed itself; another person of the unit then approves. ``watch_filing``: names are seen
    while filing runs; ``read_while_filing``: the contents of what was submitted too.
    """

    visit: bool = False
    visit_title: str = "现场核查"
    letter: bool = False
    own_filing: bool = True
    watch_filing: bool = True
    read_while_filing: bool = False
    source: str = ""


class Level(Spec):
    """A level below the recommender: its own date, paper copies and letter."""

    kind: RecommenderKind
    title: Title
    until: dt.date | None = None
    copies: int = pydantic.Field(default=0, ge=0, le=50)
    letter: bool = False
    note: str = ""
    source: str = ""


class Criterion(Spec):
    key: Key
    title: Title
    weight: Count
    highest: int = pydantic.Field(default=10, ge=1, le=100)
    help: str = ""


class BlindUntil(StrEnum):
    """Until when a blind review hides the applicant from an expert."""

    CLOSING = "closing"
    SUBMISSION = "submission"


class Review(Spec):
    """How experts score. Weights add up to 100; scores run from 0 to ``highest``.

    A score at or below ``comment_low`` or at or above ``comment_high`` needs a comment of
    ``comment_min_chars``. ``trim`` drops the highest and the lowest total.
    """

    experts_per_application: int = pydantic.Field(default=5, ge=1, le=15)
    min_reviews: int = pydantic.Field(default=3, ge=1, le=15)
    criteria: tuple[Criterion, ...] = ()
    comment_low: int | None = pydantic.Field(default=None, ge=0)
    comment_high: int | None = pydantic.Field(default=None, ge=0)
    comment_min_chars: int = pydantic.Field(default=0, ge=0)
    trim: bool = False
    blind: bool = False
    blind_until: BlindUntil = BlindUntil.CLOSING
    method: str = ""
    source: str = ""
    verified: bool = True


class VisitItemKind(StrEnum):
    YES_NO = "yes_no"
    NUMBER = "number"
    TEXT = "text"
    GRADE = "grade"


GRADES = ("优", "良", "中", "差")


class VisitItem(Spec):
    """One line of the form that a team fills in at the site. ``grades`` run from good to bad."""

    key: Key
    title: Title
    kind: VisitItemKind = VisitItemKind.YES_NO
    unit: str = ""
    required: bool = False
    help: str = ""
    weight: Count | None = None
    grades: tuple[str, ...] = ()
    source: str = ""
    verified: bool = True

    @pydantic.model_validator(mode="after")
    def _usual_grades(self) -> "VisitItem":
        if self.kind is VisitItemKind.GRADE and not self.grades:
            object.__setattr__(self, "grades", GRADES)
        return self


class SiteVisit(Spec):
    """A check on site: what is looked at, and what the applicant prepares.

    ``hours`` is the usual length. ``report_days``: working days after the visit until the signed
    report is due; unset = the source states none and five are used.
    """

    items: tuple[VisitItem, ...] = ()
    prepare: tuple[str, ...] = ()
    hours: int = pydantic.Field(default=3, ge=1, le=12)
    report_days: Count | None = None
    source: str = ""
    verified: bool = True


class Approval(Spec):
    """审定 by a meeting and by offices that sign with the organiser; all have to agree."""

    meeting: Title
    cosigners: tuple[Title, ...] = pydantic.Field(min_length=1)
    source: str = ""


class Dispatch(Spec):
    """行文下达: the published units get an official letter of the organiser.

    ``jointly``: offices that issue it together with the organiser, named as cosigners of
    ``Approval``. ``title`` is where a draft starts.
    """

    title: Title
    jointly: tuple[Title, ...] = ()
    source: str = ""
    verified: bool = True


class Publicity(Spec):
    """公示: how many working days, and whether the first day counts.

    Without ``working_days`` the source states none and the office sets them. ``at_least``:
    the office may publish longer, not shorter.
    """

    working_days: Count | None = None
    first_day_counts: bool = True
    at_least: bool = False
    source: str = ""


class TierStage(StrEnum):
    SELECTION = "selection"
    AWARD = "award"


class Tier(Spec):
    """A result that can be won: at the selection, or at the award years later."""

    key: Key
    title: Title
    stage: TierStage = TierStage.SELECTION
    amount: Decimal | None = pydantic.Field(default=None, gt=0)
    source: str = ""


class Decision(Spec):
    """``amount``: the decision names a sum of money per application, in ``unit``."""

    amount: bool = False
    unit: str = "万元"
    maximum: Decimal | None = pydantic.Field(default=None, gt=0)
    tiers: tuple[Tier, ...] = ()
    source: str = ""


class Goals(Spec):
    """Where the form asks for the goals of the work, when it has no table of indicators.

    ``field`` is ``section.field`` of a table of rows; the others are keys of its columns.
    """

    field: Title
    name: Key
    target: Key
    method: Key | None = None


class Reports(Spec):
    """When progress is reported: each ``every_months`` from the start of the term.

    A report is due ``within_days`` after the end of the time it is about. Without
    ``every_months`` the source states no interval and the office asks as it sees fit.
    """

    every_months: Count | None = None
    within_days: int = pydantic.Field(default=0, ge=0, le=90)
    source: str = ""
    verified: bool = True


class Task(Spec):
    """The work after the announcement or contract: its length and what must be reported.

    Without ``months`` the length is not stated and the office sets it. ``soft``: 原则上, so that
    two people may grant more, up to ``longest_months`` where that is stated. ``lead_field`` is
    ``section.field`` of the answer that names who leads the work.
    """

    months: Count | None = None
    soft: bool = False
    longest_months: Count | None = None
    acceptance_within_months: Count | None = None
    changes: tuple[str, ...] = ()
    reports: Reports | None = None
    goals: Goals | None = None
    lead_field: str = ""
    source: str = ""


class Testing(Spec):
    """Who tests, and how a unit may disagree.

    ``dispute_days``: working days from the day after the release in which the unit may dispute
    its result, once; unset = none. ``retest``: a dispute may end in another test. ``verified``
    False: no source was seen for the days or the retest.
    """

    by: Title
    dispute_days: int | None = pydantic.Field(default=None, ge=1, le=60)
    retest: bool = True
    source: str = ""
    verified: bool = True


class Award(Spec):
    """The award after testing or acceptance: its criteria.

    ``publicity``: the list of winners goes before the public as ``[publicity]`` says, before it
    is announced.
    """

    criteria: tuple[Criterion, ...] = ()
    publicity: bool = False
    source: str = ""
    verified: bool = True


class DocumentKind(StrEnum):
    FORM = "form"
    SHEET = "sheet"
    RECEIPT = "receipt"
    LETTER = "letter"
    NOTICE = "notice"
    SCORE_SHEET = "score_sheet"
    CERTIFICATE = "certificate"


class Document(Spec):
    """A document the system makes. ``copies`` are paper copies the ministry asks for.

    ``sealed``: it has a place for the seal. ``electronic``: an electronic seal may stand for the
    scan of a sheet sealed in ink; only where the source, or the office, says so. ``tiers``: a
    certificate goes to whom is announced in one of these tiers; without them to everybody.
    """

    kind: DocumentKind
    title: Title
    copies: int = pydantic.Field(default=0, ge=0, le=50)
    sealed: bool = False
    electronic: bool = False
    tiers: tuple[str, ...] = ()
    verified: bool = True
    source: str = ""
