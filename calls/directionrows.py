"""The rows of directions, with their sub-fields and indicators: copied from the rules, or added."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from audit import services as audit
from audit.services import Actor
from calls import programme as programmes
from calls.models import Call, Direction, Indicator, SubField
from calls.standing import UNSTATED
from core.errors import Refusal


def copy(call: Call) -> None:
    """Those of the rules, as the call opens."""
    classes = {item.key: item.title for item in call.programme.classes}
    forget_added(call, keys=[spec.key for spec in call.programme.directions])
    for order, spec in enumerate(call.programme.directions):
        make_direction(call, spec, class_title=classes.get(spec.class_key or "", ""), order=order)


def forget_added(call: Call, *, keys: Collection[str] | None = None) -> None:
    """Take out directions that were added by hand before opening, where the rules have them now.

    No filing refers to them: there is none before a call opens. Without ``keys`` all go.
    """
    added = call.directions.all() if keys is None else call.directions.filter(key__in=keys)
    Indicator.objects.filter(direction__in=added).delete()
    SubField.objects.filter(direction__in=added).delete()
    added.delete()


def make_direction(
    call: Call, spec: programmes.Direction, *, class_title: str, order: int
) -> Direction:
    """The rows of one direction with its sub-fields and indicators. The caller keeps the trail."""
    direction = Direction.objects.create(
        call=call,
        key=spec.key,
        title=spec.title,
        class_title=class_title or UNSTATED,
        order=order,
        verified=spec.verified,
    )
    _copy_subfields(direction, spec)
    return direction


def _copy_subfields(direction: Direction, spec: programmes.Direction) -> None:
    fields = {
        sub.key: SubField.objects.create(
            direction=direction, key=sub.key, title=sub.title, order=order
        )
        for order, sub in enumerate(spec.all_subfields)
    }
    Indicator.objects.bulk_create(
        [
            Indicator(
                direction=direction,
                subfield=fields.get(item.subfield),
                key=item.key,
                order=order,
                rule=item.model_dump(mode="json", exclude_defaults=True)
                | {"kind": item.kind, "scope": item.scope, "better": item.better},
            )
            for order, item in enumerate(spec.indicators)
        ]
    )


@transaction.atomic
def add_direction(
    call: Call, *, key: str, title: str, class_title: str, actor: Actor, at: datetime
) -> Direction:
    """A direction that the public part of the notice does not list."""
    if call.directions.filter(key=key).exists():
        raise Refusal("direction-known", "已有这个代号的方向。", status=422)
    direction = Direction.objects.create(
        call=call,
        key=key,
        title=title,
        class_title=class_title or UNSTATED,
        order=call.directions.count(),
    )
    SubField.objects.create(direction=direction, key=programmes.ALL_SUBFIELDS, title="整个方向")
    audit.record(
        actor=actor, action="calls.add_direction", subject=call, at=at, key=key, title=title
    )
    return direction
