"""The papers of a meeting: minutes (会议纪要) under numbers, signature sheet under names.

Members appear as 委员01 … everywhere but on the signature sheet, which the organiser needs to
have signed. Both are drawn by the worker from a frozen snapshot.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from documents import services as documents
from documents.models import Document
from panels import queries, stages, voting
from panels.models import Attendance, Meeting, PanelResult, Rescore, Ruling
from panels.stages import Presence

CHINA = ZoneInfo("Asia/Shanghai")
MINUTES, SIGNATURES = "panel_minutes", "panel_signatures"
LABELS = {MINUTES: "会议纪要", SIGNATURES: "签到与签字表"}
SERIES = {MINUTES: "HY", SIGNATURES: "QD"}


def pseudonyms(meeting: Meeting) -> dict[int, str]:
    """What members are called outside the signature sheet: a number drawn by the round's mask."""
    members = sorted(
        meeting.members.values_list("pk", "expert_id"),
        key=lambda row: hashlib.sha256(f"{meeting.round.mask}|panel|{row[1]}".encode()).digest(),
    )
    return {pk: f"委员{number:02d}" for number, (pk, _) in enumerate(members, start=1)}


def of(meeting: Meeting, kind: str) -> Document | None:
    """The paper in force."""
    return documents.of(meeting, kind).filter(voided_at=None).order_by("-version").first()


def request(meeting: Meeting, *, note: str, at: datetime) -> None:
    """Ask for both papers of a meeting that has just been closed."""
    _ask(meeting, MINUTES, minutes(meeting, note=note, at=at), at=at)
    request_signatures(meeting, at=at)


def request_signatures(meeting: Meeting, *, at: datetime) -> Document:
    """Ask for the signature sheet as it stands; an earlier one that says something else is void."""
    return _ask(meeting, SIGNATURES, signatures(meeting, at=at), at=at)


def _ask(meeting: Meeting, kind: str, snapshot: dict[str, Any], *, at: datetime) -> Document:
    held = of(meeting, kind)
    if held is not None:
        same = {**held.snapshot, "frozen_at": "", "version": 0, "number": ""}
        if same == {**snapshot, "frozen_at": "", "version": 0, "number": ""}:
            return held
        snapshot |= {"number": held.number, "version": held.version + 1}
    else:
        prefix = meeting.round.call.number_prefix
        number = documents.next_number(f"{kind}:{meeting.round.call_id}")
        snapshot |= {"number": f"{prefix}-{SERIES[kind]}-{number:04d}", "version": 1}
    made = documents.request_document(
        kind=kind,
        subject=meeting,
        snapshot=snapshot,
        title=f"{LABELS[kind]}：{meeting.title}",
        organisation=meeting.round.organisation,
        at=at,
    )
    if held is not None:
        documents.void(held, reason="会议成员或安排有变化", at=at, replaced_by=made)
    return made


def _head(meeting: Meeting, *, at: datetime) -> dict[str, Any]:
    call = meeting.round.call
    local = call.time(at).astimezone(CHINA)
    return {
        "call": {"code": call.code, "title": call.title, "demo": call.rehearsal},
        "number": "",
        "version": 1,
        "frozen_at": local.isoformat(timespec="seconds"),
        "date": (_local(meeting, meeting.started_at) or meeting.starts_at.astimezone(CHINA))
        .date()
        .isoformat(),
        "meeting": meeting.title,
        "round": meeting.round.title,
        "organiser": meeting.round.organisation.name
        if meeting.round.organisation
        else call.programme.organiser,
        "place": meeting.place,
    }


def _local(meeting: Meeting, instant: datetime | None) -> datetime | None:
    return meeting.round.call.time(instant).astimezone(CHINA) if instant else None


def _clock(meeting: Meeting, instant: datetime | None) -> str:
    local = _local(meeting, instant)
    return f"{local:%H:%M}" if local else ""


def signatures(meeting: Meeting, *, at: datetime) -> dict[str, Any]:
    """The snapshot of the signature sheet: the members by name, a place to sign for each."""
    members = meeting.members.select_related("expert").order_by("-is_chair", "pk")
    return {
        **_head(meeting, at=at),
        "starts": meeting.starts_at.astimezone(CHINA).isoformat(timespec="minutes"),
        "rows": [
            {
                "number": number,
                "name": one.expert.name,
                "employer": one.expert.employer_name,
                "title": one.expert.title,
                "role": "组长" if one.is_chair else "成员",
                "entered": _clock(meeting, one.entered_at),
            }
            for number, one in enumerate(members, start=1)
        ],
    }


def minutes(meeting: Meeting, *, note: str, at: datetime) -> dict[str, Any]:
    """The snapshot of the minutes, as the meeting stands. A fixed number of queries."""
    members = list(meeting.members.select_related("expert"))
    names = pseudonyms(meeting)
    lines = queries.lines(meeting, members)
    came, changes, rulings = _attendances(meeting), _changes(meeting), _rulings(meeting)
    results = {one.application_id: one for one in meeting.results.all()}
    chair = next((names[one.pk] for one in members if one.is_chair), "")
    entered = sum(1 for one in members if one.entered_at)
    return {
        **_head(meeting, at=at),
        "span": "—".join(
            part
            for part in (
                _clock(meeting, meeting.started_at),
                _clock(meeting, meeting.closed_at or at),
            )
            if part
        ),
        "members": f"{len(members)} 名，签到 {entered} 名；组长 {chair}",
        "rules": "；".join(
            (
                f"{'无记名' if meeting.secret else '记名'}表决，意见分"
                + "、".join(one["title"] for one in meeting.motions),
                f"{meeting.get_rule_display()}的为会议意见，票数相同由组长决定并说明理由",
                f"法定人数 {meeting.quorum} 人，按在场成员计算",
                f"得分按{meeting.round.get_method_display()}计算，"
                f"少于 {meeting.round.min_reviews} 份不排名",
            )
        ),
        "note": note,
        "rows": [
            _row(
                line,
                number,
                names,
                came.get((line.item.pk, line.item.sitting), []),
                changes.get(line.item.pk, []),
                rulings.get(line.item.pk, []),
                results.get(line.item.entry.application_id),
            )
            for number, line in enumerate(lines, start=1)
            if not line.withdrawn
        ],
    }


def _attendances(meeting: Meeting) -> dict[tuple[int, int], list[Attendance]]:
    found: dict[tuple[int, int], list[Attendance]] = defaultdict(list)
    for one in Attendance.objects.filter(item__meeting=meeting).order_by("member_id"):
        found[one.item_id, one.sitting].append(one)
    return found


def _changes(meeting: Meeting) -> dict[int, list[Rescore]]:
    found: dict[int, list[Rescore]] = defaultdict(list)
    for one in Rescore.objects.filter(item__meeting=meeting, replaced_at__isnull=True):
        found[one.item_id].append(one)
    return found


def _rulings(meeting: Meeting) -> dict[int, list[Ruling]]:
    found: dict[int, list[Ruling]] = defaultdict(list)
    for one in Ruling.objects.filter(item__meeting=meeting).select_related("item__meeting"):
        found[one.item_id].append(one)
    return found


def _row(
    line: queries.Line,
    number: int,
    names: Mapping[int, str],
    came: list[Attendance],
    changes: list[Rescore],
    rulings: list[Ruling],
    result: PanelResult | None,
) -> dict[str, Any]:
    application = line.item.entry.application
    ruling = line.ruling
    out = [one for one in came if not one.is_in]
    motions = line.item.meeting.motions
    return {
        "number": number,
        "label": line.item.entry.label,
        "title": application.title,
        "organisation": application.organisation.name,
        "direction": application.direction.title if application.direction else "",
        "before": _figure(line.score),
        "before_rank": str(line.rank or "—"),
        "after": _figure(result.score if result else None),
        "after_rank": str(result.rank or "—") if result else "—",
        "present": ruling.present if ruling else 0,
        "out": sorted(
            f"{names[one.member_id]}（{stages.PRESENCE_LABELS[Presence(one.presence)]}"
            f"{'：' + one.reason if one.reason else ''}）"
            for one in out
        )
        if ruling
        else [],
        "votes": [f"{one['title']} {ruling.tally.get(one['key'], 0)}" for one in motions]
        if ruling and ruling.voted
        else [],
        "abstained": ruling.present - ruling.voted if ruling and ruling.voted else 0,
        "opinion": voting.title(motions, ruling.motion) if ruling else "",
        "how": ruling.get_how_display() if ruling else "未审议",
        "reason": ruling.reason if ruling else "",
        "changes": sorted(
            f"{names[one.member_id]}：{one.before:.2f} → {one.total:.2f}，{one.reason}"
            for one in changes
        ),
        "again": [
            f"第 {one.sitting} 次审议：{one.words}；重新审议的理由：{one.reopen_reason}"
            for one in rulings
            if one.reopen_reason
        ],
        "notes": line.item.notes,
    }


def _figure(value: Any) -> str:
    return f"{value:.2f}" if value is not None else "—"
