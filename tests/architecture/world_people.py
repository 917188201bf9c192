"""People in every relation to each other, and what their units have under way."""

from datetime import timedelta

from accounts import services as accounts
from accounts.models import Link, Membership, Organisation, User
from accounts.roles import Role
from applications.models import Attachment, Likeness, Upload
from recommenders import services as recommenders
from reviews import services as reviews
from tests import world
from tests.applications.filling import pdf
from tests.architecture.canaries import World
from tests.season import Season
from tests.world import AT
from units import services as units

K = Organisation.Kind


def people(played: Season) -> dict[str, User]:
    cast = played.cast
    cast.people |= {
        "security": world.person(cast.office, Role.SECURITY_ADMIN, "陈示例安全"),
        "sysadmin": world.person(cast.office, Role.SYSTEM_ADMIN, "褚示例系统"),
        "both": world.person(cast.company, Role.EDITOR, "双重示例"),
    }
    accounts.appoint(
        cast.people["both"],
        organisation=cast.other_province,
        role=Role.REC_OPERATOR,
        actor=world.SYSTEM,
        at=AT - timedelta(days=90),
    )
    pool = reviews.pool_of(None, at=AT)
    for name in ("expert", "second", "stranger", "conflicted"):
        cast.people[name] = world.person(pool, Role.EXPERT, f"专家{name}")
    cast.people["lead"] = world.person(pool, Role.PANEL_LEAD, "评审组长示例")
    for name in ("tester", "other_tester"):
        agency = world.unit(K.AGENCY, f"示例测评中心{name}", region="110000")
        cast.people[name] = world.person(agency, Role.TESTER, f"测评员{name}")
    return cast.people


def arguments(made: World) -> dict[str, object]:
    cast = made.season.cast
    accounts.invite(
        organisation=cast.company,
        role=Role.VIEWER,
        email=f"{made.canaries.token('invitation.own').lower()}@example.org",
        name="待激活",
        actor=cast.actor("admin"),
        at=AT,
    )
    link = Link.objects.filter(purpose=Link.Purpose.ACTIVATE, organisation=cast.company).latest(
        "pk"
    )
    return {
        **_units(made),
        "membership": Membership.objects.get(user=cast.people["viewer"]).pk,
        "editor": Membership.objects.get(user=cast.people["editor"]).pk,
        "invitation": link.pk,
        "pair": _alike(made.season).pk,
        "file": Attachment.objects.filter(application=made.season.filed[0]).first().public_id,
        "upload": Upload.objects.create(
            application=made.season.filed[0],
            key="files",
            name=made.canaries.mark("own.upload", ".pdf"),
            size=9,
            started_by=cast.people["admin"],
            started_at=AT,
            touched_at=AT,
        ).public_id,
        "province": cast.province.pk,
        **_tree(made),
    }


def _alike(played: Season) -> Likeness:
    """Two filings of the province whose texts were found alike."""
    return Likeness.objects.create(
        a=played.filed[0],
        b=played.filed[2],
        a_version=1,
        b_version=1,
        share="0.4000",
        fields=[],
        passages=[
            {
                "a_field": "benefit.economic",
                "a_start": 0,
                "a_end": 20,
                "b_field": "benefit.economic",
                "b_start": 0,
                "b_end": 20,
            }
        ],
        found_at=AT,
    )


def _tree(made: World) -> dict[str, object]:
    """A district that is to move, and one that was stopped in an emergency."""
    cast, day = made.season.cast, AT.date() + timedelta(days=30)
    moving = world.unit(K.DISTRICT, "示例待调区工业和信息化局", region="430102", parent=cast.city)
    stopped = world.unit(K.DISTRICT, "示例停用区工业和信息化局", region="430103", parent=cast.city)
    asked = recommenders.propose_transfer(
        moving,
        parent=cast.province,
        day=day,
        reason="区划调整文件",
        today=AT.date(),
        actor=cast.actor("office"),
        at=AT,
    )
    ended = recommenders.revoke_unit(
        stopped, reason="账号疑似泄露", actor=cast.actor("office"), at=AT
    )
    return {
        "transfer": asked.pk,
        "revocation": ended.pk,
        "city_unit": cast.city.pk,
        "mover": Membership.objects.get(user=cast.people["neighbour"]).pk,
    }


def _units(made: World) -> dict[str, object]:
    """The company's licence waits to be checked; its rival's new name waits for a second person."""
    cast = made.season.cast
    proof = units.add_proof(
        cast.company,
        name=made.canaries.mark("proof.own", ".pdf"),
        data=pdf(1),
        actor=cast.actor("admin"),
        at=AT,
    )
    change = units.propose_rename(
        cast.rival,
        name="示例智语（新）有限公司",
        day=AT.date() - timedelta(days=3),
        reason=made.canaries.mark("change.reason", "变更登记通知书"),
        actor=cast.actor("office"),
        at=AT,
    )
    return {"company": cast.company.pk, "proof": proof.public_id, "change": change.pk}
