"""Who takes part: units and people, all made up except the names of the local recommenders."""

import tomllib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from accounts import masterdata, regions
from accounts import services as accounts
from accounts.models import Organisation, User
from accounts.roles import Role
from applications.content import synthetic
from applications.models import Application
from audit.services import Actor

SYSTEM = Actor("system")
K = Organisation.Kind

WORDS = (
    "智芯",
    "声感",
    "云图",
    "译通",
    "观澜",
    "启明",
    "恒测",
    "数联",
    "微构",
    "知行",
    "远航",
    "精仪",
)
FIELDS = ("传感", "半导体", "语言", "数据", "机器人", "医疗科技", "装备", "软件", "通信", "能源")
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"


def plan() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "plan.toml").read_text("utf-8"))


@dataclass
class Cast:
    office: Organisation
    operator: User
    approver: User
    recommenders: list[Organisation] = field(default_factory=list)
    units: list[tuple[Organisation, User, Organisation]] = field(default_factory=list)
    people: dict[str, User] = field(default_factory=dict)

    def actor(self, user: User, role: str) -> Actor:
        membership = user.memberships.filter(role=role).order_by("pk")[0]
        return Actor(user.name, user.pk, membership.organisation_id, role)


def person(unit: Organisation, role: Role, name: str, *, n: int, at: datetime) -> User:
    """A person of the demonstration. They enter by a one-time link; there is no password."""
    user = User.objects.create_user(
        f"demo{n}.{role}@example.com",
        None,
        name=name,
        phone=f"000-{n:08d}",
        created_at=at,
        email_verified_at=at,
    )
    accounts.appoint(
        user,
        organisation=unit,
        role=role,
        may_submit=role == Role.UNIT_ADMIN,
        actor=SYSTEM,
        at=at,
    )
    return user


def admin_of(application: Application) -> Actor:
    """The administrator of the unit that filed it, acting for the unit."""
    unit = application.organisation
    held = unit.memberships.filter(role=Role.UNIT_ADMIN).select_related("user").order_by("pk")[0]
    return Actor(held.user.name, held.user_id, unit.pk, Role.UNIT_ADMIN)


def build(*, at: datetime) -> Cast:
    """All units and people of the plan."""
    wanted = plan()
    at = at - timedelta(days=1)
    masterdata.load_recommenders(actor=SYSTEM, at=at)
    office = Organisation.objects.create(
        kind=K.OFFICE, name="示例主管部门科技司", region="110000", created_at=at
    )
    cast = Cast(
        office,
        person(office, Role.OFFICE_OPERATOR, "吴示例", n=1, at=at),
        person(office, Role.OFFICE_APPROVER, "郑示例", n=2, at=at),
    )
    cast.people["auditor"] = person(office, Role.AUDITOR, "冯示例", n=3, at=at)
    cast.people["security"] = person(office, Role.SECURITY_ADMIN, "陈示例", n=4, at=at)
    number = 0
    for key, area in wanted["areas"].items():
        recommender = Organisation.objects.get(key=key)
        _recommender(cast, recommender, at=at)
        if "city" in area:
            _levels(cast, recommender, area, at=at)
        for _ in range(area["units"]):
            number += 1
            _unit(cast, recommender, area["region"], number, at=at)
    for chosen in wanted["chosen"]:
        recommender = Organisation.objects.create(
            kind=chosen["kind"], name=chosen["name"], region="110000", created_at=at
        )
        _recommender(cast, recommender, at=at)
        for _ in range(chosen["units"]):
            number += 1
            _unit(cast, recommender, "110105", number, at=at)
    return cast


def _recommender(cast: Cast, unit: Organisation, *, at: datetime) -> None:
    n = 100 + 10 * len(cast.recommenders)
    surname = SURNAMES[len(cast.recommenders) % len(SURNAMES)]
    person(unit, Role.REC_OPERATOR, f"{surname}经办", n=n, at=at)
    person(unit, Role.REC_APPROVER, f"{surname}审批", n=n + 1, at=at)
    cast.recommenders.append(unit)


def _levels(cast: Cast, province: Organisation, area: dict[str, Any], *, at: datetime) -> None:
    city = Organisation.objects.create(
        kind=K.CITY,
        name=f"{area['city']}市工业和信息化局（示例）",
        region=area["region"],
        parent=province,
        created_at=at,
    )
    district = Organisation.objects.create(
        kind=K.DISTRICT,
        name=f"{regions.name_of(area['district'])}工信部门（示例）",
        region=area["district"],
        parent=city,
        created_at=at,
    )
    cast.people["city"] = person(city, Role.REC_OPERATOR, "周市级", n=5, at=at)
    cast.people["district"] = person(district, Role.REC_OPERATOR, "李区级", n=6, at=at)


def _unit(cast: Cast, recommender: Organisation, region: str, number: int, *, at: datetime) -> None:
    word = WORDS[number % len(WORDS)]
    trade = FIELDS[number % len(FIELDS)]
    kind, name = K.ENTERPRISE, f"示例{word}{trade}（{number:02d}）有限公司"
    if number % 11 == 0:
        kind, name = K.UNIVERSITY, f"示例{word}大学（{number:02d}）"
    elif number % 13 == 0:
        kind, name = K.INSTITUTE, f"示例{trade}研究院（{number:02d}）"
    unit = Organisation.objects.create(
        kind=kind,
        name=name,
        code=synthetic.code(number),
        region=region,
        address="示例路1号",
        parent=recommender if recommender.kind in (K.CENTRAL_GROUP,) else None,
        created_at=at,
    )
    surname = SURNAMES[number % len(SURNAMES)]
    admin = person(unit, Role.UNIT_ADMIN, f"{surname}示例", n=1000 + number, at=at)
    if number % 3 == 0:
        person(unit, Role.EDITOR, f"{surname}填报", n=2000 + number, at=at)
    cast.units.append((unit, admin, recommender))
