"""Beside the season: a small policy library and a survey under way. Every text is made up."""

from datetime import datetime, timedelta
from pathlib import Path

from accounts.roles import Role
from applications.content import answers, synthetic
from audit.services import Actor
from calls.programme import CHINA
from office.demo.cast import SYSTEM, Cast
from office.demo.season import as_posted
from policies import services as policies
from surveys import queries, reading
from surveys import services as surveys
from surveys.models import Request, Survey

POLICIES = Path(__file__).parent / "policies.txt"
SURVEY = "2017-ai-enterprises"
REGION = "430100"
DAYS = 10


def library(*, at: datetime) -> None:
    """The made-up compendium, imported as the real one would be."""
    run = policies.preview(
        POLICIES.read_bytes(), name="演示政策汇编（编写）.txt", actor=SYSTEM, at=at
    )
    policies.apply(run, actor=SYSTEM, at=at)


def survey(cast: Cast, *, at: datetime) -> Survey:
    """The shipped survey, asked in one city: some have answered, one has begun, some have not."""
    operator = cast.actor(cast.operator, Role.OFFICE_OPERATOR)
    made = surveys.create(
        reading.read(reading.catalogue()[SURVEY]),
        code="demo-survey",
        owner=cast.office,
        regions_asked=[REGION],
        answer_until=(at.astimezone(CHINA) + timedelta(days=DAYS)).date(),
        actor=operator,
        at=at,
    )
    made = surveys.open_survey(made, actor=cast.actor(cast.approver, Role.OFFICE_APPROVER), at=at)
    asked = list(made.requests.select_related("organisation", "survey").order_by("pk"))
    for n, request in enumerate(asked[: len(asked) * 2 // 3]):
        _answer(request, seed=n, submit=n > 0, at=at)
    return made


def _answer(request: Request, *, seed: int, submit: bool, at: datetime) -> None:
    unit = request.organisation
    actor = Actor(unit.name, organisation_id=unit.pk)
    data = {
        section.key: answers.read(
            section, as_posted(synthetic.inputs(section, seed=seed)), compact=True
        )
        for section in request.survey.spec.sections
    }
    for key, known in queries.first_contents(request, None).items():
        data[key] |= known
    kept = surveys.save(request, data=data, version=0, actor=actor, at=at)
    if submit:
        surveys.submit(request, version=kept.version, actor=actor, at=at)
