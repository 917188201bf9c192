"""A reminder about one's own extension: the day before it ends, to those who have not done it.

The call's own reminders leave out who has more time; this one tells them of their own end. It is
written once per extension and person (the key of the letter), however long a worker was down, and
not at all when the extension itself was granted within that last day: its letter has just told.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import User
from accounts.roles import FILING, RECOMMENDER
from applications.models import Application
from applications.workflow import Status
from calls.models import Call, Extension, LevelDate
from notifications import services as notifications
from office import queries
from office.people import of_units

BEFORE = timedelta(days=1)
KEYS = {
    LevelDate.Key.FILING: "filing_until",
    LevelDate.Key.RECOMMENDATION: "recommendation_until",
}


def fire(*, at: datetime) -> None:
    """Queue what is due now. Doing it again writes nothing twice."""
    for call in Call.objects.open():
        for one in latest(call):
            if is_due(one, call, at=at):
                _tell(one, call, at=at)


def latest(call: Call, key: str = "") -> list[Extension]:
    """The extension in force of each unit and date that ends after the call's own date."""
    found: dict[tuple[int, str], Extension] = {}
    rows = Extension.objects.filter(
        call=call, state=Extension.State.APPROVED, key__in=[key] if key else list(KEYS)
    )
    for one in rows.order_by("until", "pk"):
        own = getattr(call, KEYS[LevelDate.Key(one.key)])
        if own is not None and one.until > own:
            found[one.organisation_id, one.key] = one
    return list(found.values())


def is_due(one: Extension, call: Call, *, at: datetime) -> bool:
    """Within the last day, and granted before it."""
    begins = one.until - BEFORE
    granted = one.approved_at is not None and call.time(one.approved_at) < begins
    return granted and begins <= call.time(at) < one.until


@transaction.atomic
def _tell(one: Extension, call: Call, *, at: datetime) -> None:
    for user, what in _behind(one, call):
        notifications.enqueue(
            key=f"reminder-own:{one.pk}:{one.until:%Y%m%dT%H%M}",
            to=user,
            template=f"office/letters/remind_{one.key}.txt",
            context={
                "call": call,
                "until": one.until,
                "what": what,
                "user": user,
                "past": False,
                "own": True,
            },
            at=at,
        )


def _behind(one: Extension, call: Call) -> Iterable[tuple[User, str]]:
    if one.key == LevelDate.Key.RECOMMENDATION:
        if one.organisation_id not in queries.units_behind(call, "recommendation_until"):
            return []
        return [(user, "") for user, _ in of_units([one.organisation_id], RECOMMENDER)]
    ends = {row.organisation_id: row.until for row in latest(call, LevelDate.Key.FILING)}
    open_ones = Application.objects.filter(call=call, status__in=[Status.DRAFT, Status.RETURNED])
    titles: dict[int, list[str]] = {}
    for unit, recommender, title in open_ones.order_by("pk").values_list(
        "organisation", "recommender", "title"
    ):
        theirs = [ends[key] for key in (unit, recommender) if key in ends]
        if one.organisation_id in (unit, recommender) and max(theirs) == one.until:
            titles.setdefault(unit, []).append(f"《{title}》")
    return [(user, "、".join(titles[unit])) for user, unit in of_units(titles, FILING)]
