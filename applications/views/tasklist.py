"""The task list of a filing: where each part stands, and what blocks its submission."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts import roles
from accounts.models import Membership
from accounts.policy import policy
from applications import access, places, readiness
from applications.models import Application
from applications.views import common
from applications.workflow import Status


@require_safe
@policy(*common.READERS)
def detail(request: HttpRequest, public_id: str) -> HttpResponse:
    """The task list for the applicant; for others what was last submitted."""
    application = access.get(request, public_id)
    acting: Membership = request.acting  # type: ignore[attr-defined]
    if acting.role not in roles.APPLICANT:
        if not application.version_number:
            raise Http404("没有提交过的版本。")
        return redirect("applications:version", public_id, application.version_number)
    material, parts = common.material_and_parts(application)
    problems = readiness.problems(material)
    done, total = readiness.tally(parts)
    groups: dict[str, list[Any]] = {}
    lines = common.lines(application, parts)
    for line in lines:
        groups.setdefault(line.part.group, []).append(line)
    return render(
        request,
        "applications/detail.html",
        {
            **common.frame(request, application),
            "groups": groups,
            "closed": _closed(application),
            "last_saved": _last_saved(application, lines),
            "basics_open": any(problem.section == readiness.BASICS for problem in problems),
            "done": done,
            "total": total,
            "blockers": common.linked(application, problems, parts),
            "clashes": common.clashes(request, application, material),
            "warnings": _glyph_warning(material),
            "steps": common.timeline(request, application),
            "saves": sum(row.version for row in application.sections.all()),
            "comments": comments(application),
        },
    )


def _closed(application: Application) -> set[str]:
    """The parts that a return leaves shut: what it does not name can be read, not changed."""
    if application.shown_status != Status.RETURNED:
        return set()
    named = {item["section"] for item in application.returned_fields}
    parts = {section.key for section in application.call.programme.sections}
    return (parts | {readiness.BASICS, readiness.FILES}) - named


def _last_saved(application: Application, lines: list[common.Line]) -> str:
    """Who saved last, when and where; empty before the first save."""
    row = (
        application.sections.exclude(saved_at=None)
        .select_related("saved_by")
        .order_by("-saved_at")
        .first()
    )
    if row is None or row.saved_by is None or row.saved_at is None:
        return ""
    title = next((line.part.title for line in lines if line.part.key == row.key), "")
    when = common.words(application.call.time(row.saved_at))
    return f"{row.saved_by.name} {when}" + (f" · {title}" if title else "")


def _glyph_warning(material: Any) -> str:
    from applications import snapshot
    from documents import typography

    _, forms = typography.replaced(snapshot.build(material))
    return "；".join(f"“{c}”{typography.replacement_words({c: form})}" for c, form in forms.items())


def comments(application: Application, section: str = "") -> list[dict[str, str]]:
    """The comments of an open return in words, with links; of one section where it is named."""
    if application.shown_status != Status.RETURNED:
        return []
    programme = application.call.programme
    found = []
    for item in application.returned_fields:
        key, name = item["section"], item.get("field", "")
        if section and key != section:
            continue
        place = places.place(programme, key, name)
        anchor = f"#div_id_{name}" if name and programme.section(key) is not None else ""
        found.append(
            {
                "where": place.title.replace("：", "　") if place else key,
                "comment": item.get("comment", ""),
                "url": common.part_url(application, key) + anchor,
            }
        )
    return found
