"""Calls past their deadlines, with applications that wait for the decision."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from accounts.models import Organisation, User
from accounts.roles import Role
from applications import workflow
from applications.models import Application
from audit.services import Actor
from calls import programme as programmes
from calls.models import Call, Direction
from calls.programme import CHINA
from outcomes import queries, rules, services
from reviews.models import Result, Round
from tests import world
from tests.world import AT

THEN = datetime(2022, 8, 5, 10, tzinfo=CHINA)
"""What the rehearsal calls' own clock says at ``AT``."""

# A programme unlike any shipped: no recommender, no review, a hard cap over the call, money.
UNLIKE = """
code = "test-vouchers"
title = "示例算力券发放"
short_title = "示例算力券"
number_prefix = "SL"
notice = "示例文号〔2022〕1号"
organiser = "示例市主管部门"
title_label = "用券事项"
steps = ["filing", "site_visit", "publicity", "announcement"]

[applicants]
kinds = ["enterprise"]

[[caps]]
tier = "gold"
scope = "call"
limit = 2
source = "示例文号〔2022〕1号 第三条"

[decision]
amount = true
unit = "万元"
maximum = 50
source = "示例文号〔2022〕1号 第四条"
tiers = [
    { key = "gold", title = "甲等" },
    { key = "silver", title = "乙等" },
]

[publicity]
working_days = 7
at_least = true
first_day_counts = false
source = "示例文号〔2022〕1号 第五条"

[[sections]]
key = "plan"
title = "用券计划"
fields = [{ key = "text", label = "计划", type = "longtext", required = true, max_chars = 500 }]
"""


@dataclass
class Stage:
    call: Call
    office: Organisation
    province: Organisation
    operator: User
    chief: User
    second: User
    applications: list[Application] = field(default_factory=list)

    @property
    def op(self) -> Actor:
        return world.actor(self.operator)

    @property
    def boss(self) -> Actor:
        return world.actor(self.chief)

    @property
    def other(self) -> Actor:
        return world.actor(self.second)

    def ids(self, *numbers: int) -> list[str]:
        chosen = numbers or range(len(self.applications))
        return [self.applications[n].public_id for n in chosen]

    def status(self, n: int) -> str:
        return Application.objects.get(pk=self.applications[n].pk).status

    def stage_all(self, chosen: int, *, tier: str = "finalist", amount: str = "") -> None:
        amounts = {one: Decimal(amount) for one in self.ids()} if amount else None
        if chosen:
            services.select(
                self.call, self.ids()[:chosen], tier=tier, amounts=amounts, actor=self.op, at=AT
            )
        if self.ids()[chosen:]:
            services.decline(self.call, self.ids()[chosen:], actor=self.op, at=AT)

    def apply(self, *, actor: Actor | None = None, shown: str = "", vacancies: bool = True):
        return services.apply_together(
            self.call,
            shown=shown or queries.standing(self.call),
            vacancies_confirmed=vacancies,
            actor=actor or self.boss,
            at=AT,
        )

    def publicise(self, *, kind: str = "publicity", working_days: int | None = None, **more):
        """Draft and publish, by two people."""
        from outcomes.services import publishing

        draft = services.draft(
            self.call,
            kind=kind,
            title="示例名单公示",
            basis="根据示例文号，现予公示。",
            contacts="联系电话：000-00000000",
            working_days=working_days,
            actor=self.op,
            at=AT,
            **more,
        )
        act = services.publish_publicity if kind == "publicity" else services.announce
        return act(draft, shown=publishing.preview_hash(draft), actor=self.boss, at=AT)


def unlike(text: str = UNLIKE) -> programmes.Programme:
    import tempfile
    from pathlib import Path

    path = Path(tempfile.mkdtemp()) / "vouchers.toml"
    path.write_text(text, "utf-8")
    return programmes.read(path)


def stage(
    code: str | None = "2021-jiebang",
    n: int = 3,
    *,
    spec: programmes.Programme | None = None,
    then: datetime = THEN,
    ranked: bool = True,
) -> Stage:
    """A call whose deadlines are past, with ``n`` applications of its first direction waiting."""
    spec = spec or world.programme(code)
    office = world.unit("office", "示例主管部门", region="110000")
    province = world.unit("province", "示例省工业和信息化厅", key="430000")
    people = [
        world.person(office, Role.OFFICE_OPERATOR, "吴示例"),
        world.person(office, Role.OFFICE_APPROVER, "郑示例"),
        world.person(office, Role.OFFICE_APPROVER, "何示例"),
    ]
    call = world.open_call(
        spec,
        at=AT,
        rehearsal=True,
        clock_offset=then - AT,
        filing_from=then - timedelta(days=60),
        filing_until=then - timedelta(days=30),
        recommendation_until=then - timedelta(days=20),
        scan_until=then - timedelta(days=18),
        paper_until=then - timedelta(days=18),
        review_until=then + timedelta(days=10),
        announcement_by=then + timedelta(days=40),
    )
    made = Stage(call, office, province, *people)
    made.applications = [waiting(made, number) for number in range(1, n + 1)]
    if ranked:
        rank(made)
    return made


def waiting(stage: Stage, number: int, *, direction: Direction | None = None) -> Application:
    """One more application that waits for the decision."""
    call = stage.call
    direction = direction or call.directions.first()
    unit = world.unit("company", f"示例科技（{number}）有限公司", region="430100", n=1000 + number)
    admin = world.person(unit, Role.UNIT_ADMIN, f"申报示例{number}")
    recommended = "recommendation" in call.steps
    return Application.objects.create(
        call=call,
        organisation=unit,
        recommender=stage.province if recommended else None,
        title=f"示例项目{number}",
        number=f"T-{number:06d}",
        direction=direction,
        subfield=direction.subfields.first() if direction else None,
        status=workflow.decided_from(call.steps),
        version_number=1,
        submitted_at=THEN - timedelta(days=31),
        first_submitted_at=THEN - timedelta(days=31),
        created_at=AT,
        created_by=admin,
        changed_at=AT,
    )


def rank(stage: Stage, scores: list[str] | None = None) -> None:
    """A closed round whose results rank the applications in their order."""
    if "review" not in stage.call.steps:
        return
    pool = Organisation.objects.create(kind="pool", name="示例专家库", parent=stage.office)
    review = Round.objects.create(
        call=stage.call,
        pool=pool,
        title="网络评审",
        state="closed",
        form={},
        method="mean",
        experts_per_application=5,
        min_reviews=3,
        opens_at=AT - timedelta(days=9),
        closes_at=AT - timedelta(days=2),
        seed="s",
        seed_commitment="c",
        created_at=AT,
        deployed_at=AT - timedelta(days=9),
        closed_at=AT - timedelta(days=1),
    )
    ordinal = 0
    for index, application in enumerate(stage.applications):
        score = Decimal(scores[index]) if scores else Decimal("95") - index
        if not scores or index == 0 or scores[index] != scores[index - 1]:
            ordinal = index + 1
        Result.objects.create(
            round=review,
            application=application,
            score=score,
            rank=ordinal,
            rank_low=ordinal,
            rank_high=ordinal + 1,
            reviews_count=5,
            flags=[],
            computed_at=AT,
        )


def passed(stage: Stage, *steps: str) -> None:
    """Passing records of these steps for every application."""
    for step in steps:
        services.record(
            stage.call,
            stage.ids(),
            step=step,
            result="pass",
            note="纸质考察记录在案",
            by_machinery=step not in rules.typed(stage.call.programme),
            actor=stage.op,
            at=AT,
        )
