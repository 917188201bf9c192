"""Asking for the filings that a filter finds as one file."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from accounts import roles
from accounts.policy import policy
from audit.services import Actor
from calls.models import Call
from core.errors import Refusal
from documents.packages import services as packages
from office import filters, packing
from office.forms import FilterForm


@require_POST
@policy(*roles.OFFICE)
def pack(request, code) -> HttpResponse:
    """The filter comes with the form that asks."""
    call = get_object_or_404(Call, code=code)
    form = FilterForm(request.POST, call=call)
    if not form.is_valid():
        raise Refusal("odd-filter", "筛选条件无效，请返回申报书列表重新筛选。", status=422)
    chosen = {key: form.cleaned_data[key] for key in filters.KEYS if form.cleaned_data.get(key)}
    package = packages.request(
        kind=packing.KIND,
        subject=call,
        title=f"{call.title}申报书{'（筛选）' if chosen else ''}",
        options={**chosen, "evidence": request.POST.get("evidence") == "on"},
        acting=request.acting,
        actor=Actor.of(request),
        at=request.arrived_at,
    )
    return redirect("documents:package", package.public_id)
