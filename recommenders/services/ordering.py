"""The order of the list, its notes, and the reserve below the line."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from applications.models import Application
from applications.workflow import Status
from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from recommenders import queries, ranking
from recommenders.models import Confirmation, RankedList, Reserve
from recommenders.services import ground, listing


@transaction.atomic
def reserve(application: Application, *, actor: Actor, at: datetime, note: str = "") -> Reserve:
    """Put a submitted filing below the line, at the end of the reserve."""
    ground.must_belong(actor, application.recommender_id)
    application = (
        Application.objects.select_for_update(of=("self",))
        .select_related("call")
        .get(pk=application.pk)
    )
    if application.status != Status.SUBMITTED:
        raise Refusal("wrong-status", "只有已提交、未推荐的项目可以列为备选。")
    ranked = ground.lock_open_list(application.call, application.recommender_id)
    if Reserve.objects.filter(application=application).exists():
        raise Refusal("in-reserve", "该项目已在备选之列。")
    line = Reserve.objects.create(
        list=ranked,
        application=application,
        rank=ranked.reserve.count() + 1,
        note=note,
        by_id=actor.person,
        at=at,
    )
    _changed(ranked, "recommenders.reserve", application, actor=actor, at=at, rank=line.rank)
    return line


@transaction.atomic
def unreserve(application: Application, *, actor: Actor, at: datetime) -> None:
    """Take a filing off the reserve."""
    ground.must_belong(actor, application.recommender_id)
    ranked = ground.lock_open_list(application.call, application.recommender_id)
    if not listing.leave_reserve(application):
        raise Refusal("not-in-reserve", "该项目不在备选之列，请刷新页面。")
    _changed(ranked, "recommenders.unreserve", application, actor=actor, at=at)


@transaction.atomic
def set_rank(application: Application, *, number: int, actor: Actor, at: datetime) -> int:
    """Put a line of the list (or of the reserve) at this number. Returns the rank it got."""
    return _reorder(
        application, lambda order, item: ranking.move_to(order, item, number), actor=actor, at=at
    )


@transaction.atomic
def move_row(application: Application, *, direction: str, actor: Actor, at: datetime) -> int:
    """One line up or down, within the list or within the reserve."""
    if direction not in (ranking.UP, ranking.DOWN):
        raise Refusal("odd-direction", "只能上移或下移。", status=422)
    return _reorder(
        application, lambda order, item: ranking.step(order, item, direction), actor=actor, at=at
    )


def _reorder(
    application: Application,
    arrange: Callable[[Sequence[Any], Any], Sequence[Any]],
    *,
    actor: Actor,
    at: datetime,
) -> int:
    ground.must_belong(actor, application.recommender_id)
    ranked = ground.lock_open_list(application.call, application.recommender_id)
    for order in _both(ranked):
        item = next((one for one in order if one.application_id == application.pk), None)
        if item is None:
            continue
        before = item.rank
        listing.write_ranks(arrange(order, item))
        if item.rank != before:
            _changed(
                ranked,
                "recommenders.rank",
                application,
                actor=actor,
                at=at,
                before=before,
                after=item.rank,
            )
        return item.rank
    raise Refusal("not-listed", "该项目已不在名单中，请刷新页面。")


@transaction.atomic
def set_note(application: Application, *, note: str, actor: Actor, at: datetime) -> None:
    """The remark of a line, printed in the sheet's last column (60 字 at most)."""
    ground.must_belong(actor, application.recommender_id)
    if len(note) > 60:
        raise Refusal("note-long", "备注不超过 60 字，请精简。", status=422)
    ranked = ground.lock_open_list(application.call, application.recommender_id)
    for order in _both(ranked):
        for item in order:
            if item.application_id == application.pk:
                item.note = note.strip()
                item.save(update_fields=["note"])
                _changed(
                    ranked, "recommenders.note", application, actor=actor, at=at, note=item.note
                )
                return
    raise Refusal("not-listed", "该项目已不在名单中，请刷新页面。")


def _both(ranked: RankedList) -> tuple[list[Confirmation], list[Reserve]]:
    return (
        list(queries.live(ranked.call_id, ranked.organisation_id)),
        list(Reserve.objects.filter(list=ranked).order_by("rank", "pk")),
    )


def _changed(
    ranked: RankedList,
    action: str,
    application: Application,
    *,
    actor: Actor,
    at: datetime,
    **data: object,
) -> None:
    ground.touch(ranked, by=actor.person, at=at)
    audit.record(actor=actor, action=action, subject=application, at=at, list=ranked.pk, **data)
