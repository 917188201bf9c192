"""The worlds of the permission matrix: people in every relation, a token in every text."""

from datetime import timedelta

from accounts import links
from accounts import services as accounts
from accounts.models import Organisation
from accounts.roles import Role
from applications import services as applications
from calls import services as calls
from calls.models import Notice, Question
from policies import services as policies
from policies.models import Policy
from surveys import reading as surveys_reading
from surveys import services as surveys
from surveys.models import Request
from surveys.spec import Level
from tests import season, world
from tests.applications.filling import pdf
from tests.architecture import (
    world_calls,
    world_desk,
    world_list,
    world_outcome,
    world_panels,
    world_people,
    world_review,
    world_visits,
)
from tests.architecture.canaries import Canaries, World
from tests.policies.conftest import SAMPLE
from tests.season import Season
from tests.world import AT

K = Organisation.Kind


def build(name: str) -> World:
    canaries = Canaries()
    spec = world_visits.spec() if name == "visits" else None
    played = season.begin(spec, mark=canaries.mark)
    people = world_people.people(played)
    file(played, canaries)
    arguments = world_list.build(played, canaries)
    arguments |= world_review.build(
        played, people, canaries, closed=name in ("decision", "panel", "closed")
    )
    arguments |= _public(played, canaries)
    arguments |= world_calls.build(played, canaries)
    arguments |= _survey(played, canaries)
    arguments |= _library(played)
    if name == "decision":
        arguments |= world_outcome.build(played, canaries)
    if name == "panel":
        arguments |= world_panels.build(played, canaries)
    if name == "visits":
        arguments |= world_visits.add(played, canaries)
    made = World(name, canaries, played, people, arguments)
    made.arguments |= world_people.arguments(made)
    made.arguments |= world_desk.arguments(made)
    made.sign_everybody_in()
    return made


def file(played: Season, canaries: Canaries) -> None:
    """own, rival and third of the province; away of the other one; one that was never sent."""
    cast = played.cast
    for unit, name in ((cast.company, "own"), (cast.rival, "rival")):
        accounts.update_profile(
            unit,
            profile={"legal_representative": canaries.token(f"unit.profile.{name}")},
            actor=world.SYSTEM,
            at=AT,
        )
    units = {"own": (cast.company, "admin"), "rival": (cast.rival, "rival")}
    for name in ("own", "rival", "third"):
        unit, person = units.get(name, (None, None))
        made = season.draft(played, name, unit=unit, user=cast.people[person] if person else None)
        season.submit(made)
        played.filed.append(made)
    own = played.again(0)
    applications.return_for_correction(
        own,
        fields=[{"section": "basics", "field": "", "comment": canaries.token("return.note")}],
        note=canaries.mark("return.note", "请补充"),
        until=AT + timedelta(days=1),
        actor=played.actor("office"),
        at=AT,
    )
    season.submit(played.again(0), key="corrected")
    for name, recommender in (("away", cast.other_province), ("unsent", cast.province)):
        unit = world.unit(K.ENTERPRISE, f"示例{name}有限公司", region="420100", n=500 + len(name))
        user = world.person(unit, Role.UNIT_ADMIN, f"{name}示例")
        made = season.draft(played, name, unit=unit, user=user, recommender=recommender)
        if name == "away":
            season.submit(made)
    calls.set_level_date(
        played.call,
        organisation=cast.city,
        key="paper",
        until=AT + timedelta(days=10),
        note=canaries.mark("level.note", "纸质材料"),
        actor=cast.actor("city"),
        at=AT,
    )


def _library(played: Season) -> dict[str, object]:
    """The sample compendium is in the library."""
    actor = played.cast.actor("office")
    run = policies.preview(SAMPLE.read_bytes(), name=SAMPLE.name, actor=actor, at=AT)
    policies.apply(run, actor=actor, at=AT)
    return {
        "policy": Policy.objects.get(order=1).key,
        "article": "b1-k1",
        "import_run": run.pk,
    }


def _survey(played: Season, canaries: Canaries) -> dict[str, object]:
    """The company has answered a survey; its city has it before itself."""
    cast = played.cast
    spec = surveys_reading.read(surveys_reading.catalogue()["2017-ai-enterprises"])
    spec = spec.model_copy(update={"levels": tuple(Level)})
    survey = surveys.create(
        spec,
        code="matrix-survey",
        owner=cast.office,
        regions_asked=["430000"],
        answer_until=(AT + timedelta(days=5)).date(),
        actor=cast.actor("office"),
        at=AT,
    )
    surveys.open_survey(survey, actor=cast.actor("chief"), at=AT)
    surveys.send_waiting(at=AT)
    asked = Request.objects.select_related("link").get(survey=survey, organisation=cast.company)
    table = {key: canaries.mark("survey.own", "示例") for key in ("name", "position", "next")}
    table |= {"technology": "示例技术", "products": "示例产品", "revenue": "12.00"}
    file = surveys.attach(
        asked,
        key=spec.attachments[0].key,
        name=canaries.mark("survey.own", ".pdf"),
        data=pdf(1),
        actor=cast.actor("admin"),
        at=AT,
    )
    kept = surveys.save(asked, data={"table": table}, version=0, actor=cast.actor("admin"), at=AT)
    surveys.submit(asked, version=kept.version, actor=cast.actor("admin"), at=AT)
    return {
        "survey": survey.code,
        "survey_request": asked.public_id,
        "survey_token": links.token(asked.link),
        "survey_kind": spec.attachments[0].key,
        "survey_file": file.public_id,
    }


def _public(played: Season, canaries: Canaries) -> dict[str, object]:
    notice = Notice.objects.create(
        call=played.call,
        title="示例通知",
        body="正文",
        published_at=AT - timedelta(days=20),
        published_by=played.cast.people["office"],
    )
    asked = calls.propose_extension(
        played.call,
        organisation=played.cast.other_province,
        key="recommendation",
        until=AT + timedelta(days=15),
        reason="系统故障申请延期",
        actor=played.actor("office"),
        at=AT,
    )
    question = Question.objects.create(
        call=played.call,
        asked_by=played.cast.people["admin"],
        organisation=played.cast.company,
        text=canaries.mark("question.text", "请问怎样填写"),
        asked_at=AT,
        state="answered",
        answer=canaries.mark("question.answer", "照实填写"),
        answered_at=AT,
        answered_by=played.cast.people["office"],
        published_question="怎样填写",
        published_answer="照实填写",
        published_at=AT,
    )
    return {"question": question.public_id, "notice": notice.pk, "extension": asked.pk}
