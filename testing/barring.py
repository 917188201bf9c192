"""Which agencies must not test which tasks, for one pair or for many in few queries. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import QuerySet

from accounts import units
from accounts.models import Organisation
from applications.models import Participation
from fulfilment.models import Task
from testing import conflicts
from testing.conflicts import Bar, Body, Tie
from testing.models import Agency
from testing.models import Tie as TieRow

Pair = tuple[int, int]
"""An agency's and a task's key."""


def with_units(tasks: QuerySet[Task]) -> QuerySet[Task]:
    """Tasks with the units that ``bars`` looks at."""
    return tasks.select_related(
        "application__organisation__parent",
        "application__recommender__parent",
        "application__preselector__parent",
        "application__call",
        "application__direction",
    )


def of(agency: Agency, task: Task) -> list[Bar]:
    """Why this agency must not test this task; empty when it may."""
    return between([agency], [task])[agency.pk, task.pk]


def between(agencies: Collection[Agency], tasks: Collection[Task]) -> dict[Pair, list[Bar]]:
    """For every pair the reasons against it. The queries do not grow with either side."""
    known = _Units(
        [one.organisation for one in agencies] + [one.application.organisation for one in tasks]
    )
    partners = _partners(tasks)
    ties = _ties(agencies)
    bodies = {one.pk: known.body(one.organisation) for one in agencies}
    found = {}
    for task in tasks:
        filed = task.application
        unit = known.body(filed.organisation)
        recommenders = _recommenders(task)
        for agency in agencies:
            found[agency.pk, task.pk] = conflicts.bars(
                bodies[agency.pk],
                unit,
                partners=partners[task.pk],
                recommenders=recommenders,
                ties=ties[agency.pk],
            )
    return found


def ties_at(agency: Agency, task: Task, at: datetime | None) -> list[Bar]:
    """Declared ties of the agency to the task's unit or partners that stood at this instant."""
    if at is None:
        return []
    known = _Units([agency.organisation, task.application.organisation])
    rows = TieRow.objects.filter(agency=agency, declared_at__lt=at, ended_at=None)
    found = conflicts.bars(
        known.body(agency.organisation),
        known.body(task.application.organisation),
        partners=_partners([task])[task.pk],
        ties=[Tie(conflicts.marks([row.code, row.name]), row.reason) for row in rows],
    )
    return [one for one in found if one.kind == conflicts.DECLARED]


def _recommenders(task: Task) -> frozenset[str]:
    """Who recommended the project: the recommender, the level below it and that one's parent."""
    filed = task.application
    levels = [filed.recommender, filed.preselector]
    levels += [one.parent for one in levels if one is not None]
    return conflicts.marks(
        text for one in levels if one is not None for text in (one.name, one.code)
    )


def _partners(tasks: Collection[Task]) -> dict[int, frozenset[str]]:
    """Who takes part besides the lead, as filed and as changed since."""
    texts: dict[int, list[str]] = defaultdict(list)
    by_application = {one.application_id: one for one in tasks}
    rows = Participation.objects.filter(application__in=by_application).values_list(
        "application", "code", "name"
    )
    for application, code, name in rows:
        lead = by_application[application].application.organisation
        if code != lead.code and name != lead.name:
            texts[by_application[application].pk] += [code, name]
    for task in tasks:
        for one in task.partners or ():
            if isinstance(one, dict):
                texts[task.pk] += [str(one.get("code") or ""), str(one.get("name") or "")]
            else:
                texts[task.pk].append(str(one))
    codes = {text for said in texts.values() for text in said if len(text) == 18}
    others = units.other_marks(codes)
    return {
        task.pk: conflicts.marks(
            text for said in texts[task.pk] for text in (said, *others.get(said, ()))
        )
        for task in tasks
    }


def _ties(agencies: Collection[Agency]) -> dict[int, list[Tie]]:
    found: dict[int, list[Tie]] = defaultdict(list)
    rows = list(TieRow.objects.filter(agency__in=agencies, ended_at=None).order_by("pk"))
    others = units.other_marks({row.code for row in rows if row.code})
    for row in rows:
        marks = conflicts.marks([row.code, row.name, *others.get(row.code, ())])
        found[row.agency_id].append(Tie(marks, row.reason))
    return found


class _Units:
    """Marks of many units with their parents and children, read at once."""

    def __init__(self, found: Iterable[Organisation]) -> None:
        wanted = {one.pk: one for one in found}
        self.children: dict[int, list[Organisation]] = defaultdict(list)
        for child in Organisation.objects.filter(parent__in=wanted).order_by("pk"):
            self.children[child.parent_id or 0].append(child)
        parents = [one.parent for one in wanted.values() if one.parent is not None]
        below = [child for some in self.children.values() for child in some]
        codes = {one.code for one in (*wanted.values(), *parents, *below) if one.code}
        self.others = units.other_marks(codes)

    def marks(self, one: Organisation) -> frozenset[str]:
        return conflicts.marks([one.code, one.name, *self.others.get(one.code or "", ())])

    def body(self, one: Organisation) -> Body:
        near = [*self.children[one.pk], *([one.parent] if one.parent is not None else [])]
        return Body(
            own=self.marks(one), kin=frozenset(mark for unit in near for mark in self.marks(unit))
        )
