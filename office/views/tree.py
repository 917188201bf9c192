"""The tree of units over time: names, parents, emergency stop and return, people who move."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts import units as unitnames
from accounts.models import Membership, Organisation
from accounts.policy import policy
from accounts.roles import OFFICE, Role
from audit.services import Actor
from core import dayfields
from core.errors import Refusal
from core.web import told
from office import units
from office.views.units import READERS, unit_or_404
from recommenders import access, services
from recommenders.models import UnitRevocation, UnitTransfer
from recommenders.services import tree

Request = Any


def today(request: Request) -> Any:
    return timezone.localtime(request.arrived_at).date()


@require_safe
@policy(*READERS)
def tree_page(request: Request) -> HttpResponse:
    """Provinces, their cities and their districts, with people, names and what is under way."""
    rows = units.as_tree(
        at=request.arrived_at, day=today(request), text=request.GET.get("q", "").strip()
    )
    waiting = UnitTransfer.objects.filter(done_at=None, cancelled_at=None)
    return render(
        request,
        "office/units_tree.html",
        {
            "rows": rows,
            "transfers": waiting.select_related(
                "organisation", "old_parent", "new_parent", "proposed_by", "approved_by"
            ).order_by("day", "pk"),
            "revoked": UnitRevocation.objects.filter(restored_at=None)
            .select_related("organisation", "revoked_by", "restore_by")
            .order_by("-revoked_at"),
            "may_approve": request.acting.role == Role.OFFICE_APPROVER,
            "today": today(request),
        },
    )


class RenameForm(forms.Form):
    name = forms.CharField(label="新名称", max_length=100)
    day = dayfields.DateField(label="启用日")


@require_POST
@policy(Role.OFFICE_APPROVER)
def rename(request: Request, pk: int) -> HttpResponse:
    """A recommending unit bears another name from a day on; the former one stays with its time."""
    found = unit_or_404(pk)
    form = RenameForm(request.POST)
    if not form.is_valid():
        raise Refusal("odd-name", "请填写新名称和启用日（年-月-日）。", status=422)
    with told(request, success=f"已更名，原名称“{found.name}”保留在名称沿革中"):
        unitnames.rename(
            found,
            name=form.cleaned_data["name"],
            day=form.cleaned_data["day"],
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect("office:unit", pk)


class TransferForm(forms.Form):
    parent = forms.ModelChoiceField(Organisation.objects.none(), label="新的上级单位")
    day = dayfields.DateField(label="生效日")
    reason = forms.CharField(label="依据", max_length=300)

    def __init__(self, *args: Any, unit: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = tree.MAY_STAND_UNDER.get(Organisation.Kind(unit.kind), ())
        self.fields["parent"].queryset = Organisation.objects.filter(  # type: ignore[attr-defined]
            kind__in=kinds
        ).exclude(pk__in=[unit.pk, unit.parent_id or 0])


@require_POST
@policy(*OFFICE)
def propose_transfer(request: Request, pk: int) -> HttpResponse:
    found = unit_or_404(pk)
    form = TransferForm(request.POST, unit=found)
    if not form.is_valid():
        raise Refusal(
            "odd-transfer", "请选择新的上级单位，填写生效日（年-月-日）和依据。", status=422
        )
    with told(request, success="隶属调整已提出，由另一位审批人批准后按生效日办理"):
        services.propose_transfer(
            found,
            **form.cleaned_data,
            today=today(request),
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect("office:unit", pk)


@require_POST
@policy(*OFFICE)
def decide_transfer(request: Request, pk: int) -> HttpResponse:
    """A second person approves, or anybody of the office cancels."""
    found = access.transfer(request, pk)
    actor, at = Actor.of(request), request.arrived_at
    if request.POST.get("act") == "cancel":
        with told(request, success="隶属调整已取消"):
            services.cancel_transfer(found, actor=actor, at=at)
    else:
        with told(request, success="隶属调整已批准"):
            services.approve_transfer(found, today=today(request), actor=actor, at=at)
    return redirect("office:unit", found.organisation_id)


@require_POST
@policy(*OFFICE, Role.SECURITY_ADMIN)
def revoke(request: Request, pk: int) -> HttpResponse:
    """Emergency: everybody in the unit loses access from the next request on."""
    found = unit_or_404(pk)
    made = services.revoke_unit(
        found,
        reason=request.POST.get("reason", ""),
        actor=Actor.of(request),
        at=request.arrived_at,
    )
    with told(
        request,
        success=f"{found.name}已紧急停用：{len(made.ended)} 个任职停止，"
        f"{made.links} 个未用链接作废",
    ):
        pass
    return redirect("office:units_tree" if request.acting.role in READERS else "portal:home")


@require_POST
@policy(*OFFICE)
def restore(request: Request, pk: int) -> HttpResponse:
    """One asks with a reason, another approves."""
    found = access.revocation(request, pk)
    actor, at = Actor.of(request), request.arrived_at
    if request.POST.get("act") == "approve":
        given = services.restore_unit(found, actor=actor, at=at)
        with told(request, success=f"{found.organisation.name}已恢复，{given} 个任职重新生效"):
            pass
    else:
        with told(request, success="恢复申请已提出，由另一位审批人批准"):
            services.ask_restore(found, reason=request.POST.get("reason", ""), actor=actor, at=at)
    return redirect("office:unit", found.organisation_id)


@require_POST
@policy(*OFFICE)
def move_person(request: Request, pk: int) -> HttpResponse:
    """A person of a recommending unit goes to another one."""
    membership = units.membership_or_404(pk, at=request.arrived_at)
    to = units.by_name(request.POST.get("to", ""))
    with told(request, success=f"{membership.user.name}已调入{to.name}，原任职同时停止"):
        services.move_person(
            Membership.objects.select_related("user").get(pk=membership.pk),
            to=to,
            role=request.POST.get("role", ""),
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect("office:unit", to.pk)
