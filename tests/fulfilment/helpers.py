"""Seasons played to the announcement and beyond: every filing selected, each with its task."""

from datetime import date, datetime, time

from accounts.models import User
from audit.services import Actor
from calls import services as calls
from calls.programme import CHINA, Programme
from fulfilment import services, terms
from fulfilment.models import Report, Task
from fulfilment.planform import to_agree
from tests import season, world
from tests.applications.filling import pdf
from tests.season import Mark, Season, plain
from tests.world import AT

NAMES = ("甲一", "乙二", "丙三")


def years(
    *names: str, spec: Programme | None = None, mark: Mark = plain, selected: int | None = None
) -> Season:
    """A season of these filings, announced; all of them selected unless it is said how many."""
    played = season.play(season.begin(spec, mark=mark), to="closed", names=names or NAMES)
    season.stage(played, selected=len(played.filed) if selected is None else selected)
    season.decide(played)
    season.announce(played)
    return played


def task(played: Season, n: int = 0) -> Task:
    """The task of the n-th filing, read anew."""
    return Task.objects.select_related("application__call", "application__organisation").get(
        application=played.filed[n]
    )


def person(played: Season, n: int = 0, role: str = "unit_admin") -> Actor:
    """Somebody of the unit of the n-th filing."""
    user = User.objects.filter(
        memberships__organisation=played.filed[n].organisation_id, memberships__role=role
    ).first()
    return world.actor(user)


def move_to(played: Season, day: date) -> None:
    """Set the call's own clock to the noon of a day."""
    calls.move_clock(
        played.call,
        to=datetime.combine(day, time(12), tzinfo=CHINA),
        actor=played.actor("office"),
        at=AT,
    )


def drafted(played: Season, n: int = 0, *, months: int = 18) -> Task:
    """A plan with two milestones that ends early, saved as a draft."""
    one = task(played, n)
    end = terms.months_after(one.starts_on, months)
    services.save_plan(
        one,
        finish_on=end,
        approach="先样机后量产。",
        milestones=[
            {
                "title": "完成样机",
                "due_on": terms.months_after(one.starts_on, 6),
                "deliverable": "样机和检测报告",
                "targets": [one.targets.first().key],
            },
            {"title": "小批量生产", "due_on": end, "deliverable": "批量产品", "targets": []},
        ],
        operators={target.key: "ge" for target in to_agree(one.targets.all())},
        actor=person(played, n),
        at=AT,
    )
    return one


def planned(played: Season, n: int = 0, *, months: int = 18, accept: bool = True) -> Task:
    """Such a plan, submitted and accepted."""
    one = drafted(played, n, months=months)
    made = services.submit_plan(one, actor=person(played, n), at=AT)
    if accept:
        services.decide_plan(made, accept=True, comment="", actor=played.actor("office"), at=AT)
    return task(played, n)


def written(played: Season, report: Report, n: int = 0, *, value: str = "9", **more: str) -> Report:
    """A draft of a report with everything that has to be in it."""
    held = Report.objects.get(pk=report.pk)
    posted = {
        "progress": "样机已经完成，正在测试。",
        "problems": "",
        "next": "开展小批量试制。",
        "money": "12.50",
        **{f"value-{one.key}": value for one in held.task.targets.all()},
        **more,
    }
    return services.save_report(
        held, posted=posted, version=held.saves, actor=person(played, n), at=AT
    )


def file(owner, actor: Actor, *, name: str = "检测报告.pdf", mark: str = "f"):
    return services.attach(owner, name=name, data=pdf(1, mark=mark), actor=actor, at=AT)
