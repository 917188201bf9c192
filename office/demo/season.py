"""The season: each call is filed to, recommended in and reviewed, as far as it has come."""

import random
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.http import QueryDict

from accounts.models import Membership, Organisation, User
from accounts.roles import Role
from applications import attachments, filing, ledger
from applications import services as applications
from applications.content import answers, synthetic
from applications.models import Application, IndicatorRow
from applications.workflow import Status
from audit.services import Actor
from calls import programme as programmes
from calls import services as calls
from calls.models import Call
from calls.programme import DocumentKind, FieldType, Programme, Section
from calls.programme.directions import Indicator, IndicatorScope
from documents import services as documents
from office.demo import cast as casting
from office.demo import visiting
from office.demo.cast import Cast
from outcomes import rules
from outcomes.services import recording
from recommenders import queries as lists
from recommenders import ranking, sheets
from recommenders import services as recommenders
from recommenders.models import RankedList
from recommenders.services import scans
from reviews import services as reviews
from reviews.models import Assignment, Expert
from reviews.poolfile import Entry

TITLES = (
    "面向{field}的低噪声感知模组研发",
    "{field}智能检测系统及产业化",
    "{field}训练资源库建设与开放服务",
    "端侧{field}推断框架及工具链",
    "{field}知识图谱与决策平台",
    "高能效{field}专用芯片",
    "{field}多模态交互终端",
    "{field}安全测试评估平台",
)
TOPICS = (
    "工业听诊",
    "轴承产线",
    "政务翻译",
    "医学影像",
    "仓储物流",
    "城市治理",
    "车载语音",
    "矿山巡检",
    "电网运维",
    "精密装配",
)


def play(cast: Cast, *, at: datetime) -> Iterator[Call]:
    """Every call of the plan, brought to its stage."""
    experts = make_experts(cast, at=at)
    for spec in casting.plan()["calls"]:
        yield play_call(cast, spec, experts, at=at)


def play_call(cast: Cast, spec: dict[str, Any], experts: list[Expert], *, at: datetime) -> Call:
    call = open_call(cast, spec, at=at)
    operator = cast.actor(cast.operator, Role.OFFICE_OPERATOR)
    filed = list(file_all(cast, call, spec["filings"], last=spec["stage"] == "filing", at=at))
    if spec["stage"] != "filing":
        assert call.filing_until is not None
        call = calls.move_clock(
            call, to=call.filing_until + timedelta(days=3), actor=operator, at=at
        )
        recommend_all(cast, call, whole=spec["stage"] == "decision", at=at)
    if spec["stage"] == "decision":
        visited = review_all(cast, call, experts, at=at)
        visiting.play(cast, call, experts, visited, now=spec["now"], at=at)
    call = calls.move_clock(call, to=spec["now"], actor=operator, at=at)
    assert filed
    return call


def open_call(cast: Cast, spec: dict[str, Any], *, at: datetime) -> Call:
    programme = programmes.read(programmes.catalogue()[spec["programme"]])
    if spec.get("electronic"):
        programme = accepting_electronic_seals(programme)
    dates: dict[str, Any] = {
        name: programmes.closing(day) for name, day in spec.get("dates", {}).items()
    }
    call = calls.create(
        programme,
        code=spec["code"],
        title=programme.title,
        rehearsal=True,
        clock_offset=spec["opens"] - at,
        actor=cast.actor(cast.operator, Role.OFFICE_OPERATOR),
        at=at,
        **dates,
    )
    return calls.open_call(call, actor=cast.actor(cast.approver, Role.OFFICE_APPROVER), at=at)


def accepting_electronic_seals(programme: Programme) -> Programme:
    """The programme with electronic seals in place of scans: the demonstration's own rule."""
    papers = tuple(
        paper.model_copy(update={"electronic": paper.kind == DocumentKind.SHEET})
        for paper in programme.documents
    )
    return programme.model_copy(update={"documents": papers})


# Filing ----------------------------------------------------------------------------------------


def file_all(
    cast: Cast, call: Call, many: int, *, last: bool, at: datetime
) -> Iterator[Application]:
    """``many`` filings of as many units; when filing is still on, some are unfinished drafts."""
    directions = list(call.directions.prefetch_related("subfields"))
    units = cast.units[:]
    random.Random(call.code).shuffle(units)
    kinds = {str(kind) for kind in call.programme.recommender_kinds}
    units = [entry for entry in units if not kinds or entry[2].kind in kinds]
    for n in range(many):
        unit, admin, recommender = units[n % len(units)]
        direction = directions[n % len(directions)] if directions else None
        actor = cast.actor(admin, Role.UNIT_ADMIN)
        title = TITLES[n % len(TITLES)].format(field=TOPICS[(n // 3) % len(TOPICS)])
        with transaction.atomic():
            application = filing.start(
                call=call,
                organisation=unit,
                title=title[:30],
                direction=direction,
                subfield=direction.subfields.all()[0] if direction else None,
                recommender=recommender if kinds else None,
                user=admin,
                actor=actor,
                at=at,
            )
            unfinished = last and n % 4 == 3
            fill(application, seed=n, actor=actor, at=at, skip=2 if unfinished else 0)
            if not unfinished:
                applications.submit(application, key=secrets.token_hex(8), actor=actor, at=at)
        yield application


def fill(application: Application, *, seed: int, actor: Actor, at: datetime, skip: int = 0) -> None:
    """Fill every section but the last ``skip``, and attach what is required."""
    programme = application.call.programme
    sections = programme.sections[: len(programme.sections) - skip]
    rows, specs = indicators_of(application)
    known = filing.known_of(application.organisation, User.objects.get(pk=actor.person))
    for section in sections:
        posted = as_posted(synthetic.inputs(section, seed=seed, indicators=specs))
        for field in section.fields:
            if field.prefill and known.get(field.prefill):
                posted[field.key] = str(known[field.prefill])
        save_posted(application, section, posted, rows, actor=actor, at=at)
    if not skip:
        attach_required(application, actor=actor, at=at)


def indicators_of(application: Application) -> tuple[list[IndicatorRow], list[Indicator]]:
    """The rows of the ledger, and what is asked of the applicant in them."""
    rows = list(IndicatorRow.objects.filter(application=application).select_related("indicator"))
    specs = [row.indicator.spec for row in rows if row.indicator]
    return rows, [one for one in specs if one.scope == IndicatorScope.APPLICANT]


def save_posted(
    application: Application,
    section: Section,
    posted: QueryDict,
    rows: list[IndicatorRow],
    *,
    actor: Actor,
    at: datetime,
) -> None:
    """Save one section as its page does, with the ledger where it holds one."""
    data = answers.read(section, posted, compact=True)
    version = application.sections.get(key=section.key).version
    table = next((one for one in section.fields if one.type == FieldType.INDICATORS), None)
    if table is None:
        applications.save_section(
            application, section.key, data=data, version=version, actor=actor, at=at
        )
        return
    ledger.save(
        application,
        section.key,
        asked=table,
        data=data,
        table=ledger.read(posted, rows, compact=True),
        version=version,
        fields=[table.key],
        actor=actor,
        at=at,
    )


def as_posted(typed: dict[str, list[str]]) -> QueryDict:
    found = QueryDict(mutable=True)
    for name, values in typed.items():
        found.setlist(name, values)
    return found


def attach_required(application: Application, *, actor: Actor, at: datetime) -> None:
    for kind in application.call.programme.attachments:
        if kind.required and kind.condition is None:
            attachments.attach(
                application,
                key=kind.key,
                name=f"{kind.title}（演示专用）.pdf",
                data=sample_pdf(kind.title),
                actor=actor,
                at=at,
            )


def sample_pdf(title: str) -> bytes:
    """One page that says what it stands for. The same title gives the same bytes."""
    body = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 4 0 R>>>>"
        b"/Contents 5 0 R>>endobj\n"
        b"4 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n"
    )
    text = f"BT /F 18 Tf 72 720 Td (DEMO {len(title)}-{sum(map(ord, title))}) Tj ET".encode()
    body += b"5 0 obj<</Length %d>>stream\n%s\nendstream endobj\n" % (len(text), text)
    offsets = [body.index(b"%d 0 obj" % n) for n in range(1, 6)]
    table = b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % o for o in offsets)
    return body + table + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % len(body)


# Recommendation --------------------------------------------------------------------------------


def recommend_all(cast: Cast, call: Call, *, whole: bool, at: datetime) -> None:
    """The units at work: most recommend, some confirm their list; ``whole``: all deliver."""
    for index, unit in enumerate(cast.recommenders):
        operator, approver = (
            staff(unit, Role.REC_OPERATOR),
            staff(unit, Role.REC_APPROVER),
        )
        waiting = list(
            Application.objects.filter(
                call=call, recommender=unit, status=Status.SUBMITTED
            ).order_by("pk")
        )
        if not waiting or (not whole and index % 5 == 4):
            continue
        with transaction.atomic():
            chosen = waiting if whole else waiting[: max(1, len(waiting) - 1)]
            for application in chosen:
                allotment = lists.allotment_for(application)
                if allotment is None:
                    continue
                if lists.ledger_of(allotment).free == 0:
                    recommenders.reserve(application, actor=operator, at=at)
                    continue
                recommenders.recommend(
                    application, clash_reason="同一单位的不同项目，已核实", actor=operator, at=at
                )
        if whole or index % 3 == 0:
            confirm_list(call, unit, operator=operator, approver=approver, deliver=whole, at=at)


def staff(unit: Organisation, role: Role) -> Actor:
    membership = (
        Membership.objects.filter(organisation=unit, role=role)
        .select_related("user")
        .order_by("pk")[0]
    )
    return Actor(membership.user.name, membership.user_id, unit.pk, role)


def confirm_list(
    call: Call,
    unit: Organisation,
    *,
    operator: Actor,
    approver: Actor,
    deliver: bool,
    at: datetime,
) -> None:
    """Freeze the list as shown; to deliver, print the sheet and send the print back as the scan."""
    ranked = RankedList.objects.get(call=call, organisation=unit)
    version = recommenders.submit_list(
        ranked, shown=ranking.list_hash(sheets.rows(ranked)), actor=approver, at=at
    )
    if not deliver or version.document is None:
        return
    documents.render_waiting(at=at, limit=3)  # the newest first: this list's sheet and letter
    version.document.refresh_from_db()
    if version.document.pdf is None:
        return  # a machine without the libraries of PDFs: the list stays frozen, not delivered
    paper = documents.read(version.document.pdf)
    scan = scans.read_upload(paper, "盖章扫描件（演示专用）.pdf")
    recommenders.receive_scan(ranked, [scan], actor=operator, at=at)
    ranked.refresh_from_db()
    recommenders.deliver(ranked, actor=approver, at=at)


# Review ----------------------------------------------------------------------------------------


def make_experts(cast: Cast, *, at: datetime) -> list[Expert]:
    """The pool, each activated; fields are the words of the directions."""
    operator = cast.actor(cast.operator, Role.OFFICE_OPERATOR)
    found = []
    for n in range(casting.plan()["experts"]):
        name = f"{casting.SURNAMES[n % len(casting.SURNAMES)]}专家{n + 1:02d}"
        pool = reviews.pool_of(None, at=at)
        user = casting.person(pool, Role.EXPERT, name, n=5000 + n, at=at)
        found.append(
            reviews.add_expert(
                organisation=None,
                entry=Entry(
                    name=name,
                    email=user.email,
                    title="教授",
                    fields=("智能传感器", "神经网络芯片", "智能语音交互系统")[n % 3 : n % 3 + 1],
                    employer_name=f"示例评审大学（{n % 6 + 1}）",
                    region=("110000", "310000", "420000", "440000")[n % 4],
                    capacity=12,
                ),
                actor=operator,
                at=at,
            )
        )
    return found


def review_all(cast: Cast, call: Call, experts: list[Expert], *, at: datetime) -> list[str]:
    """形式审查, a round with assignment and scores, closed; the decision is left to the visitor.

    Returns the applications that are left to visits in the system.
    """
    operator = cast.actor(cast.operator, Role.OFFICE_OPERATOR)
    assert call.recommendation_until is not None
    call = calls.move_clock(
        call, to=call.recommendation_until + timedelta(days=5), actor=operator, at=at
    )
    for application in Application.objects.filter(call=call, status=Status.RECOMMENDED):
        applications.accept(application, actor=operator, at=at)
    now = call.time(at)
    made = reviews.create_round(
        call,
        organisation=None,
        title="专家网络评审",
        opens_at=now - timedelta(minutes=1),
        closes_at=now + timedelta(days=30),
        actor=operator,
        at=at,
    )
    reviews.propose_assignment(made, actor=operator, at=at)
    reviews.deploy(made, actor=operator, at=at)
    score_all(made, at=at)
    made.refresh_from_db()
    reviews.close_round(made, actor=operator, at=at, note="演示数据，全部评分已提交")
    ids = list(
        Application.objects.filter(call=call, status=Status.IN_REVIEW).values_list(
            "public_id", flat=True
        )
    )
    visited = visiting.set_aside(call, ids)
    ids = [one for one in ids if one not in visited]
    for step in rules.before_decision(call.steps):
        recording.record(
            call, ids, step=step, result="pass", note="演示数据，集中登记", actor=operator, at=at
        )
    return visited


def score_all(made: Any, *, at: datetime) -> None:
    rng = random.Random("scores")
    tasks = list(
        Assignment.objects.filter(round=made, state=Assignment.State.DEPLOYED)
        .select_related("expert__user", "expert__pool")
        .order_by("expert_id", "pk")
    )
    for expert in {task.expert for task in tasks}:
        own = [task for task in tasks if task.expert_id == expert.pk]
        assert expert.user is not None
        actor = Actor(expert.user.name, expert.user_id, expert.pool_id, Role.EXPERT)
        with transaction.atomic():
            reviews.declare_conflicts(
                made,
                expert,
                clear=[task.pk for task in own],
                conflicted={},
                actor=actor,
                at=at,
            )
            for task in own:
                scores = {
                    criterion["key"]: rng.randint(5, 8) for criterion in made.form["criteria"]
                }
                reviews.submit_score(
                    task,
                    scores=scores,
                    comments={},
                    overall="指标清楚，路线可行，建议补充可靠性验证数据。",
                    version=0,
                    actor=actor,
                    at=at,
                )
