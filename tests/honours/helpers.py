"""Finalists whose work is done, and an award staged, applied and announced."""

from collections.abc import Sequence

from calls.programme.parts import Publicity
from fulfilment.models import Task
from fulfilment.states import State
from honours import board
from honours.services import awarding
from outcomes import services as outcomes
from outcomes.models import Publication, Stage
from outcomes.services import publishing
from tests import world
from tests.outcomes import helpers
from tests.outcomes.helpers import Stage as Played
from tests.world import AT

WHY = "测评机构的报告尚未入库，专家组一致认定指标完成"


def finalists(n: int = 3, code: str = "2021-jiebang", **more) -> Played:
    """A call whose first ``n`` applications are announced finalists, their work reported done."""
    made = helpers.stage(code, n=n, **more)
    for start in range(0, n, 5):  # five fit a direction
        assert start == 0 or more, "more than five need another cap"
    made.stage_all(min(n, 5))
    made.apply()
    made.publicise(kind="announcement")
    done(made)
    return made


def done(made: Played, *numbers: int, state: str = State.READY) -> None:
    """The work of these is reported done (or ended otherwise)."""
    chosen = [made.applications[n] for n in numbers] if numbers else made.applications
    Task.objects.filter(application__in=chosen).update(state=state, ready_on=AT.date())


def end(made: Played, n: int, state: str) -> None:
    Task.objects.filter(application=made.applications[n]).update(
        state=state, ready_on=AT.date(), closed_at=AT, closed_reason="示例原因"
    )


def select(made: Played, *numbers: int, tier: str = "winner", exception: str = WHY):
    return awarding.select(
        made.call, made.ids(*numbers), tier=tier, exception=exception, actor=made.op, at=AT
    )


def pass_over(made: Played, numbers: Sequence[int]):
    return awarding.pass_over(made.call, made.ids(*numbers), actor=made.op, at=AT)


def apply(made: Played, *, actor=None, shown: str = "", vacancies: bool = True):
    return awarding.apply_together(
        made.call,
        shown=shown or board.fingerprint_of(made.call),
        vacancies_confirmed=vacancies,
        actor=actor or made.boss,
        at=AT,
    )


def announce(made: Played, *, kind: str = "announcement", at=AT, **more) -> Publication:
    """Draft and publish the list of winners, by two people."""
    draft = outcomes.draft(
        made.call,
        kind=kind,
        stage=Stage.AWARD,
        title="示例优胜名单",
        basis="根据示例文号，现予公布。",
        actor=made.op,
        at=at,
        **more,
    )
    act = outcomes.publish_publicity if kind == "publicity" else outcomes.announce
    return act(draft, shown=publishing.preview_hash(draft), actor=made.boss, at=at)


def publicised() -> Played:
    """Two winners of a programme that publicises its award too, applied and not yet published."""
    spec = world.programme("2021-jiebang")
    steps = list(spec.steps)
    steps.insert(steps.index("announcement"), "publicity")
    spec = spec.model_copy(
        update={
            "steps": tuple(type(spec.steps[0])(one) for one in steps),
            "publicity": Publicity(working_days=5, source="示例文号 第九条"),
            "award": spec.award.model_copy(update={"publicity": True}),
        }
    )
    made = helpers.stage(None, n=2, spec=spec)
    made.stage_all(2)
    made.apply()
    shown = made.publicise()
    later(made, shown)
    outcomes.end_publicity(shown, actor=made.op, at=AT)
    made.publicise(kind="announcement")
    done(made)
    select(made, 0, 1)
    apply(made)
    return made


def later(made: Played, publicity: Publication) -> None:
    """Move the call's own clock to the end of a publicity."""
    assert publicity.until is not None
    type(made.call).objects.filter(pk=made.call.pk).update(clock_offset=publicity.until - AT)
    made.call.refresh_from_db()
    publicity.refresh_from_db()


def won(n: int = 3, winners: int = 2) -> Played:
    """Everything up to the announced list of winners."""
    made = finalists(n)
    select(made, *range(winners))
    if n > winners:
        pass_over(made, range(winners, n))
    apply(made)
    announce(made)
    return made
