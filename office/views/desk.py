"""The cockpit, its tables as workbooks, and the list behind its numbers."""

from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import roles, savedviews
from accounts.policy import open_to, policy
from applications import rounds
from applications.workflow import SEEN_BY_OTHERS, Status
from audit import restoring
from audit.services import Actor
from calls.models import Call
from core import queues
from core.prepared import Prepared
from core.web import told
from documents.workbook import MEDIA_TYPE
from office import board, cockpitsheets, cockpitview, columns, filters, jobs, listing
from office import cockpit as reading
from office.forms import FilterForm
from office.web import attached

READERS = (*roles.OFFICE, roles.Role.AUDITOR)
PER_PAGE = 50
STATES = tuple(jobs.STATES.items())
QUEUES = {"documents": "文件", "letters": "消息", "sweeps": "定时任务"}


def chosen_call(request: HttpRequest) -> Call | None:
    """The call named in the URL, else the newest open one, else the newest."""
    return chosen_of(request, all_calls())


def chosen_of(request: HttpRequest, calls: Iterable[Call]) -> Call | None:
    """As ``chosen_call``, of the calls that a page shows anyway, the newest first. Raises 404."""
    if code := request.GET.get("call", ""):
        for one in calls:
            if one.code == code:
                return one
        raise Http404("没有这个批次。")
    return next((one for one in calls if one.state == Call.State.OPEN), next(iter(calls), None))


def all_calls() -> QuerySet[Call]:
    """For the switch between calls, the newest first; their rules are not read."""
    return Call.objects.defer("rules").order_by("-created_at")


@require_safe
@policy(*READERS)
def cockpit(request):
    calls = all_calls()
    call = chosen_of(request, calls)
    context = {"call": call, "calls": calls}
    if call is not None:
        at = request.arrived_at
        view = cockpitview.read(call, request.GET, at=at)
        counts = reading.counts(call, at)
        role = request.acting.role
        waiting = [
            one if open_to(role, one.url) else replace(one, url="")
            for one in reading.waiting(call, at, counts)
        ]
        context |= {
            "view": view,
            "now": call.time(at),
            "phase": call.phase_title(at),
            "counts": counts,
            "machinery": [
                (words, kind, [(key, word, counts[f"{kind}_{key}"]) for key, word in STATES])
                for kind, words in jobs.KINDS.items()
            ],
            "troubled": any(
                counts[f"{kind}_{state}"] for kind in jobs.KINDS for state in ("late", "failed")
            ),
            "depths": depths(queues.look()),
            "waiting": waiting,
            "to_do": sum(one.count for one in waiting),
            "saved": savedviews.shown(request.user, "office:cockpit", request.GET),
            "rows": board.coming(call, at),
            "unit_states": cockpitview.STATES.items(),
            "heads": cockpitview.heads(view.sort),
            "live": ",".join(s for s in SEEN_BY_OTHERS if s != Status.WITHDRAWN),
        }
    return render(request, "office/cockpit.html", context)


@require_safe
@policy(*READERS)
def cockpit_sheet(request, table):
    """One table of the cockpit, as it is filtered, as a workbook."""
    call = chosen_call(request)
    if call is None or table not in cockpitsheets.TABLES:
        raise Http404("没有这张表。")
    data = cockpitsheets.TABLES[table](
        call,
        request.GET,
        name=Actor.of(request).name,
        unit=request.acting.organisation.name,
        at=request.arrived_at,
    )
    return attached(data, MEDIA_TYPE, f"{table}-{call.code}.xlsx")


@require_safe
@policy(*READERS)
def experts_behind(request):
    """Experts with reviews not yet submitted, the most first."""
    calls = all_calls()
    call = chosen_of(request, calls)
    rows = reading.behind_by_expert(call) if call else []
    return render(
        request,
        "office/experts_behind.html",
        {"call": call, "calls": calls, "rows": rows, "left": sum(row[2] for row in rows)},
    )


def depths(broker):
    """The queues at the broker by what they are called here, each with what waits in it."""
    return [(QUEUES.get(name, name), n) for name, n in broker.depths.items()]


@require_safe
@policy(*READERS)
def work(request):
    """Documents, seals, packages and letters that wait, wait too long, or failed."""
    kind = request.GET.get("kind", jobs.DOCUMENT)
    state = request.GET.get("state", jobs.FAILED)
    if kind not in jobs.KINDS or state not in jobs.STATES:
        raise Http404("没有这一类任务。")
    rows = jobs.of(kind, state, request.arrived_at).order_by(jobs.CREATED[kind], "pk")
    if kind == jobs.SEAL:
        rows = rows.select_related("document")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "office/jobs.html",
        {
            "page": page,
            "jobs": [jobs.shown(kind, row) for row in page],
            "kind": kind,
            "state": state,
            "kinds": jobs.KINDS.items(),
            "states": jobs.STATES.items(),
            "broker": (broker := queues.look()),
            "depths": depths(broker),
            "sealed": restoring.sealed(),
            "backup": restoring.last_backup(),
            "patience": int(jobs.PATIENCE[kind].total_seconds() // 60),
            "may_retry": request.acting.role in roles.OFFICE and kind in jobs.AGAIN,
        },
    )


@require_POST
@policy(*roles.OFFICE)
def work_again(request, kind, pk):
    """Put one failed row back into its queue."""
    if kind not in jobs.AGAIN:
        raise Http404("没有这一类任务。")
    row = get_object_or_404(jobs.of(kind, jobs.FAILED, request.arrived_at), pk=pk)
    with told(request, success="已重新排队。"):
        jobs.again(kind, row, actor=Actor.of(request), at=request.arrived_at)
    query = urlencode({"kind": kind, "state": jobs.FAILED})
    answer = redirect("office:jobs")
    answer["Location"] += f"?{query}"
    return answer


_calls: Prepared[Call] = Prepared(
    lambda: all_calls().annotate(to_judge=rounds.waiting_for_office())
)


@require_safe
@policy(*READERS)
def applications(request):
    calls = _calls()
    call = chosen_of(request, calls)
    if call is None:
        return render(request, "office/applications.html", {"call": None})
    form = FilterForm(request.GET or None, call=call)
    asked = form.cleaned_data if form.is_valid() else {}
    page = listing.pages(request.acting, call, asked).get_page(request.GET.get("page"))
    shown = columns.chosen(request.GET.getlist("col"))
    return render(
        request,
        "office/applications.html",
        {
            "call": call,
            "calls": calls,
            "page": page,
            "filter_form": form,
            "to_judge": call.to_judge,
            "may_pack": request.acting.role in roles.OFFICE,
            "saved": savedviews.shown(request.user, "office:applications", request.GET),
            "columns": columns.COLUMNS,
            "shown": shown,
            "rows": columns.rows(page, shown),
            "filter_keys": [(key, request.GET.get(key, "")) for key in filters.KEYS],
            "statuses": [s for s in Status if s not in (Status.DRAFT, Status.LAPSED)],
        },
    )
