"""What filing costs the server: keeping what is typed, showing a part, submitting.

    python -m tests.benchmarks.filing

``measure`` needs an empty migrated database; the command makes one of its own (of DATABASE_URL's
server, SQLite otherwise) and throws it away. Every request goes through the whole stack in this
process, signed in. Beside the autosave stands the least that any autosave must do: session, user,
lock, one row written. Sizes of the call: ``BENCH_SIZES``, "100,1000,10000".
"""

import re
import statistics
from dataclasses import replace
from typing import Any

from tests.benchmarks import rounds

ROUNDS = 60
SUBMISSIONS = 15
WIDE = 200
"""Questions of the wide part."""
HIDDEN = re.compile(r'name="(key|seen)" value="([^"]+)"')
Figures = dict[str, Any]


def measure(sizes: tuple[int, ...] = rounds.SIZES) -> Figures:
    """Medians in milliseconds, and statements per request."""
    from django.conf import settings
    from django.db import connection

    from calls.models import Call
    from portal import warm
    from tests import season
    from tests.benchmarks import bare

    settings.ALLOWED_HOSTS = ["testserver"]
    bare.stand_beside()
    warm.up()
    played = season.begin()
    Call.objects.update(rehearsal=False)
    found = {"name": "filing", "database": connection.vendor}
    return found | _saving(played) | _submitting(played, sizes)


# Keeping what is typed -------------------------------------------------------------------------


def _saving(played: Any) -> Figures:
    from tests import season, world
    from tests.benchmarks import bare

    wide_call = world.open_call(with_wide_part(), code="wide-call")
    made = season.draft(season.Season(replace(played.cast, call=wide_call)), "宽表")
    client = signed_in(made.created_by)
    few, wide = Page(client, made, few_questions(made)), Page(client, made, "wide")
    beside = bare.client(made.created_by)
    acts = {
        "autosave": lambda: few.keep(),
        "bare_save": lambda: bare_save(beside, few),
        "autosave_200_fields": lambda: wide.keep(),
        "save_200_fields": lambda: wide.save(),
        "page_200_fields": lambda: got(client.get(wide.url), 200),
        "task_list": lambda: got(client.get(f"/applications/{made.public_id}/"), 200),
    }
    taken = rounds.medians(ROUNDS, **acts)
    return {
        **{f"{name}_ms": value for name, value in taken.items()},
        **{f"{name}_queries": rounds.statements(act) for name, act in acts.items()},
        "autosave_against_bare": round(taken["bare_save"] / taken["autosave"], 2),
    }


def with_wide_part() -> Any:
    """The first programme of the tests with one more part of two hundred questions."""
    from calls.programme import Field, Section
    from tests import world

    questions = tuple(
        Field(key=f"q{n}", label=f"第{n}问", type="text", max_chars=60) for n in range(WIDE)
    )
    spec = world.programme()
    part = Section(key="wide", title="宽表", fields=questions)
    return spec.model_copy(update={"sections": (*spec.sections, part)})


def few_questions(made: Any) -> str:
    """The part of plain questions that is nearest to what people save most: five to fifteen."""
    from calls.programme import FieldType

    plain = (FieldType.TEXT, FieldType.LONGTEXT, FieldType.INTEGER)
    return max(
        (one for one in made.call.programme.sections if one.key != "wide"),
        key=lambda one: sum(asked.type in plain for asked in one.fields),
    ).key


def bare_save(client: Any, page: "Page") -> None:
    """What stays of an autosave without everything this product exists for."""
    got(client.post(f"/bare/{page.made.pk}/{page.key}/", page.typed()), 200)


class Page:
    """An open part of the form, which knows the save that it shows."""

    def __init__(self, client: Any, made: Any, key: str) -> None:
        from applications.content import synthetic

        self.client, self.made, self.key = client, made, key
        self.url = f"/applications/{made.public_id}/sections/{key}/"
        self.spec = made.call.programme.section(key)
        self.values = synthetic.inputs(self.spec, seed=7, indicators=[])
        self.longest = next(
            name for name, asked in self.values.items() if asked and len(asked[0]) > 1
        )
        self.turn = 0

    def typed(self) -> dict[str, Any]:
        """All of the part, with one answer other than last time."""
        self.turn += 1
        version = self.made.sections.get(key=self.key).version
        return {**self.values, self.longest: [f"第{self.turn}次"], "version": version}

    def keep(self) -> None:
        answer = self.client.post(f"{self.url}autosave/", self.typed())
        got(answer, 200)

    def save(self) -> None:
        got(self.client.post(self.url, {**self.typed(), "action": "save"}), 302, 200)


def signed_in(user: Any) -> Any:
    from django.test import Client

    client = Client()
    client.force_login(user)
    return client


def got(answer: Any, *wanted: int) -> Any:
    if answer.status_code not in wanted:
        raise SystemExit(f"{answer.status_code}: {answer.content.decode()[:2000]}")
    return answer


# Submitting ------------------------------------------------------------------------------------


def _submitting(played: Any, sizes: tuple[int, ...]) -> Figures:
    from tests import season
    from tests.benchmarks import bulk
    from tests.world import AT

    season.file(played, "样本")
    like, have, found = played.again(0), 1, []
    for size in sizes:
        for numbers in bulk.chunks(have, size - have):
            bulk.submitted(like, numbers, at=AT)
        have = size
        analyse()
        first = bulk.drafts(like, range(size * 10, size * 10 + SUBMISSIONS + 1), at=AT)
        found.append({"filings": size} | _submitted(first))
        have += len(first)
    growth = found[-1]["submit_ms"] / found[0]["submit_ms"]
    return {"sizes": found, "submit_growth": round(growth, 2)}


def analyse() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _submitted(drafts: list[Any]) -> Figures:
    """Each draft of a person of its own, who checks, presses and reads the receipt."""
    people = [Filer(one) for one in drafts]
    people[0].check()
    queries = rounds.statements(people[0].submit)  # counted, and the first of its kind is not timed
    people[0].receipt()
    taken = {
        name: sorted(rounds.timed(getattr(person, name)) for person in people[1:])
        for name in ("check", "submit", "receipt")
    }
    return {f"{name}_ms": round(statistics.median(one), 1) for name, one in taken.items()} | {
        "submit_p95_ms": round(taken["submit"][int(SUBMISSIONS * 0.95)], 1),
        "submit_queries": queries,
    }


class Filer:
    """One person before the button."""

    def __init__(self, made: Any) -> None:
        self.client, self.url = signed_in(made.created_by), f"/applications/{made.public_id}"
        self.shown: dict[str, str] = {}
        self.receipt_url = ""

    def check(self) -> None:
        page = got(self.client.get(f"{self.url}/check/"), 200)
        self.shown = dict(HIDDEN.findall(page.content.decode()))

    def submit(self) -> None:
        answer = self.client.post(f"{self.url}/submit/", {**self.shown, "agree": "1"})
        self.receipt_url = got(answer, 302)["Location"]

    def receipt(self) -> None:
        got(self.client.get(self.receipt_url), 200)


if __name__ == "__main__":
    rounds.alone(measure)
