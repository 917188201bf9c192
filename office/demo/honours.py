"""An earlier round that has ended: its list, its winners, their certificates, in the library.

Filed, selected and awarded through the services; the steps between are left out of the
demonstration's copy of the programme, so that it costs seconds.
"""

from datetime import datetime, timedelta

from accounts.roles import Role
from applications import services as applications
from applications.models import Application
from calls import programme as programmes
from calls import services as calls
from calls.models import Call
from calls.programme import CHINA, Step
from fulfilment.models import Task
from fulfilment.services import moving
from honours import board
from honours.services import awarding
from office.demo.cast import Cast
from office.demo.season import file_all
from outcomes import queries
from outcomes import services as outcomes
from outcomes.models import Stage
from outcomes.services import publishing

PROGRAMME, CODE, FILED, SELECTED, WON = "2018-jiebang", "demo-earlier", 12, 9, 4
OPENS = datetime(2018, 11, 20, 9, tzinfo=CHINA)
ANNOUNCED = datetime(2019, 6, 18, 10, tzinfo=CHINA)
AWARDED = datetime(2021, 3, 9, 10, tzinfo=CHINA)
WHY = "演示批次省去测评步骤，按演示需要授予"


def earlier_round(cast: Cast, *, at: datetime) -> Call:
    """The round with ``SELECTED`` finalists and ``WON`` winners, ended years ago."""
    operator = cast.actor(cast.operator, Role.OFFICE_OPERATOR)
    chief = cast.actor(cast.approver, Role.OFFICE_APPROVER)
    call = _open(cast, at=at)
    filed = [one for one in file_all(cast, call, FILED, last=False, at=at) if one.version_number]
    call = calls.move_clock(call, to=ANNOUNCED, actor=operator, at=at)
    ids = [one.public_id for one in filed]
    for one in filed:
        applications.accept(Application.objects.get(pk=one.pk), actor=operator, at=at, note="")
    outcomes.select(call, ids[:SELECTED], tier="finalist", actor=operator, at=at)
    outcomes.decline(call, ids[SELECTED:], reason="演示", actor=operator, at=at)
    outcomes.apply_together(
        call, shown=queries.standing(call), vacancies_confirmed=True, actor=chief, at=at
    )
    outcomes.release_letters(
        call,
        shown=outcomes.letters_hash(outcomes.held_letters(call)),
        actor=chief,
        at=at,
    )
    _announce(call, Stage.SELECTION, "揭榜单位名单（往届演示）", cast, at=at)
    call = calls.move_clock(call, to=AWARDED, actor=operator, at=at)
    for task in Task.objects.filter(application__call=call)[: WON + 1]:
        moving.advance(task, "complete", actor=operator, at=at)
    awarding.select(call, ids[:WON], tier="winner", exception=WHY, actor=operator, at=at)
    awarding.pass_over(call, ids[WON : WON + 1], actor=operator, at=at)
    awarding.apply_together(
        call, shown=board.fingerprint_of(call), vacancies_confirmed=True, actor=chief, at=at
    )
    _announce(call, Stage.AWARD, "揭榜成功单位名单（往届演示）", cast, at=at)
    return call


def _open(cast: Cast, *, at: datetime) -> Call:
    programme = programmes.read(programmes.catalogue()[PROGRAMME])
    steps = (Step.FILING, Step.FORMAL_CHECK, Step.ANNOUNCEMENT, Step.TASK, Step.AWARD)
    short = programme.model_copy(
        update={
            "steps": steps,
            "step_titles": {k: v for k, v in programme.step_titles.items() if k in steps},
            "review": None,
            "recommendation": None,
            "quota": (),
            "testing": None,
            "levels": (),
            "short_title": f"{programme.short_title}（往届演示）",
        }
    )
    call = calls.create(
        short,
        code=CODE,
        title=f"{programme.title}（往届演示）",
        rehearsal=True,
        clock_offset=OPENS - at,
        filing_from=OPENS - timedelta(days=1),
        filing_until=OPENS + timedelta(days=30),
        actor=cast.actor(cast.operator, Role.OFFICE_OPERATOR),
        at=at,
    )
    return calls.open_call(call, actor=cast.actor(cast.approver, Role.OFFICE_APPROVER), at=at)


def _announce(call: Call, stage: str, title: str, cast: Cast, *, at: datetime) -> None:
    draft = outcomes.draft(
        call,
        kind="announcement",
        stage=stage,
        title=title,
        basis="演示数据，现予公布。",
        actor=cast.actor(cast.operator, Role.OFFICE_OPERATOR),
        at=at,
    )
    outcomes.announce(
        draft,
        shown=publishing.preview_hash(draft),
        actor=cast.actor(cast.approver, Role.OFFICE_APPROVER),
        at=at,
    )
