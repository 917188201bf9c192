"""The organiser's pages of a round with 10,000 applications, 3,000 experts and 50,000 tasks.

    python -m tests.benchmarks.review_dashboard

Filed in bulk, in a database of its own; the pages are asked for through the whole stack. Targets:
at most 12 queries and 150 ms for 250 rows of the round, the same queries as with one application.
"""

from __future__ import annotations

import json
import os
import time
from datetime import timedelta
from typing import Any

from tests.proof import ground

APPLICATIONS, EXPERTS, WANTED, CONFLICTS = 10_000, 3_000, 5, 20
"""``CONFLICTS`` of each expert, one in a small round: a list without any row is not asked for."""
TIMES = 7
QUERIES, MILLISECONDS = 12, 150
AT_ONCE = 1000


def build(filed: int, experts: int, *, wanted: int = WANTED) -> Any:
    """A round that is out: one filing and one expert made through the services, the others like
    them in bulk. Half of the scores are in. Returns the scene."""
    from django.db import transaction

    from calls.models import Call
    from reviews import services
    from reviews.models import Assignment, Conflict, Expert, Review, RoundApplication
    from tests.reviews import scene
    from tests.world import AT

    with transaction.atomic():
        s = scene.build(filed=1, experts=1, wanted=1)
        entry = s.round.entries.select_related("application__organisation", "version").get()
        call = Call.objects.filter(pk=s.cast.call.pk)
        dates = call.values("filing_until", "recommendation_until").get()
        later = AT + timedelta(days=1)  # the database takes no late filing
        call.update(filing_until=later, recommendation_until=later + timedelta(days=1))
        applications = _filings(entry.application, entry.version, filed - 1)
        call.update(**dates)
        people = _people(s.experts[0], experts - 1)
        RoundApplication.objects.bulk_create(
            (
                RoundApplication(round=s.round, application=one, version=version, number=number)
                for number, (one, version) in enumerate(applications, start=2)
            ),
            batch_size=AT_ONCE,
        )
        keys = list(s.round.entries.order_by("number").values_list("application_id", flat=True))
        pool = list(Expert.objects.filter(pool=people[0].pool_id).order_by("pk"))
        tasks = Assignment.objects.bulk_create(
            (
                Assignment(
                    round=s.round,
                    application_id=key,
                    expert=pool[(at * wanted + n) % len(pool)],
                    state=Assignment.State.DEPLOYED,
                    proposed_at=AT,
                    deployed_at=AT,
                    declared_at=AT,
                )
                for at, key in enumerate(keys)
                for n in range(min(wanted, len(pool)))
            ),
            batch_size=AT_ONCE,
        )
        Review.objects.bulk_create(
            (
                Review(assignment=one, state="submitted", submitted_at=AT, total=60 + at % 40)
                for at, one in enumerate(tasks)
                if at % 2
            ),
            batch_size=AT_ONCE,
        )
        Conflict.objects.bulk_create(
            (
                Conflict(
                    expert=one,
                    application_id=keys[(at * 7 + n * 499) % len(keys)],
                    kind=Conflict.Kind.COMPUTED,
                    reason="现任职于申报单位",
                    at=AT,
                )
                for at, one in enumerate(pool)
                for n in range(CONFLICTS if len(keys) >= 10 * CONFLICTS else 1)
            ),
            batch_size=AT_ONCE,
            ignore_conflicts=True,
        )
        services.rounds.advance(services.rounds.lock(s.round), "propose", actor=s.office, at=AT)
        services.rounds.advance(
            services.rounds.lock(s.round), "deploy", actor=s.cast.actor("chief"), at=AT
        )
        s.round.refresh_from_db()
    return s


def _filings(like: Any, version: Any, count: int) -> list[tuple[Any, Any]]:
    """So many applications in review like this one, each of a unit of its own."""
    from accounts.models import Organisation
    from applications.models import Application, Version
    from tests import world

    numbers = range(1, count + 1)
    unit = like.organisation
    units = Organisation.objects.bulk_create(
        (
            Organisation(
                kind=unit.kind,
                name=f"示例人群{n:06d}有限公司",
                code=world.uscc(n + 1000),
                region=unit.region,
                created_at=unit.created_at,
            )
            for n in numbers
        ),
        batch_size=AT_ONCE,
    )
    directions = list(like.call.directions.all())
    fields = (
        "call", "recommender", "status", "version_number", "first_submitted_at", "submitted_at",
        "created_at", "created_by", "changed_at",
    )  # fmt: skip
    same = {name: getattr(like, name) for name in fields}
    filings = Application.objects.bulk_create(
        (
            Application(
                **same,
                organisation=units[n - 1],
                direction=directions[n % len(directions)],
                number=f"B-{n:06d}",
                title=f"示例项目第{n}号",
            )
            for n in numbers
        ),
        batch_size=AT_ONCE,
    )
    versions = Version.objects.bulk_create(
        (
            Version(
                application=one,
                number=version.number,
                snapshot=version.snapshot,
                fingerprint=version.fingerprint,
                idempotency_key=f"bulk{one.pk}",
                arrived_at=version.arrived_at,
                submitted_by=version.submitted_by,
                submitted_by_name=version.submitted_by_name,
            )
            for one in filings
        ),
        batch_size=AT_ONCE,
    )
    return list(zip(filings, versions, strict=True))


def _people(like: Any, count: int) -> list[Any]:
    """So many experts of the pool with accounts and the role, like this one."""
    from accounts.models import Membership, User
    from accounts.roles import Role
    from reviews.models import Expert

    own = Membership.objects.get(user=like.user, role=Role.EXPERT)
    users = User.objects.bulk_create(
        (User(email=f"bulk{n}@example.org", name=f"示例专家{n:04d}") for n in range(count)),
        batch_size=AT_ONCE,
    )
    Membership.objects.bulk_create(
        (
            Membership(
                user=one,
                organisation=own.organisation,
                role=own.role,
                valid_from=own.valid_from - timedelta(days=1),
            )
            for one in users
        ),
        batch_size=AT_ONCE,
    )
    made = Expert.objects.bulk_create(
        (
            Expert(
                pool=like.pool,
                user=one,
                email=one.email,
                name=one.name,
                fields=like.fields,
                employer_name=f"示例研究院{n}",
                region=like.region,
                capacity=like.capacity,
                created_at=like.created_at,
            )
            for n, one in enumerate(users)
        ),
        batch_size=AT_ONCE,
    )
    return [like, *made]


def pages(s: Any) -> dict[str, str]:
    """The pages that are measured, by name."""
    from django.urls import reverse

    key = s.round.public_id
    return {
        "round, 50 rows": s.round.get_absolute_url(),
        "round, 250 rows": f"{s.round.get_absolute_url()}?rows=250",
        "round, searched": f"{s.round.get_absolute_url()}?q=PS-0001",
        "conflicts": reverse("reviews:conflicts", args=[key]),
        "choosing an expert": reverse("reviews:choose", args=[key, 1]),
    }


def timed(s: Any, *, times: int = TIMES) -> dict[str, dict[str, float]]:
    """Of each page its queries and the median and best of its times in ms."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tests.reviews.opening import office

    client = office(s)
    found = {}
    for name, url in pages(s).items():
        client.get(url)
        with CaptureQueriesContext(connection) as caught:
            assert client.get(url).status_code == 200, name
        count = len(caught)  # the next request empties what was caught
        assert count, name
        walls, spent = [], []
        for _ in range(times):
            wall, cpu = time.perf_counter(), time.process_time()
            client.get(url)
            walls.append((time.perf_counter() - wall) * 1000)
            spent.append((time.process_time() - cpu) * 1000)
        found[name] = {
            "queries": count,
            "median_ms": round(sorted(walls)[times // 2], 1),
            "best_ms": round(min(walls), 1),
            "cpu_ms": round(sorted(spent)[times // 2], 1),
        }
    return found


def measure() -> dict[str, Any]:
    """Figures of each page at one application and at 10,000, beside the targets."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    import django

    django.setup()
    from django.db import connection

    with ground.database():
        from django.db import transaction

        with transaction.atomic():
            one = timed(build(1, 1, wanted=1), times=3)
            transaction.set_rollback(True)
        started = time.perf_counter()
        s = build(APPLICATIONS, EXPERTS)
        built = time.perf_counter() - started
        if connection.vendor == "postgresql":  # in life autovacuum has done it within a minute
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
        many = timed(s)
        database = connection.vendor
    dashboard = many["round, 250 rows"]
    return {
        "name": "review dashboard",
        "database": database,
        "applications": APPLICATIONS,
        "experts": EXPERTS,
        "tasks": APPLICATIONS * WANTED,
        "built_s": round(built, 1),
        "one": one,
        "many": many,
        "targets": {"queries": QUERIES, "ms": MILLISECONDS},
        "flat": all(many[name]["queries"] == one[name]["queries"] for name in many),
        "met": dashboard["queries"] <= QUERIES and dashboard["cpu_ms"] <= MILLISECONDS,
        "met_by_the_clock": dashboard["median_ms"] <= MILLISECONDS,
    }


if __name__ == "__main__":
    print(json.dumps(measure(), ensure_ascii=False, indent=1))
