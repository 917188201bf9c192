"""More time by two people, and the rules of reminders."""

from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import roles
from accounts.policy import policy
from audit.services import Actor
from calls import services as calls
from calls.models import Call
from core.errors import Refusal
from core.web import form_status, refused_into, told
from office import board, postponing, queries, reminders
from office.forms_deadlines import PostponeForm, ReminderForm
from office.models import Postponement, ReminderRule
from office.views.desk import READERS


def _moves(plan: postponing.Plan) -> list[dict]:
    """The dates that move, with what is unfortunate about the new day."""
    return [
        {
            "title": calls.NAMES[one.key],
            "before": one.before,
            "after": one.after,
            "warning": queries.day_warning(board.last_day(one.after)),
            "units": next((units for key, units in plan.units if key == one.key), ()),
        }
        for one in plan.moves
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*roles.OFFICE)
def postpone(request, code):
    """The form; 预览 shows which dates move and whom it concerns before it is proposed."""
    call = get_object_or_404(Call, code=code)
    form = PostponeForm(request.POST or None, call=call)
    plan = None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        words = {
            "scope": data["scope"],
            "value": data["value"],
            "key": data["key"],
            "until": form.end(),
            "cascade": data["cascade"],
            "reason": data["reason"],
            "incident": data["incident"],
        }
        with refused_into(form):
            if request.POST.get("act") == "propose":
                made = postponing.propose(
                    call, **words, actor=Actor.of(request), at=request.arrived_at
                )
                with told(request, success="延期已提出，须由另一人批准后生效。"):
                    return redirect("office:postponement", made.pk)
            plan = postponing.plan(call, Postponement(call=call, **words))
    return render(
        request,
        "office/postpone.html",
        {"call": call, "form": form, "plan": plan, "moves": _moves(plan) if plan else []},
        status=form_status(form),
    )


@require_safe
@policy(*READERS)
def page(request, pk):
    """One postponement: what it would do now, or what it did; the decision."""
    asked = get_object_or_404(
        Postponement.objects.select_related(
            "call", "incident", "proposed_by", "approved_by", "notice"
        ),
        pk=pk,
    )
    plan, refusal = None, ""
    open_still = asked.state == Postponement.State.PROPOSED
    if open_still:
        try:
            plan = postponing.plan(asked.call, asked)
        except Refusal as found:
            refusal = str(found)
    return render(
        request,
        "office/postponement.html",
        {
            "asked": asked,
            "call": asked.call,
            "title": calls.NAMES[asked.key],
            "who": postponing.scope_words(asked),
            "plan": plan,
            "moves": _moves(plan) if plan else [],
            "done": [(calls.NAMES[one["key"]], one["before"], one["after"]) for one in asked.moves],
            "refusal": refusal,
            "may_decide": open_still and request.acting.role == roles.Role.OFFICE_APPROVER,
            "own": asked.proposed_by_id == request.user.pk,
        },
    )


@require_POST
@policy(roles.Role.OFFICE_APPROVER)
def decide(request, pk):
    asked = get_object_or_404(Postponement, pk=pk)
    given = {"actor": Actor.of(request), "at": request.arrived_at}
    if request.POST.get("approve") == "yes":
        with told(request, success="延期已批准，即时生效，通知已发出。"):
            postponing.approve(asked, **given)
    else:
        with told(request, success="延期未批准。"):
            postponing.refuse(asked, **given)
    return redirect("office:postponement", pk)


@require_POST
@policy(*roles.OFFICE)
def add_reminder(request, code):
    call = get_object_or_404(Call, code=code)
    form = ReminderForm(request.POST)
    if not form.is_valid():
        raise Refusal("odd-reminder", "请选择期限，并填写 0 至 60 的天数。", status=422)
    data = form.cleaned_data
    with told(request, success="提醒已设定；办完的不发，中断后只补发最近一次。"):
        reminders.add_rule(
            call,
            key=data["key"],
            days=data["days"],
            after=data["after"] == "after",
            by_sms=data["by_sms"],
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect("office:deadlines")


@require_POST
@policy(*roles.OFFICE)
def drop_reminder(request, pk):
    rule = get_object_or_404(ReminderRule.objects.select_related("call"), pk=pk)
    with told(request, success="提醒已取消。"):
        reminders.drop_rule(rule, actor=Actor.of(request), at=request.arrived_at)
    return redirect("office:deadlines")
