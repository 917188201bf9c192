"""pretalx with as many proposals as we have filings: its pages timed as ours are.

Run by `dev.py bench --peers` with the interpreter of pretalx's own environment, its settings and a
database of its own. Nothing of pretalx is imported by name: its models come from Django's registry,
its pages from their addresses. Prints JSON. Sizes: ``BENCH_SIZES``.

"list" is the organiser's list, "dashboard" the review dashboard (250 rows a page), "public" the
page that calls for proposals, "submit" the last step. Each proposal has a speaker with a profile,
a text and three scored reviews; the reviewers read all.
"""

import json
import logging
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import django

django.setup()

from django.apps import apps  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402
from django_scopes import scope, scopes_disabled  # noqa: E402

from tests.benchmarks import rounds  # noqa: E402

EVENT = "bench"
AT_ONCE, REVIEWS, TIMES = 500, 3, 15
TEXT = "A paragraph of a proposal, as long as such paragraphs are. " * 12


def model(name: str) -> Any:
    return apps.get_model(name)


def person(name: str) -> Any:
    return model("person.User").objects.create_user(email=f"{name}@example.org", name=name)


def begin() -> tuple[Any, list[Any]]:
    """An event that is open for proposals and under review; the organiser and the reviewers."""
    today = timezone.now()
    organiser = model("event.Organiser").objects.create(name="Bench", slug="bench-org")
    people = [person("organiser"), *(person(f"reviewer{n}") for n in range(REVIEWS))]
    event = model("event.Event").objects.create(
        name="Bench",
        slug=EVENT,
        organiser=organiser,
        is_public=True,
        date_from=(today + timedelta(days=60)).date(),
        date_to=(today + timedelta(days=62)).date(),
        timezone="Asia/Shanghai",
        email="organiser@example.org",
        locale_array="en",
        locale="en",
    )
    team = model("event.Team").objects.create(
        organiser=organiser,
        name="Bench",
        all_events=True,
        can_change_event_settings=True,
        can_change_submissions=True,
        is_reviewer=True,
    )
    team.members.set(people)
    with scope(event=event):
        event.build_initial_data()
        event.cfp.deadline = today + timedelta(days=30)
        event.cfp.save()
    return event, people


@transaction.atomic
def proposals(event: Any, reviewers: list[Any], first: int, count: int) -> None:
    user, profile = model("person.User"), model("person.SpeakerProfile")
    submission, role = model("submission.Submission"), model("submission.SpeakerRole")
    review = model("submission.Review")
    kind = event.cfp.default_type
    speakers = user.objects.bulk_create(
        user(email=f"speaker{n}@example.org", name=f"Speaker {n:06d}", code=f"S{n:07d}")
        for n in range(first, first + count)
    )
    profile.objects.bulk_create(profile(user=one, event=event, biography=TEXT) for one in speakers)
    made = submission.all_objects.bulk_create(
        submission(
            event=event,
            code=f"P{n:07d}",
            title=f"Proposal {n:06d}",
            submission_type=kind,
            abstract=TEXT,
            description=TEXT,
            content_locale="en",
        )
        for n in range(first, first + count)
    )
    role.objects.bulk_create(
        role(submission=one, user=speaker) for one, speaker in zip(made, speakers, strict=True)
    )
    review.all_objects.bulk_create(
        review(submission=one, user=reader, score=(place + n) % 2, text="Read.")
        for n, one in enumerate(made)
        for place, reader in enumerate(reviewers)
    )


class Submitting:
    """The last step of the wizard, which makes the proposal; the step before is not timed."""

    def __init__(self, event: Any, client: Client) -> None:
        self.event, self.client, self.number = event, client, 0
        self.address = ""

    def prepare(self) -> None:
        self.number += 1
        base = f"/{EVENT}/submit/bench{self.number}"
        answer = self.client.post(
            f"{base}/info/",
            {
                "title": f"Submitted {self.number}",
                "submission_type": self.event.cfp.default_type.pk,
                "abstract": TEXT,
                "content_locale": "en",
                "action": "submit",
            },
        )
        assert answer.status_code == 302, (answer.status_code, _errors(answer))
        self.address = answer["Location"]

    def press(self) -> None:
        answer = self.client.post(
            self.address, {"name": "Author", "biography": TEXT, "action": "submit"}
        )
        assert answer.status_code == 302, (answer.status_code, _errors(answer))

    def queries(self) -> int:
        self.prepare()
        return rounds.statements(self.press)


def _errors(answer: Any) -> Any:
    context = getattr(answer, "context", None) or {}
    return getattr(context.get("form"), "errors", "") if "form" in context else ""


def medians(acts: Mapping[str, Callable[[], object]], submitting: Submitting) -> dict[str, float]:
    """As ``rounds.medians``, by clock and processor at once; the first round is not counted."""
    taken: dict[str, list[float]] = {}
    for number in range(TIMES + 1):
        submitting.prepare()
        for name, act in {**acts, "submit": submitting.press}.items():
            wall, cpu = time.perf_counter(), time.process_time()
            act()
            if number:
                taken.setdefault(f"{name}_ms", []).append(time.perf_counter() - wall)
                taken.setdefault(f"{name}_cpu_ms", []).append(time.process_time() - cpu)
    return {name: round(statistics.median(one) * 1000, 2) for name, one in taken.items()}


def got(client: Client, url: str) -> bytes:
    answer = client.get(url)
    assert answer.status_code == 200, (url, answer.status_code, answer.get("Location"))
    return bytes(answer.content)


def measure(sizes: tuple[int, ...] = rounds.SIZES) -> Iterator[dict[str, Any]]:
    logging.disable(logging.INFO)
    settings.ALLOWED_HOSTS = ["*"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    with scopes_disabled():
        event, (organiser, *reviewers) = begin()
        author = person("author")
    office, visitor, signed = Client(), Client(), Client()
    office.force_login(organiser)
    signed.force_login(author)
    submitting = Submitting(event, signed)
    acts = {
        "list": lambda: got(office, f"/orga/event/{EVENT}/submissions/"),
        "dashboard": lambda: got(office, f"/orga/event/{EVENT}/reviews/"),
        "public": lambda: got(visitor, f"/{EVENT}/cfp"),
    }
    have = 0
    for size in sizes:
        with scopes_disabled():
            for first in range(have, size, AT_ONCE):
                proposals(event, reviewers, first, min(AT_ONCE, size - first))
            have = size
            held = model("submission.Submission").all_objects.filter(code__startswith="P0").count()
        assert held == size, held
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        began = time.perf_counter()
        yield {
            "proposals": size,
            **medians(acts, submitting),
            **{f"{name}_queries": rounds.statements(act) for name, act in acts.items()},
            **{f"{name}_rows": act().count(b"Proposal 0") for name, act in acts.items()},
            "submit_queries": submitting.queries(),
            "seconds": round(time.perf_counter() - began, 1),
        }


if __name__ == "__main__":
    found = {"django": django.get_version(), "sizes": list(measure())}
    print(json.dumps(found))
