"""The chained trail: a very long one is verified in time, and every tampering is found.

The time that counts is the processor's: the wall clock of a shared machine says little.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from audit import services as audit
from audit.chain import digest
from audit.models import Entry, Head
from audit.services import Actor
from tests.proof.frame import Report
from tests.world import AT

LENGTH = 1_000_000
GOAL = ("entries verified at once", LENGTH)
LONGEST = 120.0
"""Seconds for the whole of it."""
AT_ONCE = 5_000
TAMPERINGS = 1_000
SHORT = 80
"""Entries of the chain that is tampered with."""


def prove(report: Report, *, seconds: float) -> None:
    tamper(report, times=TAMPERINGS)
    lengthen(report, length=LENGTH, seconds=seconds)


# A long chain ------------------------------------------------------------------------------------


def lengthen(report: Report, *, length: int, seconds: float) -> None:
    """Write a chain of so many entries (fewer when the time is up) and verify it once."""
    with transaction.atomic():
        Entry.objects.all().delete()
        Head.objects.all().delete()
        written = _write(length, seconds)
        wall, processor = time.monotonic(), time.process_time()
        verdict = audit.verify()
        wall, processor = time.monotonic() - wall, time.process_time() - processor
        transaction.set_rollback(True)
    million = processor * 1_000_000 / max(written, 1)
    report.figures |= {
        "entries verified at once": verdict.length,
        "seconds of the processor": round(processor, 1),
        "seconds on the wall": round(wall, 1),
        "seconds of the processor for 1,000,000": round(million, 1),
    }
    report.expect(not verdict.problems, f"a whole chain has problems: {verdict.problems[:3]}")
    report.expect(verdict.length == written, f"{verdict.length} of {written} were read")
    report.expect(million <= LONGEST, f"1,000,000 entries take {million:.0f} s")


def _write(length: int, seconds: float) -> int:
    """Entries already linked, as ``audit.chain`` would link them."""
    previous, written, begun = "0" * 64, 0, time.monotonic()
    while written < length and time.monotonic() - begun < seconds:
        rows = []
        for seq in range(written + 1, min(written + AT_ONCE, length) + 1):
            entry = _entry(seq)
            entry.previous, entry.seq = previous, seq
            entry.digest = previous = digest(previous, seq, audit.contents(entry))
            rows.append(entry)
        Entry.objects.bulk_create(rows, batch_size=500)
        written += len(rows)
    Head.objects.create(pk=1, seq=written, digest=previous)
    return written


def _entry(number: int) -> Entry:
    return Entry(
        pk=number,
        at=AT + timedelta(seconds=number),
        actor_name=f"示例人员{number % 97}",
        actor_role="editor",
        organisation=number % 331,
        action=("applications.save", "recommenders.recommend", "reviews.submit")[number % 3],
        subject=f"applications.application:{number % 4001}",
        data={"section": "basics", "version": number % 50, "note": "示例"},
    )


# Tampering ---------------------------------------------------------------------------------------


def tamper(report: Report, *, times: int) -> None:
    """So many random tamperings of a short chain, each found; the untouched one is whole."""
    draw = random.Random(20211130)
    with transaction.atomic():
        Entry.objects.all().delete()
        Head.objects.all().delete()
        for number in range(SHORT):
            audit.record(
                actor=Actor("示例"),
                action="test.done",
                subject=Head(pk=1),
                at=AT + timedelta(seconds=number),
                number=number,
                note="示例" * (number % 5),
            )
        while audit.chain():
            pass
        kept = Head.objects.get(pk=1)  # as it is exported, and lies elsewhere
        report.expect(not audit.verify().problems, "an untouched chain has problems")
        for _ in range(times):
            kind = draw.choice(list(KINDS))
            with transaction.atomic():
                said = KINDS[kind](draw)
                found = _found(kept)
                transaction.set_rollback(True)
            report.count("tamperings")
            report.count("of them found", found)
            report.expect(found, f"not found: {kind} {said}")
        transaction.set_rollback(True)
    report.figures["kinds of tampering"] = len(KINDS)


def _found(kept: Head) -> bool:
    """Whether the verification, or the head that was exported, tells of it."""
    verdict = audit.verify()
    there = Entry.objects.filter(seq=kept.seq, digest=kept.digest).exists()
    return bool(verdict.problems) or verdict.tail > 0 or not there


def _some(draw: random.Random) -> Entry:
    return draw.choice(list(Entry.objects.all()))


def _changed(draw: random.Random) -> str:
    entry = _some(draw)
    values: dict[str, Any] = {
        "at": entry.at + timedelta(microseconds=draw.choice([1, -1, 10**6])),
        "actor_name": entry.actor_name + draw.choice(["", " ", "。", "\u200b"]) + "x",
        "actor_role": "auditor",
        "organisation": draw.randrange(1, 999),
        "action": entry.action.upper(),
        "subject": entry.subject + "0",
        "data": {**entry.data, draw.choice(["number", "note", "more"]): draw.randrange(999, 9999)},
        "previous": f"{draw.getrandbits(256):064x}",
        "digest": f"{draw.getrandbits(256):064x}",
    }
    column = draw.choice(list(values))
    Entry.objects.filter(pk=entry.pk).update(**{column: values[column]})
    return f"{column} of {entry.seq}"


def _deleted(draw: random.Random) -> str:
    entry = _some(draw)
    Entry.objects.filter(pk=entry.pk).delete()
    return f"{entry.seq}"


def _cut(draw: random.Random) -> str:
    last = draw.randrange(1, SHORT)
    Entry.objects.filter(seq__gt=last).delete()
    return f"after {last}"


def _cut_with_head(draw: random.Random) -> str:
    """The end taken off and the head set back: whole in itself, not what was exported."""
    _cut(draw)
    return _set_head()


def _exchanged(draw: random.Random) -> str:
    """Two entries tell each other's story."""
    one, other = draw.sample(list(Entry.objects.all()), 2)
    Entry.objects.filter(pk=one.pk).update(data=other.data, at=other.at)
    Entry.objects.filter(pk=other.pk).update(data=one.data, at=one.at)
    return f"{one.seq} and {other.seq}"


def _put_in(draw: random.Random) -> str:
    """An entry of one's own with a digest that fits its contents, at a place that is taken."""
    entry = _some(draw)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_entry SET seq = -seq WHERE seq > %s", [entry.seq])
        cursor.execute("UPDATE audit_entry SET seq = 1 - seq WHERE seq < 0")
    assert entry.seq is not None
    new = Entry(
        at=AT, actor_name="示例", action="x", subject="x", seq=entry.seq + 1, previous=entry.digest
    )
    new.digest = "1" * 64
    new.save()
    new.digest = digest(new.previous, new.seq or 0, audit.contents(new))
    new.save()
    return f"after {entry.seq}"


def _rewritten(draw: random.Random) -> str:
    """One entry changed and everything after it linked anew, with the head."""
    entry = _some(draw)
    Entry.objects.filter(pk=entry.pk).update(actor_name="别人")
    previous = "0" * 64
    for one in Entry.objects.order_by("seq"):
        one.previous = previous
        one.digest = previous = digest(previous, one.seq or 0, audit.contents(one))
        one.save(update_fields=["previous", "digest"])
    return f"from {entry.seq}: {_set_head()}"


def _unlinked(draw: random.Random) -> str:
    """Taken out of the chain, as if it were not linked yet."""
    entry = _some(draw)
    Entry.objects.filter(pk=entry.pk).update(seq=None, digest="", previous="")
    return f"{entry.seq}"


def _set_head() -> str:
    last = Entry.objects.order_by("-seq").first()
    assert last is not None
    Head.objects.update(seq=last.seq, digest=last.digest)
    return f"head set to {last.seq}"


KINDS: dict[str, Callable[[random.Random], str]] = {
    "changed": _changed,
    "deleted": _deleted,
    "cut": _cut,
    "cut with its head": _cut_with_head,
    "exchanged": _exchanged,
    "put in": _put_in,
    "rewritten with its head": _rewritten,
    "unlinked": _unlinked,
}
