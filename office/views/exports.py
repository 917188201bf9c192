"""Exports of many people's data: asked for, agreed to by another, taken once."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts import roles
from accounts.policy import policy
from audit.services import Actor
from calls.models import Call
from core.errors import Refusal
from core.web import told
from documents.workbook import MEDIA_TYPE
from office import exporting, filters, peoplesheets
from office.forms import FilterForm
from office.models import ExportRequest
from office.web import attached

PER_PAGE = 30
READERS = (*roles.OFFICE, roles.Role.AUDITOR)


def _asked(request) -> tuple[Call | None, dict]:
    """The call and the filter that come with the form."""
    code = request.POST.get("call", "")
    if not code:
        return None, {}
    call = get_object_or_404(Call, code=code)
    form = FilterForm(request.POST, call=call)
    if not form.is_valid():
        raise Refusal("odd-filter", "筛选条件无效，请返回申报书列表重新筛选。", status=422)
    chosen = {key: form.cleaned_data[key] for key in filters.KEYS if form.cleaned_data.get(key)}
    if chosen:
        chosen["filtered"] = True
    return call, {**chosen, "evidence": request.POST.get("evidence") == "on"}


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*READERS)
def index(request):
    """Who asked for what, why, who agreed, and whether it was taken."""
    if request.method == "POST":
        if request.acting.role not in roles.OFFICE:
            raise Refusal("read-only", "审计只能查阅，不能申请导出。", status=403)
        call, options = _asked(request)
        with told(request, success="导出申请已提出，须由另一位审批人批准。"):
            exporting.propose(
                request.POST.get("kind", ""),
                call=call,
                options=options,
                reason=request.POST.get("reason", ""),
                actor=Actor.of(request),
                at=request.arrived_at,
            )
        return redirect("office:exports")
    found = ExportRequest.objects.select_related("call", "proposed_by", "approved_by")
    state = request.GET.get("state", "")
    if state in ExportRequest.State.values:
        found = found.filter(state=state)
    return render(
        request,
        "office/exports.html",
        {
            "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
            "kinds": [(key, one) for key, one in exporting.KINDS.items()],
            "calls": Call.objects.order_by("-pk").defer("rules"),
            "states": ExportRequest.State.choices,
            "state": state,
            "at_once": peoplesheets.AT_ONCE,
            "hours": int(exporting.VALID.total_seconds() // 3600),
            "may_ask": request.acting.role in roles.OFFICE,
            "may_approve": request.acting.role == roles.Role.OFFICE_APPROVER,
        },
    )


@require_POST
@policy(roles.Role.OFFICE_APPROVER)
def decide(request, pk):
    asked = get_object_or_404(ExportRequest, pk=pk)
    approve = request.POST.get("approve") == "yes"
    with told(request, success="已批准，请提出人在期限内取走。" if approve else "没有批准。"):
        exporting.decide(asked, approve=approve, actor=Actor.of(request), at=request.arrived_at)
    return redirect("office:exports")


@require_POST
@policy(*roles.OFFICE)
def take(request, pk) -> HttpResponse:
    """The file itself, once; a package is built in the background."""
    file = exporting.take(
        get_object_or_404(ExportRequest, pk=pk),
        acting=request.acting,
        actor=Actor.of(request),
        at=request.arrived_at,
    )
    if file.package is not None:
        return redirect("documents:package", file.package.public_id)
    response = attached(file.data, MEDIA_TYPE, file.name)
    response["Cache-Control"] = "private, no-store"
    return response
