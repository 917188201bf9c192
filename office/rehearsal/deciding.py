"""Checking, reviewing, deciding and publishing in a rehearsal."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from accounts.roles import Role
from applications import services as applications
from applications.models import Application
from audit.services import CLOCK
from calls.models import Call
from core.errors import Refusal
from office.rehearsal.people import House, actor_of
from office.rehearsal.report import Report, StepDone
from outcomes import queries, rules
from outcomes import services as outcomes
from outcomes.models import Publication
from outcomes.services import publishing, recording
from reviews import services as reviews
from reviews.models import Assignment, Round
from reviews.poolfile import Entry


def check_all(waiting: list[Application], house: House, done: StepDone, *, at: datetime) -> bool:
    for application in waiting:
        applications.accept(application, actor=house.operator, at=at)
    done.words.append(f"{len(waiting)} 项形式审查通过")
    return bool(waiting)


def review_all(call: Call, house: House, report: Report, done: StepDone, *, at: datetime) -> bool:
    """A round with made-up experts: assigned, declared, scored with all rules kept, closed."""
    spec = call.programme.review
    assert spec is not None
    pool = reviews.pool_of(None, at=at)
    experts = {}
    for n in range(spec.experts_per_application + 1):
        user = house.person(pool, Role.EXPERT, "演练专家", at=at)
        entry = Entry(
            name=user.name, email=user.email, employer_name=f"演练研究院{n}", region="110000"
        )
        made = reviews.add_expert(organisation=None, entry=entry, actor=house.operator, at=at)
        experts[made.pk] = user
    now = call.time(at)
    round_ = reviews.create_round(
        call,
        organisation=None,
        title="演练评审",
        opens_at=now - timedelta(minutes=1),
        closes_at=now + timedelta(days=20),
        actor=house.operator,
        at=at,
    )
    reviews.propose_assignment(round_, actor=house.operator, at=at)
    reviews.deploy(round_, actor=house.approver, at=at)
    round_ = Round.objects.get(pk=round_.pk)
    scored = 0
    for expert, user in experts.items():
        tasks = list(Assignment.objects.filter(round=round_, expert=expert, state="deployed"))
        if not tasks:
            continue
        actor = actor_of(user)
        keys = [task.pk for task in tasks]
        reviews.declare_conflicts(
            round_, tasks[0].expert, clear=keys, conflicted={}, actor=actor, at=at
        )
        for task in tasks:
            _score(round_, task, actor, at=at)
            scored += 1
    reviews.close_round(round_, actor=house.operator, at=at, note="演练，全部评分已提交")
    done.words.append(f"{len(experts)} 位专家评 {scored} 份")
    return scored > 0


def _score(round_: Round, task: Assignment, actor: object, *, at: datetime) -> None:
    words = "技术路线清楚，检测报告第七页数据充分，可信度高，建议补充可靠性验证数据。" * 3
    criteria = round_.sheet.criteria
    reviews.submit_score(
        task,
        scores={one.key: max(1, (one.highest * 7) // 10) for one in criteria},
        comments={one.key: words for one in criteria},
        overall=words,
        version=0,
        actor=actor,  # type: ignore[arg-type]
        at=at,
    )


def decide(call: Call, house: House, report: Report, done: StepDone, *, at: datetime) -> bool:
    """Recorded steps pass, one filing is selected, the others are not; then all takes effect."""
    operator = house.operator
    waiting = list(queries.waiting(call).order_by("pk"))
    if not waiting:
        report.dead_end(done.key, "没有等待审定的申报", "核对前面的步骤")
        return False
    ids = [one.public_id for one in waiting]
    for step in rules.before_decision(call.steps):
        recording.record(
            call, ids, step=step, result="pass", note="演练记录，予以通过", actor=operator, at=at
        )
    tier = call.programme.tiers_of("selection")[0]
    amounts = None
    if call.programme.decision and call.programme.decision.amount:
        most = tier.amount or call.programme.decision.maximum or Decimal(10)
        amounts = {ids[0]: most}
    outcomes.select(
        call,
        ids[:1],
        tier=tier.key,
        amounts=amounts,
        reason="演练评审靠前",
        actor=operator,
        at=at,
    )
    if ids[1:]:
        outcomes.decline(call, ids[1:], reason="演练名次靠后", actor=operator, at=at)
    outcomes.apply_together(
        call,
        shown=queries.standing(call),
        vacancies_confirmed=True,
        actor=house.approver,
        at=at,
    )
    done.words.append(f"{tier.title} 1 项，未列入 {len(ids) - 1} 项")
    return True


def _draft(call: Call, kind: str, house: House, *, at: datetime) -> Publication:
    publicity = call.programme.publicity
    days = None
    if kind == Publication.Kind.PUBLICITY:
        days = (publicity.working_days if publicity else None) or 5
    return outcomes.draft(
        call,
        kind=kind,
        title="演练名单",
        basis="演练用，现予公布。",
        contacts="联系电话 000-00000000",
        working_days=days,
        actor=house.operator,
        at=at,
    )


def publicise(call: Call, house: House, done: StepDone, *, at: datetime) -> datetime | None:
    made = _draft(call, Publication.Kind.PUBLICITY, house, at=at)
    made = outcomes.publish_publicity(
        made, shown=publishing.preview_hash(made), actor=house.approver, at=at
    )
    done.words.append(f"公示 {made.starts} 至 {made.ends_on}")
    return made.until


def sweep(at: datetime) -> None:
    running = Publication.objects.filter(
        kind=Publication.Kind.PUBLICITY, state=Publication.State.PUBLISHED
    )
    for one in running:
        try:
            outcomes.end_publicity(one, actor=CLOCK, at=at)
        except Refusal:
            continue


def announce(call: Call, house: House, done: StepDone, *, at: datetime) -> bool:
    made = _draft(call, Publication.Kind.ANNOUNCEMENT, house, at=at)
    made = outcomes.announce(made, shown=publishing.preview_hash(made), actor=house.approver, at=at)
    done.words.append(f"公布名单 {len(made.rows)} 项")
    return True
