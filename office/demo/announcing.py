"""A round of the demonstration played quickly to its published list, for what comes after it.

Filed, selected and published through the services; review and recommendation are left out of the
demonstration's copy of the programme, so that it costs seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from accounts.roles import Role
from applications import services as applications
from applications.models import Application
from calls import programme as programmes
from calls import services as calls
from calls.models import Call
from calls.programme import Dates, Programme, Step
from office.demo.cast import Cast
from office.demo.season import file_all
from outcomes import queries
from outcomes import services as outcomes
from outcomes.services import publishing

BEFORE = (Step.FILING, Step.FORMAL_CHECK, Step.ANNOUNCEMENT)


def announced(
    cast: Cast,
    programme: str,
    *,
    code: str,
    steps: Sequence[Step],
    words: str,
    filed: int,
    selected: int,
    at: datetime,
) -> Call:
    """The call ten days after its filing, its list published; ``words`` stand in its title."""
    operator = cast.actor(cast.operator, Role.OFFICE_OPERATOR)
    chief = cast.actor(cast.approver, Role.OFFICE_APPROVER)
    rules = programmes.read(programmes.catalogue()[programme])
    call = calls.create(
        _short(rules, steps, words),
        code=code,
        title=f"{rules.title}（{words}演示）",
        rehearsal=True,
        filing_from=at - timedelta(days=1),
        filing_until=at + timedelta(days=1),
        actor=operator,
        at=at,
    )
    call = calls.open_call(call, actor=chief, at=at)
    list(file_all(cast, call, filed, last=False, at=at))
    call = calls.move_clock(call, to=at + timedelta(days=10), actor=operator, at=at)
    found = list(Application.objects.filter(call=call, version_number__gt=0).order_by("pk"))
    for one in found:
        applications.accept(one, actor=operator, at=at)
    ids = [one.public_id for one in found]
    tier = rules.tiers_of("selection")[0].key
    outcomes.select(call, ids[:selected], tier=tier, actor=operator, at=at)
    if ids[selected:]:
        outcomes.decline(call, ids[selected:], reason="演示", actor=operator, at=at)
    outcomes.apply_together(
        call, shown=queries.standing(call), vacancies_confirmed=True, actor=chief, at=at
    )
    draft = outcomes.draft(
        call,
        kind="announcement",
        title=f"名单（{words}演示）",
        basis="演示数据，现予公布。",
        actor=operator,
        at=at,
    )
    outcomes.announce(draft, shown=publishing.preview_hash(draft), actor=chief, at=at)
    return Call.objects.get(pk=call.pk)


def _short(programme: Programme, steps: Sequence[Step], words: str) -> Programme:
    """The programme with these steps alone."""
    return programme.model_copy(
        update={
            "steps": tuple(steps),
            "step_titles": {k: v for k, v in programme.step_titles.items() if k in steps},
            "dates": Dates(),
            "review": None,
            "site_visit": None,
            "recommendation": None,
            "testing": programme.testing if Step.TESTING in steps else None,
            "award": programme.award if Step.AWARD in steps else None,
            "quota": (),
            "levels": (),
            "short_title": f"{programme.short_title}（{words}演示）",
        }
    )
