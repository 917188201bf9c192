"""The log of incidents: looked through, written by one, confirmed by another, taken along."""

from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import roles
from accounts.policy import policy
from audit.services import Actor
from core.errors import Refusal
from core.web import form_status, refused_into, told
from documents.workbook import MEDIA_TYPE
from office import incidents, postponing
from office.forms_deadlines import IncidentEndForm, IncidentFilterForm, IncidentForm
from office.models import Incident
from office.views.desk import READERS
from office.web import attached

PER_PAGE = 30


def _asked(request):
    """The filter of the address, what it finds, and how it reads."""
    form = IncidentFilterForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    words, state = asked.get("q", ""), asked.get("state", "")
    shown = [words] if words else []
    shown += [dict(incidents.STATES)[state]] if state else []
    return form, incidents.found(words=words, state=state), "，".join(shown)


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*READERS)
def log(request):
    """The log; the office adds to it."""
    may_write = request.acting.role in roles.OFFICE
    form = IncidentForm(request.POST or None)
    if request.method == "POST":
        if not may_write:
            raise Refusal("read-only", "审计只能查阅，不能登记。", status=403)
        if form.is_valid():
            with refused_into(form), told(request, success="已登记，须由另一人核实。"):
                postponing.record_incident(
                    **form.cleaned_data, actor=Actor.of(request), at=request.arrived_at
                )
                return redirect("office:incidents")
    asked, found, shown = _asked(request)
    return render(
        request,
        "office/incidents.html",
        {
            "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
            "filter_form": asked,
            "shown": shown,
            "form": form,
            "end_form": IncidentEndForm(),
            "may_write": may_write,
        },
        status=form_status(form),
    )


@require_safe
@policy(*READERS)
def sheet(request):
    """What the filter finds, as a workbook."""
    _, found, shown = _asked(request)
    data = incidents.sheet(
        found,
        name=request.user.name,
        unit=request.acting.organisation.name,
        at=request.arrived_at,
        shown=shown or "全部",
    )
    return attached(data, MEDIA_TYPE, "故障记录.xlsx")


@require_POST
@policy(*roles.OFFICE)
def confirm(request, pk):
    incident = get_object_or_404(Incident, pk=pk)
    with told(request, success="已核实，可作为延期的依据。"):
        postponing.confirm_incident(incident, actor=Actor.of(request), at=request.arrived_at)
    return redirect("office:incidents")


@require_POST
@policy(*roles.OFFICE)
def close(request, pk):
    """When an incident that lasted was over."""
    incident = get_object_or_404(Incident, pk=pk)
    form = IncidentEndForm(request.POST)
    if not form.is_valid():
        raise Refusal("no-end", "请填写结束的日期和时间。", status=422)
    with told(request, success="结束时间已登记。"):
        incidents.close(
            incident,
            until=form.cleaned_data["until"],
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect("office:incidents")
