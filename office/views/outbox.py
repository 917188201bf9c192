"""The outbox: every letter, what became of it, and what the office may do with it."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from accounts import roles, savedviews
from accounts.policy import policy
from audit.services import Actor, label
from calls.models import Call
from core import dayfields
from core.errors import Refusal
from core.figures import whole_or
from core.web import told
from notifications import services
from notifications.models import Message
from outcomes import services as outcomes
from reviews.models import Expert

PER_PAGE = 50
AT_ONCE = 200
CHINA = ZoneInfo("Asia/Shanghai")
KINDS = {
    "activate": "激活账号",
    "verify": "验证邮箱",
    "reset": "重设密码",
    "mailing": "批量消息",
    "extension": "延期通知",
    "remind_filing": "申报提醒",
    "remind_recommendation": "推荐提醒",
    "remind_scan": "扫描件提醒",
    "remind_paper": "纸质件提醒",
    "remind_review": "评审提醒",
    "answered": "答复",
}
"""Names of kinds of letters; others are shown by their code."""
READERS = (*roles.OFFICE, *roles.ADMIN, roles.Role.AUDITOR)


class DayRange(forms.Form):
    since = dayfields.DateField(required=False)
    until = dayfields.DateField(required=False)


def _to_an_expert() -> Exists:
    """Whether a letter goes to somebody of a pool: who reviews is told to no administrator."""
    return Exists(
        Expert.objects.filter(Q(user=OuterRef("user")) | Q(email__iexact=OuterRef("email")))
    )


def _found(request, *, readable: bool):
    """The letters the address asks for."""
    get = request.GET
    letters = Message.objects.select_related("user")
    if not readable:
        letters = letters.annotate(secret=_to_an_expert())
    if get.get("state", "") in Message.State.values:
        letters = letters.filter(state=get["state"])
    if get.get("channel", "") in Message.Channel.values:
        letters = letters.filter(channel=get["channel"])
    if kind := get.get("kind", "")[:60]:
        letters = letters.filter(kind=kind)
    if code := get.get("call", ""):
        call = Call.objects.filter(code=code).only("pk").first()
        letters = letters.filter(about=label(call)) if call else letters.none()
    # Who keeps the system running needs to know to whom and whether, not what it says.
    if text := get.get("q", "").strip()[:100]:
        words = Q(subject__icontains=text) if readable else Q(pk__in=())
        person = Q(email__icontains=text) | Q(user__name__icontains=text)
        letters = letters.filter(words | (person if readable else person & Q(secret=False)))
    days = DayRange(get)
    days.is_valid()
    if day := days.cleaned_data.get("since"):
        letters = letters.filter(created_at__gte=datetime.combine(day, time(), CHINA))
    if day := days.cleaned_data.get("until"):
        end = datetime.combine(day, time(), CHINA) + timedelta(days=1)
        letters = letters.filter(created_at__lt=end)
    return letters.order_by("-pk")


@require_safe
@policy(*READERS)
def outbox(request):
    readable = request.acting.role not in roles.ADMIN
    page = Paginator(_found(request, readable=readable), PER_PAGE).get_page(request.GET.get("page"))
    kinds = Message.objects.order_by("kind").values_list("kind", flat=True).distinct()
    return render(
        request,
        "office/outbox.html",
        {
            "page": page,
            "states": Message.State.choices,
            "channels": Message.Channel.choices,
            "kinds": [(kind, KINDS.get(kind, kind)) for kind in kinds],
            "names": KINDS,
            "calls": Call.objects.order_by("-created_at").values_list("code", "title"),
            "readable": readable,
            "may_act": request.acting.role in roles.OFFICE,
            "saved": savedviews.shown(request.user, "office:outbox", request.GET),
        },
    )


@require_safe
@policy(*roles.OFFICE, roles.Role.AUDITOR)
def letter(request, pk):
    """One letter as its recipient gets it, its attempts, and the acts it allows."""
    found = get_object_or_404(Message.objects.select_related("user", "again_of"), pk=pk)
    return render(
        request,
        "office/letter.html",
        {
            "letter": found,
            "kind": KINDS.get(found.kind, found.kind),
            "tries": found.tries.all(),
            "sent_again": found.sent_again.order_by("pk"),
            "may_act": request.acting.role in roles.OFFICE,
        },
    )


def _release(message, *, actor, at):
    """Letters about decisions go when a list has published these, never before."""
    outcomes.must_be_published(message)
    services.release(message, actor=actor, at=at)


@require_POST
@policy(*roles.OFFICE)
def act(request, pk):
    """Send again, cancel, hold or release one letter."""
    found = get_object_or_404(Message, pk=pk)
    given = {"actor": Actor.of(request), "at": request.arrived_at}
    reason = request.POST.get("reason", "")
    match request.POST.get("act"):
        case "again":
            with told(request, success="已重新排队发送。"):
                found = services.send_again(found, reason=reason, **given)
        case "cancel":
            with told(request, success="已取消，不再发出。"):
                services.take_back(found, reason=reason, **given)
        case "hold":
            with told(request, success="已暂缓，放行后才发出。"):
                services.hold(found, **given)
        case "release":
            with told(request, success="已放行。"):
                _release(found, **given)
        case _:
            raise Refusal("odd-act", "请选择要办理的事项。", status=422)
    return redirect("office:letter", found.pk)


@require_POST
@policy(*roles.OFFICE)
def bulk(request):
    """Release or cancel every ticked letter; what could not be done is said."""
    wanted = [whole_or(one, -1) for one in request.POST.getlist("pick")][:AT_ONCE]
    acts = {"release": _release, "hold": services.hold, "cancel": services.take_back}
    act = request.POST.get("act", "")
    if act not in acts:
        raise Refusal("odd-act", "请选择要办理的事项。", status=422)
    if not wanted:
        raise Refusal("nothing-picked", "请先勾选消息，再选择要办理的事项。", status=422)
    found = list(Message.objects.filter(pk__in=wanted))
    if not found:
        raise Http404("没有这些消息。")
    more = {"reason": request.POST.get("reason", "")} if act == "cancel" else {}
    done, said = 0, ""
    for one in found:
        try:
            acts[act](one, actor=Actor.of(request), at=request.arrived_at, **more)
            done += 1
        except Refusal as refusal:
            said = str(refusal)
    words = {"release": "已放行", "hold": "已暂缓", "cancel": "已取消"}[act]
    if done:
        messages.success(request, f"{words} {done} 封。")
    if done < len(found):
        messages.warning(request, f"{len(found) - done} 封没有办理：{said}")
    back = request.POST.get("back", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return redirect(back if safe else "office:outbox")
