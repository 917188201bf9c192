"""The order of the list, its notes, and the reserve below the line."""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from applications.models import Application
from applications.workflow import Status
from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from recommenders import queries, ranking, scores
from recommenders.models import Confirmation, RankedList, Reserve
from recommenders.services import confirming, ground, listing


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
    listing.forget(ranked)
    _changed(ranked, "recommenders.reserve", application, actor=actor, at=at, rank=line.rank)
    return line


@transaction.atomic
def unreserve(application: Application, *, actor: Actor, at: datetime) -> None:
    """Take a filing off the reserve."""
    ground.must_belong(actor, application.recommender_id)
    ranked = ground.lock_open_list(application.call, application.recommender_id)
    if not listing.leave_reserve(application):
        raise Refusal("not-in-reserve", "该项目不在备选之列，请刷新页面。")
    listing.forget(ranked)
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
        before, orders = item.rank, listing.order_now(ranked)
        listing.write_ranks(arrange(order, item))
        if item.rank != before:
            listing.remember(
                ranked,
                f"《{application.title}》由第 {before} 位移到第 {item.rank} 位",
                {"kind": "order", **orders},
            )
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
def order_by_score(ranked: RankedList, *, actor: Actor, at: datetime) -> int:
    """Arrange list and reserve by 初评分, best first; what has none follows in its old order.

    Returns how many lines moved. Raises ``Refusal`` ``no-scores`` where nothing has a score.
    """
    ground.must_belong(actor, ranked.organisation_id)
    ranked = ground.lock_open_list(ranked.call, ranked.organisation_id)
    known = scores.of(ranked.call_id, ranked.organisation_id)
    orders, moved = listing.order_now(ranked), 0
    lines = _both(ranked)
    if not any(one.application_id in known for order in lines for one in order):
        raise Refusal(
            "no-scores",
            "名单中的项目还没有初评分。请先结束专家初审，或录入线下评审结果。",
        )
    for order in lines:
        before = [one.pk for one in order]
        order.sort(
            key=lambda one: (
                known[one.application_id].order
                if one.application_id in known
                else (True, Decimal(0), True, 0)
            )
        )
        moved += sum(a != b.pk for a, b in zip(before, order, strict=True))
        listing.write_ranks(order)
    if moved:
        listing.remember(ranked, "按初评分重排", {"kind": "order", **orders})
        ground.touch(ranked, by=actor.person, at=at)
        audit.record(
            actor=actor,
            action="recommenders.order_by_score",
            subject=ranked,
            at=at,
            list=ranked.pk,
            moved=moved,
        )
    return moved


@transaction.atomic
def undo(ranked: RankedList, *, actor: Actor, at: datetime) -> str:
    """Take the last step on the list back, whoever of the unit took it. Returns what it was.

    An order comes back whole; a recommendation gives its place back, and where the filing came
    from the reserve it returns there. Raises ``Refusal`` ``nothing-to-undo``.
    """
    ground.must_belong(actor, ranked.organisation_id)
    ground.lock_allotments(ranked.call, ranked.organisation_id)
    peeked = RankedList.objects.values_list("undo", flat=True).get(pk=ranked.pk)
    if peeked and peeked["kind"] == "recommend":  # applications are locked before the list
        Application.objects.select_for_update().get(pk=peeked["application"])
    ranked = ground.lock_open_list(ranked.call, ranked.organisation_id)
    step = ranked.undo
    if step is None or step != peeked:
        raise Refusal("nothing-to-undo", "没有可以撤销的一步，名单已有其他改动。请刷新页面。")
    words = str(step["words"])
    if step["kind"] == "order":
        _put_back(ranked, step)
    else:
        _take_back(ranked, step, words, actor=actor, at=at)
    ranked = ground.lock_open_list(ranked.call, ranked.organisation_id)
    listing.forget(ranked)
    ground.touch(ranked, by=actor.person, at=at)
    audit.record(
        actor=actor, action="recommenders.undo", subject=ranked, at=at, list=ranked.pk, what=words
    )
    return words


def _put_back(ranked: RankedList, step: dict[str, Any]) -> None:
    parts: tuple[list[Any], list[Any]] = _both(ranked)
    for order, wanted in zip(parts, (step["above"], step["below"]), strict=True):
        there = {one.application_id: one for one in order}
        if set(there) != set(wanted):
            raise Refusal("undo-stale", "名单已有其他改动，不能再撤销这一步。请刷新页面。")
        listing.write_ranks([there[pk] for pk in wanted])


def _take_back(
    ranked: RankedList, step: dict[str, Any], words: str, *, actor: Actor, at: datetime
) -> None:
    application = Application.objects.select_related("call").get(pk=step["application"])
    confirming.unrecommend(application, actor=actor, at=at, reason=f"撤销：{words}")
    if step["reserve"]:
        line = reserve(Application.objects.get(pk=application.pk), actor=actor, at=at)
        order = list(Reserve.objects.filter(list=ranked).order_by("rank", "pk"))
        listing.write_ranks(ranking.move_to(order, line, int(step["reserve"])))


@transaction.atomic
def set_condition(
    application: Application, *, condition: str, actor: Actor, at: datetime
) -> Confirmation:
    """Make a recommendation conditional (有条件推荐), or lift the condition with an empty text."""
    held = _held(application, actor=actor)
    ranked = ground.lock_open_list(application.call, application.recommender_id)
    condition = condition.strip()
    if len(condition) > 100:
        raise Refusal("condition-long", "推荐条件不超过 100 字，请精简。", status=422)
    before, held.condition = held.condition, condition
    held.condition_met_at = held.condition_met_by = None
    held.condition_met_note = ""
    held.save()
    _changed(
        ranked,
        "recommenders.condition",
        application,
        actor=actor,
        at=at,
        before=before,
        after=condition,
    )
    return held


@transaction.atomic
def condition_met(
    application: Application, *, note: str, actor: Actor, at: datetime
) -> Confirmation:
    """Say how the condition was fulfilled. The list stays as it was confirmed, so this may follow
    its confirmation and delivery."""
    held = _held(application, actor=actor)
    if not held.condition:
        raise Refusal("no-condition", "这项推荐没有附条件。")
    if held.condition_met_at is not None:
        raise Refusal("condition-met", "条件落实情况已经登记，请刷新页面。")
    if len(note.strip()) < 5:
        raise Refusal("reason-short", "请写明条件落实情况（不少于 5 字）。", status=422)
    held.condition_met_at, held.condition_met_by_id = at, actor.person
    held.condition_met_note = note.strip()[:300]
    held.save(update_fields=["condition_met_at", "condition_met_by", "condition_met_note"])
    audit.record(
        actor=actor,
        action="recommenders.condition_met",
        subject=application,
        at=at,
        note=held.condition_met_note,
    )
    return held


@transaction.atomic
def explain_clash(
    application: Application, *, reason: str, actor: Actor, at: datetime
) -> Confirmation:
    """Say why a listed filing is recommended although it repeats another."""
    held = _held(application, actor=actor)
    ranked = ground.lock_open_list(application.call, application.recommender_id)
    held.clash_reason = confirming.explained(
        application, queries.listed(ranked.call_id, ranked.organisation_id), reason=reason
    )
    held.save(update_fields=["clash_reason"])
    _changed(
        ranked,
        "recommenders.explain_clash",
        application,
        actor=actor,
        at=at,
        reason=held.clash_reason,
    )
    return held


def _held(application: Application, *, actor: Actor) -> Confirmation:
    ground.must_belong(actor, application.recommender_id)
    held = (
        Confirmation.objects.select_for_update(of=("self",))
        .filter(application=application, released_at__isnull=True)
        .first()
    )
    if held is None:
        raise Refusal("not-listed", "该项目已不在名单中，请刷新页面。")
    return held


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
