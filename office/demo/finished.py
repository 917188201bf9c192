"""An earlier round that is over: finalists announced, winners announced, register, certificates.

Filed, selected, awarded and announced through the services; recommendation, review, visits and
tests are left out of the demonstration's copy of the programme, so that it costs seconds.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import transaction

from accounts.roles import Role
from applications import filing
from applications import services as applications
from applications.models import Application
from audit.services import Actor
from calls import programme as programmes
from calls import services as calls
from calls.models import Call
from calls.programme import CHINA, Step
from documents import services as documents
from documents.models import Document
from fulfilment.models import Task
from fulfilment.services import moving
from honours import board
from honours.models import Certificate
from honours.services import awarding
from office.demo.cast import Cast
from office.demo.season import fill
from outcomes import queries
from outcomes import services as outcomes
from outcomes.models import Stage
from outcomes.services import publishing

PROGRAMME, CODE = "2018-jiebang", "demo-finished"
STEPS = (Step.FILING, Step.FORMAL_CHECK, Step.ANNOUNCEMENT, Step.TASK, Step.AWARD)
FILED = datetime(2018, 12, 3, 9, tzinfo=CHINA)
DECIDED = datetime(2019, 4, 22, 10, tzinfo=CHINA)
AWARDED = datetime(2021, 3, 15, 10, tzinfo=CHINA)
NOW = datetime(2021, 6, 7, 9, tzinfo=CHINA)
WHY = "演示批次不含测评步骤，依据演示用的验收材料授予"

PROJECTS = (
    ("智能传感器", "面向轴承产线的声学传感模组量产"),
    ("神经网络芯片", "低功耗视觉推理芯片及开发套件"),
    ("智能语音交互系统", "嘈杂车间的远场语音交互终端"),
    ("智能翻译系统", "政务双语公文辅助翻译系统"),
    ("医疗影像辅助诊断系统", "眼底影像辅助筛查系统"),
    ("智能服务机器人", "仓储助力搬运机器人"),
    ("行业训练资源库", "矿山设备异响训练资源库"),
    ("视频图像身份识别系统", "铁路道口异物识别系统"),
    ("智能无人机", "电网巡检无人机避障套件"),
)
"""Direction and title of what was filed; the last one was not selected."""
WON = (0, 1, 3, 4, 6)
PAPERS = 2
"""How many certificates are drawn at once; the worker draws the rest."""


def round_over(cast: Cast, *, at: datetime) -> Call:
    """Nine filings, eight finalists, five winners, one whose work goes on."""
    operator = cast.actor(cast.operator, Role.OFFICE_OPERATOR)
    chief = cast.actor(cast.approver, Role.OFFICE_APPROVER)
    call = _open(operator, chief, at=at)
    filed = [_file(cast, call, n, at=at) for n in range(len(PROJECTS))]
    call = calls.move_clock(call, to=DECIDED, actor=operator, at=at)
    for one in filed:
        applications.accept(one, actor=operator, at=at)
    ids = [one.public_id for one in filed]
    outcomes.select(call, ids[:-1], tier="finalist", actor=operator, at=at)
    outcomes.decline(call, ids[-1:], reason="演示：指标未量化", actor=operator, at=at)
    outcomes.apply_together(
        call, shown=queries.standing(call), vacancies_confirmed=True, actor=chief, at=at
    )
    _announce(call, Stage.SELECTION, "揭榜单位名单（演示）", operator, chief, at=at)
    call = calls.move_clock(call, to=AWARDED, actor=operator, at=at)
    finished = ids[:-2]
    for task in Task.objects.filter(application__public_id__in=finished).order_by("pk"):
        moving.advance(task, "complete", reason="演示：指标已完成", actor=operator, at=at)
    winners = [ids[n] for n in WON]
    awarding.select(call, winners, tier="winner", exception=WHY, actor=operator, at=at)
    awarding.pass_over(call, [one for one in finished if one not in winners], actor=operator, at=at)
    awarding.apply_together(
        call, shown=board.fingerprint_of(call), vacancies_confirmed=True, actor=chief, at=at
    )
    _announce(call, Stage.AWARD, "揭榜成功单位名单（演示）", operator, chief, at=at)
    _draw_certificates(call, at=at)
    return calls.move_clock(call, to=NOW, actor=operator, at=at)


def _open(operator: Actor, chief: Actor, *, at: datetime) -> Call:
    programme = programmes.read(programmes.catalogue()[PROGRAMME])
    short = programme.model_copy(
        update={
            "steps": STEPS,
            "step_titles": {k: v for k, v in programme.step_titles.items() if k in STEPS},
            "review": None,
            "site_visit": None,
            "testing": None,
            "recommendation": None,
            "quota": (),
            "levels": (),
            "short_title": f"{programme.short_title}（已结束，演示）",
        }
    )
    call = calls.create(
        short,
        code=CODE,
        title=f"{programme.title}（已结束，演示）",
        rehearsal=True,
        clock_offset=FILED - at,
        filing_from=FILED - timedelta(days=10),
        filing_until=FILED + timedelta(days=30),
        actor=operator,
        at=at,
    )
    return calls.open_call(call, actor=chief, at=at)


@transaction.atomic
def _file(cast: Cast, call: Call, n: int, *, at: datetime) -> Application:
    title_of_direction, title = PROJECTS[n]
    direction = call.directions.get(title=title_of_direction)
    unit, admin, _ = cast.units[(n * 7) % len(cast.units)]
    actor = cast.actor(admin, Role.UNIT_ADMIN)
    application = filing.start(
        call=call,
        organisation=unit,
        title=title,
        direction=direction,
        subfield=direction.subfields.order_by("pk").first(),
        recommender=None,
        user=admin,
        actor=actor,
        at=at,
    )
    fill(application, seed=700 + n, actor=actor, at=at)
    applications.submit(application, key=secrets.token_hex(8), actor=actor, at=at)
    return application


def _announce(
    call: Call, stage: str, title: str, operator: Actor, chief: Actor, *, at: datetime
) -> None:
    draft = outcomes.draft(
        call,
        kind="announcement",
        stage=stage,
        title=title,
        basis="演示数据，现予公布。",
        actor=operator,
        at=at,
    )
    outcomes.announce(draft, shown=publishing.preview_hash(draft), actor=chief, at=at)


def _draw_certificates(call: Call, *, at: datetime) -> None:
    """The newest papers first are the certificates; a machine without the libraries draws none."""
    if Document.objects.filter(
        certificates__in=Certificate.objects.filter(
            application__call=call, state=Certificate.State.VALID
        )
    ).exists():
        documents.render_waiting(at=at, limit=PAPERS)
