"""Submitted versions: the list, one of them, two compared; and giving a filing back."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts import roles
from accounts.policy import policy
from applications import access, differences, queries, services, snapshot
from applications.models import Application, Correction
from applications.return_form import ReturnForm
from applications.snapshot import CHINA, Frozen
from applications.views import common
from applications.views.similar import alike_of
from audit.services import Actor
from core.figures import whole, whole_or
from core.web import form_status, refused_into, told

NOW = "draft"


@require_safe
@policy(*roles.APPLICANT)
def versions(request: HttpRequest, public_id: str) -> HttpResponse:
    application = common.own(request, public_id)
    return render(
        request,
        "applications/versions.html",
        {
            **common.frame(request, application),
            "versions": application.versions.select_related("form", "receipt").order_by("-number"),
        },
    )


@require_safe
@policy(*common.READERS)
def version(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    """A submitted version as it was frozen."""
    application = access.readable(request, public_id)
    found = common.get_version(application, number)
    acting = request.acting  # type: ignore[attr-defined]
    return render(
        request,
        "applications/version.html",
        {
            "application": application,
            "status_word": access.status_for(acting, application).label,
            "call": application.call,
            "version": found,
            "frozen": found.snapshot,
            "steps": common.timeline(request, application),
            "newest": found.number == application.version_number,
            "is_own": acting.role in roles.APPLICANT,
            "others": application.versions.exclude(number=number).order_by("-number"),
            "corrections": list(application.corrections.order_by("-number")[:1]),
            "alike": alike_of(request, application),
            "may_return": acting.role in (*roles.RECOMMENDER, *roles.OFFICE)
            and application.shown_status in ("submitted", "recommended"),
        },
    )


@require_safe
@policy(*common.READERS)
def compare(request: HttpRequest, public_id: str) -> HttpResponse:
    """Two versions field by field: only what differs. The applicant may name the draft."""
    application = access.readable(request, public_id)
    own = request.acting.role in roles.APPLICANT  # type: ignore[attr-defined]
    numbers = list(application.versions.order_by("number").values_list("number", flat=True))
    last = numbers[-1] if numbers else 0
    a = request.GET.get("a") or (str(last) if own and last else str(max(last - 1, 1)))
    b = request.GET.get("b") or (NOW if own else str(last))
    parts = differences.between(_frozen(application, a, own=own), _frozen(application, b, own=own))
    names = [(str(number), f"第 {number} 版") for number in numbers]
    if own:
        names.append((NOW, "现在的工作稿"))
    return render(
        request,
        "applications/compare.html",
        {
            **(common.frame(request, application) if own else {}),
            "application": application,
            "call": application.call,
            "a": a,
            "b": b,
            "names": names,
            "from": dict(names).get(a, a),
            "to": dict(names).get(b, b),
            "own": own,
            "parts": parts,
            "total": sum(len(part.changes) for part in parts),
        },
    )


def _frozen(application: Application, name: str, *, own: bool) -> Frozen:
    if name == NOW and own:
        return snapshot.build(queries.material(application))
    number = whole(name)
    if number is None:
        raise Http404("没有这个版本。")
    return common.get_version(application, number).snapshot


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*roles.RECOMMENDER, *roles.OFFICE)
def give_back(request: HttpRequest, public_id: str) -> HttpResponse:
    """Name the fields to be corrected, with a comment each, and until when."""
    application = access.get(request, public_id)
    again = _round(application, request.GET.get("again", ""))
    form = ReturnForm(
        request.POST or None,
        call=application.call,
        named=[
            {"section": one.section, "field": one.field, "comment": one.comment}
            for one in (again.named.all() if again else ())
        ],
        initial={"note": again.note} if again else None,
    )
    if request.method == "POST" and form.is_valid():
        with refused_into(form):
            with told(request, success="已退回，申报单位会收到通知。"):
                services.return_for_correction(
                    application,
                    fields=form.named(),
                    note=form.cleaned_data["note"],
                    until=_end(form),
                    actor=Actor.of(request),
                    at=request.arrived_at,  # type: ignore[attr-defined]
                )
            return redirect("applications:version", public_id, application.version_number)
    return render(
        request,
        "applications/give_back.html",
        {
            "application": application,
            "call": application.call,
            "form": form,
            "again": again is not None,
        },
        status=form_status(form),
    )


def _round(application: Application, typed: str) -> Correction | None:
    """The round of correction that is given back once more."""
    found: Correction | None = application.corrections.filter(number=whole_or(typed, 0)).first()
    return found


def _end(form: ReturnForm) -> datetime:
    """The exclusive end: a day alone means until its midnight."""
    until: datetime = form.cleaned_data["until"].astimezone(CHINA)
    typed = str(form.data.get("until", "")).strip()
    if len(typed) == 10 and until.time() == time():
        return until + timedelta(days=1)
    return until
