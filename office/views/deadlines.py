"""The deadline board, levels' own dates, and extensions by two people."""

from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import roles
from accounts.policy import policy
from audit.services import Actor
from calls import services
from calls.models import Call, Extension
from core.web import refused_into, told
from office import queries
from office.forms import ExtensionForm, LevelForm, end_of
from office.forms_deadlines import ReminderForm
from office.models import Postponement, ReminderRule
from office.views.desk import chosen_call

READERS = (*roles.OFFICE, roles.Role.AUDITOR)


def _page(request, *, status=200, **forms):
    calls = list(Call.objects.open().order_by("filing_until", "pk"))
    call = chosen_call(request)
    shown = [call] if request.GET.get("call") and call else calls
    rows = queries.deadline_rows(shown, request.arrived_at)
    extensions = Extension.objects.filter(state=Extension.State.PROPOSED)
    if request.GET.get("call"):
        extensions = extensions.filter(call=call)
    return render(
        request,
        "office/deadlines.html",
        {
            "calls": calls,
            "call": call,
            "rows": rows,
            "groups": [(one, [r for r in rows if r.call_code == one.code]) for one in shown],
            "coming": next((row for row in rows if row.state == "next"), None),
            "extensions": extensions.select_related("organisation", "call", "proposed_by"),
            "postponements": Postponement.objects.filter(call__in=shown).select_related(
                "call", "proposed_by"
            )[:20],
            "may_write": request.acting.role in roles.OFFICE,
            "may_decide": request.acting.role == roles.Role.OFFICE_APPROVER,
            "rules": ReminderRule.objects.filter(call__in=shown, fired_at=None).select_related(
                "call"
            ),
            "reminder_form": ReminderForm(),
            "extension_form": ExtensionForm(),
            "level_form": LevelForm(),
            **forms,
        },
        status=status,
    )


@require_safe
@policy(*READERS)
def board(request):
    return _page(request)


@require_POST
@policy(*roles.OFFICE)
def extend(request, code):
    call = get_object_or_404(Call, code=code)
    form = ExtensionForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        with refused_into(form), told(request, success="延期已提出，须由另一人批准后生效。"):
            services.propose_extension(
                call,
                organisation=data["code"],
                key=data["key"],
                until=end_of(data["until"]),
                reason=data["reason"],
                actor=Actor.of(request),
                at=request.arrived_at,
            )
            return redirect("office:deadlines")
    return _page(request, status=422, extension_form=form)


@require_POST
@policy(roles.Role.OFFICE_APPROVER)
def decide(request, pk):
    extension = get_object_or_404(Extension, pk=pk)
    approve = request.POST.get("approve") == "yes"
    with told(request, success="延期已批准，即时生效。" if approve else "延期未批准。"):
        services.decide_extension(
            extension, approve=approve, actor=Actor.of(request), at=request.arrived_at
        )
    return redirect("office:deadlines")


@require_POST
@policy(*roles.OFFICE)
def level(request, code):
    call = get_object_or_404(Call, code=code)
    form = LevelForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        with refused_into(form), told(request, success="本级期限已保存。"):
            services.set_level_date(
                call,
                organisation=data["organisation"],
                key=data["key"],
                until=end_of(data["until"]),
                copies=data["copies"],
                actor=Actor.of(request),
                at=request.arrived_at,
            )
            return redirect("office:deadlines")
    return _page(request, status=422, level_form=form)
