"""A letter of the office to many: found by a filter, looked at per recipient, sent by two people.

Words in brackets stand for what differs (``WORDS``). They are put in as plain text, in one pass;
nothing else of the letter is read as a template.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from accounts.models import Membership, Organisation, User
from accounts.roles import FILING, RECOMMENDER
from applications.models import Application
from applications.workflow import SEEN_BY_OTHERS, Status
from audit import services as audit
from audit.services import Actor
from calls.models import Call
from core import gate
from core.errors import Refusal
from notifications import services as notifications
from notifications.services import Letter
from office import filters, queries
from office.models import Mailing
from recommenders.models import Allotment

KIND = "mailing"
WORDS = ("〔姓名〕", "〔单位〕", "〔项目〕")
AT_MOST = 5000
"""Recipients of one mailing."""
A = Mailing.Audience


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person, the unit they get it for, and what of theirs it is about."""

    user: User
    unit: str
    titles: str


def recipients(call: Call, audience: str, chosen: Mapping[str, str]) -> list[Recipient]:
    """Whom the filter finds now, each person once; in the order of their keys."""
    if audience in (A.APPLICANTS, A.DRAFTS):
        return _applicants(call, chosen, drafts=audience == A.DRAFTS)
    if audience == A.EXPERTS:
        return [Recipient(user, "", f"{left} 份") for user, left in queries.experts_behind(call)]
    if audience == A.LATE_RECOMMENDERS:
        units = queries.units_behind(call, "recommendation_until")
    else:
        units = set(Allotment.objects.filter(call=call).values_list("organisation", flat=True))
    if kind := chosen.get("kind"):
        units &= set(Organisation.objects.filter(kind=kind).values_list("pk", flat=True))
    return _people(dict.fromkeys(units, ""), RECOMMENDER)


def _applicants(call: Call, chosen: Mapping[str, str], *, drafts: bool) -> list[Recipient]:
    found = Application.objects.filter(call=call)
    if drafts:
        # The filter may narrow by place, never look into a draft.
        known = {key: chosen.get(key) for key in ("direction", "region", "recommender")}
        found = filters.filings(found.filter(status=Status.DRAFT), known)
    else:
        seen = Q(status__in=SEEN_BY_OTHERS, version_number__gt=0)
        found = filters.filings(found.filter(seen), chosen, as_shown=True)
    titles: dict[int, list[str]] = {}
    for unit, title in found.order_by("pk").values_list("organisation", "title"):
        titles.setdefault(unit, []).append(f"《{title}》")
    return _people({unit: "、".join(names) for unit, names in titles.items()}, FILING)


def _people(units: Mapping[int, str], roles: Sequence[str]) -> list[Recipient]:
    held = (
        Membership.objects.filter(
            organisation__in=list(units), role__in=roles, valid_until=None, user__is_active=True
        )
        .select_related("user", "organisation")
        .order_by("user", "pk")
    )
    seen: dict[int, Recipient] = {}
    for one in held:
        seen.setdefault(
            one.user_id, Recipient(one.user, one.organisation.name, units[one.organisation_id])
        )
    return list(seen.values())


def fingerprint(found: Sequence[Recipient]) -> str:
    """Of the addresses a mailing goes to, to hold what is sent to what was looked at."""
    text = "\n".join(f"{one.user.pk} {one.user.email}" for one in found)
    return hashlib.sha256(text.encode()).hexdigest()


def letter(mailing: Mailing, one: Recipient) -> Letter:
    """The letter as this person gets it."""
    return Letter(one.user, one.user.email, _put(mailing.subject, one), _put(mailing.body, one))


def _put(text: str, one: Recipient) -> str:
    values = dict(zip(WORDS, (one.user.name, one.unit, one.titles), strict=True))
    return re.sub("|".join(WORDS), lambda found: values[found[0]], text)


@transaction.atomic
def propose(
    call: Call,
    *,
    audience: str,
    chosen: Mapping[str, str],
    subject: str,
    body: str,
    by_sms: bool,
    actor: Actor,
    at: datetime,
) -> Mailing:
    """Write a mailing down for a second person. Raises ``Refusal`` (422) when it reaches nobody,
    too many, or holds what must not go out."""
    gate.must_be_clean(f"{subject}\n{body}", act="发出")
    found = recipients(call, audience, chosen)
    if not found:
        raise Refusal("no-recipients", "没有符合条件的收件人。请换一个条件。", status=422)
    if len(found) > AT_MOST:
        raise Refusal(
            "too-many", f"收件人 {len(found)} 人，超过 {AT_MOST} 人。请缩小范围。", status=422
        )
    made = Mailing.objects.create(
        call=call,
        audience=audience,
        chosen={key: value for key, value in chosen.items() if value},
        subject=subject,
        body=body,
        by_sms=by_sms,
        count=len(found),
        recipients=fingerprint(found),
        proposed_by_id=actor.person,
        proposed_at=at,
    )
    audit.record(
        actor=actor,
        action="office.propose_mailing",
        subject=made,
        at=at,
        audience=audience,
        chosen=made.chosen,
        count=made.count,
        title=subject,
    )
    return made


@transaction.atomic
def send(mailing: Mailing, *, typed: str, actor: Actor, at: datetime) -> Mailing:
    """A second person lets it go, typing the number of recipients.

    Raises ``Refusal``: ``same-person``, ``already-decided``, ``wrong-number`` (422), and
    ``recipients-changed`` when the filter finds others than were shown.
    """
    mailing = _undecided(mailing)
    if mailing.proposed_by_id == actor.person:
        raise Refusal("same-person", "提出人不能批准自己的批量消息，须由另一人批准。", status=403)
    if typed.strip() != str(mailing.count):
        raise Refusal("wrong-number", f"请键入收件人数 {mailing.count} 以确认发出。", status=422)
    found = recipients(mailing.call, mailing.audience, mailing.chosen)
    if fingerprint(found) != mailing.recipients:
        raise Refusal(
            "recipients-changed",
            f"提出后收件人有变化：当时 {mailing.count} 人，现在 {len(found)} 人。请重新提出。",
        )
    notifications.enqueue_each(
        key=f"mailing:{mailing.pk}",
        letters=[letter(mailing, one) for one in found],
        kind=KIND,
        about=mailing.call,
        by_sms=mailing.by_sms,
        at=at,
    )
    return _decided(mailing, Mailing.State.SENT, actor=actor, at=at)


@transaction.atomic
def refuse(mailing: Mailing, *, actor: Actor, at: datetime) -> Mailing:
    """Not sent; whoever wrote it may take it back in this way too."""
    return _decided(_undecided(mailing), Mailing.State.REFUSED, actor=actor, at=at)


def _undecided(mailing: Mailing) -> Mailing:
    found = Mailing.objects.select_for_update().get(pk=mailing.pk)
    if found.state != Mailing.State.PROPOSED:
        raise Refusal("already-decided", "这条批量消息已经办理。请刷新页面。")
    return found


def _decided(mailing: Mailing, state: Mailing.State, *, actor: Actor, at: datetime) -> Mailing:
    mailing.state = state
    mailing.approved_by_id = actor.person
    mailing.approved_at = at
    mailing.save(update_fields=["state", "approved_by", "approved_at"])
    audit.record(
        actor=actor,
        action=f"office.{'send' if state == Mailing.State.SENT else 'refuse'}_mailing",
        subject=mailing,
        at=at,
        count=mailing.count,
    )
    return mailing
