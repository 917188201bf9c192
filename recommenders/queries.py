"""Reading: ledgers, lists, whose people get letters. A fixed number of queries each."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts import roles
from accounts.models import Membership, Organisation, User
from applications.models import Application
from applications.queries import recommendation_deadline
from applications.workflow import Status
from calls.models import Call, Direction, LevelDate, known, without_rules
from calls.phases import deadline
from calls.programme import DocumentKind
from core.prepared import Prepared, Slot
from documents.models import Signing
from recommenders.models import (
    Allotment,
    Confirmation,
    ListVersion,
    OverQuotaRequest,
    Place,
    Preselection,
    RankedList,
    SealedScan,
)
from recommenders.quota import Ledger

LIVE = Q(confirmations__released_at__isnull=True, confirmations__isnull=False)
PENDING = Q(requests__state=OverQuotaRequest.State.PENDING)


def with_figures(allotments: QuerySet[Allotment]) -> QuerySet[Allotment]:
    """Each allotment with ``used``, ``granted`` and ``pending``, in one query."""
    return allotments.annotate(
        used=Count("confirmations", filter=LIVE, distinct=True),
        granted=Count(
            "confirmations",
            filter=LIVE & Q(confirmations__place__granted_for__isnull=False),
            distinct=True,
        ),
        pending=Count("requests", filter=PENDING, distinct=True),
    )


def ledger_of(allotment: Allotment, *, scope_name: str = "") -> Ledger:
    """The figures of an allotment; read now unless ``with_figures`` brought them."""
    if not hasattr(allotment, "used"):
        allotment = with_figures(Allotment.objects.filter(pk=allotment.pk)).get()
    return Ledger(
        limit=allotment.limit,
        used=allotment.used,  # type: ignore[attr-defined]
        pending=allotment.pending,  # type: ignore[attr-defined]
        granted=allotment.granted,  # type: ignore[attr-defined]
        soft=allotment.soft,
        source=allotment.source,
        scope_name=scope_name,
        pool=allotment.pool,
    )


def scope_names(call: Call) -> dict[str, str]:
    return dict(Direction.objects.filter(call=call).values_list("key", "title"))


def ledgers(call: Call, organisation: Organisation | int) -> list[tuple[Allotment, Ledger]]:
    """Every allotment of a unit in a call with its figures, whole call first."""
    found = list(
        with_figures(Allotment.objects.filter(call=call, organisation=organisation)).order_by(
            "scope", "pool"
        )
    )
    names = scope_names(call) if any(one.scope for one in found) else {}
    return [(one, ledger_of(one, scope_name=names.get(one.scope, ""))) for one in found]


def limits_shown(call: Call, organisation: Organisation | int) -> str:
    """The unit's limits as the confirming page showed them, to be carried back by its button."""
    return ";".join(
        f"{one.scope}/{one.pool}:{'-' if one.limit is None else one.limit}"
        for one in Allotment.objects.filter(call=call, organisation=organisation).order_by(
            "scope", "pool"
        )
    )


def allotment_for(application: Application, *, pool: str = "") -> Allotment | None:
    """The allotment an application counts in: its direction's, else the whole call's."""
    return _allotment.first(**_counted_in(application, pool))


def hold_allotment_for(application: Application, *, pool: str = "") -> Allotment | None:
    """As ``allotment_for``, the row locked until the transaction ends and read when it is."""
    return _allotment_held.first(**_counted_in(application, pool))


def _counted_in(application: Application, pool: str) -> dict[str, Any]:
    return {
        "call": application.call_id,
        "unit": application.recommender_id,
        "pool": pool,
        "direction": application.direction.key if application.direction else None,
    }


def _allotments() -> QuerySet[Allotment]:
    return Allotment.objects.filter(
        Q(scope=Slot("direction")) | Q(scope=""),
        call_id=Slot("call"),
        organisation_id=Slot("unit"),
        pool=Slot("pool"),
    ).order_by("-scope")[:1]


_HELD = Exists(
    Confirmation.objects.filter(place=OuterRef("pk"), released_at__isnull=True).order_by()
)
_allotment = Prepared(_allotments)
_allotment_held = Prepared(lambda: _allotments().select_for_update())


def hold_allotment_with_room(application: Application, *, pool: str = "") -> Allotment | None:
    """As ``hold_allotment_for``; None, without waiting for the row, when it has no place for the
    application as it is asked. Whether it still has one is known when it is held."""
    return _allotment_with_room_held.first(
        **_counted_in(application, pool), application=application.pk
    )


_allotment_with_room_held = Prepared(
    lambda: Allotment.objects.select_for_update().filter(
        Q(limit__isnull=True)
        | Exists(
            Place.objects.filter(
                ~_HELD,
                Q(granted_for__isnull=True, number__lte=OuterRef("limit"))
                | Q(granted_for_id=Slot("application")),
                allotment=OuterRef("pk"),
            )
        ),
        pk=_allotments().values("pk"),
    )
)


class PlaceNow(NamedTuple):
    """A place as it stands: its key and number, for which filing the office added it, if for one,
    and whether a recommendation stands on it."""

    pk: int
    number: int
    granted_for: int | None = None
    held: bool = False


def places(allotment: Allotment) -> list[PlaceNow]:
    """Every place of the allotment."""
    return [PlaceNow(*row) for row in _places(allotment=allotment.pk)]


_places = Prepared(
    lambda: (
        Place.objects.filter(allotment_id=Slot("allotment"))
        .annotate(held=_HELD)
        .values_list("pk", "number", "granted_for", "held")
    )
)


def list_of(call: Call, organisation: Organisation | int) -> RankedList | None:
    found = _list.first(call=call.pk, unit=getattr(organisation, "pk", organisation))
    return known(found) if found else None


_list = Prepared(
    lambda: without_rules(
        RankedList.objects.filter(call_id=Slot("call"), organisation_id=Slot("unit")),
        *("call", "organisation", "changed_by", "delivered_by"),
    )
)


def live(call: Call | int, organisation: Organisation | int) -> QuerySet[Confirmation]:
    """What a unit recommends now, in the order of its list."""
    return (
        Confirmation.objects.filter(
            allotment__call=call, allotment__organisation=organisation, released_at__isnull=True
        )
        .select_related(
            "application__organisation",
            "application__direction",
            "application__subfield",
            "allotment",
            "place",
            "proposed_by",
        )
        .order_by("rank", "pk")
    )


class Listed(NamedTuple):
    """A filing on a list: its key, title and public id, and whose it is."""

    pk: int
    title: str
    public_id: str
    organisation: int
    organisation_name: str

    @classmethod
    def of(cls, application: Application) -> "Listed":
        unit = application.organisation
        return cls(application.pk, application.title, application.public_id, unit.pk, unit.name)


def listed(call: int, unit: int) -> list[Listed]:
    """The filings a unit recommends now, in the order of its list."""
    return [Listed(*row) for row in _listed(call=call, unit=unit)]


_listed = Prepared(
    lambda: (
        Application.objects.filter(
            confirmations__released_at__isnull=True,
            confirmations__allotment__call_id=Slot("call"),
            confirmations__allotment__organisation_id=Slot("unit"),
        )
        .order_by("confirmations__rank", "confirmations__pk")
        .values_list("pk", "title", "public_id", "organisation", "organisation__name")
    )
)


def version_in_force(ranked: RankedList) -> ListVersion | None:
    return (
        ranked.versions.filter(voided_at__isnull=True)
        .select_related("document__pdf", "prepared_by", "approved_by", "list__call")
        .first()
    )


def accepted_scan(version: ListVersion) -> SealedScan | None:
    """The scan that stands for the sealed sheet of this version, if there is one."""
    good = (SealedScan.State.MATCHED, SealedScan.State.MANUAL_CONFIRMED)
    return version.scans.filter(state__in=good).order_by("-pk").first()


def pending_requests(call: Call, organisation: Organisation | int) -> QuerySet[OverQuotaRequest]:
    return OverQuotaRequest.objects.filter(
        allotment__call=call,
        allotment__organisation=organisation,
        state=OverQuotaRequest.State.PENDING,
    ).select_related("application__organisation", "proposed_by", "allotment")


def own_deadline(ranked: RankedList) -> datetime | None:
    """The exclusive end of recommendation for this unit, in the call's own time."""
    return recommendation_deadline(ranked.call, ranked.organisation)


def in_time(ranked: RankedList, *, at: datetime) -> bool:
    until = own_deadline(ranked)
    return until is None or ranked.call.time(at) < until


def people(organisation: Organisation | int, *, at: datetime, holding: Iterable[str]) -> list[User]:
    """The people who hold one of these roles in a unit now, each once."""
    return list(
        User.objects.filter(
            is_active=True,
            pk__in=Membership.objects.active(at)
            .filter(organisation=organisation, role__in=list(holding))
            .values("user"),
        ).order_by("pk")
    )


def office_people(*, at: datetime, holding: Iterable[str] = roles.OFFICE) -> list[User]:
    held = Membership.objects.active(at).filter(role__in=list(holding)).values("user")
    return list(User.objects.filter(is_active=True, pk__in=held).order_by("pk"))


def staffed_by_two(organisation: Organisation | int, *, at: datetime) -> bool:
    """Whether the unit has two people for the recommendation."""
    return len(people(organisation, at=at, holding=roles.RECOMMENDER)) > 1


def counts(call: Call, organisation: Organisation | int) -> dict[str, int]:
    """How many filings of the area stand in which status as the area may know it, drafts among
    them."""
    rows = (
        Application.objects.filter(call=call, recommender=organisation)
        .values_list("status", "shown_as")
        .annotate(n=Count("pk"))
    )
    found: dict[str, int] = defaultdict(int)
    for status, shown_as, n in rows:
        found[shown_as or status] += n
    return found


def preselection_deadline(application: Application, unit: int) -> datetime | None:
    """The exclusive end for a level below to forward: its own date, or that of a unit above it."""
    call = application.call
    first = application.preselector
    above = [application.recommender_id, first.parent_id if first else None, unit]
    earlier = LevelDate.objects.filter(
        call=call, organisation__in=[u for u in above if u], key=LevelDate.Key.PRESELECTION
    ).values_list("until", flat=True)
    return deadline(call.recommendation_until, earlier=earlier)


def electronic_seal(version: ListVersion) -> Signing | None:
    """How far the electronic seal of this version's sheet is; None where none was asked for."""
    return Signing.objects.filter(document=version.document_id).select_related("key").first()


def accepts_electronic_seal(ranked: RankedList) -> bool:
    """Whether the call lets an electronic seal stand for the scan of a sheet sealed in ink."""
    sheet = ranked.call.programme.document(DocumentKind.SHEET)
    return bool(sheet and sheet.sealed and sheet.electronic)


def needs_scan(ranked: RankedList) -> bool:
    """Whether the sheet must still come back with a seal before the list is delivered.

    No, where the programme asks for no seal, or accepts the electronic one that the sheet of the
    version in force carries.
    """
    sheet = ranked.call.programme.document(DocumentKind.SHEET)
    if not (sheet and sheet.sealed):
        return False
    return not (sheet.electronic and _sealed_electronically(ranked))


def _sealed_electronically(ranked: RankedList) -> bool:
    return ListVersion.objects.filter(
        list=ranked,
        voided_at__isnull=True,
        document__voided_at__isnull=True,
        document__signing__state=Signing.State.READY,
    ).exists()


def forwarded(call: Call, unit: int) -> QuerySet[Preselection]:
    """What a level has sent up and what still counts: withdrawn filings do not."""
    return Preselection.objects.filter(
        organisation=unit, application__call=call, state=Preselection.State.FORWARDED
    ).exclude(application__status__in=[Status.WITHDRAWN, Status.LAPSED])
