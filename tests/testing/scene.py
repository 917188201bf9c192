"""Tasks that are reported done, agencies with people, and the steps of a test."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from accounts.models import User
from accounts.roles import Role
from documents import scanfiles
from documents import services as documents
from documents.models import Document
from fulfilment.models import Target, Task
from fulfilment.services import moving
from outcomes.rules import day_of
from testing import services
from testing.agencyfile import Entry
from testing.models import Agency, Commission, Result
from testing.services import reporting, sealing
from testing.services.measuring import Typed
from tests import season, world
from tests.applications.filling import pdf
from tests.fulfilment import helpers
from tests.season import Mark, Season, plain
from tests.world import AT


@dataclass
class Scene:
    season: Season
    agencies: list[Agency] = field(default_factory=list)
    mark: Mark = plain

    def actor(self, name: str):
        return self.season.actor(name)

    def task(self, n: int = 0) -> Task:
        return helpers.task(self.season, n)

    def tester(self, n: int = 0, second: bool = False):
        return self.actor(f"tester{n}{'b' if second else ''}")

    @property
    def now(self):
        return self.season.call.time(AT)


def agency(played: Scene, name: str, **more) -> Agency:
    """An agency with two people, known to the cast as tester<n> and tester<n>b."""
    n = len(played.agencies)
    made = services.add(
        Entry(name=name, accreditation=f"示例 CMA-{n}", accredited_by="示例发证机构", **more),
        actor=played.actor("office"),
        at=AT,
    )
    people = played.season.cast.people
    people[f"tester{n}"] = world.person(made.organisation, Role.TESTER, f"测评员{n}甲")
    people[f"tester{n}b"] = world.person(made.organisation, Role.TESTER, f"测评员{n}乙")
    played.agencies.append(made)
    return made


def build(*names: str, agencies: int = 2, mark: Mark = plain) -> Scene:
    played = Scene(helpers.years(*names, mark=mark), mark=mark)
    for n in range(len(played.season.filed)):
        moving.advance(played.task(n), "complete", actor=played.actor("office"), at=AT)
    # Rows of the unit's own: which way is better is agreed in the plan.
    Target.objects.filter(kind="number", operator="").update(operator="ge")
    for n in range(agencies):
        agency(played, f"示例测评中心{'甲乙丙丁'[n]}")
    return played


def due(played: Scene, days: int = 30):
    return played.now + timedelta(days=days)


def propose(played: Scene, n: int = 0, by: int = 0, **more) -> Commission:
    (made,) = services.propose(
        [services.Proposal(played.task(n), played.agencies[by], **more)],
        due=due(played),
        actor=played.actor("office"),
        at=AT,
    )
    return made


def offered(played: Scene, n: int = 0, by: int = 0) -> Commission:
    (made,) = services.approve([propose(played, n, by)], actor=played.actor("chief"), at=AT)
    return made


def accepted(played: Scene, n: int = 0, by: int = 0) -> Result:
    """Accepted, the sample declared and received."""
    commission = offered(played, n, by)
    services.accept(commission, actor=played.tester(by), at=AT)
    return sampled(played, commission, n, by)


def unit_person(played: Scene, n: int = 0) -> User:
    return User.objects.filter(
        memberships__organisation=played.season.filed[n].organisation,
        memberships__role=Role.UNIT_ADMIN,
    )[0]


def sampled(played: Scene, commission: Commission, n: int = 0, by: int = 0) -> Result:
    commission = again(commission)
    services.declare_sample(
        commission,
        name=played.mark("sample.name", "示例样品"),
        model="S-1",
        version="V1.0",
        actor=world.actor(unit_person(played, n)),
        at=AT,
    )
    services.receive(
        again(commission), on=day_of(played.now), note="完好", actor=played.tester(by), at=AT
    )
    return Result.objects.get(commission=commission)


def again(commission: Commission) -> Commission:
    return Commission.objects.select_related("task__application__call", "agency__organisation").get(
        pk=commission.pk
    )


def result_again(result: Result) -> Result:
    return Result.objects.select_related(
        "commission__task__application__call", "commission__agency__organisation", "report"
    ).get(pk=result.pk)


def value_for(row, how: str = "met") -> str:
    """A value that reaches, exceeds or misses the target of a row, whatever its kind."""
    from decimal import Decimal

    from calls import measures

    target = row.target
    if target.kind != "number":
        levels = list(target.spec.levels) if target.spec else []
        if target.kind == "boolean":
            wanted = target.target or "是"
            return wanted if how != "under" else {"是": "否", "否": "是"}[wanted]
        if levels:
            return target.target if how != "under" else levels[0]
        return "已实现"
    try:
        goal = measures.read(target.target, target.unit).value
    except measures.Unmeasurable:
        return "1"
    step = Decimal("1")
    up = target.operator != "le"
    move = {"met": 0, "over": step, "under": -step}[how] * (1 if up else -1)
    return measures.plain(goal + move)


def filled(played: Scene, result: Result, by: int = 0, how: str = "met", **rows) -> Result:
    """Everything a report needs; every row at its target unless it is said how."""
    result = result_again(result)
    found = list(result.rows.select_related("target").order_by("order"))
    typed = {
        row.pk: {
            "measured": value_for(row, rows.get(f"r{n}", how)),
            "method": played.mark("result.method", "按示例规程测量三次取平均"),
            "sample_size": "3",
            "environment": "23 °C",
            "untested": "",
            "remarks": played.mark("result.remarks", "无"),
        }
        for n, row in enumerate(found)
    }
    head = {
        "basis": "示例规程 T/EX 1-2023",
        "environment": "恒温恒湿实验室，23 °C，50 % RH",
        "tested_from": (day_of(played.now) - timedelta(days=3)).isoformat(),
        "tested_until": day_of(played.now).isoformat(),
    }
    saved, _ = services.save(
        result,
        Typed(head=head, rows=typed),
        version=result.version,
        actor=played.tester(by),
        at=AT,
    )
    return saved


def approved(played: Scene, result: Result, by: int = 0, **more) -> Result:
    result = filled(played, result, by, **more)
    result = reporting.submit(result, version=result.version, actor=played.tester(by), at=AT)
    return reporting.approve(
        result, version=result.version, actor=played.tester(by, second=True), at=AT
    )


def paper(result: Result) -> bytes:
    """The report as it would be printed: drawn now."""
    result = result_again(result)
    season.render(result.report)
    return documents.read(Document.objects.get(pk=result.report_id).pdf)


def sealed(played: Scene, result: Result, by: int = 0, **more) -> Result:
    """Approved, printed and sent back; the pages are read as the scanner reads them."""
    result = approved(played, result, by, **more)
    scan(played, result, by)
    return result_again(result)


def scan(played: Scene, result: Result, by: int = 0):
    """The paper of the report in force comes back whole, without drawing it."""
    result = result_again(result)
    blob = documents.store(pdf(2, mark=f"report-{result.pk}"), media_type="application/pdf", at=AT)
    Document.objects.filter(pk=result.report_id).update(
        state="ready", pdf=blob, file_sha256=blob.sha256, pages=2, ready_at=AT
    )
    result = result_again(result)
    upload = scanfiles.Uploaded(
        data=pdf(2, mark=f"sealed-{result.pk}"),
        name="盖章报告.pdf",
        media_type="application/pdf",
        codes=[(result.report.code, 1), (result.report.code, 2)],
        red=[False, True],
    )
    return sealing.receive(result, [upload], actor=played.tester(by), at=AT)


def released(played: Scene, n: int = 0, by: int = 0, **more) -> Result:
    result = sealed(played, accepted(played, n, by), by, **more)
    (done,) = services.release([result], actor=played.actor("chief"), at=AT)
    return done


def disputed(played: Scene, result: Result, n: int = 0):
    result = result_again(result)
    return services.raise_dispute(
        result,
        keys=[result.rows.order_by("order").first().target.key],
        reason=played.mark("dispute.reason", "测试所用固件不是申报的版本，结果偏低。"),
        actor=world.actor(unit_person(played, n)),
        at=AT,
    )


DAY = date(2030, 1, 1)
