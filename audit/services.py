"""The trail: ``record`` in the change's transaction, ``chain`` by a task, ``verify`` by anyone."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from audit.chain import digest
from audit.models import Entry, Head
from core import writing
from core.errors import Refusal
from core.failpoints import failpoint

LINKS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a signed-in person in one of their roles, or a named part of the system."""

    name: str
    user_id: int | None = None
    organisation_id: int | None = None
    role: str = ""

    @classmethod
    def of(cls, request: Any) -> "Actor":
        """The person behind the request, in the role the page's policy found for them."""
        acting = getattr(request, "acting", None)
        user = request.user
        if not user.is_authenticated:
            return cls("公众")
        return cls(
            name=user.name or user.email,
            user_id=user.pk,
            organisation_id=acting.organisation_id if acting else None,
            role=acting.role if acting else "",
        )

    @property
    def person(self) -> int:
        """The key of the person who acts. Raises ``Refusal`` ``no-person`` (403) for the clock."""
        if self.user_id is None:
            raise Refusal("no-person", "这一步须由登录的人员办理。", status=403)
        return self.user_id

    @property
    def is_clock(self) -> bool:
        return self.name == "clock" and self.user_id is None


CLOCK = Actor("clock")


def label(subject: models.Model) -> str:
    """How a row is named in the trail: ``applications.application:42``."""
    return f"{subject._meta.label_lower}:{subject.pk}"


def record(*, actor: Actor, action: str, subject: models.Model, at: datetime, **data: Any) -> Entry:
    """Write what happened, in the caller's transaction. ``data`` must be plain JSON values."""
    entry = _entry(actor=actor, action=action, subject=subject, at=at, data=data)
    writing.insert(entry)
    return entry


def record_each(
    *, actor: Actor, action: str, of: Iterable[tuple[models.Model, dict[str, Any]]], at: datetime
) -> None:
    """The same act on several subjects, each with its data, in one statement. As ``record``."""
    Entry.objects.bulk_create(
        _entry(actor=actor, action=action, subject=subject, at=at, data=data)
        for subject, data in of
    )


def _entry(
    *, actor: Actor, action: str, subject: models.Model, at: datetime, data: dict[str, Any]
) -> Entry:
    return Entry(
        at=at,
        actor_id=actor.user_id,
        actor_name=actor.name,
        actor_role=actor.role,
        organisation=actor.organisation_id,
        action=action,
        subject=label(subject),
        data={key: _plain(value) for key, value in data.items()},
    )


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, models.Model):
        return label(value)
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner) for inner in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)


def contents(entry: Entry) -> dict[str, Any]:
    """What the chain protects of an entry."""
    return {
        "id": entry.pk,
        "at": entry.at.astimezone(timezone.get_fixed_timezone(0)).isoformat(),
        "actor": entry.actor_id,
        "actor_name": entry.actor_name,
        "actor_role": entry.actor_role,
        "organisation": entry.organisation,
        "action": entry.action,
        "subject": entry.subject,
        "data": entry.data,
    }


@transaction.atomic
def chain(limit: int = LINKS_AT_ONCE) -> int:
    """Give the oldest unchained entries their place. Returns how many; run again until 0."""
    Head.objects.get_or_create(pk=1)
    head = Head.objects.select_for_update().get(pk=1)
    entries = list(Entry.objects.filter(seq__isnull=True).order_by("pk")[:limit])
    for entry in entries:
        entry.seq, entry.previous = head.seq + 1, head.digest
        entry.digest = digest(entry.previous, entry.seq, contents(entry))
        head.seq, head.digest = entry.seq, entry.digest
    Entry.objects.bulk_update(entries, ["seq", "previous", "digest"], batch_size=200)
    failpoint("trail.linked")
    head.save(update_fields=["seq", "digest"])
    return len(entries)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The state of the trail: ``problems`` is empty when it is whole; ``tail`` is unchained yet."""

    length: int
    tail: int
    problems: tuple[str, ...]
    head: str = ""


def verify(most_problems: int = 20, progress: Callable[[int], None] | None = None) -> Verdict:
    """Read the whole chain and name what does not fit: changed, missing or cut entries.

    ``progress`` is told how many entries were read, after each.
    """
    problems: list[str] = []
    expected_seq, expected_digest = 0, "0" * 64
    for entry in Entry.objects.filter(seq__isnull=False).order_by("seq").iterator(2000):
        assert entry.seq is not None
        if entry.seq != expected_seq + 1:
            problems.append(f"链在第 {expected_seq} 条之后缺 {entry.seq - expected_seq - 1} 条")
        if entry.previous != expected_digest:
            problems.append(f"第 {entry.seq} 条与前一条不相接")
        if entry.digest != digest(entry.previous, entry.seq, contents(entry)):
            problems.append(f"第 {entry.seq} 条被改动")
        expected_seq, expected_digest = entry.seq, entry.digest
        if progress:
            progress(expected_seq)
        if len(problems) >= most_problems:
            break
    head = Head.objects.filter(pk=1).first()
    if head and len(problems) < most_problems and head.seq != expected_seq:
        problems.append(f"链尾应为第 {head.seq} 条，实为第 {expected_seq} 条")
    tail = Entry.objects.filter(seq__isnull=True).count()
    return Verdict(expected_seq, tail, tuple(problems), expected_digest)
