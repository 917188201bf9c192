"""The end of a meeting: figures after the discussion beside the round's own, and the papers."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from django.db import transaction

from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from documents import services as documents
from documents import uploads
from documents.models import Document
from panels import minutes, queries, voting
from panels.models import Item, Meeting, PanelResult, SignedScan
from panels.services import ground, planning
from panels.stages import ItemState


@transaction.atomic
def close(meeting: Meeting, *, actor: Actor, at: datetime, note: str = "") -> list[PanelResult]:
    """Add up by the round's own method, rank each direction, freeze minutes and signature sheet.

    The round's results stay as they are. Raises ``Refusal`` ``item-open``; ``not-discussed``
    (422) when items wait and no reason is given in ``note``.
    """
    meeting = ground.lock(meeting)
    ground.demand(meeting, "close")
    items = list(Item.objects.select_for_update(of=("self",)).filter(meeting=meeting))
    if any(one.is_current for one in items):
        raise Refusal("item-open", "还有一项正在审议，请先结束该项。")
    lines = queries.lines(meeting, list(meeting.members.select_related("expert")))
    waiting = [one for one in lines if one.item.state == ItemState.WAITING and not one.withdrawn]
    note = note.strip()[:300]
    if waiting and not note:
        raise Refusal(
            "not-discussed",
            f"还有 {len(waiting)} 项没有审议。确需现在结束的，请写明理由；未审议的保留网评结果。",
            status=422,
        )
    found = _results(meeting, lines, at=at)
    planning.advance(meeting, "close", at=at)
    minutes.request(meeting, note=note, at=at)
    audit.record(
        actor=actor,
        action="panels.close",
        subject=meeting,
        at=at,
        note=note,
        waiting=len(waiting),
        results=[
            [one.application_id, str(one.score) if one.score is not None else None, one.rank]
            for one in found
        ],
    )
    if meeting.round.organisation_id is None:
        audit.record_each(
            actor=actor,
            action="panels.discussed",
            of=[
                (one.item.entry.application, {"meeting": meeting.pk}) for one in lines if one.ruling
            ],
            at=at,
        )
    return found


def _results(meeting: Meeting, lines: list[queries.Line], *, at: datetime) -> list[PanelResult]:
    scores = queries.scores(meeting)
    by_item = {one.item.entry.application_id: one for one in lines}
    before = {one.application_id: one for one in meeting.round.results.all()}
    counted: dict[int, dict[str, str]] = {key: {} for key in by_item}
    for score in scores:
        if score.application in counted:
            counted[score.application][str(score.expert)] = str(score.total)
    changed = Counter(
        application
        for application, expert in queries.changes(meeting)
        if str(expert) in counted.get(application, {})
    )
    found = []
    for one in queries.standings(meeting):
        line = by_item[one.application]
        old = before.get(one.application)
        ruling = line.ruling
        found.append(
            PanelResult(
                meeting=meeting,
                application_id=one.application,
                score=one.score,
                rank=one.rank,
                before_score=old.score if old else None,
                before_rank=old.rank if old else None,
                reviews_count=one.reviews,
                changed=changed[one.application],
                flags=list(one.flags),
                counted=counted[one.application],
                opinion=voting.title(meeting.motions, ruling.motion) if ruling else "",
                how=ruling.get_how_display() if ruling else "未审议",
                discussed=ruling is not None,
                computed_at=at,
            )
        )
    return PanelResult.objects.bulk_create(found)


@transaction.atomic
def make_signatures(meeting: Meeting, *, actor: Actor, at: datetime) -> Document:
    """Ask for the signature sheet as the members stand now, to be printed for the door.

    Raises ``Refusal`` ``no-members``, ``wrong-state`` for a meeting that is over.
    """
    meeting = ground.lock(meeting)
    ground.demand(meeting, "invite")
    if not meeting.members.exists():
        raise Refusal("no-members", "还没有会议成员，请先邀请成员。")
    made = minutes.request_signatures(meeting, at=at)
    audit.record(actor=actor, action="panels.signatures", subject=meeting, at=at, document=made.pk)
    return made


def file_scan(
    meeting: Meeting, *, kind: str, data: bytes, name: str, actor: Actor, at: datetime
) -> SignedScan:
    """Keep the signed paper as it came back, byte for byte; a later one replaces it on record.

    Raises ``Refusal`` ``wrong-state``, ``no-kind`` (422), or what is wrong with the file.
    """
    ground.demand(meeting, "file")
    if kind not in SignedScan.Kind.values:
        raise Refusal("no-kind", "请选择扫描件的种类。", status=422)
    checked = uploads.check_upload(data, name)
    blob = documents.store(data, name=checked.name, media_type=checked.media_type, at=at)
    with transaction.atomic():
        meeting = ground.lock(meeting)
        meeting.scans.filter(kind=kind, replaced_at__isnull=True).update(replaced_at=at)
        made = SignedScan.objects.create(
            meeting=meeting,
            kind=kind,
            blob=blob,
            name=checked.name,
            pages=checked.pages,
            by_id=actor.person,
            at=at,
        )
        audit.record(
            actor=actor,
            action="panels.file_scan",
            subject=made,
            at=at,
            kind=kind,
            sha256=blob.sha256,
            name=checked.name,
        )
    return made
