"""A visit to the company that was held, signed and told, for the permission matrix."""

from datetime import datetime, timedelta

from calls import services as calls
from calls.programme import CHINA
from reviews.models import Expert
from tests import world
from tests.season import Season
from tests.visits.scene import GOOD, picture
from tests.world import AT
from visits import queries, services
from visits.form import Typed
from visits.models import Report, Visit
from visits.services import Member, Proposal, photos

TEAM = (
    "form",
    "declare",
    "save",
    "take_back",
    "material",
    "conclude",
    "reopen",
    "sign",
    "member_report",
    "photos",
    "add_photo",
    "picture",
    "caption",
    "move_photo",
    "remove_photo",
    "restore_photo",
)
ARGUMENTS = {
    "photo": "visit_photo",
    "seat": "visit_seat",
    **{f"visits:{name} public_id": "visit_seat" for name in TEAM},
}


def spec():
    """The programme of this world: one with 现场评估."""
    return world.programme("2018-jiebang")


def add(played: Season, canaries) -> dict[str, object]:
    """``expert`` leads; ``second`` is the other member. Nobody else was there."""
    office, company = played.cast.actor("office"), played.cast.actor("admin")
    starts = (played.call.time(AT) + timedelta(days=3)).astimezone(CHINA)
    starts = datetime(starts.year, starts.month, starts.day, 9, tzinfo=CHINA)
    experts = [
        Expert.objects.select_related("user").get(user=played.cast.people[name])
        for name in ("expert", "second")
    ]
    (visit,) = services.plan(
        played.call,
        [
            Proposal(
                played.again(0),
                starts,
                starts + timedelta(hours=3),
                canaries.mark("visit.place", "示例路 1 号"),
            )
        ],
        [Member(one.user, one) for one in experts],
        organisation=None,
        prepare=canaries.mark("visit.prepare", "营业执照原件"),
        rest_days_agreed=True,
        actor=office,
        at=AT,
    )
    services.ask_day(
        visit,
        wished="下周",
        reason=canaries.mark("visit.asked", "负责人在外"),
        actor=company,
        at=AT,
    )
    services.decline_day(
        visit, reason=canaries.mark("visit.asked", "日程已满"), actor=office, at=AT
    )
    calls.move_clock(played.call, to=starts + timedelta(hours=1), actor=office, at=AT)
    visit = Visit.objects.get(pk=visit.pk)
    remark = canaries.mark("visit.remark", "数据下月补齐")
    services.add_remark(visit, text=remark, actor=company, at=AT)
    seats = list(queries.counted_seats(visit).select_related("visit__call"))
    for seat in seats:
        act = {"actor": world.actor(seat.user), "at": AT}
        services.declare(seat, **act)
        typed = {
            **GOOD,
            "overall": canaries.mark("visit.finding", "同意"),
            "note-running": canaries.token("visit.finding"),
        }
        services.submit_finding(seat, Typed.of(visit.sheet, typed), version=0, **act)
    act = {"actor": world.actor(seats[0].user), "at": AT}
    name = canaries.mark("visit.photo", ".jpg")
    photo = photos.add(seats[0], name=name, data=picture(), **act)
    photos.caption(seats[0], photo, text=canaries.token("visit.photo"), **act)
    report = services.conclude(
        seats[0], result="pass", opinion=canaries.mark("visit.opinion", "予以通过"), **act
    )
    for seat in seats:
        services.sign(seat, shown=report.fingerprint, actor=world.actor(seat.user), at=AT)
    services.release(visit, actor=office, at=AT)
    Report.objects.filter(pk=report.pk).update(
        scan=photo.blob,
        scan_name=canaries.mark("visit.scan", ".jpg"),
        scan_at=AT,
        scan_by=played.cast.people["office"],
    )
    return {
        "visit": visit.public_id,
        "visit_seat": seats[0].public_id,
        "visit_photo": photo.public_id,
    }
