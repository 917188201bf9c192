"""A whole programme: everything that makes it different from the others. Pure."""

from collections.abc import Iterator

import pydantic

from calls.programme.base import Choice, Count, Spec, Title
from calls.programme.directions import Direction
from calls.programme.form import Attachment, Field, Section
from calls.programme.parts import (
    STEP_TITLES,
    Applicants,
    Approval,
    Award,
    Cap,
    Dates,
    Decision,
    Dispatch,
    Document,
    DocumentKind,
    Level,
    Publicity,
    Quota,
    Recommendation,
    RecommenderKind,
    Review,
    SiteVisit,
    Step,
    Task,
    Testing,
    Tier,
    TierStage,
)


class Programme(Spec):
    """One programme: everything that makes it different from the others."""

    code: str = pydantic.Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=50)
    title: Title
    short_title: Title
    number_prefix: str = pydantic.Field(pattern=r"^[A-Z0-9]+(-[A-Z0-9]+)*$", max_length=20)
    notice: str = ""
    organiser: Title
    note: str = ""
    years: tuple[int, ...] = ()
    title_label: Title = "项目名称"
    title_max_chars: Count = 30
    steps: tuple[Step, ...] = pydantic.Field(min_length=1)
    step_titles: dict[Step, str] = pydantic.Field(default_factory=dict)
    dates: Dates = Dates()
    applicants: Applicants
    classes: tuple[Choice, ...] = ()
    directions: tuple[Direction, ...] = ()
    directions_complete: bool = True
    quota: tuple[Quota, ...] = ()
    caps: tuple[Cap, ...] = ()
    recommendation: Recommendation | None = None
    levels: tuple[Level, ...] = ()
    sections: tuple[Section, ...] = pydantic.Field(min_length=1)
    attachments: tuple[Attachment, ...] = ()
    declaration: tuple[str, ...] = ()
    review: Review | None = None
    site_visit: SiteVisit | None = None
    approval: Approval | None = None
    dispatch: Dispatch | None = None
    publicity: Publicity | None = None
    decision: Decision | None = None
    task: Task | None = None
    testing: Testing | None = None
    award: Award | None = None
    documents: tuple[Document, ...] = ()
    templates_verified: bool = False

    def has(self, step: Step | str) -> bool:
        return Step(step) in self.steps

    def step_title(self, step: Step | str) -> str:
        """The programme's own word for a step, or the usual one."""
        return self.step_titles.get(Step(step), STEP_TITLES[Step(step)])

    def class_title(self, key: str | None) -> str:
        return next((choice.title for choice in self.classes if choice.key == key), "")

    def direction(self, key: str) -> Direction | None:
        return next((direction for direction in self.directions if direction.key == key), None)

    def section(self, key: str) -> Section | None:
        return next((section for section in self.sections if section.key == key), None)

    def tier(self, key: str) -> Tier | None:
        return next((tier for tier in self.tiers if tier.key == key), None)

    @property
    def tiers(self) -> tuple[Tier, ...]:
        return self.decision.tiers if self.decision else ()

    def tiers_of(self, stage: TierStage | str) -> tuple[Tier, ...]:
        return tuple(tier for tier in self.tiers if tier.stage == stage)

    def quotas_for(self, kind: RecommenderKind | str) -> tuple[Quota, ...]:
        """The quota rows that hold for one kind of recommender; none = may not recommend."""
        return tuple(quota for quota in self.quota if kind in quota.kinds)

    def caps_for(self, tier: str) -> tuple[Cap, ...]:
        return tuple(cap for cap in self.caps if cap.tier == tier)

    def document(self, kind: DocumentKind | str) -> Document | None:
        return next((document for document in self.documents if document.kind == kind), None)

    @property
    def recommender_kinds(self) -> tuple[RecommenderKind, ...]:
        return tuple(dict.fromkeys(kind for quota in self.quota for kind in quota.kinds))

    def fields(self) -> Iterator[tuple[Section, Field]]:
        """Every field of the form with its section, in order."""
        for section in self.sections:
            for field in section.fields:
                yield section, field
