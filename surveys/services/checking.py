"""District, city, province: each level checks what came to it, or gives it back to the unit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Prefetch

from accounts import links
from accounts.models import Link, User
from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from surveys import queries, words
from surveys.models import Check, Request, Submission, Survey
from surveys.services.asking import write


def _locked(requests: Sequence[Request]) -> list[Request]:
    found = list(
        Request.objects.select_for_update(of=("self",))
        .select_related("survey", "organisation", "link", "answer")
        .prefetch_related(Prefetch("checks", Check.objects.select_related("unit")))
        .filter(pk__in=[one.pk for one in requests])
        .order_by("pk")
    )
    if any(one.survey.state != Survey.State.OPEN for one in found):
        raise Refusal("survey-not-open", "这项调查不在进行中。")
    return found


@transaction.atomic
def check(requests: Sequence[Request], *, unit: int, actor: Actor, at: datetime) -> int:
    """The unit has checked these answers; each goes to the next level, or is done. All or none.

    A level that let its end pass is left out (``words.waits_for``); its check stays open.

    Raises ``survey-not-here`` when one of them does not wait for this unit, ``survey-none``.
    """
    if not requests:
        raise Refusal("survey-none", "没有选中任何单位，请先勾选。", status=422)
    found = _locked(requests)
    for request in found:
        here = words.waits_for(request, at=at)
        if here is None or here.unit_id != unit:
            raise Refusal(
                "survey-not-here",
                f"“{request.organisation.name}”现在不由本单位核对："
                "尚未填报、还在下级核对、已经上报，或本级核对已截止、由上级核对。请刷新后再办。",
            )
        here.checked_at, here.checked_by_id = at, actor.person
        here.save(update_fields=["checked_at", "checked_by"])
        request.place = here.position + 1
        if here.position == _top(request):
            request.state = Request.State.CHECKED
        request.save(update_fields=["place", "state"])
        audit.record(actor=actor, action="surveys.check", subject=request, at=at, unit=unit)
    return len(found)


@transaction.atomic
def give_back(
    request: Request, *, note: str, until: datetime, unit: int, actor: Actor, at: datetime
) -> Request:
    """Give an answer back to the unit that filled it in; all levels check it anew afterwards.

    The level whose turn it is may do so; once all have checked it, the highest.
    Raises ``survey-not-here``, ``survey-no-note`` and ``survey-until-past`` (422).
    """
    if not note.strip():
        raise Refusal("survey-no-note", "请写明退回原因，填报单位按此修改。", status=422)
    if until <= at:
        raise Refusal("survey-until-past", "重新填报的截止时间应晚于现在。", status=422)
    request = _locked([request])[0]
    if not words.may_return(request, unit=unit, at=at):
        raise Refusal(
            "survey-not-here", "这份填报现在不由本单位核对，不能退回。已上报的，请联系上级退回。"
        )
    Check.objects.filter(request=request).update(checked_at=None, checked_by=None)
    submitted = request.answer.submissions.last()
    assert submitted is not None
    Submission.objects.filter(pk=submitted.pk).update(
        returned_at=at, return_note=note.strip(), returned_by=actor.name[:120]
    )
    request.answer.return_note = note.strip()
    request.answer.save(update_fields=["return_note"])
    request.state, request.place, request.until = Request.State.RETURNED, 0, until
    if request.email:
        request.link = _fresh(request, actor=actor, at=at)
    request.save(update_fields=["state", "place", "until", "link"])
    people = queries.people_of([request.organisation_id]).get(request.organisation_id, [])
    addresses: dict[str, User | str] = {request.email: request.email} if request.email else {}
    addresses |= {person.email: person for person in people}
    for to in addresses.values():
        key = f"survey-return:{request.pk}:{submitted.number}"
        write(request, "returned", key=key, to=to, at=at)
    audit.record(
        actor=actor, action="surveys.return", subject=request, at=at, note=note, until=until
    )
    return request


def _top(request: Request) -> int:
    return max((one.position for one in request.checks.all()), default=0)


def _fresh(request: Request, *, actor: Actor, at: datetime) -> Link:
    if request.link is not None and request.link.revoked_at is None:
        request.link.revoked_at = at
        request.link.save(update_fields=["revoked_at"])
    return links.make(
        Link.Purpose.SURVEY,
        email=request.email,
        organisation=request.organisation,
        made_by_id=actor.user_id,
        at=at,
        expires_at=request.until,
        announce=False,
    )
