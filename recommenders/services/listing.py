"""Shared by the acts on a list: dense ranks, leaving the reserve, voiding a version."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from applications.models import Application
from audit import services as audit
from audit.services import Actor
from core.prepared import Prepared, Slot
from documents import services as documents
from recommenders import liststates, queries
from recommenders.models import Confirmation, ListVersion, RankedList, Reserve


def close_ranks(ranked: RankedList) -> None:
    """Ranks 1 to n without a gap, in the order they stand."""
    write_ranks(list(queries.live(ranked.call_id, ranked.organisation_id)))


def write_ranks(order: Sequence[Confirmation | Reserve]) -> None:
    """Give the rows their position as rank; only rows that move are written."""
    for rank, row in enumerate(order, start=1):
        if row.rank != rank:
            row.rank = rank
            row.save(update_fields=["rank"])


def leave_reserve(application: Application) -> Reserve | None:
    """Take the application off the reserve, if it is there, and close ranks behind it.

    Returns the line it had.
    """
    line = _reserve.first(application=application.pk)
    if line is None:
        return None
    line.delete()
    write_ranks(list(Reserve.objects.filter(list=line.list_id).order_by("rank", "pk")))
    return line


_reserve = Prepared(lambda: Reserve.objects.filter(application_id=Slot("application")))


def remember(ranked: RankedList, words: str, step: dict[str, Any]) -> None:
    """Keep how the step just taken is undone; ``ground.touch`` writes it. One step at most.

    The list must be locked.
    """
    ranked.undo = {"words": words, **step}


def forget(ranked: RankedList) -> None:
    """The last step cannot be undone any more: something else came after it."""
    if ranked.undo is not None:
        ranked.undo = None
        ranked.save(update_fields=["undo"])


def order_now(ranked: RankedList) -> dict[str, list[int]]:
    """The keys of the applications above and below the line, in their order."""
    return {
        "above": list(
            queries.live(ranked.call_id, ranked.organisation_id).values_list(
                "application", flat=True
            )
        ),
        "below": list(
            Reserve.objects.filter(list=ranked)
            .order_by("rank", "pk")
            .values_list("application", flat=True)
        ),
    }


def void_version(ranked: RankedList, *, reason: str, actor: Actor, at: datetime) -> None:
    """The version in force and its sheet hold no more; the list is open again.

    The list must be locked. What is printed on the void sheet answers 作废 with the reason.
    """
    version = ListVersion.objects.filter(list=ranked, voided_at__isnull=True).first()
    if version is not None:
        version.voided_at, version.void_reason = at, reason[:300]
        version.save(update_fields=["voided_at", "void_reason"])
        for document in documents.of(version):
            documents.void(document, reason=reason, at=at, actor=actor)
    ranked.state = liststates.OPEN
    ranked.save(update_fields=["state"])
    audit.record(
        actor=actor,
        action="recommenders.void_version",
        subject=ranked,
        at=at,
        version=version.number if version else None,
        reason=reason,
    )
