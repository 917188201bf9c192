"""Pages as the number of filings grows: the office's list, its search, the public page of a call.

Each page goes through the whole stack in this process (`django.test.Client`), without sockets, warm
as a web process is. The bare list beside it is ``tests.benchmarks.bare``. Sizes: ``BENCH_SIZES``.
The tables are vacuumed before each size is measured, as the server does by itself soon after so
many new rows. ``office_search`` looks for a number, which a few filings hold; ``office_common`` for
a word that stands in all of them, which grows with what it finds.
"""

import time
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client

from calls.models import Call
from portal import warm
from tests import season
from tests.benchmarks import bare, bulk, rounds
from tests.world import AT


def measure(sizes: tuple[int, ...] = rounds.SIZES) -> dict[str, Any]:
    settings.ALLOWED_HOSTS = ["testserver"]
    bare.stand_beside()
    played = season.begin()
    Call.objects.filter(pk=played.call.pk).update(rehearsal=False)
    season.file(played, "样本")
    like = played.again(0)
    person = played.cast.people["office"]
    office, visitor, beside = Client(), Client(), bare.client(person)
    office.force_login(person)
    warm.up()
    code = played.call.code
    list_url = f"/office/applications/?call={code}"
    acts = {
        "office_list": lambda: got(office, list_url),
        "office_search": lambda: got(office, f"{list_url}&q=000050"),
        "office_common": lambda: got(office, f"{list_url}&q=示例"),
        "public_call": lambda: got(visitor, f"/open/{code}/"),
        "bare_list": lambda: got(beside, bare.LIST),
    }
    found: dict[str, Any] = {"name": "pages", "sizes": []}
    have = 1
    for size in sizes:
        begun = time.perf_counter()
        for numbers in bulk.chunks(have, size - have):
            bulk.submitted(like, numbers, at=AT)
        have = size
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        made = round(time.perf_counter() - begun, 1)
        taken = rounds.medians(15, **acts)
        found["sizes"].append(
            {
                "filings": size,
                "made_in_seconds": made,
                **{f"{name}_ms": value for name, value in taken.items()},
                **{f"{name}_queries": rounds.statements(act) for name, act in acts.items()},
                "list_against_bare": round(taken["bare_list"] / taken["office_list"], 2),
            }
        )
    first, last = found["sizes"][0], found["sizes"][-1]
    found["growth"] = {
        name: round(last[f"{name}_ms"] / first[f"{name}_ms"], 2)
        for name in ("office_list", "office_search", "office_common", "public_call")
    }
    return found


def got(client: Client, url: str) -> None:
    answer = client.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
