"""Reading surveys: what a unit said before, what stands where, how the area adds up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Membership, Organisation, User
from accounts.roles import FILING
from applications import prefill
from applications.content import answers, checking, values
from applications.content.checking import Problem
from applications.filing import known_of
from applications.models import Section as FiledSection
from calls.programme import Attachment, Section
from surveys.chains import KINDS
from surveys.consistency import Earlier, Hint, carried, hints
from surveys.models import Answer, Check, File, Request, Submission, Survey

OPEN_STATES = (Request.State.ASKED, Request.State.STARTED, Request.State.RETURNED)
"""Still to be answered."""
IN_STATES = (Request.State.ANSWERED, Request.State.CHECKED)


# One answer --------------------------------------------------------------------------------------


def earlier_answers(request: Request) -> list[Earlier]:
    """What the unit submitted in earlier surveys, the oldest first."""
    return _earlier(_submissions([request.organisation_id], request.survey), request.survey)


def _submissions(units: Iterable[int], survey: Survey) -> list[Submission]:
    return list(
        Submission.objects.filter(
            answer__request__organisation__in=list(units),
            answer__request__survey__created_at__lte=survey.created_at,
            returned_at=None,
        )
        .exclude(answer__request__survey=survey)
        .select_related("answer__request__survey")
        .order_by("answer__request__survey__created_at", "number")
    )


def _earlier(submissions: Iterable[Submission], survey: Survey) -> list[Earlier]:
    """Only what was asked under the same name and as the same type counts as the same question."""
    found: dict[str, Earlier] = {}
    for one in submissions:
        past = one.answer.request.survey
        for section, asked in past.spec.fields():
            name = f"{section.key}.{asked.key}"
            here = survey.spec.found(name)
            if here is None or (here[1].type, here[1].unit) != (asked.type, asked.unit):
                continue
            value = one.data.get(section.key, {}).get(asked.key)
            if not answers.is_empty(value):
                found.pop(name, None)
                found[name] = Earlier(name, f"“{past.spec.short_title}”", value)
    return list(found.values())


def filed(request: Request) -> list[Earlier]:
    """The same figures in what the unit has submitted as applications, as the file names them."""
    found = []
    for one in request.survey.spec.compare:
        key, *rest = one.filing.split(".")
        row = (
            FiledSection.objects.filter(
                key=key,
                application__organisation=request.organisation_id,
                application__version_number__gt=0,
            )
            .order_by("-application__submitted_at", "-pk")
            .first()
        )
        value: Any = row.data.get(rest[0]) if row else None
        if one.year is not None:
            table = value if isinstance(value, dict) else {}
            value = table.get(str(one.year), {}).get(rest[1])
        if not answers.is_empty(value):
            found.append(Earlier(one.field, one.label, value))
    return found


def first_contents(request: Request, user: User | None) -> dict[str, Any]:
    """What an untouched form shows: the register, and words of earlier answers over it."""
    unit = request.organisation
    known = {
        **unit.profile,
        "name": unit.name,
        "code": unit.code,
        "kind": unit.kind,
        "region": unit.region,
        "address": unit.address,
    }
    if user is not None and user.is_authenticated:
        known = known_of(unit, user)
    spec = request.survey.spec
    found: dict[str, dict[str, Any]] = {section.key: {} for section in spec.sections}
    for part in (carried(spec, earlier_answers(request)), prefill.sections(spec, known)):
        for key, data in part.items():
            found[key] = {**found[key], **data}
    return {key: data for key, data in found.items() if data}


def answer_of(request: Request) -> Answer | None:
    return Answer.objects.filter(request=request).first()


def problems(survey: Survey, data: dict[str, Any]) -> list[tuple[Section, Problem]]:
    """Everything that blocks the submission, section by section."""
    spec = survey.spec
    return [
        (section, problem)
        for section in spec.sections
        for problem in checking.check(section, data.get(section.key, {}), answers=data)
    ]


def missing_files(survey: Survey, files: Iterable[File]) -> list[Attachment]:
    """The kinds of file that are asked for and not there."""
    there = {one.key for one in files}
    return [one for one in survey.spec.attachments if one.required and one.key not in there]


def files_of(request: Request) -> list[tuple[Attachment, list[File]]]:
    """The kinds of file of the survey, each with what is there now."""
    found = list(request.files.filter(removed_at=None).select_related("blob"))
    return [
        (kind, [one for one in found if one.key == kind.key])
        for kind in request.survey.spec.attachments
    ]


def submitted_files(request: Request, submission: Submission) -> list[File]:
    """The files that lay beside a submission."""
    return list(request.files.filter(public_id__in=submission.files).select_related("blob"))


def hints_of(request: Request, data: dict[str, Any], *, filings: bool) -> list[Hint]:
    """``filings`` only for the unit's own people: what it filed is not for the levels above."""
    earlier = earlier_answers(request) + (filed(request) if filings else [])
    return hints(request.survey.spec, data, earlier)


# An area -----------------------------------------------------------------------------------------


def surveys_of_unit(unit: int, *, at: datetime) -> Sequence[Survey]:
    """The surveys in which the unit checks answers, with its counts and what waits for it."""
    found = list(
        Survey.objects.filter(requests__checks__unit=unit)
        .exclude(state=Survey.State.PREPARING)
        .annotate(
            asked=Count("requests", distinct=True),
            answered=Count("requests", filter=Q(requests__state__in=IN_STATES), distinct=True),
        )
    )
    waiting = _waiting(unit, at=at)
    for one in found:
        one.waiting = waiting.get(one.pk, 0)  # type: ignore[attr-defined]
    return found


def _waiting(unit: int, *, at: datetime) -> dict[int, int]:
    """How many answers wait for the unit, by survey: ``words.waits_for`` as one query."""
    late = reduce(
        or_,
        [
            Q(unit__kind__in=kinds, **{f"request__survey__{level}_until__lte": at})
            for level, kinds in KINDS.items()
        ],
    )
    checks = Check.objects.filter(request=OuterRef("pk"), position__gte=OuterRef("place"))
    turn = checks.exclude(late).order_by("position").values("unit")[:1]
    last = checks.order_by("-position").values("unit")[:1]
    rows = (
        Request.objects.filter(state=Request.State.ANSWERED, checks__unit=unit)
        .annotate(turn=Coalesce(Subquery(turn), Subquery(last)))
        .filter(turn=unit)
        .values_list("survey")
        .annotate(Count("pk", distinct=True))
    )
    return dict(rows)


def unasked(survey: Survey) -> QuerySet[Organisation]:
    """Units of the survey's kinds and regions that are not asked: registered since it opened."""
    return fitting(survey).exclude(survey_requests__survey=survey)


def fitting(survey: Survey) -> QuerySet[Organisation]:
    """Every unit of the survey's kinds and regions."""
    return Organisation.objects.filter(
        reduce(or_, [_within(code) for code in survey.regions], Q(pk=None)),
        kind__in=[str(kind) for kind in survey.spec.asked.kinds],
    ).order_by("pk")


def _within(code: str) -> Q:
    significant = 2 if code.endswith("0000") else 4 if code.endswith("00") else 6
    return Q(region__startswith=code[:significant])


def surveys_counted() -> QuerySet[Survey]:
    return Survey.objects.annotate(
        asked=Count("requests"),
        answered=Count("requests", filter=Q(requests__state__in=IN_STATES)),
        checked=Count("requests", filter=Q(requests__state=Request.State.CHECKED)),
    )


def area(survey: Survey, unit: int | None) -> QuerySet[Request]:
    """The requests of a survey in a unit's area; all of them without one."""
    found = survey.requests.select_related("organisation", "answer", "link").prefetch_related(
        Prefetch("checks", Check.objects.select_related("unit").order_by("position"))
    )
    if unit is not None:
        found = found.filter(checks__unit=unit)
    return found.order_by("organisation__region", "organisation__name", "pk")


@dataclass(slots=True)
class Line:
    """One line of the roll-up: a unit below and how its part stands."""

    unit: Organisation | None
    asked: int = 0
    answered: int = 0
    checked: int = 0
    totals: dict[str, Decimal] = field(default_factory=dict)
    share: int = 0
    widths: dict[str, int] = field(default_factory=dict)
    """Per figure the length of its bar: percent of the largest line."""

    @property
    def sums(self) -> dict[str, str]:
        """The totals in words."""
        return {name: values.grouped(value) for name, value in self.totals.items()}

    @property
    def open(self) -> int:
        return self.asked - self.answered

    def add(self, request: Request, figures: Iterable[tuple[str, str]]) -> None:
        self.asked += 1
        if request.state not in IN_STATES:
            return
        self.answered += 1
        self.checked += request.state == Request.State.CHECKED
        for section, key in figures:
            value = values.number(request.answer.data.get(section, {}).get(key))
            if value is not None:
                name = f"{section}.{key}"
                self.totals[name] = self.totals.get(name, Decimal(0)) + value


def below(request: Request, unit: int | None) -> Organisation | None:
    """The unit under ``unit`` through which this answer comes; itself where there is none."""
    checks = list(request.checks.all())
    if unit is None:
        return checks[-1].unit if checks else None
    place = next((n for n, check in enumerate(checks) if check.unit_id == unit), 0)
    return checks[max(place - 1, 0)].unit if checks else None


def roll_up(
    survey: Survey, requests: Iterable[Request], unit: int | None
) -> tuple[list[Line], Line]:
    """A line for each unit below, and the sum of all. Figures are those of submitted answers."""
    figures = [(section.key, asked.key) for section, asked in survey.spec.figures()]
    lines: dict[int | None, Line] = {}
    total = Line(None)
    for one in requests:
        under = below(one, unit)
        line = lines.setdefault(under.pk if under else None, Line(under))
        line.add(one, figures)
        total.add(one, figures)
    for line in (*lines.values(), total):
        line.share = round(100 * line.answered / line.asked) if line.asked else 0
    for section, key in figures:
        name = f"{section}.{key}"
        largest = max((line.totals.get(name, Decimal(0)) for line in lines.values()), default=0)
        for line in lines.values():
            if largest > 0 and name in line.totals:
                line.widths[name] = max(round(100 * line.totals[name] / largest), 0)
    ordered = sorted(lines.values(), key=lambda line: line.unit.region if line.unit else "")
    return ordered, total


def looked_over(survey: Survey, requests: Iterable[Request]) -> list[tuple[Request, list[str]]]:
    """Submitted answers with something wrong or odd in them, and what it is."""
    taken = [one for one in requests if one.state in IN_STATES]
    past: dict[int, list[Submission]] = {}
    for one in _submissions([r.organisation_id for r in taken], survey):
        past.setdefault(one.answer.request.organisation_id, []).append(one)
    found = []
    for request in taken:
        data = request.answer.data
        said = [str(problem) for _, problem in problems(survey, data)]
        earlier = _earlier(past.get(request.organisation_id, []), survey)
        said += [str(hint) for hint in hints(survey.spec, data, earlier)]
        if said:
            found.append((request, said))
    return found


# People ------------------------------------------------------------------------------------------


def people_of(units: Iterable[int]) -> dict[int, list[User]]:
    """Who fills in for each unit."""
    found: dict[int, list[User]] = {}
    members = (
        Membership.objects.filter(
            organisation__in=list(units), role__in=list(FILING), valid_until=None
        )
        .select_related("user")
        .order_by("pk")
    )
    for member in members:
        people = found.setdefault(member.organisation_id, [])
        if member.user not in people:
            people.append(member.user)
    return found
