"""The years after the list: a task for each unit on it, terms within the rule, no letter twice."""

from collections.abc import Iterator

from django.db.models import Count, F, Max

from calls.models import Call
from documents.models import Counter
from fulfilment import terms
from fulfilment.models import Dispatch, ReportVersion, Task
from notifications.models import Message
from outcomes.models import Decision, Publication
from portal.invariants.base import check

Found = Iterator[tuple[str, str]]


@check("R9")
def every_unit_on_a_list_has_its_task() -> Found:
    """R9: each selection of a list before the public has a task, where there are tasks."""
    with_tasks = [call.pk for call in Call.objects.all() if terms.has_tasks(call.steps)]
    for pk in Decision.objects.filter(
        announcement__state=Publication.State.PUBLISHED,
        application__task=None,
        application__call__in=with_tasks,
    ).values_list("pk", flat=True):
        yield f"outcomes.decision:{pk}", "名单已公布，却没有任务"


@check("R4")
def terms_stay_within_the_rule() -> Found:
    """R4: no task runs longer than its programme allows."""
    for pk in Task.objects.filter(due_on__gt=F("limit_on")).values_list("pk", flat=True):
        yield f"fulfilment.task:{pk}", "到期日超过规定的最长期限"


@check("R9")
def no_reminder_is_doubled() -> Found:
    """R9: nobody is reminded twice of one day of one report or milestone."""
    twice = (
        Message.objects.filter(key__startswith="fulfilment.remind:")
        .values("key")
        .annotate(n=Count("pk"))
        .filter(n__gt=1)
    )
    for row in twice:
        yield row["key"], "同一提醒发了两次"


@check("R4")
def late_reports_are_marked_as_such() -> Found:
    """R4: a report version that arrived after its last day says so, and no other does."""
    rows = ReportVersion.objects.select_related("report")
    for one in rows.iterator(500):
        day = one.snapshot.get("due_on") or ""
        late = bool(day) and terms.day_of(one.arrived_at).isoformat() > day
        if late != one.late:
            yield f"fulfilment.reportversion:{one.pk}", "逾期标记与到达时间不符"


@check("R6")
def letters_of_lists_are_numbered_without_gaps() -> Found:
    """R6: the numbers of 行文 run from 1 to their counter; a void one keeps its own."""
    counted = dict(
        Counter.objects.filter(series__startswith="dispatch:").values_list("series", "value")
    )
    rows = Dispatch.objects.exclude(series="").values("series").order_by()
    found = {row["series"]: row for row in rows.annotate(n=Count("pk"), last=Max("serial"))}
    for series in sorted(counted.keys() | found.keys()):
        row = found.get(series, {"n": 0, "last": 0})
        if not row["n"] == row["last"] == counted.get(series, 0):
            yield f"fulfilment.dispatch:{series}", "文号不连续，或与计数不符"
