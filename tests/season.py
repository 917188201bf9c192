"""A whole season through the services: filed, recommended, sealed, checked, reviewed, decided.

The call is a rehearsal, so that its own clock can be moved while the database's stays real.
Each step takes the season one stage further; ``play`` goes up to the stage that is named.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from django.http import QueryDict

from accounts.models import Organisation, User
from accounts.roles import Role
from applications import attachments, filing, ledger
from applications import services as applications
from applications.content import answers, synthetic
from applications.models import Application, Version
from audit.services import Actor
from calls import services as calls
from calls.models import Call
from calls.programme import FieldType, Programme, Section
from documents import services as documents
from documents.models import Document
from outcomes import queries as deciding
from outcomes import services as outcomes
from outcomes.models import Publication
from outcomes.services import publishing
from recommenders import ranking, sheets
from recommenders import services as recommenders
from recommenders.models import ListVersion, RankedList
from recommenders.services import scans
from reviews import services as reviews
from reviews.models import Assignment, Expert, Round
from reviews.poolfile import Entry
from tests import world
from tests.applications.filling import pdf
from tests.world import AT, Cast

Mark = Callable[[str, str], str]
"""(what it is, what would stand there) -> what stands there: puts canaries into texts."""


def plain(name: str, text: str) -> str:
    return text


@dataclass
class Season:
    cast: Cast
    mark: Mark = plain
    filed: list[Application] = field(default_factory=list)
    experts: list[Expert] = field(default_factory=list)
    round: Round | None = None
    publication: Publication | None = None

    @property
    def call(self) -> Call:
        return Call.objects.get(pk=self.cast.call.pk)

    def actor(self, name: str) -> Actor:
        return self.cast.actor(name)

    def again(self, n: int) -> Application:
        return Application.objects.select_related(
            "call", "organisation", "recommender", "preselector", "direction", "subfield"
        ).get(pk=self.filed[n].pk)

    def clock(self, days: float) -> None:
        """Set the call's own time to so many days after ``AT``."""
        calls.move_clock(self.call, to=AT + timedelta(days=days), actor=self.actor("office"), at=AT)


def begin(spec: Programme | None = None, *, mark: Mark = plain) -> Season:
    cast = world.build(spec)
    Call.objects.filter(pk=cast.call.pk).update(rehearsal=True)
    cast.call = Call.objects.get(pk=cast.call.pk)
    return Season(cast, mark)


# Filing ----------------------------------------------------------------------------------------


def typed(section: Section, *, seed: int, name: str, mark: Mark, specs=()) -> QueryDict:
    """What a person types into a section; texts that have no form of their own are marked."""
    found = QueryDict(mutable=True)
    leaf = {
        asked.name: asked.asked
        for one in section.fields
        if one.type != FieldType.INDICATORS
        for asked in answers.leaves(one, rows=9)
    }
    for key, values in synthetic.inputs(section, seed=seed, indicators=specs).items():
        asked = leaf.get(key)
        if asked is not None and asked.type in (FieldType.TEXT, FieldType.LONGTEXT):
            room = asked.max_chars or 60
            values = [mark(f"{name}.{section.key}.{key}", value)[:room] for value in values]
        found.setlist(key, values)
    return found


def fill(
    application: Application, *, seed: int, name: str, actor: Actor, mark: Mark = plain, at=AT
) -> None:
    """Answer every section and upload every required file."""
    rows = list(application.indicator_rows.select_related("indicator"))
    specs = [row.indicator.spec for row in rows if row.indicator]
    for section in application.call.programme.sections:
        posted = typed(section, seed=seed, name=name, mark=mark, specs=specs)
        data = answers.read(section, posted, compact=True)
        version = application.sections.get(key=section.key).version
        table = next((f for f in section.fields if f.type == FieldType.INDICATORS), None)
        more = {"version": version, "actor": actor, "at": at}
        if table is None:
            applications.save_section(application, section.key, data=data, **more)
        else:
            ledger.save(
                application,
                section.key,
                asked=table,
                data=data,
                table=ledger.read(posted, rows, compact=True),
                fields=[table.key],
                **more,
            )
    for kind in application.call.programme.attachments:
        if kind.required and kind.condition is None:
            attachments.attach(
                application,
                key=kind.key,
                name=mark(f"{name}.file.{kind.key}", "示例材料")[:60] + ".pdf",
                data=pdf(1, mark=f"{seed}-{kind.key}"),
                actor=actor,
                at=at,
            )


def draft(
    season: Season,
    name: str,
    *,
    unit: Organisation | None = None,
    user: User | None = None,
    recommender: Organisation | None = None,
    at=AT,
) -> Application:
    """A draft with everything answered, of a company of its own unless one is given."""
    number = Application.objects.count() + 100
    if unit is None:
        unit = world.unit(
            Organisation.Kind.ENTERPRISE, f"示例{name}有限公司", region="430100", n=number
        )
        user = world.person(unit, Role.UNIT_ADMIN, f"{name}示例")
    assert user is not None
    direction = season.call.directions.first()
    recommended = bool(season.call.programme.recommender_kinds)
    made = filing.start(
        call=season.call,
        organisation=unit,
        title=season.mark(f"{name}.title", f"示例{name}项目")[:30],
        direction=direction,
        subfield=direction.subfields.first() if direction else None,
        recommender=(recommender or season.cast.province) if recommended else None,
        user=user,
        actor=world.actor(user),
        at=at,
    )
    fill(made, seed=number, name=name, actor=world.actor(user), mark=season.mark, at=at)
    return made


def submit(application: Application, *, key: str = "k1", at=AT) -> Version:
    person = User.objects.get(
        memberships__organisation=application.organisation, memberships__role=Role.UNIT_ADMIN
    )
    return applications.submit(application, key=key, actor=world.actor(person), at=at)


def file(season: Season, *names: str, **more) -> None:
    for name in names:
        made = draft(season, name, **more)
        submit(made)
        season.filed.append(made)


# Recommendation --------------------------------------------------------------------------------


def shown(ranked: RankedList) -> str:
    return ranking.list_hash(sheets.rows(ranked))


def list_of(season: Season, unit: Organisation | None = None) -> RankedList:
    return RankedList.objects.select_related("call", "organisation").get(
        call=season.call, organisation=unit or season.cast.province
    )


def recommend(season: Season, *chosen: int) -> None:
    for n in chosen or range(len(season.filed)):
        recommenders.recommend(
            season.again(n),
            actor=season.actor("operator"),
            at=AT,
            note=season.mark("recommender.note", "重点")[:60],
        )


def freeze(season: Season) -> ListVersion:
    ranked = list_of(season)
    return recommenders.submit_list(
        ranked, shown=shown(ranked), actor=season.actor("approver"), at=AT
    )


def render(document: Document | None = None) -> None:
    """Draw what waits; of one document only when it is named."""
    if document is None:
        while documents.render_waiting(at=AT + timedelta(hours=1)):
            pass
        return
    Document.objects.exclude(pk=document.pk).filter(state="waiting").update(
        not_before=AT + timedelta(days=9)
    )
    documents.render_waiting(at=AT + timedelta(hours=1))
    Document.objects.filter(state="waiting").update(not_before=AT)


def seal(season: Season, version: ListVersion) -> None:
    """Print the sheet and send the print back as the sealed scan."""
    assert version.document is not None
    render(version.document)
    version.document.refresh_from_db()
    paper = documents.read(version.document.pdf)
    scan = scans.read_upload(paper, season.mark("scan.name", "盖章件")[:60] + ".pdf")
    recommenders.receive_scan(list_of(season), [scan], actor=season.actor("operator"), at=AT)


def deliver(season: Season) -> None:
    recommenders.deliver(list_of(season), actor=season.actor("operator"), at=AT)


# Check and review ------------------------------------------------------------------------------


def check(season: Season) -> None:
    for n in range(len(season.filed)):
        applications.accept(season.again(n), actor=season.actor("office"), at=AT)


def expert(season: Season, n: int, *, organisation: Organisation | None = None) -> Expert:
    pool = reviews.pool_of(organisation, at=AT)
    user = world.person(pool, Role.EXPERT, f"专家{n}")
    return reviews.add_expert(
        organisation=organisation,
        entry=Entry(
            name=user.name,
            email=user.email,
            phone=f"000-{70000000 + n}",
            fields=("智能传感器",),
            employer_name=season.mark(f"expert{n}.employer", f"示例研究院{n}")[:100],
            region="110000",
        ),
        actor=season.actor("office"),
        at=AT,
    )


def prepare(season: Season, *, experts: int = 4, wanted: int = 3) -> None:
    """A round for which nothing has been proposed yet."""
    now = season.call.time(AT)
    season.experts = [expert(season, n) for n in range(1, experts + 1)]
    season.round = reviews.create_round(
        season.call,
        organisation=None,
        title=season.mark("round.title", "专家网络评审")[:80],
        opens_at=now - timedelta(minutes=1),
        closes_at=now + timedelta(days=20),
        experts_per_application=wanted,
        actor=season.actor("office"),
        at=AT,
    )


def assign(season: Season, *, experts: int = 4, wanted: int = 3) -> None:
    """A round with everybody assigned and declared."""
    prepare(season, experts=experts, wanted=wanted)
    reviews.propose_assignment(season.round, actor=season.actor("office"), at=AT)
    reviews.deploy(season.round, actor=season.actor("chief"), at=AT)
    season.round = Round.objects.get(pk=season.round.pk)
    for one in season.experts:
        tasks = Assignment.objects.filter(round=season.round, expert=one, state="deployed")
        if keys := list(tasks.values_list("pk", flat=True)):
            reviews.declare_conflicts(
                season.round,
                one,
                clear=keys,
                conflicted={},
                actor=world.actor(one.user),
                at=AT,
            )


def score(season: Season, task: Assignment, figure: int) -> None:
    form = season.round.sheet
    reviews.submit_score(
        task,
        scores={one.key: min(figure, one.highest) for one in form.criteria},
        comments={
            one.key: season.mark(
                f"comment.{task.expert_id}.{one.key}",
                "双背板差分结构新颖，检测报告第七页数据充分，可信度高。",
            )
            for one in form.criteria
        },
        overall=season.mark(f"overall.{task.expert_id}", "同意。"),
        version=0,
        actor=world.actor(task.expert.user),
        at=AT,
    )


def score_all(season: Season, *, but: Assignment | None = None) -> None:
    for n, task in enumerate(season.round.assignments.filter(state="deployed").order_by("pk")):
        if task == but:
            continue
        score(season, task, 5 + (n * 3) % 5)


def close(season: Season) -> None:
    reviews.close_round(season.round, actor=season.actor("office"), at=AT)
    season.round = Round.objects.get(pk=season.round.pk)


# Decision --------------------------------------------------------------------------------------


def stage(season: Season, *, selected: int = 1) -> None:
    tier = next(iter(season.call.programme.decision.tiers)).key
    ids = [season.again(n).public_id for n in range(len(season.filed))]
    reason = season.mark("decision.reason", "专家评分靠前")
    outcomes.select(
        season.call, ids[:selected], tier=tier, reason=reason, actor=season.actor("office"), at=AT
    )
    if ids[selected:]:
        outcomes.decline(
            season.call,
            ids[selected:],
            reason=season.mark("decision.declined", "名次靠后"),
            actor=season.actor("office"),
            at=AT,
        )


def decide(season: Season) -> None:
    outcomes.apply_together(
        season.call,
        shown=deciding.standing(season.call),
        vacancies_confirmed=True,
        actor=season.actor("chief"),
        at=AT,
    )


def draft_list(season: Season) -> Publication:
    """The list as one person drafts it."""
    return outcomes.draft(
        season.call,
        kind="announcement",
        title="示例入围揭榜单位名单",
        basis=season.mark("publication.basis", "根据示例文号，现予公布。"),
        actor=season.actor("office"),
        at=AT,
    )


def announce(season: Season, made: Publication | None = None) -> None:
    """Another person publishes it."""
    made = made or draft_list(season)
    season.publication = outcomes.announce(
        made, shown=publishing.preview_hash(made), actor=season.actor("chief"), at=AT
    )


# All of it -------------------------------------------------------------------------------------

STAGES = (
    "filed",
    "recommended",
    "frozen",
    "sealed",
    "delivered",
    "checked",
    "assigned",
    "scored",
    "closed",
    "staged",
    "decided",
    "announced",
)


def play(
    season: Season, *, to: str = "announced", names: tuple[str, ...] = ("甲一", "乙二", "丙三")
):
    """From filing up to a stage, with these filings."""
    assert to in STAGES
    file(season, *names)
    steps: dict[str, Callable[[], object]] = {
        "recommended": lambda: (season.clock(3), recommend(season)),
        "frozen": lambda: freeze(season),
        "sealed": lambda: seal(season, list_of(season).versions.get(voided_at=None)),
        "delivered": lambda: deliver(season),
        "checked": lambda: (season.clock(13), check(season)),
        "assigned": lambda: assign(season),
        "scored": lambda: score_all(season),
        "closed": lambda: close(season),
        "staged": lambda: stage(season),
        "decided": lambda: decide(season),
        "announced": lambda: announce(season),
    }
    for name in STAGES[1 : STAGES.index(to) + 1]:
        steps[name]()
    return season
