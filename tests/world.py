"""The cast of the tests: a province, a 计划单列市, two companies, a ministry, an expert.

Everything is made through the services, and around the real present, so that the database's own
clock (the deadline trigger) agrees with the instants that tests pass in.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from accounts import services as accounts
from accounts.models import Organisation, User
from accounts.roles import Role
from applications import services as applications
from applications.models import Application
from audit.services import Actor
from calls import programme as programmes
from calls import services as calls
from calls.models import Call

AT = datetime.now(UTC).replace(microsecond=0)
SYSTEM = Actor("system")
PASSWORD = "一个够长的密码-2021"

K = Organisation.Kind
CODES = [
    "91990100MADEM0110B",
]


def uscc(n: int, *, region: str = "430100", kind: str = "91") -> str:
    """The n-th valid 统一社会信用代码 of a region, for tests."""
    from stdnum.cn import uscc as checker

    body = f"{kind}{region}MA{n:05d}XX"[:17]
    return body + checker.calc_check_digit(body)


def person(
    unit: Organisation, role: str, name: str, *, may_submit: bool | None = None, at: datetime = AT
) -> User:
    """A signed-up person with a verified address and one role."""
    email = f"{name}@{unit.pk}.example".lower()
    user = User.objects.create_user(
        email,
        PASSWORD,
        name=name,
        phone="000-00000000",
        created_at=at - timedelta(days=100),
        email_verified_at=at - timedelta(days=100),
    )
    accounts.appoint(
        user,
        organisation=unit,
        role=role,
        may_submit=role == Role.UNIT_ADMIN if may_submit is None else may_submit,
        actor=SYSTEM,
        at=at - timedelta(days=100),
    )
    return user


def actor(user: User, role: str | None = None) -> Actor:
    """The person in their (first, or named) role."""
    held = user.memberships.order_by("pk")
    membership = held.filter(role=role).first() if role else held.first()
    return Actor(user.name, user.pk, membership.organisation_id, membership.role)


@dataclass
class Cast:
    call: Call
    office: Organisation
    province: Organisation
    other_province: Organisation
    city: Organisation
    company: Organisation
    rival: Organisation
    people: dict[str, User] = field(default_factory=dict)
    application: Application | None = None

    def actor(self, name: str) -> Actor:
        return actor(self.people[name])


def unit(kind: str, name: str, *, region: str = "430000", n: int = 0, **more) -> Organisation:
    return Organisation.objects.create(
        kind=kind,
        name=name,
        region=region,
        code=uscc(n, region=region) if n else None,
        created_at=AT,
        **more,
    )


def programme(code: str = "2021-jiebang") -> programmes.Programme:
    return programmes.read(programmes.catalogue()[code])


def open_call(
    spec: programmes.Programme | None = None, *, code: str = "test-call", at: datetime = AT, **dates
) -> Call:
    """A call in its filing phase: it ends two days from now, recommendation ten days after."""
    spec = spec or programme()
    call = calls.create(
        spec,
        code=code,
        actor=SYSTEM,
        at=at - timedelta(days=30),
        **{
            "filing_from": at - timedelta(days=20),
            "filing_until": at + timedelta(days=2),
            "recommendation_until": at + timedelta(days=12),
            "scan_until": at + timedelta(days=14),
            "paper_until": at + timedelta(days=16),
            "review_until": at + timedelta(days=60),
            "announcement_by": at + timedelta(days=90),
            **dates,
        },
    )
    return calls.open_call(call, actor=SYSTEM, at=at - timedelta(days=21))


def build(spec: programmes.Programme | None = None) -> Cast:
    """The whole cast; the call opens last, so that quotas find their units."""
    office = unit(K.OFFICE, "示例主管部门", region="110000")
    province = unit(K.PROVINCE, "示例省工业和信息化厅", key="430000")
    other = unit(K.PROVINCE, "示例邻省工业和信息化厅", region="420000", key="420000")
    city = unit(K.CITY, "示例市工业和信息化局", region="430100", parent=province)
    company = unit(K.ENTERPRISE, "示例科技（甲）有限公司", region="430100", n=1)
    rival = unit(K.ENTERPRISE, "示例智语（乙）有限公司", region="430100", n=2)
    people = {
        "admin": person(company, Role.UNIT_ADMIN, "王示例"),
        "editor": person(company, Role.EDITOR, "李示例"),
        "viewer": person(company, Role.VIEWER, "陈示例"),
        "rival": person(rival, Role.UNIT_ADMIN, "刘示例"),
        "operator": person(province, Role.REC_OPERATOR, "赵示例"),
        "approver": person(province, Role.REC_APPROVER, "钱示例"),
        "neighbour": person(other, Role.REC_OPERATOR, "孙示例"),
        "city": person(city, Role.REC_OPERATOR, "周示例"),
        "office": person(office, Role.OFFICE_OPERATOR, "吴示例"),
        "chief": person(office, Role.OFFICE_APPROVER, "郑示例"),
        "auditor": person(office, Role.AUDITOR, "冯示例"),
    }
    call = open_call(spec)
    cast = Cast(call, office, province, other, city, company, rival, people)
    cast.application = draft(cast)
    return cast


def draft(
    cast: Cast,
    *,
    title: str = "低噪声声学传感器",
    unit: Organisation | None = None,
    by: str = "admin",
    at: datetime = AT,
) -> Application:
    """A draft of the company (or of ``unit``) under the province, in the first direction."""
    direction = cast.call.directions.first()
    return applications.create(
        call=cast.call,
        organisation=unit or cast.company,
        title=title,
        direction=direction,
        subfield=direction.subfields.first() if direction else None,
        recommender=cast.province,
        actor=cast.actor(by),
        at=at,
    )
