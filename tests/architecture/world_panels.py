"""The world `panel`: the round is closed, its meeting is under way, own's filing is discussed.

`expert` leads and is in the room, `conflicted` is a member and out of it, `stranger` is none.
"""

from datetime import timedelta

from panels import queries, services
from panels.models import Item, Meeting, Member, SignedScan
from reviews.models import Expert
from tests import world
from tests.applications.filling import pdf
from tests.world import AT


def build(played, canaries) -> dict[str, object]:
    office = played.actor("office")
    experts = {
        name: Expert.objects.get(user=played.cast.people[name])
        for name in ("expert", "second", "conflicted")
    }
    made = services.create(
        played.round,
        title=canaries.mark("panel.title", "会评"),
        place=canaries.mark("panel.place", "会议室"),
        starts_at=played.call.time(AT) + timedelta(hours=1),
        quorum=1,
        actor=office,
        at=AT,
    )
    services.invite(made, list(experts.values()), actor=office, at=AT)
    seats = {name: Member.objects.get(meeting=made, expert=one) for name, one in experts.items()}
    services.name_chair(seats["expert"], actor=office, at=AT)
    services.make_signatures(made, actor=office, at=AT)
    services.start(made, actor=office, at=AT)
    for name, seat in seats.items():
        seat = Member.objects.select_related("expert", "meeting__round__call").get(pk=seat.pk)
        services.enter(
            seat,
            conflicted={},
            shown=len(queries.undeclared(seat)),
            actor=world.actor(played.cast.people[name]),
            at=AT,
        )
    item = Item.objects.get(meeting=made, entry__application=played.filed[0])
    services.call_up(item, actor=office, at=AT)
    services.write_notes(
        item, canaries.mark("panel.notes", "指标先进"), version=0, actor=office, at=AT
    )
    form = played.round.sheet
    services.rescore(
        Member.objects.select_related("expert", "meeting__round__call").get(pk=seats["second"].pk),
        item,
        scores={one.key: 0 for one in form.criteria},
        reason=canaries.mark("panel.reason", "会上补充的数据不足以支持"),
        actor=world.actor(played.cast.people["second"]),
        at=AT,
    )
    services.open_vote(item, actor=office, at=AT)
    return {
        "meeting": made.public_id,
        "panel_item": item.public_id,
        "panel_member": seats["second"].pk,
        "panel_scan": _scan(made, played, canaries),
    }


def _scan(made: Meeting, played, canaries) -> str:
    from documents import services as documents

    blob = documents.store(pdf(1, mark="scan"), media_type="application/pdf", at=AT)
    return SignedScan.objects.create(
        meeting=made,
        kind=SignedScan.Kind.MINUTES,
        blob=blob,
        name=canaries.mark("panel.scan", ".pdf"),
        pages=1,
        by=played.cast.people["office"],
        at=AT,
    ).public_id
