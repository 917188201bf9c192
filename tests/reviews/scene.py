"""A call in review: applications that passed the formal check, experts with accounts, a round.

Made through the services; only the call's dates are moved back once everything is filed, so that
the real present lies in the review.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from accounts.models import Organisation, User
from accounts.roles import Role
from applications import queries as reading
from applications import services as applications
from applications import snapshot
from applications.models import Application, Section, Version
from calls.models import Call
from documents.fingerprints import fingerprint
from reviews import services
from reviews.models import Assignment, Expert, Round
from reviews.poolfile import Entry
from tests import world
from tests.world import AT, Cast

K = Organisation.Kind
REASON = "双背板差分结构新颖，检测报告第七页数据充分，可信度高。"


@dataclass
class Scene:
    cast: Cast
    applications: list[Application] = field(default_factory=list)
    experts: list[Expert] = field(default_factory=list)
    round: Round | None = None

    @property
    def office(self):
        return self.cast.actor("office")

    @property
    def form(self):
        return self.round.sheet

    def user(self, number: int) -> User:
        return self.experts[number].user

    def actor(self, number: int):
        return world.actor(self.user(number))

    def task(self, expert: int, application: int) -> Assignment:
        return Assignment.objects.get(
            round=self.round,
            expert=self.experts[expert],
            application=self.applications[application],
        )


def filing(
    cast: Cast, number: int, *, direction=None, answers=None, at=AT, region: str = "430100"
) -> Application:
    """A submitted application of its own company, with a frozen version."""
    unit = world.unit(K.ENTERPRISE, f"示例企业{number}号有限公司", region=region, n=100 + number)
    admin = world.person(unit, Role.UNIT_ADMIN, f"企业{number}")
    direction = direction or cast.call.directions.first()
    draft = applications.create(
        call=cast.call,
        organisation=unit,
        title=f"示例项目{number}号",
        direction=direction,
        subfield=direction.subfields.first(),
        recommender=cast.province,
        actor=world.actor(admin),
        at=at,
    )
    for key, data in (answers or {}).items():
        Section.objects.filter(application=draft, key=key).update(data=data)
    frozen = snapshot.build(reading.material(draft))
    Version.objects.create(
        application=draft,
        number=1,
        snapshot=frozen,
        fingerprint=fingerprint(frozen),
        idempotency_key=f"k{number}",
        arrived_at=at,
        submitted_by=admin,
        submitted_by_name=admin.name,
    )
    return applications.move(
        draft,
        "submit",
        actor=world.actor(admin),
        at=at,
        number=f"T-{number:06d}",
        version_number=1,
        submitted_at=at,
        first_submitted_at=at,
    )


def close_filing(call: Call, *, at=AT) -> Call:
    """Filing and recommendation are over; the present is the review."""
    Call.objects.filter(pk=call.pk).update(
        filing_from=at - timedelta(days=60),
        filing_until=at - timedelta(days=30),
        recommendation_until=at - timedelta(days=10),
    )
    return Call.objects.get(pk=call.pk)


def accepted(cast: Cast, application: Application, *, at=AT) -> Application:
    applications.move(application, "recommend", actor=cast.actor("operator"), at=at)
    return applications.accept(application, actor=cast.actor("office"), at=at)


def expert(number: int, *, organisation=None, actor, at=AT, **changes) -> Expert:
    """A person with an account and the expert's role in the pool."""
    pool = services.pool_of(organisation, at=at)
    email = f"expert{number}@pool{pool.pk}.example"
    user = User.objects.filter(email=email).first()
    if user is None:
        user = world.person(pool, Role.EXPERT, f"专家{number}")
        User.objects.filter(pk=user.pk).update(email=email)
    values = {
        "name": f"专家{number}",
        "email": email,
        "phone": f"000-{10000000 + number}",
        "fields": ("智能传感器",),
        "employer_name": f"示例研究院{number}",
        "region": "110000",
        "capacity": 60,
        **changes,
    }
    services.add_expert(organisation=organisation, entry=Entry(**values), actor=actor, at=at)
    return Expert.objects.get(pool=pool, email=email)


def build(
    *, filed: int = 3, experts: int = 5, wanted: int = 3, spec=None, made: bool = True, **round
) -> Scene:
    """A scene; ``made``: with a round in draft."""
    cast = world.build(spec)
    scene = Scene(cast)
    submitted = [filing(cast, number) for number in range(1, filed + 1)]
    cast.call = close_filing(cast.call)
    scene.applications = [accepted(cast, one) for one in submitted]
    scene.experts = [expert(number, actor=scene.office) for number in range(1, experts + 1)]
    if made:
        scene.round = new_round(scene, wanted=wanted, **round)
        scene.applications = list(Application.objects.filter(pk__in=[a.pk for a in submitted]))
    return scene


def new_round(scene: Scene, *, wanted: int = 3, organisation=None, actor=None, **changes) -> Round:
    values = {
        "title": "网评第一轮",
        "opens_at": AT - timedelta(hours=1),
        "closes_at": AT + timedelta(days=20),
        "experts_per_application": wanted,
        "seed": "示例种子",
        "mask": "示例掩码",
        **changes,
    }
    return services.create_round(
        scene.cast.call, organisation=organisation, actor=actor or scene.office, at=AT, **values
    )


def deployed(scene: Scene) -> Scene:
    services.propose_assignment(scene.round, actor=scene.office, at=AT)
    services.deploy(scene.round, actor=scene.cast.actor("chief"), at=AT)
    scene.round.refresh_from_db()
    return scene


def declared(scene: Scene) -> Scene:
    """Everybody says there is no conflict."""
    for expert in scene.experts:
        keys = list(
            Assignment.objects.filter(
                round=scene.round, expert=expert, state="deployed"
            ).values_list("pk", flat=True)
        )
        if keys:
            services.declare_conflicts(
                scene.round,
                expert,
                clear=keys,
                conflicted={},
                actor=world.actor(expert.user),
                at=AT,
            )
    return scene


def scores(form, figure: int) -> dict[str, int]:
    return {criterion.key: figure for criterion in form.criteria}


def comments(form) -> dict[str, str]:
    return {criterion.key: REASON for criterion in form.criteria}


def submit(task: Assignment, figure: int, *, version: int = 0):
    form = task.round.sheet
    return services.submit_score(
        task,
        scores=scores(form, figure),
        comments=comments(form),
        overall="",
        version=version,
        actor=world.actor(task.expert.user),
        at=AT,
    )
