"""Letters of the office to many: written with a filter, looked at, let go by a second person."""

from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import roles
from accounts.policy import policy
from audit.services import Actor
from calls.models import Call
from core.web import form_status, refused_into, told
from notifications import sms
from notifications.models import Message
from office import mailing
from office.forms_mailing import MailingForm
from office.models import Mailing
from office.views.desk import all_calls, chosen_call

READERS = (*roles.OFFICE, roles.Role.AUDITOR)
PER_PAGE = 50


@require_safe
@policy(*READERS)
def index(request):
    found = Mailing.objects.select_related("call", "proposed_by", "approved_by")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    may_write = request.acting.role in roles.OFFICE
    return render(request, "office/mailings.html", {"page": page, "may_write": may_write})


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*roles.OFFICE)
def new(request):
    """The letter and its filter; the button 预览 shows whom it reaches before it is proposed."""
    code = request.POST.get("call", "")
    call = get_object_or_404(Call, code=code) if code else chosen_call(request)
    if call is None:
        return render(request, "office/mailing_new.html", {"call": None})
    form = MailingForm(request.POST or None, call=call)
    shown, letter = [], None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if request.POST.get("act") == "propose":
            with refused_into(form):
                made = mailing.propose(
                    call,
                    audience=data["audience"],
                    chosen=form.chosen(),
                    subject=data["subject"],
                    body=data["body"],
                    by_sms=data["by_sms"],
                    actor=Actor.of(request),
                    at=request.arrived_at,
                )
                with told(request, success="批量消息已提出，须由另一人批准后发出。"):
                    return redirect("office:mailing", made.pk)
        shown = mailing.recipients(call, data["audience"], form.chosen())
        if shown:
            draft = Mailing(subject=data["subject"], body=data["body"])
            letter = mailing.letter(draft, shown[0])
    return render(
        request,
        "office/mailing_new.html",
        {
            "call": call,
            "calls": all_calls(),
            "form": form,
            "looked": request.method == "POST" and not form.errors,
            "shown": shown[:20],
            "count": len(shown),
            "letter": letter,
            "words": "、".join(mailing.WORDS),
            "sms_on": sms.is_on(),
        },
        status=form_status(form),
    )


@require_safe
@policy(*READERS)
def page(request, pk):
    """One mailing: whom it reaches, the letter of the person chosen, and the decision."""
    found = get_object_or_404(
        Mailing.objects.select_related("call", "proposed_by", "approved_by"), pk=pk
    )
    people = (
        mailing.recipients(found.call, found.audience, found.chosen)
        if found.state == Mailing.State.PROPOSED
        else []
    )
    listed = Paginator(people, PER_PAGE).get_page(request.GET.get("page"))
    chosen = next((one for one in people if str(one.user.pk) == request.GET.get("to", "")), None)
    chosen = chosen or (people[0] if people else None)
    return render(
        request,
        "office/mailing.html",
        {
            "mailing": found,
            "call": found.call,
            "listed": listed,
            "chosen": chosen,
            "letter": mailing.letter(found, chosen) if chosen else None,
            "changed": bool(people) and mailing.fingerprint(people) != found.recipients,
            "may_decide": request.acting.role == roles.Role.OFFICE_APPROVER
            and found.state == Mailing.State.PROPOSED
            and found.proposed_by_id != request.user.pk,
            "may_refuse": request.acting.role in roles.OFFICE
            and found.state == Mailing.State.PROPOSED,
            "delivery": Message.objects.filter(key__startswith=f"mailing:{found.pk}:").count(),
        },
    )


@require_POST
@policy(roles.Role.OFFICE_APPROVER)
def send(request, pk):
    found = get_object_or_404(Mailing, pk=pk)
    with told(request, success=f"已批准，{found.count} 人的消息已进入发件箱。"):
        mailing.send(
            found,
            typed=request.POST.get("typed", ""),
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect("office:mailing", pk)


@require_POST
@policy(*roles.OFFICE)
def refuse(request, pk):
    found = get_object_or_404(Mailing, pk=pk)
    with told(request, success="批量消息不发出。"):
        mailing.refuse(found, actor=Actor.of(request), at=request.arrived_at)
    return redirect("office:mailing", pk)
