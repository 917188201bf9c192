"""Visits of the call that waits for its decision: two held with made-up photographs, some ahead."""

import io
from datetime import datetime, timedelta

from accounts.roles import Role
from applications.models import Application
from audit.services import Actor
from calls import services as calls
from calls.models import Call
from calls.programme import CHINA
from office.demo.cast import Cast, admin_of
from reviews.models import Expert
from visits import queries, services
from visits.form import Typed
from visits.models import Visit
from visits.services import Member, Proposal, photos

VISITED = 6
"""How many applications are visited in the system; the others' findings are typed in."""
TYPED = {
    "item-match": "yes",
    "item-site": "yes",
    "item-people": "28",
    "item-running": "良",
    "item-records": "yes",
    "item-organisation": "优",
    "overall": "样机现场运行正常，测试记录齐全，与申报一致。",
}


def set_aside(call: Call, ids: list[str]) -> list[str]:
    """The applications whose finding is left to the visits."""
    return ids[:VISITED] if queries.organises(call, None) else []


def play(
    cast: Cast, call: Call, experts: list[Expert], ids: list[str], *, now: datetime, at: datetime
) -> None:
    """Held last week: one that passed, one whose last signature is missing; others ahead."""
    if not ids:
        return
    operator = cast.actor(cast.operator, Role.OFFICE_OPERATOR)
    monday = (now - timedelta(days=now.weekday() + 7)).astimezone(CHINA)
    morning = monday.replace(hour=9, minute=0, second=0, microsecond=0)
    call = calls.move_clock(call, to=morning - timedelta(days=2), actor=operator, at=at)
    held = _plan(call, experts, ids[:2], morning + timedelta(days=1), operator, at=at)
    for n, visit in enumerate(held):
        calls.move_clock(call, to=visit.starts_at + timedelta(hours=2), actor=operator, at=at)
        _hold(Visit.objects.get(pk=visit.pk), passed=n == 0, at=at)
    call = calls.move_clock(call, to=now, actor=operator, at=at)
    first = held[0]
    first.refresh_from_db()
    if first.is_done:
        services.release(first, actor=operator, at=at)
    ahead = _plan(call, experts, ids[2:], morning + timedelta(days=15), operator, at=at)
    for n, visit in enumerate(ahead[:2]):
        admin = admin_of(visit.application)
        if n == 0:
            services.confirm(visit, actor=admin, at=at)
        else:
            services.ask_day(
                visit,
                wished="该周周五上午",
                reason="项目负责人当日在外地参加验收",
                actor=admin,
                at=at,
            )


def _plan(
    call: Call,
    experts: list[Expert],
    ids: list[str],
    starts: datetime,
    operator: Actor,
    *,
    at: datetime,
) -> list[Visit]:
    """One a day, each with the first experts of the pool whom nothing bars."""
    made = []
    for n, public_id in enumerate(ids):
        application = Application.objects.select_related("call", "organisation", "direction").get(
            public_id=public_id
        )
        begins = starts + timedelta(days=n % 3, hours=5 if n % 2 else 0)
        proposal = Proposal(
            application,
            begins,
            begins + timedelta(hours=3),
            f"{application.organisation.name}研发楼测试间（演示地址）",
        )
        team = _team(call, proposal, experts[n:], at=at)
        if not team:
            continue
        made += services.plan(
            call,
            [proposal],
            team,
            organisation=None,
            prepare="\n".join(call.programme.site_visit.prepare)
            if call.programme.site_visit
            else "",
            rest_days_agreed=True,
            actor=operator,
            at=at,
        )
    return made


def _team(call: Call, proposal: Proposal, experts: list[Expert], *, at: datetime) -> list[Member]:
    found: list[Member] = []
    for expert in experts:
        assert expert.user is not None
        member = Member(expert.user, expert)
        (judged,) = services.judge(call, [proposal], [member], organisation=None, at=at)
        if not judged.problem:
            found.append(member)
        if len(found) == 3:
            break
    return found


def _hold(visit: Visit, *, passed: bool, at: datetime) -> None:
    seats = list(queries.counted_seats(visit).select_related("visit__call", "expert__pool"))
    for seat in seats:
        assert seat.expert is not None
        actor = Actor(seat.user.name, seat.user_id, seat.expert.pool_id, Role.EXPERT)
        services.declare(seat, actor=actor, at=at)
        typed = Typed.of(visit.sheet, TYPED)
        services.submit_finding(seat, typed, version=0, actor=actor, at=at)
    lead = seats[0]
    assert lead.expert is not None
    actor = Actor(lead.user.name, lead.user_id, lead.expert.pool_id, Role.EXPERT)
    for n, words in enumerate(("测试间全景", "样机运行画面", "测试记录")):
        photo = photos.add(
            lead, name=f"演示照片{n + 1}.jpg", data=picture(n + visit.pk), actor=actor, at=at
        )
        photos.caption(lead, photo, text=f"{words}（演示）", actor=actor, at=at)
    report = services.conclude(
        lead,
        result="pass" if passed else "recheck",
        opinion="主要指标有测试记录，现场与申报一致，同意通过。"
        if passed
        else "样机可以运行，可靠性试验的原始数据不完整，补齐后复查。",
        due=None if passed else (visit.starts_at + timedelta(days=30)).date(),
        actor=actor,
        at=at,
    )
    for seat in seats if passed else seats[:-1]:
        assert seat.expert is not None
        services.sign(
            seat,
            shown=report.fingerprint,
            actor=Actor(seat.user.name, seat.user_id, seat.expert.pool_id, Role.EXPERT),
            at=at,
        )


def picture(seed: int) -> bytes:
    """A drawn room with a bench: no photograph of anything."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (1200, 800), (226, 230, 233))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 560, 1200, 800), fill=(176, 182, 186))
    for n in range(5):
        left = 90 + n * 215
        shade = 70 + (seed * 37 + n * 29) % 110
        draw.rectangle((left, 430, left + 160, 600), fill=(shade, shade + 15, shade + 25))
        draw.rectangle((left + 20, 300, left + 140, 425), fill=(40, 52, 60))
        draw.line(
            [(left + 30 + k * 20, 400 - (seed * 13 + n * 7 + k * 31) % 80) for k in range(6)],
            fill=(120, 210, 200),
            width=4,
        )
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()
