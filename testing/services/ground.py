"""What every act here stands on: who may act, and the locks: task, commission, result."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Membership
from accounts.roles import FILING, Role
from audit.services import Actor
from core.errors import Refusal
from fulfilment.models import Task
from outcomes.services.ground import must_approve, must_be_office, two_people
from testing import barring
from testing.models import Agency, Commission, Result
from testing.states import AgencyState

__all__ = [
    "lock_commission",
    "lock_result",
    "lock_task",
    "must_approve",
    "must_be_agency",
    "must_be_free",
    "must_be_office",
    "must_be_unit",
    "must_work",
    "testers",
    "two_people",
]


def must_be_agency(actor: Actor, commission: Commission) -> None:
    """Raises ``Refusal`` ``not-yours`` (403)."""
    if actor.role != Role.TESTER or actor.organisation_id != commission.agency.organisation_id:
        raise Refusal("not-yours", "这一步由受委托的测评机构办理。", status=403)


def must_be_unit(actor: Actor, task: Task) -> None:
    """Raises ``Refusal`` ``not-yours`` (403)."""
    if actor.role not in FILING or actor.organisation_id != task.application.organisation_id:
        raise Refusal("not-yours", "这一步由承担单位的管理员或填报人办理。", status=403)


def must_work(agency: Agency) -> None:
    """Raises ``Refusal`` ``agency-stopped``."""
    if agency.state != AgencyState.ACTIVE:
        raise Refusal(
            "agency-stopped",
            f"{agency.name}{agency.get_state_display()}（{agency.state_reason}），不能办理测评。",
        )


def must_be_free(agency: Agency, task: Task) -> None:
    """Raises ``Refusal`` ``conflict`` with every reason; deny wins over any commission."""
    against = barring.of(agency, task)
    if against:
        raise Refusal(
            "conflict",
            f"{agency.name}不能测评该项目："
            f"{'；'.join(one.words for one in against)}。请另选测评机构。",
        )


def lock_task(task: Task) -> Task:
    """The task's row, held until the transaction ends: the first lock of every act here."""
    Task.objects.select_for_update(of=("self",)).get(pk=task.pk)
    return barring.with_units(Task.objects.all()).get(pk=task.pk)


def lock_commission(commission: Commission) -> Commission:
    """The commission under the lock of its task."""
    task = lock_task(commission.task)
    found = (
        Commission.objects.select_for_update(of=("self",))
        .select_related("agency__organisation__parent")
        .get(pk=commission.pk)
    )
    found.task = task
    return found


def lock_result(result: Result) -> Result:
    """The result under the locks of its task and commission."""
    commission = lock_commission(result.commission)
    found = (
        Result.objects.select_for_update(of=("self",))
        .select_related("submitted_by", "approved_by", "report")
        .get(pk=result.pk)
    )
    found.commission = commission
    return found


def testers(agency: Agency, at: datetime) -> set[int]:
    """The people of the agency at this instant."""
    return set(
        Membership.objects.active(at)
        .filter(organisation=agency.organisation_id, role=Role.TESTER, user__is_active=True)
        .values_list("user", flat=True)
    )
