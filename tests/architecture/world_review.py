"""A round with four experts, one of them in conflict."""

from datetime import timedelta

from accounts.models import User
from documents import services as documents
from reviews import services as reviews
from reviews.models import Assignment, Conflict, Expert, Round
from tests import season, world
from tests.architecture.canaries import Canaries
from tests.season import Season
from tests.world import AT


def build(
    played: Season, people: dict[str, User], canaries: Canaries, *, closed: bool
) -> dict[str, object]:
    cast = played.cast
    played.clock(13)
    season.check(played)
    now = played.call.time(AT)
    experts = {
        name: _expert(played, name, canaries)
        for name in ("expert", "second", "stranger", "conflicted")
    }
    made = reviews.create_round(
        played.call,
        organisation=None,
        title=canaries.mark("round.title", "网评"),
        opens_at=now - timedelta(minutes=1),
        closes_at=now + timedelta(days=20),
        experts_per_application=2,
        actor=cast.actor("office"),
        at=AT,
        seed="示例种子",
        mask="示例掩码",
    )
    reviews.propose_assignment(made, actor=cast.actor("office"), at=AT)
    for task in Assignment.objects.filter(round=made).order_by("pk"):
        reviews.remove(task, actor=cast.actor("office"), at=AT)
    given = {"expert": [0], "second": [0, 1], "stranger": [2], "conflicted": [0, 2]}
    for name, numbers in given.items():
        for n in numbers:
            reviews.add(
                made,
                expert=experts[name],
                application=played.again(n),
                actor=cast.actor("office"),
                at=AT,
            )
    reviews.deploy(made, actor=cast.actor("chief"), at=AT)
    played.round = Round.objects.get(pk=made.pk)
    for name, one in experts.items():
        tasks = Assignment.objects.filter(round=made, expert=one, state="deployed")
        barred = {
            task.pk: canaries.mark("conflict.reason", "曾在该单位任职")
            for task in tasks
            if name == "conflicted" and task.application_id == played.filed[0].pk
        }
        reviews.declare_conflicts(
            played.round,
            one,
            clear=[task.pk for task in tasks if task.pk not in barred],
            conflicted=barred,
            actor=world.actor(people[name]),
            at=AT,
        )
    task = Assignment.objects.get(round=made, expert=experts["expert"], application=played.filed[0])
    for other in Assignment.objects.filter(round=made, state="deployed").exclude(pk=task.pk):
        if closed or other.expert == experts["second"]:
            _score(played, other, canaries, name="second")
    if closed:
        _score(played, task, canaries, name="expert")
        reviews.close_round(played.round, actor=cast.actor("office"), at=AT)
    else:
        _draft_score(played, task, canaries)
    return {
        "round": made.public_id,
        "task": task.public_id,
        "expert": experts["expert"].pk,
        "conflict": Conflict.objects.get(kind=Conflict.Kind.DECLARED).pk,
        "entry": made.entries.first().number,
        "score_sheet": getattr(documents.of(made, "score_sheet").first(), "number", "none"),
    }


def _expert(played: Season, name: str, canaries: Canaries) -> Expert:
    pool = reviews.pool_of(None, at=AT)
    user = played.cast.people[name]
    made = reviews.add_expert(
        organisation=None,
        entry=season.Entry(
            name=user.name,
            email=user.email,
            phone=f"000-{80000000 + user.pk}",
            fields=("智能传感器",),
            employer_name=canaries.mark(f"pool.{name}.employer", "示例研究院"),
            title=canaries.mark(f"pool.{name}.title", "研究员"),
            region="110000",
        ),
        actor=played.actor("office"),
        at=AT,
    )
    canaries.names[made.phone] = f"pool.{name}.phone"
    assert made.pool_id == pool.pk
    return made


def _score(played: Season, task: Assignment, canaries: Canaries, *, name: str) -> None:
    form = played.round.sheet
    reviews.submit_score(
        task,
        scores={one.key: min(7, one.highest) for one in form.criteria},
        comments={
            one.key: canaries.mark(f"score.{name}.{one.key}", "检测报告第七页数据充分，可信。")
            for one in form.criteria
        },
        overall=canaries.mark(f"score.{name}.overall", "同意"),
        version=0,
        actor=world.actor(task.expert.user),
        at=AT,
    )


def _draft_score(played: Season, task: Assignment, canaries: Canaries) -> None:
    reviews.save_score(
        task,
        scores={},
        comments={},
        overall=canaries.mark("score.expert.overall", "尚在斟酌"),
        version=0,
        actor=world.actor(task.expert.user),
        at=AT,
    )
