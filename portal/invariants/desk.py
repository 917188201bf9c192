"""The office's desk: letters to many, postponed dates, leave, verifications that said so."""

from collections.abc import Iterator

from django.db.models import Count, F, Q

from accounts.models import Absence
from calls.models import Extension
from notifications.models import Message
from office.models import Mailing, Postponement
from office.postponing import ROWS
from portal.invariants.base import check

Found = Iterator[tuple[str, str]]


@check("R9")
def a_mailing_let_go_is_one_letter_to_each() -> Found:
    """R9: as many letters as people were shown, and none for one that was not let go."""
    for one in Mailing.objects.all():
        key = f"mailing:{one.pk}:"
        mails = Message.objects.filter(key__startswith=key, channel=Message.Channel.MAIL).exclude(
            again_of__isnull=False
        )
        wanted = one.count if one.state == Mailing.State.SENT else 0
        if mails.count() != wanted:
            yield f"office.mailing:{one.pk}", f"应有 {wanted} 封，实有 {mails.count()} 封"


@check("R4")
def a_postponement_given_has_its_rows() -> Found:
    """R4: what was given to units stands in their extension rows, by the same two people."""
    given = Postponement.objects.filter(state=Postponement.State.APPROVED)
    for one in given.exclude(scope=Postponement.Scope.CALL):
        rows = Extension.objects.filter(
            call=one.call_id,
            state=Extension.State.APPROVED,
            approved_at=one.approved_at,
            approved_by=one.approved_by_id,
            proposed_by=one.proposed_by_id,
            key__in=[ROWS[move["key"]] for move in one.moves],
        ).count()
        if rows < one.rows:
            yield f"office.postponement:{one.pk}", f"应有 {one.rows} 项单位延期，实有 {rows} 项"


@check("R7")
def a_deputy_holds_no_more_than_the_role_they_stand_in_for() -> Found:
    """R7: the cover is the same role in the same unit, of another person, within the leave."""
    same = Q(
        cover__organisation=F("membership__organisation"),
        cover__role=F("membership__role"),
        cover__valid_from=F("since"),
        cover__valid_until__isnull=False,
        cover__valid_until__lte=F("until"),
    ) & ~Q(cover__user=F("membership__user"))
    for pk in Absence.objects.exclude(same).values_list("pk", flat=True):
        yield f"accounts.absence:{pk}", "代办人的角色超出请假人的角色或时间"


@check("R9")
def a_letter_went_out_once() -> Found:
    """R9: no letter was handed over twice."""
    twice = (
        Message.objects.annotate(n=Count("tries", filter=Q(tries__error="")))
        .filter(n__gt=1, state=Message.State.SENT, subject__gt="")
        .exclude(subject="已清除")
    )
    for pk in twice.values_list("pk", flat=True):
        yield f"notifications.message:{pk}", "发出了不止一次"
