"""Figures for whoever watches the installation, in Prometheus's text format.

They tell of work, not of people, and are read from the database, so every web process says the
same. Off unless ``JIEBANG_METRICS_TOKEN`` is set; then for those who bring it:
``Authorization: Bearer TOKEN``. Anybody else is told that there is no such page.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Min
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.policy import policy
from applications.models import Application
from audit import restoring
from audit.models import Entry
from calls.models import Call
from core import queues
from office import jobs
from portal import readiness

TYPE = "text/plain; version=0.0.4; charset=utf-8"
Sample = tuple[dict[str, str], float]


@require_safe
@never_cache
@policy.public
def metrics(request: HttpRequest) -> HttpResponse:
    """All figures; 404 without the token, as if there were nothing here."""
    expected = settings.JIEBANG_METRICS_TOKEN
    brought = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not expected or not constant_time_compare(brought, expected):
        raise Http404
    return HttpResponse(text(request.arrived_at), content_type=TYPE)  # type: ignore[attr-defined]


def text(at: datetime) -> str:
    """Everything as Prometheus reads it."""
    broker = queues.look()
    ready = readiness.findings(at)
    tail = Entry.objects.filter(seq=None).aggregate(n=Count("pk"), since=Min("at"))
    return "".join(
        [
            family(
                "ready",
                "1 where the part may serve",
                [({"part": part}, said == "ok") for part, said in ready.items()],
            ),
            family("work", "Rows of work by kind and state", _work(at)),
            family(
                "work_oldest_seconds", "How long the oldest row of work has waited", _oldest(at)
            ),
            family("filings", "Filings of calls that are open, by status", _filings()),
            family("audit_unlinked", "Audit entries not in the chain yet", [({}, tail["n"])]),
            family(
                "audit_unlinked_seconds",
                "Age of the oldest of them",
                [({}, _age(at, tail["since"]))],
            ),
            *_backup(at),
            family("broker_up", "1 when the broker answers", [({}, broker.state == "ok")]),
            family(
                "queue_depth",
                "Nudges waiting at the broker",
                [({"queue": name}, depth) for name, depth in broker.depths.items()],
            ),
        ]
    )


def _work(at: datetime) -> list[Sample]:
    return [
        ({"kind": kind, "state": state}, jobs.of(kind, state, at).count())
        for kind in jobs.KINDS
        for state in jobs.STATES
    ]


def _oldest(at: datetime) -> list[Sample]:
    found = []
    for kind in jobs.KINDS:
        since = jobs.of(kind, jobs.WAITING, at).aggregate(since=Min(jobs.CREATED[kind]))["since"]
        found.append(({"kind": kind}, _age(at, since)))
    return found


def _backup(at: datetime) -> list[str]:
    """Nothing where none was ever taken: that is to be noticed, not a figure."""
    last = restoring.last_backup()
    if last is None:
        return []
    return [family("backup_age_seconds", "Age of the last backup", [({}, _age(at, last.at))])]


def _filings() -> list[Sample]:
    """Rehearsals are left out."""
    rows = (
        Application.objects.filter(call__in=Call.objects.open(), call__rehearsal=False)
        .values_list("call__code", "status")
        .annotate(n=Count("pk"))
        .order_by("call__code", "status")
    )
    return [({"call": call, "status": status}, count) for call, status, count in rows]


def _age(at: datetime, since: datetime | None) -> float:
    return max(0.0, (at - since) / timedelta(seconds=1)) if since else 0.0


def family(name: str, help_text: str, samples: Iterable[Sample]) -> str:
    """One gauge with its samples."""
    name = f"jiebang_{name}"
    lines = [f"# HELP {name} {help_text}", f"# TYPE {name} gauge"]
    for labels, value in samples:
        inside = ",".join(f'{key}="{escaped(one)}"' for key, one in labels.items())
        lines.append(f"{name}{{{inside}}} {value:g}" if inside else f"{name} {value:g}")
    return "\n".join(lines) + "\n"


def escaped(label: str) -> str:
    return label.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
