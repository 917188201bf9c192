"""A survey with a district, a city, a province and their companies, made through the services."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.test import Client

from accounts.models import Organisation, User
from accounts.roles import Role
from audit.services import Actor
from calls.programme import CHINA
from surveys import reading, services
from surveys.models import Request, Survey
from surveys.spec import Level
from tests import world
from tests.world import AT, SYSTEM

K = Organisation.Kind
UNTIL = (AT.astimezone(CHINA) + timedelta(days=5)).date()
SPEC = reading.CATALOGUE / "2017-ai-enterprises.toml"
TEXTS = {
    "position": "示例地位",
    "technology": "示例技术",
    "products": "示例产品",
    "next": "示例方向",
}


@dataclass
class Scene:
    survey: Survey
    units: dict[str, Organisation]
    people: dict[str, User]
    companies: list[Organisation] = field(default_factory=list)

    def actor(self, name: str) -> Actor:
        return world.actor(self.people[name])

    def request(self, n: int = 0) -> Request:
        return Request.objects.get(survey=self.survey, organisation=self.companies[n])

    def again(self) -> Survey:
        self.survey = Survey.objects.get(pk=self.survey.pk)
        return self.survey

    def client(self, name: str) -> Client:
        client = Client()
        client.force_login(self.people[name], backend="django.contrib.auth.backends.ModelBackend")
        return client


def rules(**more):
    """The shipped file with a third level, so that every level plays."""
    return reading.read(SPEC).model_copy(update={"levels": tuple(Level), **more})


def build(*, n: int = 2, opened: bool = True, spec=None) -> Scene:
    office = world.unit(K.OFFICE, "示例主管部门", region="110000")
    province = world.unit(K.PROVINCE, "示例省厅", region="430000")
    city = world.unit(K.CITY, "示例市局", region="430100", parent=province)
    district = world.unit(K.DISTRICT, "示例区局", region="430102", parent=city)
    other = world.unit(K.DISTRICT, "示例邻区局", region="430103", parent=city)
    units = {
        "office": office,
        "province": province,
        "city": city,
        "district": district,
        "other": other,
    }
    companies = [
        world.unit(K.ENTERPRISE, f"示例企业{number:02d}有限公司", region="430102", n=200 + number)
        for number in range(n)
    ]
    people = {
        "office": world.person(office, Role.OFFICE_OPERATOR, "吴示例"),
        "chief": world.person(office, Role.OFFICE_APPROVER, "郑示例"),
        "auditor": world.person(office, Role.AUDITOR, "冯示例"),
        "province": world.person(province, Role.REC_OPERATOR, "赵示例"),
        "city": world.person(city, Role.REC_OPERATOR, "周示例"),
        "district": world.person(district, Role.REC_OPERATOR, "李示例区"),
        "other": world.person(other, Role.REC_OPERATOR, "孙示例"),
        "filler": world.person(companies[0], Role.EDITOR, "王示例"),
        "viewer": world.person(companies[0], Role.VIEWER, "陈示例"),
    }
    for unit in companies[1:]:
        unit.profile = {"contact_email": f"c{unit.pk}@example.org"}
        unit.save()
    survey = services.create(
        spec or rules(),
        code="demo-survey",
        owner=office,
        regions_asked=["430100"],
        answer_until=UNTIL,
        actor=SYSTEM,
        at=AT - timedelta(days=1),
    )
    made = Scene(survey, units, people, companies)
    if opened:
        services.open_survey(survey, actor=made.actor("chief"), at=AT - timedelta(hours=20))
        services.send_waiting(at=AT - timedelta(hours=20))
        made.again()
    return made


def filled(name: str = "示例企业", revenue: str = "1200.00", **more) -> dict:
    return {"table": {"name": name, **TEXTS, "revenue": revenue, **more}}


def posted(data: dict | None = None, **more) -> dict:
    """What a browser sends for these answers."""
    table = (data or filled())["table"]
    return {**table, "version": "0", **more}


def answer(made: Scene, n: int = 0, *, data: dict | None = None, at=AT) -> Request:
    """Saved and submitted by the unit."""
    request = made.request(n)
    who = Actor(made.companies[n].name, organisation_id=made.companies[n].pk)
    version = request.answer.version if hasattr(request, "answer") else 0
    kept = services.save(
        request,
        data=data or filled(name=made.companies[n].name),
        version=version,
        actor=who,
        at=at,
    )
    services.submit(request, version=kept.version, actor=who, at=at)
    return made.request(n)
