"""The pool: who can be asked to review. People are invited by a link, never given a password."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts import services as accounts
from accounts.models import Membership, Organisation
from accounts.roles import EXPERT, Role
from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from reviews.models import Assignment, Expert, Round
from reviews.poolfile import Entry
from reviews.stages import RoundState

CHANGEABLE = (
    "name",
    "phone",
    "title",
    "fields",
    "employer_name",
    "employer_code",
    "past_employers",
    "region",
    "capacity",
    "available",
)


def pool_of(organisation: Organisation | None, *, at: datetime) -> Organisation:
    """The pool of the ministry (None) or of a recommender; made when first asked for."""
    key = f"pool-{organisation.pk}" if organisation else "pool"
    name = f"{organisation.name}专家库" if organisation else "评审专家库"
    pool, _ = Organisation.objects.get_or_create(
        key=key,
        defaults={
            "kind": Organisation.Kind.POOL,
            "name": name[:100],
            "parent": organisation,
            "created_at": at,
        },
    )
    return pool


@transaction.atomic
def add_expert(
    *, organisation: Organisation | None, entry: Entry, actor: Actor, at: datetime
) -> Expert:
    """Take one person into the pool and send the activation link.

    Somebody who holds the expert's role in this pool already is bound at once. Raises
    ``Refusal`` ``already-in-pool`` (422).
    """
    pool = pool_of(organisation, at=at)
    email = entry.email.strip().lower()
    if Expert.objects.filter(pool=pool, email=email).exists():
        raise Refusal("already-in-pool", f"{email} 已在专家库中，请勿重复添加。", status=422)
    expert = Expert.objects.create(pool=pool, created_at=at, **{**entry.values(), "email": email})
    held = (
        Membership.objects.active(at)
        .filter(organisation=pool, role__in=EXPERT, user__email=email)
        .first()
    )
    if held:
        expert.user_id = held.user_id
        expert.save(update_fields=["user"])
    else:
        accounts.invite(
            organisation=pool, role=Role.EXPERT, email=email, name=entry.name, actor=actor, at=at
        )
    audit.record(actor=actor, action="reviews.add_expert", subject=expert, at=at, pool=pool.pk)
    return expert


@transaction.atomic
def import_experts(
    *, organisation: Organisation | None, entries: Sequence[Entry], actor: Actor, at: datetime
) -> list[Expert]:
    """Take many people in, or none: one refusal undoes all."""
    return [
        add_expert(organisation=organisation, entry=entry, actor=actor, at=at) for entry in entries
    ]


@transaction.atomic
def update_expert(
    expert: Expert, *, values: Mapping[str, Any], actor: Actor, at: datetime
) -> Expert:
    """Change what the pool knows of a person; the address stays.

    ``available`` off keeps them out of the next proposal; tasks that are out stay.
    """
    expert = Expert.objects.select_for_update(of=("self",)).get(pk=expert.pk)
    changed = [
        name for name in CHANGEABLE if name in values and getattr(expert, name) != values[name]
    ]
    if not changed:
        return expert
    for name in changed:
        setattr(expert, name, values[name])
    expert.save(update_fields=changed)
    audit.record(
        actor=actor, action="reviews.update_expert", subject=expert, at=at, changed=changed
    )
    return expert


@transaction.atomic
def invite_again(expert: Expert, *, actor: Actor, at: datetime) -> None:
    """A new activation link; the earlier one ends. Raises ``Refusal`` ``already-member``."""
    accounts.invite(
        organisation=expert.pool,
        role=Role.EXPERT,
        email=expert.email,
        name=expert.name,
        actor=actor,
        at=at,
    )


@transaction.atomic
def leave(expert: Expert, *, actor: Actor, at: datetime) -> None:
    """End a person's part in the pool: the role is gone on the next request.

    Raises ``Refusal`` ``busy`` while tasks of an open round lie on the desk.
    """
    expert = Expert.objects.select_for_update(of=("self",)).get(pk=expert.pk)
    busy = Assignment.objects.filter(
        expert=expert,
        state=Assignment.State.DEPLOYED,
        round__in=Round.objects.filter(state=RoundState.OPEN),
    ).count()
    if busy:
        raise Refusal("busy", f"该专家还有 {busy} 项已下发的评审任务，请先更换专家，再移出专家库。")
    for membership in Membership.objects.active(at).filter(
        organisation=expert.pool, user=expert.user_id, role__in=EXPERT
    ):
        accounts.end_membership(membership, actor=actor, at=at)
    expert.available = False
    expert.save(update_fields=["available"])
    audit.record(actor=actor, action="reviews.leave", subject=expert, at=at)


@transaction.atomic
def name_lead(expert: Expert, *, lead: bool, actor: Actor, at: datetime) -> Membership:
    """Make an expert the lead (组长) of the pool's rounds, or take that back.

    A lead sees how far everybody is, and no score but their own. Raises ``Refusal``
    ``not-active`` without an account in the pool, ``lead-unchanged``.
    """
    expert = Expert.objects.select_for_update(of=("self",)).get(pk=expert.pk)
    held = (
        Membership.objects.active(at)
        .filter(organisation=expert.pool, user=expert.user_id, role__in=EXPERT)
        .select_related("user", "organisation")
        .first()
    )
    if expert.user_id is None or held is None:
        raise Refusal("not-active", "该专家尚未激活账号或已停用，不能任组长。")
    role = Role.PANEL_LEAD if lead else Role.EXPERT
    if held.role == role:
        raise Refusal("lead-unchanged", "该专家的身份没有变化。")
    accounts.end_membership(held, actor=actor, at=at)
    made = accounts.appoint(
        held.user, organisation=held.organisation, role=role, actor=actor, at=at
    )
    audit.record(actor=actor, action="reviews.name_lead", subject=expert, at=at, lead=lead)
    return made


@transaction.atomic
def reveal_phone(expert: Expert, *, actor: Actor, at: datetime) -> str:
    """The telephone number in full; that somebody looked is on record."""
    audit.record(actor=actor, action="reviews.reveal_phone", subject=expert, at=at)
    return expert.phone
