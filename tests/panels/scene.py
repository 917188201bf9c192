"""A closed round and a meeting on it, made through the services."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from panels import services
from panels.models import Item, Meeting, Member
from reviews import services as reviews
from reviews.models import Assignment, Round
from tests import world
from tests.reviews import scene as reviewing
from tests.world import AT

WHY = "会上补充的检测数据充分，可信度高。"


@dataclass
class Panel:
    scene: reviewing.Scene
    meeting: Meeting
    members: list[Member] = field(default_factory=list)

    @property
    def office(self):
        return self.scene.office

    def again(self) -> Meeting:
        return Meeting.objects.select_related("round__call", "round__organisation").get(
            pk=self.meeting.pk
        )

    def item(self, application: int) -> Item:
        return Item.objects.select_related("meeting__round__call", "entry__application").get(
            meeting=self.meeting, entry__application=self.scene.applications[application]
        )

    def member(self, expert: int) -> Member:
        return Member.objects.select_related("expert__user", "meeting__round__call").get(
            meeting=self.meeting, expert=self.scene.experts[expert]
        )

    def actor(self, expert: int):
        return world.actor(self.scene.user(expert))

    # acts -------------------------------------------------------------------------------------

    def enter(self, *experts: int) -> None:
        for one in experts:
            member = self.member(one)
            from panels import queries

            services.enter(
                member,
                conflicted={},
                shown=len(queries.undeclared(member)),
                actor=self.actor(one),
                at=AT,
            )

    def start(self) -> None:
        services.start(self.again(), actor=self.office, at=AT)

    def call_up(self, application: int) -> Item:
        return services.call_up(self.item(application), actor=self.office, at=AT)

    def open_vote(self, application: int) -> None:
        services.open_vote(self.item(application), actor=self.office, at=AT)

    def vote(self, expert: int, application: int, motion: str = "m1"):
        return services.vote(
            self.member(expert),
            self.item(application),
            motion=motion,
            actor=self.actor(expert),
            at=AT,
        )

    def rescore(self, expert: int, application: int, figure: int, *, reason: str = WHY):
        form = self.meeting.round.sheet
        return services.rescore(
            self.member(expert),
            self.item(application),
            scores=reviewing.scores(form, figure),
            reason=reason,
            actor=self.actor(expert),
            at=AT,
        )

    def conclude(self, application: int, **more):
        return services.conclude(self.item(application), actor=self.office, at=AT, **more)

    def discuss(self, application: int, votes: dict[int, str]) -> None:
        """Called up, voted on, concluded."""
        self.call_up(application)
        self.open_vote(application)
        for expert, motion in votes.items():
            self.vote(expert, application, motion)
        self.conclude(application)

    def close(self, note: str = "时间所限，其余下次审议"):
        return services.close(self.again(), note=note, actor=self.office, at=AT)

    def bar(self, expert: int, application: int, reason: str = "曾任该单位顾问") -> None:
        reviews.set_conflict(
            round=self.scene.round,
            expert=self.scene.experts[expert],
            application=self.scene.applications[application],
            reason=reason,
            actor=self.office,
            at=AT,
        )


def closed_round(
    *, filed: int = 3, experts: int = 5, wanted: int = 3, figures=(6, 7, 8), **more
) -> reviewing.Scene:
    """Everybody declared, scored and the round was closed."""
    made = reviewing.declared(
        reviewing.deployed(reviewing.build(filed=filed, experts=experts, wanted=wanted, **more))
    )
    tasks = Assignment.objects.filter(round=made.round, state="deployed").select_related(
        "expert__user", "round"
    )
    for n, task in enumerate(tasks.order_by("application_id", "pk")):
        reviewing.submit(task, figures[n % len(figures)])
    reviews.close_round(made.round, actor=made.office, at=AT)
    made.round = Round.objects.select_related("call").get(pk=made.round.pk)
    return made


def build(*, members: int = 4, start: bool = False, enter: bool = True, **more) -> Panel:
    """A meeting on a closed round; ``start``: under way, with everybody in."""
    settings = {name: more.pop(name) for name in ("secret", "rule", "quorum") if name in more}
    made = closed_round(**more)
    meeting = services.create(
        made.round,
        title="第一次会议评审",
        place="示例会议室",
        starts_at=AT + timedelta(hours=1),
        actor=made.office,
        at=AT,
        **settings,
    )
    panel = Panel(made, meeting)
    if members:
        panel.members = services.invite(meeting, made.experts[:members], actor=made.office, at=AT)
        services.name_chair(panel.members[0], actor=made.office, at=AT)
    if start:
        panel.start()
        if enter:
            panel.enter(*range(members))
    return panel
