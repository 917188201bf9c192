"""The worlds of the permission matrix: people in every relation, a token in every text.

A token (canary) says whose text it stands in; the matrix says who may meet it.
"""

import itertools
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from django.test import Client

from accounts import links
from accounts import services as accounts
from accounts.models import Link, Membership, Organisation, User
from accounts.roles import Role
from applications import services as applications
from applications.models import Attachment, Likeness, Upload
from calls import services as calls
from calls.models import Notice, Question
from documents import services as documents
from documents.models import Signing
from documents.packages import services as packages
from outcomes import services as outcomes
from outcomes.models import Objection, SlotRequest
from policies import services as policies
from policies.models import Policy
from recommenders import resultletters
from recommenders import services as recommenders
from recommenders.models import Allotment, OverQuotaRequest, PaperReceipt, Seal, SealedScan
from recommenders.services.selections import Result
from reviews import services as reviews
from reviews.models import Assignment, Conflict, Expert, Round
from surveys import reading as surveys_reading
from surveys import services as surveys
from surveys.models import Request
from surveys.spec import Level
from tests import season, world
from tests.applications.filling import pdf
from tests.architecture import world_desk, world_panels, world_visits
from tests.documents import sealed
from tests.policies.conftest import SAMPLE
from tests.season import Season
from tests.world import AT
from units import services as units

K = Organisation.Kind


class Canaries:
    """Tokens by what they stand in. A token is nowhere else in the house."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.count = itertools.count(1)

    def token(self, name: str) -> str:
        found = f"QX{next(self.count):04d}Z"
        self.names[found] = name
        return found

    def mark(self, name: str, text: str) -> str:
        return f"{self.token(name)}{text}"


@dataclass
class World:
    name: str
    canaries: Canaries
    season: Season
    people: dict[str, User]
    arguments: dict[str, object] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)

    def client(self, person: str) -> Client:
        """A browser in which this person is signed in; the anonymous visitor's is empty."""
        client = Client(raise_request_exception=True)
        if person != "anonymous":
            client.cookies["sessionid"] = self.sessions[person]
        return client

    def sign_everybody_in(self) -> None:
        for name, user in self.people.items():
            client = Client()
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            self.sessions[name] = client.cookies["sessionid"].value


def build(name: str) -> World:
    canaries = Canaries()
    spec = world_visits.spec() if name == "visits" else None
    played = season.begin(spec, mark=canaries.mark)
    people = _people(played)
    _file(played, canaries)
    arguments = _recommend(played, canaries)
    arguments |= _review(played, people, canaries, closed=name in ("decision", "panel", "closed"))
    arguments |= _public(played, canaries)
    from tests.architecture import world_calls

    arguments |= world_calls.build(played, canaries)
    arguments |= _survey(played, canaries)
    arguments |= _library(played)
    if name == "decision":
        arguments |= _decide(played, canaries)
    if name == "panel":
        arguments |= world_panels.build(played, canaries)
    if name == "visits":
        arguments |= world_visits.add(played, canaries)
    made = World(name, canaries, played, people, arguments)
    made.arguments |= _accounts(made)
    made.arguments |= world_desk.arguments(made)
    made.sign_everybody_in()
    return made


# People ----------------------------------------------------------------------------------------


def _people(played: Season) -> dict[str, User]:
    cast = played.cast
    cast.people |= {
        "security": world.person(cast.office, Role.SECURITY_ADMIN, "陈示例安全"),
        "sysadmin": world.person(cast.office, Role.SYSTEM_ADMIN, "褚示例系统"),
        "both": world.person(cast.company, Role.EDITOR, "双重示例"),
    }
    accounts.appoint(
        cast.people["both"],
        organisation=cast.other_province,
        role=Role.REC_OPERATOR,
        actor=world.SYSTEM,
        at=AT - timedelta(days=90),
    )
    pool = reviews.pool_of(None, at=AT)
    for name in ("expert", "second", "stranger", "conflicted"):
        cast.people[name] = world.person(pool, Role.EXPERT, f"专家{name}")
    cast.people["lead"] = world.person(pool, Role.PANEL_LEAD, "评审组长示例")
    for name in ("tester", "other_tester"):
        agency = world.unit(K.AGENCY, f"示例测评中心{name}", region="110000")
        cast.people[name] = world.person(agency, Role.TESTER, f"测评员{name}")
    return cast.people


def _file(played: Season, canaries: Canaries) -> None:
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


# Recommending ----------------------------------------------------------------------------------


def _recommend(played: Season, canaries: Canaries) -> dict[str, object]:
    cast = played.cast
    played.clock(3)
    found = Allotment.objects.get(call=played.call, organisation=cast.province)
    reserve = played.again(2)
    recommenders.reserve(reserve, actor=cast.actor("operator"), at=AT)
    recommenders.set_note(
        reserve, note=canaries.token("reserve.note"), actor=cast.actor("operator"), at=AT
    )
    recommenders.promote(reserve, actor=cast.actor("operator"), at=AT)
    for n in (0, 1):
        recommenders.recommend(
            played.again(n),
            actor=cast.actor("operator"),
            at=AT,
            note=canaries.token("list.note"),
        )
    asked = OverQuotaRequest.objects.create(
        allotment=found,
        application=played.again(1),
        reason=canaries.mark("quota.reason", "填补省内空白，水平领先"),
        proposed_by=cast.people["operator"],
        proposed_at=AT,
        state="refused",
        decided_at=AT,
        decided_by=cast.people["chief"],
    )
    blob = Attachment.objects.order_by("pk")[0].blob
    key = sealed.kept(cast.province, at=AT)
    seal = Seal.objects.create(
        organisation=cast.province,
        blob=blob,
        key=key,
        diameter_mm=45,
        valid_from=AT.date() + timedelta(days=300),
        registered_by=cast.people["approver"],
        registered_at=AT,
    )
    desk = _desk(played, canaries)
    version = season.freeze(played)
    season.seal(played, version)
    Signing.objects.create(
        document=version.document,
        key=key,
        picture=blob,
        diameter_mm=45,
        state="ready",
        pdf=blob,
        file_sha256=blob.sha256,
        not_before=AT,
        requested_at=AT,
        signed_at=AT,
    )
    season.deliver(played)
    scan = SealedScan.objects.get(list_version=version)
    package = packages.request(
        kind="list-forms",
        subject=version.list,
        title="示例打包",
        acting=Membership.objects.get(user=cast.people["operator"]),
        actor=cast.actor("operator"),
        at=AT,
    )
    receipt = _paper(played, version)
    _result_letter(played, version.list, canaries)
    return {
        "package": package.public_id,
        "paper_receipt": receipt.public_id,
        "allotment": found.pk,
        "ranked": version.list_id,
        "over_quota": asked.public_id,
        "seal": seal.pk,
        "scan": scan.public_id,
        "paper_code": version.document.code,
        **desk,
    }


def _desk(played: Season, canaries: Canaries) -> dict[str, object]:
    """What the province keeps for itself about the company's filing."""
    actor, own = played.cast.actor("operator"), played.again(0)
    note = recommenders.add_note(own, text=canaries.mark("desk.note", "待核"), actor=actor, at=AT)
    tag = recommenders.make_tag(name=canaries.token("desk.tag"), tone="red", actor=actor, at=AT)
    step = recommenders.tag_filings(tag, [own.pk], put=True, actor=actor, at=AT)
    file = Attachment.objects.filter(application=own).select_related("blob")[0]
    held = recommenders.enter_paper_selection(
        played.call,
        organisation=played.cast.province,
        held_on=AT.date() - timedelta(days=1),
        participants=canaries.mark("desk.people", "示例专家"),
        note=canaries.token("desk.minutes"),
        minutes=documents.read(file.blob),
        minutes_name="纪要.pdf",
        results=[Result(own.pk, Decimal("87.65"), 1)],
        actor=actor,
        at=AT,
    )
    assert step is not None
    return {
        "filing_note": note.pk,
        "filing_tag": tag.pk,
        "tagging": step.pk,
        "paper_selection": held.public_id,
    }


def _result_letter(played: Season, ranked, canaries: Canaries) -> None:
    """The province wrote to the company, in words of its own."""
    ranked.refresh_from_db()
    own, province = played.again(0), played.cast.actor("operator")
    text = canaries.mark(
        "result.own", "贵单位申报的项目已列入我单位推荐名单，请按要求报送纸质材料并保持联系。"
    )
    recommenders.set_result_text(ranked, own, text=text, actor=province, at=AT)
    found = [one for one in resultletters.recipients(ranked) if one.application == own]
    recommenders.send_results(
        ranked, shown=resultletters.shown(found), only=own, actor=province, at=AT
    )


def _paper(played: Season, version) -> PaperReceipt:
    """The ministry asks for one copy of each 申报书; one came as a former version."""
    calls.set_level_date(
        played.call,
        organisation=played.cast.office,
        key="paper",
        until=AT + timedelta(days=10),
        copies=1,
        actor=played.actor("office"),
        at=AT,
    )
    return PaperReceipt.objects.create(
        token="0" * 16,
        call=played.call,
        receiver=played.cast.office,
        sender=played.cast.province,
        kind="form",
        application=played.again(0),
        document=version.document,
        verdict="stale",
        how="by_hand",
        state="set_aside",
        received_on=AT.date(),
        recorded_by=played.cast.people["office"],
        recorded_at=AT,
    )


# Review ----------------------------------------------------------------------------------------


def _expert(played: Season, name: str, canaries: Canaries) -> Expert:
    pool = reviews.pool_of(None, at=AT)
    user = played.cast.people[name]
    made = reviews.add_expert(
        organisation=None,
        entry=season.Entry(
            name=user.name,
            email=user.email,
            phone=f"000-{80000000 + user.pk}",
            fields=("智能传感器",),
            employer_name=canaries.mark(f"pool.{name}.employer", "示例研究院"),
            title=canaries.mark(f"pool.{name}.title", "研究员"),
            region="110000",
        ),
        actor=played.actor("office"),
        at=AT,
    )
    canaries.names[made.phone] = f"pool.{name}.phone"
    assert made.pool_id == pool.pk
    return made


def _review(
    played: Season, people: dict[str, User], canaries: Canaries, *, closed: bool
) -> dict[str, object]:
    cast = played.cast
    played.clock(13)
    season.check(played)
    now = played.call.time(AT)
    experts = {
        name: _expert(played, name, canaries)
        for name in ("expert", "second", "stranger", "conflicted")
    }
    made = reviews.create_round(
        played.call,
        organisation=None,
        title=canaries.mark("round.title", "网评"),
        opens_at=now - timedelta(minutes=1),
        closes_at=now + timedelta(days=20),
        experts_per_application=2,
        actor=cast.actor("office"),
        at=AT,
        seed="示例种子",
        mask="示例掩码",
    )
    reviews.propose_assignment(made, actor=cast.actor("office"), at=AT)
    for task in Assignment.objects.filter(round=made).order_by("pk"):
        reviews.remove(task, actor=cast.actor("office"), at=AT)
    given = {"expert": [0], "second": [0, 1], "stranger": [2], "conflicted": [0, 2]}
    for name, numbers in given.items():
        for n in numbers:
            reviews.add(
                made,
                expert=experts[name],
                application=played.again(n),
                actor=cast.actor("office"),
                at=AT,
            )
    reviews.deploy(made, actor=cast.actor("chief"), at=AT)
    played.round = Round.objects.get(pk=made.pk)
    for name, one in experts.items():
        tasks = Assignment.objects.filter(round=made, expert=one, state="deployed")
        barred = {
            task.pk: canaries.mark("conflict.reason", "曾在该单位任职")
            for task in tasks
            if name == "conflicted" and task.application_id == played.filed[0].pk
        }
        reviews.declare_conflicts(
            played.round,
            one,
            clear=[task.pk for task in tasks if task.pk not in barred],
            conflicted=barred,
            actor=world.actor(people[name]),
            at=AT,
        )
    task = Assignment.objects.get(round=made, expert=experts["expert"], application=played.filed[0])
    for other in Assignment.objects.filter(round=made, state="deployed").exclude(pk=task.pk):
        if closed or other.expert == experts["second"]:
            _score(played, other, canaries, name="second")
    if closed:
        _score(played, task, canaries, name="expert")
        reviews.close_round(played.round, actor=cast.actor("office"), at=AT)
    else:
        _draft_score(played, task, canaries)
    return {
        "round": made.public_id,
        "task": task.public_id,
        "expert": experts["expert"].pk,
        "conflict": Conflict.objects.get(kind=Conflict.Kind.DECLARED).pk,
        "entry": made.entries.first().number,
        "score_sheet": getattr(documents.of(made, "score_sheet").first(), "number", "none"),
    }


def _score(played: Season, task: Assignment, canaries: Canaries, *, name: str) -> None:
    form = played.round.sheet
    reviews.submit_score(
        task,
        scores={one.key: min(7, one.highest) for one in form.criteria},
        comments={
            one.key: canaries.mark(f"score.{name}.{one.key}", "检测报告第七页数据充分，可信。")
            for one in form.criteria
        },
        overall=canaries.mark(f"score.{name}.overall", "同意"),
        version=0,
        actor=world.actor(task.expert.user),
        at=AT,
    )


def _draft_score(played: Season, task: Assignment, canaries: Canaries) -> None:
    reviews.save_score(
        task,
        scores={},
        comments={},
        overall=canaries.mark("score.expert.overall", "尚在斟酌"),
        version=0,
        actor=world.actor(task.expert.user),
        at=AT,
    )


# The policy library ----------------------------------------------------------------------------


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


# Surveys ---------------------------------------------------------------------------------------


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


# Decision and the public -----------------------------------------------------------------------


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


def _decide(played: Season, canaries: Canaries) -> dict[str, object]:
    cast = played.cast
    season.stage(played)
    season.decide(played)
    canaries.names |= {
        token: name.replace("publication.basis", "published.basis")
        for token, name in canaries.names.items()
    }
    season.announce(played)
    canaries.names |= {
        token: name.replace("publication.basis", "published.basis")
        for token, name in canaries.names.items()
    }
    draft = outcomes.draft(
        played.call,
        kind="announcement",
        title="示例第二批名单",
        basis=canaries.mark("draft.basis", "拟第二批"),
        actor=cast.actor("office"),
        at=AT,
    )
    objection = Objection.objects.create(
        publication=played.publication,
        application=played.again(0),
        kind=Objection.Kind.PERSON,
        name=canaries.token("objection.who"),
        contact=canaries.token("objection.who"),
        text=canaries.mark("objection.text", "情况不实"),
        received_at=AT,
    )
    asked = SlotRequest.objects.create(
        application=played.again(1),
        tier=played.call.programme.decision.tiers[0].key,
        reason=canaries.mark("decision.request", "确有必要"),
        proposed_by=cast.people["office"],
        proposed_at=AT,
        state="refused",
        decided_by=cast.people["chief"],
        decided_at=AT,
    )
    return {
        "slot_request": asked.pk,
        "publication": played.publication.public_id,
        "draft": draft.public_id,
        "objection": objection.public_id,
    }


def _alike(played: Season) -> Likeness:
    """Two filings of the province whose texts were found alike."""
    return Likeness.objects.create(
        a=played.filed[0],
        b=played.filed[2],
        a_version=1,
        b_version=1,
        share="0.4000",
        fields=[],
        passages=[
            {
                "a_field": "benefit.economic",
                "a_start": 0,
                "a_end": 20,
                "b_field": "benefit.economic",
                "b_start": 0,
                "b_end": 20,
            }
        ],
        found_at=AT,
    )


# Accounts --------------------------------------------------------------------------------------


def _accounts(made: World) -> dict[str, object]:
    cast = made.season.cast
    accounts.invite(
        organisation=cast.company,
        role=Role.VIEWER,
        email=f"{made.canaries.token('invitation.own').lower()}@example.org",
        name="待激活",
        actor=cast.actor("admin"),
        at=AT,
    )
    link = Link.objects.filter(purpose=Link.Purpose.ACTIVATE, organisation=cast.company).latest(
        "pk"
    )
    return {
        **_units(made),
        "membership": Membership.objects.get(user=cast.people["viewer"]).pk,
        "editor": Membership.objects.get(user=cast.people["editor"]).pk,
        "invitation": link.pk,
        "pair": _alike(made.season).pk,
        "file": Attachment.objects.filter(application=made.season.filed[0]).first().public_id,
        "upload": Upload.objects.create(
            application=made.season.filed[0],
            key="files",
            name=made.canaries.mark("own.upload", ".pdf"),
            size=9,
            started_by=cast.people["admin"],
            started_at=AT,
            touched_at=AT,
        ).public_id,
        "province": cast.province.pk,
        **_tree(made),
    }


def _tree(made: World) -> dict[str, object]:
    """A district that is to move, and one that was stopped in an emergency."""
    cast, day = made.season.cast, AT.date() + timedelta(days=30)
    moving = world.unit(K.DISTRICT, "示例待调区工业和信息化局", region="430102", parent=cast.city)
    stopped = world.unit(K.DISTRICT, "示例停用区工业和信息化局", region="430103", parent=cast.city)
    asked = recommenders.propose_transfer(
        moving,
        parent=cast.province,
        day=day,
        reason="区划调整文件",
        today=AT.date(),
        actor=cast.actor("office"),
        at=AT,
    )
    ended = recommenders.revoke_unit(
        stopped, reason="账号疑似泄露", actor=cast.actor("office"), at=AT
    )
    return {
        "transfer": asked.pk,
        "revocation": ended.pk,
        "city_unit": cast.city.pk,
        "mover": Membership.objects.get(user=cast.people["neighbour"]).pk,
    }


def _units(made: World) -> dict[str, object]:
    """The company's licence waits to be checked; its rival's new name waits for a second person."""
    cast = made.season.cast
    proof = units.add_proof(
        cast.company,
        name=made.canaries.mark("proof.own", ".pdf"),
        data=pdf(1),
        actor=cast.actor("admin"),
        at=AT,
    )
    change = units.propose_rename(
        cast.rival,
        name="示例智语（新）有限公司",
        day=AT.date() - timedelta(days=3),
        reason=made.canaries.mark("change.reason", "变更登记通知书"),
        actor=cast.actor("office"),
        at=AT,
    )
    return {"company": cast.company.pk, "proof": proof.public_id, "change": change.pk}
