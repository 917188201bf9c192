"""Meetings: who voted and scored was in the room, and what was counted follows from it."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from django.db.models import F

from panels import figures, queries
from panels.models import Attendance, Item, Meeting, Rescore, Ruling, Vote
from panels.stages import ItemState, MeetingState, Presence
from portal.invariants.base import check
from reviews import aggregation
from reviews import queries as reviews
from reviews.models import Conflict

Found = Iterator[tuple[str, str]]


@check("R7")
def nobody_votes_or_scores_again_in_conflict() -> Found:
    """R7: no vote and no score of a meeting comes from somebody barred when it was given."""
    conflicts: dict[tuple[int, int], list[Conflict]] = {}
    for one in Conflict.objects.filter(state__in=reviews.BARRING).select_related("expert"):
        conflicts.setdefault((one.application_id, one.expert_id), []).append(one)
        if one.expert.user_id:
            conflicts.setdefault((one.application_id, -one.expert.user_id), []).append(one)

    def barred(application: int, expert: int, user: int | None, at: datetime) -> bool:
        found = conflicts.get((application, expert), [])
        if user:
            found = [*found, *conflicts.get((application, -user), [])]
        return any(one.at < at for one in found)

    votes = Vote.objects.values_list(
        "pk",
        "attendance__item__entry__application_id",
        "attendance__member__expert_id",
        "attendance__member__expert__user_id",
        "at",
    )
    for pk, application, expert, user, at in votes:
        if barred(application, expert, user, at):
            yield f"panels.vote:{pk}", "投票人在投票时须回避该申报"
    rescores = Rescore.objects.values_list(
        "pk",
        "item__entry__application_id",
        "member__expert_id",
        "member__expert__user_id",
        "at",
    )
    for pk, application, expert, user, at in rescores:
        if barred(application, expert, user, at):
            yield f"panels.rescore:{pk}", "改分人在改分时须回避该申报"


@check("R7")
def votes_come_from_the_room() -> Found:
    """R7: who voted or scored was in the room for that item."""
    for pk in Vote.objects.exclude(attendance__presence=Presence.IN).values_list("pk", flat=True):
        yield f"panels.vote:{pk}", "投票人不在场"
    inside = set(
        Attendance.objects.filter(presence=Presence.IN).values_list("item_id", "member_id")
    )
    counting = Rescore.objects.filter(replaced_at__isnull=True)
    for pk, item, member in counting.values_list("pk", "item_id", "member_id"):
        if (item, member) not in inside:
            yield f"panels.rescore:{pk}", "改分人从未在场"


@check("R3")
def rulings_count_the_votes_of_the_room() -> Found:
    """R3: a ruling's figures are those of the room: no more votes than members in it."""
    inside = Counter(
        Attendance.objects.filter(presence=Presence.IN).values_list("item_id", "sitting")
    )
    votes = Counter(Vote.objects.values_list("attendance__item_id", "attendance__sitting"))
    for ruling in Ruling.objects.iterator(500):
        key, name = (ruling.item_id, ruling.sitting), f"panels.ruling:{ruling.pk}"
        if ruling.voted != votes[key] or ruling.voted > inside[key]:
            yield name, f"投票 {ruling.voted}，实有 {votes[key]} 票，在场 {inside[key]} 人"
        if sum(ruling.tally.values()) != ruling.voted:
            yield name, f"票数合计 {sum(ruling.tally.values())} 与投票人数 {ruling.voted} 不符"
        if ruling.present != inside[key]:
            yield name, f"在场人数 {ruling.present} 与到场记录 {inside[key]} 不符"
    secret = Counter(
        Vote.objects.filter(secret=True).values_list("attendance__item_id", "attendance__sitting")
    )
    for item in Item.objects.exclude(ballots={}).iterator(500):
        for sitting, counts in item.ballots.items():
            if sum(counts.values()) != secret[item.pk, int(sitting)]:
                yield f"panels.item:{item.pk}", "无记名票数与投票人数不符"


@check("R5")
def items_stand_where_their_meeting_does() -> Found:
    """R5: only a meeting under way has a current item; what is concluded has its ruling."""
    astray = Item.objects.filter(state=ItemState.CURRENT).exclude(
        meeting__state=MeetingState.RUNNING
    )
    for pk in astray.values_list("pk", flat=True):
        yield f"panels.item:{pk}", "会议不在进行中，却有正在审议的项目"
    held = set(Ruling.objects.values_list("item_id", "sitting"))
    concluded = Item.objects.filter(state=ItemState.CONCLUDED)
    for pk, sitting in concluded.values_list("pk", "sitting"):
        if (pk, sitting) not in held:
            yield f"panels.item:{pk}", "已审议而没有结论"
    foreign = Item.objects.exclude(entry__round=F("meeting__round"))
    for pk in foreign.values_list("pk", flat=True):
        yield f"panels.item:{pk}", "审议的项目不在会议的轮次中"


@check("R13")
def panel_results_follow_from_what_was_counted() -> Found:
    """R13: the results of a closed meeting come out the same when the scores are read backwards."""
    for meeting in Meeting.objects.filter(state=MeetingState.CLOSED).select_related("round"):
        stored = {one.application_id: one for one in meeting.results.all()}
        changed = {
            (application, int(expert)): total
            for application, one in stored.items()
            for expert, total in one.counted.items()
        }
        scores = [aggregation.Score(*key, Decimal(total)) for key, total in sorted(changed.items())]
        scores += [
            one for one in reviews.submitted_scores(meeting.round) if one.application not in stored
        ]
        groups: dict[int, list[int]] = {}
        for application, direction in meeting.results.values_list(
            "application_id", "application__direction_id"
        ):
            groups.setdefault(direction or 0, []).append(application)
        for one in figures.standings(
            groups, scores[::-1], rule=queries.rule_of(meeting.round), seed=meeting.round.seed
        ):
            held = stored[one.application]
            if (held.score, held.rank) != (one.score, one.rank):
                yield (
                    f"panels.panelresult:{held.pk}",
                    f"会评结果 {held.score}、{held.rank} 与重算 {one.score}、{one.rank} 不同",
                )
