"""The hidden facts: what differs between the two worlds, and who may know of it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from accounts.models import Organisation, User
from accounts.roles import Role
from applications import services as applications
from applications.models import Application
from calls.models import Call
from reviews import aggregation, queries
from reviews import services as reviews
from reviews.models import Assignment, Conflict, Expert, Result, Review, Round
from tests import season, world
from tests.architecture.canaries import World
from tests.twins.comparing import Fact
from tests.world import AT

K = Organisation.Kind
STAFF = "offices auditor"
TRAIL = "offices auditor security"
"""Who reads the trail knows that something was done, and by whom."""
RUNNING = "offices auditor security sysadmin"
"""Who keeps the outbox going knows that letters went to an applicant."""
SCORER = "second"
"""Reviewed the company's filing; is nobody of the matrix, so that no persona is entitled by it."""


# A rival -----------------------------------------------------------------------------------------


def _rival(made: World, *, name: str) -> Application:
    cast = made.season.cast
    unit = world.unit(K.ENTERPRISE, f"暗中{name}有限公司", region="430100", n=900)
    user = world.person(unit, Role.UNIT_ADMIN, f"{name}暗中")
    drafted = season.draft(
        made.season, f"暗中{name}", unit=unit, user=user, recommender=cast.province
    )
    Application.objects.filter(pk=drafted.pk).update(title="暗中较量的项目")
    return drafted


def drafting(made: World) -> None:
    _rival(made, name="起草")


def filing(made: World) -> None:
    season.submit(_rival(made, name="申报"))


def accepted(made: World) -> None:
    """Filed, recommended and accepted while the others are being judged.

    The call's clock goes back for it and stands where it stood.
    """
    cast, call = made.season.cast, made.season.call
    offset = call.clock_offset
    Call.objects.filter(pk=call.pk).update(clock_offset=timedelta(0))
    drafted = _rival(made, name="受理")
    season.submit(drafted)
    Call.objects.filter(pk=call.pk).update(clock_offset=offset)
    found = Application.objects.get(pk=drafted.pk)
    applications.move(found, "recommend", actor=cast.actor("operator"), at=AT)
    applications.accept(found, actor=cast.actor("office"), at=AT)


# Reviewing ---------------------------------------------------------------------------------------


def _round(made: World) -> Round:
    return Round.objects.get(public_id=made.arguments["round"])


def _scored(made: World) -> Review:
    return Review.objects.get(
        assignment__round=_round(made),
        assignment__expert__user=made.people[SCORER],
        assignment__application=made.season.filed[0],
    )


def score(made: World) -> None:
    """The other expert gave more, and said so. Ranks stay: the first one stays first."""
    review = _scored(made)
    form = _round(made).sheet
    review.scores = {one.key: one.highest - 1 for one in form.criteria}
    review.comments = dict.fromkeys(review.scores, "暗中改写的理由，足够长以通过检查。")
    review.overall = "暗中改写的总体意见"
    review.total = Decimal("91.25")
    review.save()
    _add_up(made)


def _add_up(made: World) -> None:
    """What closing would have written, had the score been so from the beginning."""
    round = _round(made)
    if not round.is_closed:
        return
    scores = queries.submitted_scores(round)
    rule = aggregation.Rule(aggregation.Method(round.method), round.min_reviews)
    for direction, group in queries.by_direction(round).items():
        seed = f"{round.seed}|{direction}"
        for one in aggregation.standings(group, scores, rule=rule, seed=seed):
            Result.objects.filter(round=round, application=one.application).update(
                score=one.score,
                rank=one.rank,
                rank_low=one.low,
                rank_high=one.high,
                flags=list(one.flags),
            )


def submitted(made: World) -> None:
    """The other expert scores one more; nobody else learns that it is done."""
    task = Assignment.objects.get(
        round=_round(made), expert__user=made.people["stranger"], state="deployed"
    )
    Review.objects.filter(assignment=task).delete()
    form = _round(made).sheet
    reviews.submit_score(
        task,
        scores={one.key: 7 for one in form.criteria},
        comments={one.key: "检测报告第七页数据充分，可信度高，同意。" for one in form.criteria},
        overall="",
        version=0,
        actor=world.actor(made.people["stranger"]),
        at=AT,
    )


def conflict(made: World) -> None:
    """The office bars an expert from a filing that never lay on their desk."""
    Conflict.objects.create(
        expert=Expert.objects.get(user=made.people["stranger"]),
        application=made.season.filed[1],
        kind=Conflict.Kind.OFFICE,
        state=Conflict.State.PINNED,
        reason="暗中指定的回避",
        by=made.people["office"],
        at=AT,
    )


def name_of_expert(made: World) -> None:
    user = made.people[SCORER]
    User.objects.filter(pk=user.pk).update(name="暗中易名")
    Expert.objects.filter(user=user).update(
        name="暗中易名", employer_name="暗中研究院", title="暗中职称", phone="000-99999999"
    )


def feedback(made: World) -> None:
    """A comment is written and not yet released."""
    reviews.write_feedback(
        _round(made).entries.get(application=made.season.filed[0]),
        "暗中撰写的评审意见，尚未反馈。",
        actor=made.season.actor("office"),
        at=AT,
    )


# Deciding ----------------------------------------------------------------------------------------


def result(made: World) -> None:
    """The office selects one and declines the others; it has taken effect, no list says so yet."""
    season.stage(made.season)
    season.decide(made.season)
    season.draft_list(made.season)


HIDDEN = ("暗中",)
DRAFTING = Fact("a rival drafts", f"{RUNNING} area", drafting, HIDDEN)
FILING = Fact("a rival files", f"{RUNNING} area", filing, HIDDEN)
ACCEPTED = Fact("a rival is accepted", f"{RUNNING} area", accepted, HIDDEN)
SCORE = Fact("a score", f"{STAFF} {SCORER}", score, ("91.25", *HIDDEN))
SUBMITTED = Fact("a score is submitted", f"{TRAIL} stranger lead", submitted)
"""The lead of a panel follows how many are in, without whose and what."""
CONFLICT = Fact("a conflict", STAFF, conflict, HIDDEN)
NAME = Fact("an expert's name", f"{STAFF} {SCORER} lead", name_of_expert, HIDDEN)
"""The lead of a panel sees whose tasks wait, to ask for them."""
RESULT = Fact("a result without its list", RUNNING, result)
FEEDBACK = Fact("a comment not yet released", TRAIL, feedback, HIDDEN)
