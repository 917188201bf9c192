"""The log of incidents: what is looked for in it, how one ends, and the log as a workbook.

Recording and confirming stand in ``office.postponing``, beside what an incident justifies.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from documents import workbook
from office.models import Incident, Postponement

WAITING, CONFIRMED, LASTING, USED = "waiting", "confirmed", "lasting", "used"
STATES = (
    (WAITING, "待核实"),
    (CONFIRMED, "已核实"),
    (LASTING, "仍在持续"),
    (USED, "已作为延期依据"),
)
_WHERE = {
    WAITING: Q(confirmed_by__isnull=True),
    CONFIRMED: Q(confirmed_by__isnull=False),
    LASTING: Q(until__isnull=True),
    USED: Q(postponements__state=Postponement.State.APPROVED),
}


def found(*, words: str = "", state: str = "") -> QuerySet[Incident]:
    """The incidents that bear the words and are so, the latest first."""
    rows = Incident.objects.select_related("recorded_by", "confirmed_by").prefetch_related(
        "postponements__call"
    )
    if words:
        rows = rows.filter(
            Q(title__icontains=words) | Q(text__icontains=words) | Q(affected__icontains=words)
        )
    return rows.filter(_WHERE[state]).distinct() if state in _WHERE else rows


@transaction.atomic
def close(incident: Incident, *, until: datetime, actor: Actor, at: datetime) -> Incident:
    """Write down when an incident that lasted was over; once, also after it was confirmed.

    Raises ``Refusal``: ``over-already``, ``odd-span`` and ``not-yet`` (422).
    """
    kept = Incident.objects.select_for_update().get(pk=incident.pk)
    if kept.until is not None:
        raise Refusal("over-already", "这条故障的结束时间已经登记，不能再改。")
    if until <= kept.since:
        raise Refusal("odd-span", "结束时间必须晚于开始时间。", status=422)
    if until > at:
        raise Refusal("not-yet", "结束时间不能晚于现在。", status=422)
    kept.until = until
    kept.save(update_fields=["until"])
    audit.record(actor=actor, action="office.close_incident", subject=kept, at=at, until=until)
    return kept


def sheet(
    rows: Iterable[Incident], *, name: str, unit: str, at: datetime, shown: str = ""
) -> bytes:
    """The log as it is filtered, with who recorded and who confirmed, and what it justified."""
    return workbook.workbook(
        "故障记录",
        [
            *(("事由", 24), ("开始", 20), ("结束", 20), ("受影响的对象", 24), ("经过", 48)),
            *(("登记人", 10), ("登记时间", 20), ("核实人", 10), ("核实时间", 20), ("延期", 36)),
        ],
        [
            (
                one.title,
                one.since,
                one.until if one.until else "仍在持续",
                one.affected,
                one.text,
                one.recorded_by.name,
                one.recorded_at,
                one.confirmed_by.name if one.confirmed_by else "待核实",
                one.confirmed_at,
                "；".join(
                    f"{given.call.title} {given.get_scope_display()}（{given.get_state_display()}）"
                    for given in one.postponements.all()
                ),
            )
            for one in rows
        ],
        foot=workbook.taken(name=name, unit=unit, at=at, shown=shown),
    )
