"""A call with 现场评估: filings past the formal check, experts, an official."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from applications.models import Application
from audit.services import Actor
from calls.models import Call
from calls.programme import CHINA
from core.errors import Refusal
from reviews.models import Expert
from tests import season, world
from tests.season import Season
from tests.world import AT
from visits import queries, services
from visits.form import Typed
from visits.models import Seat, Visit
from visits.services import Member, Proposal, photos

GOOD = {
    "item-match": "yes",
    "item-site": "yes",
    "item-people": "36",
    "item-running": "良",
    "item-records": "yes",
    "overall": "样机可以现场运行，记录齐全。",
}


def working_day(after: int) -> datetime:
    """Nine o'clock of a weekday at least so many days after the call's present."""
    day = (
        (AT + timedelta(days=13 + after))
        .astimezone(CHINA)
        .replace(hour=9, minute=0, second=0, microsecond=0)
    )
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day


@dataclass
class Scene:
    season: Season
    experts: list[Expert] = field(default_factory=list)

    @property
    def call(self) -> Call:
        return self.season.call

    @property
    def office(self) -> Actor:
        return self.season.actor("office")

    @property
    def admin(self) -> Actor:
        return world.actor(self.people(0))

    def people(self, n: int) -> Any:
        return self.application(n).organisation.memberships.first().user

    def application(self, n: int) -> Application:
        return self.season.again(n)

    def member(self, n: int) -> Member:
        expert = Expert.objects.select_related("user").get(pk=self.experts[n].pk)
        return Member(expert.user, expert)

    @property
    def official(self) -> Member:
        return Member(self.season.cast.people["chief"])

    def proposal(self, n: int = 0, *, starts: datetime | None = None, hours: int = 3) -> Proposal:
        begins = starts or working_day(5)
        return Proposal(
            self.application(n), begins, begins + timedelta(hours=hours), "甲市示例路 1 号测试间"
        )

    def plan(
        self,
        *numbers: int,
        starts: datetime | None = None,
        members: list[Member] | None = None,
        at: datetime = AT,
    ) -> list[Visit]:
        begins = starts or working_day(5)
        return services.plan(
            self.call,
            [
                self.proposal(n, starts=begins + timedelta(hours=4 * place))
                for place, n in enumerate(numbers or (0,))
            ],
            members or [self.member(0), self.member(1)],
            organisation=None,
            prepare="营业执照原件\n测试记录",
            rest_days_agreed=True,
            actor=self.office,
            at=at,
        )

    def clock(self, to: datetime) -> None:
        """Set the call's own time."""
        from calls import services as calls

        calls.move_clock(self.call, to=to, actor=self.office, at=AT)

    def at_the_site(self, visit: Visit) -> Visit:
        """The day has come; the visit as it stands now."""
        self.clock(visit.starts_at + timedelta(hours=1))
        return Visit.objects.get(pk=visit.pk)

    def seats(self, visit: Visit) -> list[Seat]:
        return list(queries.counted_seats(visit).select_related("visit__call", "visit__version"))

    def found(self, visit: Visit, **more: str) -> None:
        """Every member declares and hands in."""
        for seat in self.seats(visit):
            services.declare(seat, actor=actor(seat), at=AT)
            services.submit_finding(
                seat,
                Typed.of(visit.sheet, {**GOOD, **more}),
                version=0,
                actor=actor(seat),
                at=AT,
            )

    def concluded(self, visit: Visit, *, result: str = "pass", **more: Any) -> Any:
        lead = self.seats(visit)[0]
        return services.conclude(
            lead,
            result=result,
            opinion="主要指标有测试记录，现场与申报一致。",
            actor=actor(lead),
            at=AT,
            **more,
        )

    def signed(self, visit: Visit) -> Visit:
        report = queries.report_in_force(visit)
        for seat in self.seats(visit):
            services.sign(seat, shown=report.fingerprint, actor=actor(seat), at=AT)
        return Visit.objects.get(pk=visit.pk)

    def done(self, n: int = 0, **more: Any) -> Visit:
        """Planned, visited, concluded and signed by all."""
        visit = self.at_the_site(self.plan(n)[0])
        self.found(visit)
        self.concluded(visit, **more)
        return self.signed(visit)


def actor(seat: Seat) -> Actor:
    return world.actor(seat.user)


def build(*, filings: int = 3, experts: int = 3) -> Scene:
    played = season.begin(world.programme("2018-jiebang"))
    season.file(played, *[f"项目{n}" for n in range(1, filings + 1)])
    played.clock(3)
    season.recommend(played)
    played.clock(13)
    season.check(played)
    made = Scene(played)
    made.experts = [season.expert(played, n) for n in range(1, experts + 1)]
    return made


def picture(
    colour: str = "navy",
    *,
    place: bool = True,
    kind: str = "JPEG",
    size: tuple[int, int] = (640, 480),
) -> bytes:
    """A photograph that says where it was taken."""
    from PIL import Image

    image = Image.new("RGB", size, colour)
    out = io.BytesIO()
    exif = Image.Exif()
    if place:
        exif[0x010F] = "示例相机"
        exif.get_ifd(0x8825).update({1: "N", 2: (28.0, 13.0, 42.5), 3: "E", 4: (112.0, 56.0, 19.0)})
    image.save(out, kind, **({"exif": exif.tobytes()} if kind == "JPEG" else {}))
    return out.getvalue()


def refused(code, act, *args, **more):
    with pytest.raises(Refusal) as caught:
        act(*args, **more)
    assert caught.value.code == code, caught.value
    return caught.value


def save(seat, version=0, **typed):
    return services.save_finding(
        seat, Typed.of(seat.visit.sheet, typed), version=version, actor=actor(seat), at=AT
    )


def add(seat, name="现场.jpg", data=None):
    return photos.add(seat, name=name, data=data or picture(), actor=actor(seat), at=AT)
