"""A province with submitted filings, in the days between filing and its own deadline."""

from datetime import timedelta

from accounts.models import Organisation
from accounts.roles import Role
from applications import queries as reading
from applications import services as applications
from applications import snapshot
from applications.models import Application, Section, Version
from calls.models import Call
from calls.programme import Programme
from documents.fingerprints import fingerprint
from recommenders import queries, ranking, services, sheets
from recommenders.models import Allotment, Confirmation, RankedList
from tests import world
from tests.world import AT, Cast

K = Organisation.Kind
LATER = AT + timedelta(days=3)  # filing is over, recommendation is not
TOO_LATE = AT + timedelta(days=12)  # the recommendation deadline itself
CLAUSE = "工信厅科函〔2021〕231号 三（二）"


def filing(
    cast: Cast,
    number: int,
    *,
    recommender: Organisation | None = None,
    unit: Organisation | None = None,
    preselector: Organisation | None = None,
    direction=None,
    title: str = "",
) -> Application:
    """A submitted filing of a company of its own, with its frozen version."""
    unit = unit or world.unit(
        K.ENTERPRISE, f"示例企业{number}号有限公司", region="430100", n=1000 + number
    )
    person = world.person(unit, Role.UNIT_ADMIN, f"企业{number}")
    direction = direction or cast.call.directions.first()
    draft = applications.create(
        call=cast.call,
        organisation=unit,
        title=title or f"示例项目{number}号",
        direction=direction,
        subfield=direction.subfields.first() if direction else None,
        recommender=recommender or cast.province,
        preselector=preselector,
        actor=world.actor(person),
        at=AT,
    )
    contact = {"contact_name": f"联系{number}", "contact_phone": f"000-{number:08d}"}
    for section in Section.objects.filter(application=draft, key="unit"):
        section.data = contact
        section.save()
    return submitted(draft, person, number)


def submitted(draft: Application, person, number: int) -> Application:
    frozen = snapshot.build(reading.material(draft))
    Version.objects.create(
        application=draft,
        number=1,
        snapshot=frozen,
        fingerprint=fingerprint(frozen),
        idempotency_key=f"k{number}",
        arrived_at=AT,
        submitted_by=person,
        submitted_by_name=person.name,
    )
    return applications.move(
        draft,
        "submit",
        actor=world.actor(person),
        at=AT,
        number=f"T-{draft.pk:06d}",
        version_number=1,
        submitted_at=AT,
        first_submitted_at=AT,
    )


def filings(cast: Cast, count: int, **more) -> list[Application]:
    return [filing(cast, number, **more) for number in range(1, count + 1)]


def recommend(cast: Cast, *found: Application, by: str = "operator", at=LATER) -> None:
    for application in found:
        services.recommend(application, actor=cast.actor(by), at=at)


def limit(cast: Cast, number: int | None, *, soft: bool = True, at=AT) -> Allotment:
    """Give the province this limit, as the office does."""
    found = allotment(cast)
    Allotment.objects.filter(pk=found.pk).update(soft=soft)
    return services.change_limit(
        found, limit=number, reason="测试用的名额", actor=cast.actor("chief"), at=at
    )


def allotment(cast: Cast, unit: Organisation | None = None) -> Allotment:
    return Allotment.objects.get(call=cast.call, organisation=unit or cast.province)


def ranked(cast: Cast, unit: Organisation | None = None) -> RankedList:
    return RankedList.objects.select_related("call", "organisation").get(
        call=cast.call, organisation=unit or cast.province
    )


def shown(cast: Cast, unit: Organisation | None = None) -> str:
    """The hash that the confirming page carries."""
    return ranking.list_hash(sheets.rows(ranked(cast, unit)))


def confirm_list(cast: Cast, *, at=LATER):
    return services.submit_list(
        ranked(cast), shown=shown(cast), actor=cast.actor("approver"), at=at
    )


def order(cast: Cast) -> list[str]:
    return [one.application.title for one in queries.live(cast.call, cast.province)]


def places_taken(cast: Cast) -> int:
    return Confirmation.objects.filter(allotment=allotment(cast), released_at__isnull=True).count()


def everything() -> dict[str, int]:
    """How many rows each table of the acts holds: a refused act leaves all of them alike."""
    from audit.models import Entry
    from documents.models import Counter, Document
    from notifications.models import Message
    from recommenders import models

    tables = [Entry, Document, Message, *(getattr(models, n) for n in models.__all__[1:])]
    found = {table.__name__: table.objects.count() for table in tables}
    found["statuses"] = hash(tuple(Application.objects.order_by("pk").values_list("status")))
    found["lists"] = hash(repr(list(RankedList.objects.order_by("pk").values_list())))
    found["counters"] = sum(Counter.objects.values_list("value", flat=True))
    found["live"] = Confirmation.objects.filter(released_at__isnull=True).count()
    return found


def build(spec: Programme | None = None) -> Cast:
    return world.build(spec)


def move_dates(call: Call, **dates) -> Call:
    Call.objects.filter(pk=call.pk).update(**dates)
    return Call.objects.get(pk=call.pk)
