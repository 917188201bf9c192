"""A call's file: a call made from it, changed by a new version, every version kept."""

import json

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts import roles
from accounts.policy import policy
from audit.services import Actor
from calls import editions, services
from calls import programme as programmes
from calls.models import Call, RulesVersion
from calls.programme.differences import between
from core.web import form_status, refused_into, told
from office import outlines
from office.forms_editions import NewCallForm, NewVersionForm
from office.views.calls import READERS, call_or_404


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*roles.OFFICE)
def new(request):
    """A file is looked over first, then a call is made of it; a shipped one may be edited here."""
    if request.method != "POST":
        return _new(request, NewCallForm(initial=_chosen(request)))
    form = NewCallForm(request.POST, request.FILES)
    if form.is_valid() and request.POST.get("act") != "preview":
        data = form.cleaned_data
        with refused_into(form):
            call = services.create(
                form.read,
                code=data["code"],
                title=data["title"],
                rehearsal=data["rehearsal"],
                source=form.source,
                actor=Actor.of(request),
                at=request.arrived_at,
            )
            return redirect("office:call", call.code)
    return _new(request, form)


def _chosen(request) -> dict[str, str]:
    """A file of the catalogue that is to be edited here is laid into the text."""
    code = request.GET.get("programme", "")
    path = programmes.catalogue().get(code)
    if path is None:
        return {}
    text = path.read_text("utf-8") if request.GET.get("edit") else ""
    return {"programme": code, "text": text}


def _new(request, form):
    shown = outlines.of(form.read) if form.is_bound and form.read else None
    return render(
        request,
        "office/call_new.html",
        {"form": form, "outline": shown, "chosen": form["programme"].value()},
        status=form_status(form),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*roles.OFFICE)
def rules(request, code):
    """A new version of a draft call's file: looked over with what it changes, then kept."""
    call = call_or_404(code)
    newest = call.rules_versions.first()
    if request.method != "POST":
        form = NewVersionForm(initial={"text": newest.text if newest else ""})
        return _rules(request, call, form)
    form = NewVersionForm(request.POST, request.FILES)
    if form.is_valid() and request.POST.get("act") != "preview":
        source = form.source
        with refused_into(form), told(request, success="新版本已保存，请重新演练后再开放。"):
            editions.change_rules(
                call,
                form.read,
                source=type(source)(
                    source.origin, source.name, source.text, form.cleaned_data["note"]
                ),
                actor=Actor.of(request),
                at=request.arrived_at,
            )
            return redirect("office:call", call.code)
    return _rules(request, call, form)


def _rules(request, call, form):
    shown, changes = None, None
    if form.is_bound and form.read:
        follow = editions.following_dates(call, form.read)
        instants = {name: follow.get(name, getattr(call, name)) for name in services.DATES}
        shown = outlines.of(form.read, instants)
        changes = between(call.rules, programmes.to_rules(form.read))
    return render(
        request,
        "office/call_rules.html",
        {
            "call": call,
            "form": form,
            "outline": shown,
            "changes": changes,
            "versions": _versions(call),
            "draft": call.state == Call.State.PREPARING,
        },
        status=form_status(form),
    )


def _versions(call: Call):
    return call.rules_versions.select_related("made_by").defer("text", "rules")


def _version(code: str, number: int) -> RulesVersion:
    found = (
        RulesVersion.objects.select_related("call", "made_by")
        .filter(call__code=code, number=number)
        .first()
    )
    if found is None:
        raise Http404("没有这个版本。")
    return found


@require_safe
@policy(*READERS)
def version(request, code, number):
    """One version with what it changed against the one before."""
    found = _version(code, number)
    return render(
        request,
        "office/call_version.html",
        {
            "call": found.call,
            "version": found,
            "changes": editions.differences(found),
            "versions": _versions(found.call),
            "outline": outlines.of(programmes.from_rules(found.rules)),
        },
    )


@require_safe
@policy(*READERS)
def version_file(request, code, number):
    """The file of a version as it came; the rules themselves where no file was sent."""
    found = _version(code, number)
    suffix, media_type = (
        (".toml", "application/toml") if found.text else (".json", "application/json")
    )
    text = found.text or json.dumps(found.rules, ensure_ascii=False, indent=1)
    response = HttpResponse(text, content_type=f"{media_type}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{code}-v{number}{suffix}"'
    return response
