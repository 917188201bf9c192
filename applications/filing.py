"""Starting a filing and changing what it is about: more than one service in one transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts.models import Organisation, User
from applications import prefill, routing, services
from applications.models import Application, IndicatorRow
from audit.services import Actor
from calls.models import Call, Direction, Indicator, SubField
from calls.programme import ALL_SUBFIELDS
from calls.programme.directions import IndicatorScope


@transaction.atomic
def start(
    *,
    call: Call,
    organisation: Organisation,
    title: str,
    direction: Direction | None,
    subfield: SubField | None,
    recommender: Organisation | None,
    user: User,
    actor: Actor,
    at: datetime,
) -> Application:
    """A draft with the unit's registered data filled in. Raises as ``services.create``."""
    application = services.create(
        call=call,
        organisation=organisation,
        title=title,
        direction=direction,
        subfield=subfield,
        recommender=recommender,
        preselector=routing.preselector(organisation, recommender),
        actor=actor,
        at=at,
    )
    known = known_of(organisation, user)
    for key, data in prefill.sections(call.programme, known).items():
        services.save_section(application, key, data=data, version=0, actor=actor, at=at)
    lay_out(application)
    return application


@transaction.atomic
def change(
    application: Application,
    *,
    title: str,
    direction: Direction | None,
    subfield: SubField | None,
    recommender: Organisation | None,
    actor: Actor,
    at: datetime,
) -> Application:
    """Change title, direction or recommender; rows of another direction's indicators go."""
    application = services.set_basics(
        application,
        title=title,
        direction=direction,
        subfield=subfield,
        recommender=recommender,
        actor=actor,
        at=at,
    )
    preselector = routing.preselector(application.organisation, recommender)
    if application.preselector != preselector:
        application.preselector = preselector
        application.save(update_fields=["preselector"])
    lay_out(application)
    return application


def known_of(organisation: Organisation, user: User) -> dict[str, Any]:
    """What a form can be filled from: the unit's register, its profile, and who files."""
    return {
        "contact_name": user.name,
        "contact_phone": user.phone,
        "contact_email": user.email,
        **{key: value for key, value in organisation.profile.items() if value},
        "name": organisation.name,
        "code": organisation.code,
        "kind": organisation.kind,
        "region": organisation.region,
        "address": organisation.address,
    }


def references(application: Application) -> list[Indicator]:
    """The reference indicators of its direction, and of its sub-field where it named one."""
    found = Indicator.objects.filter(direction=application.direction_id)
    subfield = application.subfield
    if subfield is not None and subfield.key != ALL_SUBFIELDS:
        found = found.filter(
            Q(subfield=None) | Q(subfield=subfield) | Q(subfield__key=ALL_SUBFIELDS)
        )
    return list(found.order_by("order", "pk"))


def lay_out(application: Application) -> None:
    """One row for each comparable reference indicator; empty rows of other ones go."""
    wanted = {
        indicator.pk: indicator
        for indicator in references(application)
        if indicator.spec.scope == IndicatorScope.APPLICANT
    }
    rows = IndicatorRow.objects.filter(application=application, indicator__isnull=False)
    rows.exclude(indicator__in=wanted).delete()
    there = set(rows.values_list("indicator", flat=True))
    IndicatorRow.objects.bulk_create(
        IndicatorRow(application=application, indicator=indicator, order=order)
        for order, (pk, indicator) in enumerate(wanted.items())
        if pk not in there
    )
