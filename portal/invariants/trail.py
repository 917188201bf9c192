"""The audit trail: whole, bounded, and telling the same as the rows."""

from collections.abc import Iterator

from applications.models import Application
from applications.workflow import WORDS, Status
from audit import services as audit
from audit.models import Entry
from portal.invariants.base import check

Found = Iterator[tuple[str, str]]
LONGEST_TAIL = 5000
"""Entries that may wait for the chainer, which links 500 at once every ten seconds."""


@check("R8")
def the_chain_is_whole() -> Found:
    """R8: no chained entry was changed, taken out or cut off, and the unchained tail is bounded."""
    verdict = audit.verify()
    for problem in verdict.problems:
        yield "audit.entry", problem
    if verdict.tail > LONGEST_TAIL:
        yield "audit.entry", f"有 {verdict.tail} 条还没有入链，超过 {LONGEST_TAIL} 条"


@check("R8")
def every_status_has_its_entry() -> Found:
    """R8: each status is what the last move said, and each move began where the last one ended."""
    now: dict[str, str] = {}
    broken: dict[str, str] = {}
    actions = [f"applications.{move}" for move in WORDS]
    for subject, before, after in (
        Entry.objects.filter(action__in=actions)
        .order_by("pk")
        .values_list("subject", "data__before", "data__after")
        .iterator(2000)
    ):
        if before != now.get(subject, Status.DRAFT):
            broken.setdefault(subject, f"审计记录由“{before}”开始，上一条止于“{now.get(subject)}”")
        now[subject] = after
    for pk, status in Application.objects.values_list("pk", "status").order_by("pk"):
        name = f"applications.application:{pk}"
        said = now.get(name, Status.DRAFT)
        if said != status:
            yield name, f"状态为“{status}”，审计记录止于“{said}”"
        if name in broken:
            yield name, broken[name]
