"""The asked unit's page, inside its account or by the link it was sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts import links, roles
from accounts.models import Link, Organisation
from accounts.policy import policy
from applications import drafts
from applications.content import answers, wording
from applications.content import engine as form_engine
from applications.snapshot import CHINA
from audit.services import Actor
from core.errors import Refusal
from core.figures import whole_or
from surveys import access, queries, services, words
from surveys.models import Request
from surveys.services.answering import must_be_writable


@dataclass(frozen=True, slots=True)
class Desk:
    """From where a unit answers: who acts, and the addresses of its page."""

    asked: Request
    actor: Actor
    page: str
    autosave: str
    files: str
    """The address of its files, to which a kind's key or a file's id is added."""
    may_write: bool = True
    by_link: bool = False


def own(request: HttpRequest, public_id: str) -> Desk:
    asked = access.own(request, public_id)
    return Desk(
        asked,
        Actor.of(request),
        reverse("surveys:answer", args=[public_id]),
        reverse("surveys:autosave", args=[public_id]),
        f"{reverse('surveys:answer', args=[public_id])}files/",
        may_write=request.acting.role in roles.FILING,  # type: ignore[attr-defined]
    )


def linked(request: HttpRequest, token: str) -> Desk:
    link = links.find(token, Link.Purpose.SURVEY, at=request.arrived_at)  # type: ignore[attr-defined]
    asked = access.by_link(link)
    unit: Organisation = asked.organisation
    return Desk(
        asked,
        Actor(f"{unit.name}（凭链接）", organisation_id=unit.pk),
        reverse("surveys:by_link", args=[token]),
        reverse("surveys:link_autosave", args=[token]),
        f"{reverse('surveys:by_link', args=[token])}files/",
        by_link=True,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*roles.APPLICANT)
def answer(request: HttpRequest, public_id: str) -> HttpResponse:
    """The survey in the unit's own account."""
    return _answer(request, own(request, public_id))


@require_http_methods(["GET", "HEAD", "POST"])
@policy.public
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """The same survey for whoever holds the link: this one unit, this one survey, nothing else."""
    return _answer(request, linked(request, token))


@require_POST
@policy(*roles.FILING)
def autosave(request: HttpRequest, public_id: str) -> HttpResponse:
    return _autosave(request, own(request, public_id))


@require_POST
@policy.public
def link_autosave(request: HttpRequest, token: str) -> HttpResponse:
    return _autosave(request, linked(request, token))


def _version(request: HttpRequest) -> int:
    return whole_or(request.POST.get("version", ""), -1)


def _posted(request: HttpRequest, asked: Request, *, compact: bool) -> dict[str, Any]:
    found = {
        section.key: answers.read(section, request.POST, compact=compact)
        for section in asked.survey.spec.sections
    }
    return {key: data for key, data in found.items() if data}


def _autosave(request: HttpRequest, desk: Desk) -> HttpResponse:
    asked = desk.asked
    at = request.arrived_at  # type: ignore[attr-defined]
    data = _posted(request, asked, compact=False)
    try:
        kept = services.save(asked, data=data, version=_version(request), actor=desk.actor, at=at)
    except Refusal as refusal:
        return JsonResponse({"code": refusal.code, "message": str(refusal)}, status=refusal.status)
    wrong = [p for _, p in queries.problems(asked.survey, data) if not p.missing]
    computed: dict[str, str] = {}
    for section in asked.survey.spec.sections:
        computed |= wording.computed(section, data.get(section.key, {}))
    return JsonResponse(
        {
            "version": kept.version,
            "saved_at": f"{at.astimezone(CHINA):%H:%M:%S}",
            "problems": [{"name": p.name, "message": p.message} for p in wrong],
            "computed": computed,
        }
    )


def _answer(request: HttpRequest, desk: Desk) -> HttpResponse:
    if request.method != "POST":
        return page_of(request, desk)
    if not desk.may_write:
        raise Refusal("read-only", "您的角色是“查看”，不能保存修改。", status=403)
    asked = desk.asked
    at = request.arrived_at  # type: ignore[attr-defined]
    data = _posted(request, asked, compact=True)
    try:
        kept = services.save(asked, data=data, version=_version(request), actor=desk.actor, at=at)
    except Refusal as refusal:
        if refusal.code != "stale":
            raise
        return page_of(request, desk, mine=data, status=409)
    action = request.POST.get("action", "save")
    if action == "submit":
        lacking = queries.missing_files(asked.survey, asked.files.filter(removed_at=None))
        if lacking or queries.problems(asked.survey, data):
            return page_of(request, desk, show_all=True, status=422)
        services.submit(asked, version=kept.version, actor=desk.actor, at=at)
        messages.success(request, "调查表已提交。")
        return redirect(desk.page)
    if action.startswith("add-"):
        name = action.removeprefix("add-")[:40]
        return redirect(f"{desk.page}?more={name}#{name}")
    messages.success(request, "草稿已保存。")
    return redirect(desk.page)


def page_of(
    request: HttpRequest,
    desk: Desk,
    *,
    mine: dict[str, Any] | None = None,
    show_all: bool = False,
    wrong_files: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page; ``wrong_files`` says at a kind of file what is wrong with the one just sent."""
    asked = desk.asked
    survey = asked.survey
    kept = queries.answer_of(asked)
    untouched = kept is None and mine is None
    if untouched:
        data = queries.first_contents(asked, None if desk.by_link else request.user)  # type: ignore[arg-type]
    else:
        data = mine if mine is not None else kept.data if kept else {}
    shut = _shut(request, desk)
    found = [] if shut else queries.problems(survey, data)
    shown = [(s, p) for s, p in found if show_all or not p.missing]
    hints = queries.hints_of(asked, data, filings=not desk.by_link)
    notes = {hint.name: hint.message for hint in hints}
    if mine is not None and kept is not None:
        notes |= _theirs(survey, mine, kept.data)
    forms = [
        {
            "section": section,
            "form": form_engine.SectionForm(
                section,
                data.get(section.key, {}),
                answers=data,
                problems=[p for s, p in shown if s.key == section.key],
                read_only=bool(shut),
                notes=notes,
                more_rows=request.GET.get("more", ""),
            ),
        }
        for section in survey.spec.sections
        if answers.holds(section.condition, section=section.key, answers=data)
    ]
    return render(
        request,
        "surveys/answer.html",
        {
            "asked": asked,
            "survey": survey,
            "spec": survey.spec,
            "unit": asked.organisation,
            "kept": kept,
            "untouched": untouched,
            "forms": forms,
            "problems": [p for _, p in shown],
            "has_errors": status == 422,
            "kinds": _kinds(desk, wrong_files or {}, show_all=show_all),
            "hints": hints,
            "overtaken": mine is not None,
            "shut": shut,
            "standing": words.standing(asked, at=request.arrived_at),  # type: ignore[attr-defined]
            "version": kept.version if kept else 0,
            "read": words.sections(survey.spec, data) if kept and shut else [],
            "submissions": list(kept.submissions.all()) if kept else [],
            "by_link": desk.by_link,
            "page": desk.page,
            "autosave": "" if shut or status == 409 else desk.autosave,
        },
        status=status,
    )


def _kinds(desk: Desk, wrong: dict[str, str], *, show_all: bool) -> list[dict[str, Any]]:
    """Each kind of file with what is there, where it goes and what is wrong."""
    return [
        {
            "spec": kind,
            "files": [(one, f"{desk.files}{one.public_id}/") for one in there],
            "full": len(there) >= kind.max_files,
            "upload": f"{desk.files}add/{kind.key}/",
            "accept": ",".join(f".{name}" for name in kind.types),
            "types": "、".join(name.upper() for name in kind.types),
            "wrong": wrong.get(kind.key)
            or ("请上传这份材料" if show_all and kind.required and not there else ""),
        }
        for kind, there in queries.files_of(desk.asked)
    ]


def _shut(request: HttpRequest, desk: Desk) -> str:
    if not desk.may_write:
        return "您的角色是“查看”，内容只能查看。需要填写请联系本单位管理员。"
    try:
        must_be_writable(desk.asked, at=request.arrived_at)  # type: ignore[attr-defined]
    except Refusal as refusal:
        return str(refusal)
    return ""


def _theirs(survey: Any, mine: dict[str, Any], theirs: dict[str, Any]) -> dict[str, str]:
    """What somebody else saved meanwhile, beside the fields that differ."""
    found = {}
    for section in survey.spec.sections:
        own, other = mine.get(section.key, {}), theirs.get(section.key, {})
        for key in drafts.differing(section, own, other):
            field = section.field(key)
            lines = wording.lines(field, other) if field else []
            said = "；".join(text for _, text in lines if text)
            found[key] = f"对方保存的内容：{said or '（空）'}"
    return found
