"""The register of winners: written with the announcement, withdrawn with it; earlier rounds."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from applications.models import Application
from audit import services as audit
from audit.services import Actor
from calls.models import Winner
from core.errors import Refusal
from honours.winnerfile import Line
from outcomes import rules
from outcomes.models import Award, Publication
from outcomes.services import ground


def enter(
    publication: Publication, awards: Iterable[Award], *, actor: Actor, at: datetime
) -> list[Winner]:
    """Each project of an announced list of winners, in the announcement's transaction.

    What stands here may not be filed again in later rounds (``applications.exclusivity``): the
    project, not its unit.
    """
    call = publication.call
    assert publication.published_at is not None
    found = []
    for award in awards:
        application = award.application
        found.append(
            Winner.objects.create(
                programme_code=call.programme_code,
                round_title=call.title,
                call_code=call.code,
                project=application.public_id,
                title=application.title,
                organisation_code=application.organisation.code or "",
                organisation_name=application.organisation.name,
                direction=application.direction.title if application.direction else "",
                announced_on=rules.day_of(publication.published_at),
                source=publication.number or publication.title,
                entered_at=at,
                entered_by_id=actor.user_id,
            )
        )
    audit.record(
        actor=actor,
        action="honours.enter_winners",
        subject=publication,
        at=at,
        projects=[one.project for one in found],
    )
    return found


def withdraw(
    publication: Publication,
    applications: Sequence[Application],
    *,
    reason: str,
    actor: Actor,
    at: datetime,
) -> int:
    """The list was taken down: its projects may be filed again. The rows stay as history."""
    count = (
        Winner.objects.in_force()
        .filter(
            call_code=publication.call.code, project__in=[one.public_id for one in applications]
        )
        .update(withdrawn_at=at, withdrawn_reason=f"名单已撤下：{reason}"[:300])
    )
    audit.record(
        actor=actor, action="honours.withdraw_winners", subject=publication, at=at, winners=count
    )
    return count


@transaction.atomic
def load(lines: Sequence[Line], *, actor: Actor, at: datetime) -> int:
    """Enter the winners of earlier rounds from a checked sheet; those that stand there already
    are left out. All or nothing. Returns how many are new.

    Raises ``Refusal`` ``nothing-new``, ``faulty-lines`` (422).
    """
    ground.must_be_office(actor)
    faulty = [one for one in lines if one.faults]
    if faulty:
        raise Refusal(
            "faulty-lines", f"还有 {len(faulty)} 行有误，请改正后重新上传，没有导入。", status=422
        )
    fresh = [one for one in lines if not one.known]
    if not fresh:
        raise Refusal("nothing-new", "表中的项目都已在登记之中，没有需要导入的。", status=422)
    Winner.objects.bulk_create(
        [
            Winner(
                round_title=one.round_title,
                title=one.title,
                organisation_name=one.organisation_name,
                organisation_code=one.code,
                direction=one.direction,
                announced_on=one.announced_on,
                source=one.source,
                entered_at=at,
                entered_by_id=actor.user_id,
            )
            for one in fresh
        ]
    )
    first = Winner.objects.order_by("-pk").first()
    assert first is not None
    audit.record(
        actor=actor,
        action="honours.load_winners",
        subject=first,
        at=at,
        count=len(fresh),
        titles=[one.title for one in fresh[:50]],
    )
    return len(fresh)


@transaction.atomic
def strike(winner: Winner, *, reason: str, actor: Actor, at: datetime) -> Winner:
    """Take an imported row out of force, with a reason; an approver who did not enter it.

    Rows of this portal's own rounds follow their list and are not struck by hand.
    """
    ground.must_approve(actor)
    winner = Winner.objects.select_for_update(of=("self",)).get(pk=winner.pk)
    if winner.call_code:
        raise Refusal("follows-its-list", "本平台批次的优胜登记随公布名单办理，不能单独撤销。")
    if winner.withdrawn_at:
        raise Refusal("withdrawn", "这一条已经撤销，请刷新页面。")
    ground.two_people(actor, {winner.entered_by_id} - {None}, what="录入")
    reason = rules.reason_of(reason, shortest=5, what="撤销登记的原因")
    winner.withdrawn_at, winner.withdrawn_reason = at, reason[:300]
    winner.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    audit.record(actor=actor, action="honours.strike_winner", subject=winner, at=at, reason=reason)
    return winner
