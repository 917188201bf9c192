"""What the system wrote down: search, export, and verifications of the chain."""

from django import forms
from django.core.paginator import Paginator
from django.db import transaction
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import roles, savedviews
from accounts.models import Organisation
from accounts.policy import policy
from audit import actions, checking
from audit import services as audit
from audit.models import Check, Entry
from audit.services import Actor
from core import dayfields
from core.web import told
from documents import workbook
from documents.workbook import MEDIA_TYPE
from office import trail as reading
from office.forms import DayInput
from office.web import attached

PER_PAGE = 50
READERS = (roles.Role.AUDITOR, roles.Role.SECURITY_ADMIN)


class SearchForm(forms.Form):
    q = forms.CharField(label="内容中的文字", required=False, max_length=60)
    actor = forms.CharField(label="操作人", required=False, max_length=50)
    unit = forms.CharField(label="单位", required=False, max_length=60)
    action = forms.ChoiceField(
        label="动作", required=False, choices=[("", "全部动作"), *actions.choices(actions.NAMES)]
    )
    subject = forms.CharField(label="对象", required=False, max_length=80)
    since = dayfields.DateField(label="自", required=False, widget=DayInput())
    until = dayfields.DateField(label="至", required=False, widget=DayInput())


def _asked(params) -> tuple[SearchForm, dict]:
    form = SearchForm(params)
    form.is_valid()
    return form, {key: value for key, value in form.cleaned_data.items() if value}


@require_safe
@policy(*READERS)
def trail(request):
    form, asked = _asked(request.GET)
    page = Paginator(reading.found(asked), PER_PAGE).get_page(request.GET.get("page"))
    units = dict(
        Organisation.objects.filter(pk__in={one.organisation for one in page}).values_list(
            "pk", "name"
        )
    )
    return render(
        request,
        "office/audit.html",
        {
            "page": page,
            "rows": [
                (
                    one,
                    reading.role(one.actor_role),
                    units.get(one.organisation or 0, ""),
                    actions.name(one.action),
                    reading.facts(one.data),
                )
                for one in page
            ],
            "filter_form": form,
            "asked": asked,
            "last": Check.objects.filter(ended_at__isnull=False).first(),
            "saved": savedviews.shown(request.user, "office:audit", request.GET),
        },
    )


@require_POST
@policy(*READERS)
@transaction.atomic
def export(request):
    """What the search finds as a workbook; that it was taken out is itself in the trail."""
    form, asked = _asked(request.POST)
    actor, at = Actor.of(request), request.arrived_at
    told_as = asked | ({"action": actions.name(asked["action"])} if "action" in asked else {})
    shown = "，".join(f"{form.fields[key].label} {value}" for key, value in told_as.items())
    data = reading.sheet(
        reading.found(asked),
        name=actor.name,
        unit=request.acting.organisation.name,
        at=at,
        shown=shown or "全部",
    )
    audit.record(
        actor=actor,
        action="office.export_audit",
        subject=request.user,
        at=at,
        shown=shown,
        rows=min(reading.found(asked).count(), reading.EXPORTED_AT_MOST),
    )
    return attached(data, MEDIA_TYPE, "审计记录.xlsx")


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*READERS)
def checks(request):
    """The verifications: who asked, what was read up to which head, what did not fit."""
    if request.method == "POST":
        with told(request, success="校验已排队，由后台进行；刷新本页查看进度。"):
            checking.ask(actor=Actor.of(request), at=request.arrived_at)
        return redirect("office:audit_checks")
    page = Paginator(Check.objects.all(), PER_PAGE).get_page(request.GET.get("page"))
    oldest = Entry.objects.filter(seq__isnull=True).order_by("pk").first()
    running = Check.objects.filter(ended_at__isnull=True).first()
    return render(
        request,
        "office/audit_checks.html",
        {
            "page": page,
            "running": running,
            "tail": Entry.objects.filter(seq__isnull=True).count(),
            "tail_since": oldest.at if oldest else None,
        },
    )


@require_safe
@policy(*READERS)
def heads(request):
    """The heads of the chain as they were verified, to be kept elsewhere."""
    data = workbook.workbook(
        "审计链首值",
        [
            ("校验时间", 20),
            ("结果", 10),
            ("已链接", 10),
            ("待链接", 10),
            ("链首值", 66),
            ("发起人", 14),
        ],
        [
            [
                one.ended_at,
                one.get_state_display(),
                one.length,
                one.tail,
                one.head,
                one.asked_by_name,
            ]
            for one in Check.objects.filter(ended_at__isnull=False)
        ],
        foot=workbook.taken(
            name=Actor.of(request).name,
            unit=request.acting.organisation.name,
            at=request.arrived_at,
        ),
    )
    return attached(data, MEDIA_TYPE, "审计链首值.xlsx")
