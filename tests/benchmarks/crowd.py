"""The people of a storm, made in the cluster's database, and what they were told held against it.

python -m tests.benchmarks.crowd make COUNT PLAN     drafts, sessions; PLAN is written as JSON
python -m tests.benchmarks.crowd end SECONDS         filing ends so many seconds from now
python -m tests.benchmarks.crowd compare RECEIPTS    as JSON: lost, false, late, doubled
python -m tests.benchmarks.crowd waiting             as JSON: papers and letters not done yet
"""

import json
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db.models import Count  # noqa: E402
from django.utils.crypto import get_random_string  # noqa: E402

from accounts.models import Organisation, Session, User  # noqa: E402
from accounts.sessions import SessionStore  # noqa: E402
from applications import queries, readiness  # noqa: E402
from applications.models import Application, Version  # noqa: E402
from calls import services as calls  # noqa: E402
from calls.models import Call  # noqa: E402
from documents.models import Document  # noqa: E402
from notifications.models import Message  # noqa: E402
from tests import season  # noqa: E402
from tests.benchmarks import bulk  # noqa: E402

CALL = "test-call"
BACKEND = "django.contrib.auth.backends.ModelBackend"


def make(count: int, plan: Path) -> None:
    """One draft through the services, `count` copies of it, and a session for each person."""
    at = datetime.now(UTC)
    played = season.begin()
    Call.objects.filter(pk=played.call.pk).update(rehearsal=False)
    like = season.draft(played, "样本", at=at)
    found = readiness.problems(queries.material(like))
    if found:
        raise SystemExit(f"the pattern cannot be submitted: {found[0]}")
    people = []
    for numbers in bulk.chunks(1, count):
        made = bulk.drafts(like, numbers, at=at)
        keys = sessions([one.created_by for one in made], at=at)
        people += [
            {"session": key, "filing": one.public_id} for key, one in zip(keys, made, strict=True)
        ]
    plan.write_text(json.dumps(people), encoding="utf-8")


def sessions(people: list[User], *, at: datetime) -> list[str]:
    """Each person signed in, as ``accounts.entry.sign_in`` leaves it."""
    store, until = SessionStore(), at + timedelta(seconds=settings.SESSION_COOKIE_AGE)
    rows = [
        Session(
            session_key=get_random_string(32, "abcdefghijklmnopqrstuvwxyz0123456789"),
            session_data=store.encode(
                {
                    "_auth_user_id": str(user.pk),
                    "_auth_user_backend": BACKEND,
                    "_auth_user_hash": user.get_session_auth_hash(),
                    "until": until.isoformat(),
                }
            ),
            expire_date=until,
            user=user,
        )
        for user in people
    ]
    Session.objects.bulk_create(rows)
    return [row.session_key for row in rows]


def end(seconds: float) -> None:
    """Move the end of filing, through the office's service; the dates after it go with it."""
    at = datetime.now(UTC)
    call = Call.objects.get(code=CALL)
    office = User.objects.get(
        memberships__organisation__kind=Organisation.Kind.OFFICE,
        memberships__role="office_operator",
    )
    from tests import world

    until = at + timedelta(seconds=seconds)
    calls.set_dates(call, actor=world.actor(office), at=at, dates={"filing_until": until})
    print(json.dumps({"until": until.timestamp()}))


def compare(receipts: Path) -> None:
    """What the clients wrote down against what the database holds."""
    said = [json.loads(line) for line in receipts.read_text("utf-8").splitlines() if line]
    held = {
        (version.application.public_id, version.number): version
        for version in Version.objects.select_related("application")
    }
    call = Call.objects.get(code=CALL)
    lost, false, wrong = [], [], []
    for receipt in said:
        version = held.get((receipt["filing"], receipt["version"]))
        if version is None:
            lost.append(receipt)
            continue
        if (version.application.number, version.fingerprint) != (
            receipt["number"],
            receipt["fingerprint"],
        ):
            false.append(receipt)
        if version.idempotency_key != receipt["key"]:
            wrong.append(receipt)
    late = [
        version.application.public_id
        for version in held.values()
        if version.arrived_at >= call.filing_until
    ]
    numbers = Counter(number for number in _numbers() if number)
    print(
        json.dumps(
            {
                "receipts": len(said),
                "versions": len(held),
                "lost": len(lost),
                "false": len(false) + len(wrong),
                "late": len(late),
                "numbers_doubled": sum(count > 1 for count in numbers.values()),
                "filings_with_two_versions": Application.objects.filter(
                    version_number__gt=1
                ).count(),
                "unacknowledged_versions": len(held)
                - len({(one["filing"], one["version"]) for one in said}),
                **letters(),
            }
        )
    )


def _numbers() -> list[str]:
    return list(Application.objects.values_list("number", flat=True))


def letters() -> dict[str, int]:
    """Letters of submissions: rows per filing, and files that went out with the same Message-ID."""
    rows = (
        Message.objects.filter(kind="submit").values("user").annotate(n=Count("pk")).filter(n__gt=1)
    )
    sent: Counter[str] = Counter()
    for path in Path(settings.EMAIL_FILE_PATH).glob("*.log"):
        for part in path.read_bytes().split(b"-" * 79 + b"\n"):
            if part.strip():
                sent[str(message_from_bytes(part)["Message-ID"])] += 1
    return {
        "letter_rows_doubled": rows.count(),
        "letters_sent": len(sent),
        "letters_sent_twice": sum(count > 1 for count in sent.values()),
    }


def waiting() -> None:
    unfinished = [Document.State.WAITING, Document.State.RENDERING]
    print(
        json.dumps(
            {
                "papers": Document.objects.filter(state__in=unfinished).count(),
                "papers_failed": Document.objects.filter(state=Document.State.FAILED).count(),
                "papers_ready": Document.objects.filter(state=Document.State.READY).count(),
                "letters": Message.objects.filter(state=Message.State.WAITING).count(),
            }
        )
    )


if __name__ == "__main__":
    words = sys.argv[1:]
    if words[0] == "make":
        make(int(words[1]), Path(words[2]))
    elif words[0] == "end":
        end(float(words[1]))
    elif words[0] == "compare":
        compare(Path(words[1]))
    else:
        waiting()
