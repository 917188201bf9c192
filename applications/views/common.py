"""What the pages of one filing share: its deadline, whether it can be written, its parts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse

from accounts import roles
from applications import access, exclusivity, queries, readiness, services
from applications.content.checking import Problem
from applications.exclusivity import Clash
from applications.material import Material
from applications.models import Application, Version
from applications.readiness import Part
from applications.snapshot import CHINA
from applications.timeline import steps
from core.errors import Refusal
from core.templatetags.jiebang import cn_number

READERS = (
    *roles.APPLICANT,
    *roles.RECOMMENDER,
    *roles.OFFICE,
    roles.Role.AUDITOR,
)
"""Who may read what was submitted; which filings, ``access`` says."""


@dataclass(frozen=True, slots=True)
class Line:
    """A part of the task list with where it leads and who saved it."""

    part: Part
    url: str
    saved: str = ""


def own(request: HttpRequest, public_id: str) -> Application:
    """A filing of the person's own unit; another's does not exist for these pages."""
    return _own(request, access.get(request, public_id))


def hold_own(request: HttpRequest, public_id: str) -> Application:
    """As ``own``, the row locked until the transaction ends."""
    return _own(request, access.hold(request, public_id))


def own_for_saving(request: HttpRequest, public_id: str) -> Application:
    """As ``own``, read with what saving a section needs."""
    application = _own(request, access.get_for_saving(request, public_id))
    application.organisation = request.acting.organisation  # type: ignore[attr-defined]
    return application


def _own(request: HttpRequest, application: Application) -> Application:
    if application.organisation_id != request.acting.organisation_id:  # type: ignore[attr-defined]
        raise Http404("没有这份申报。")
    return application


def frame(request: HttpRequest, application: Application) -> dict[str, Any]:
    """The context of every page of one filing."""
    at: datetime = request.arrived_at  # type: ignore[attr-defined]
    call = application.call
    until = queries.filing_deadline(application)
    shut = shut_reason(request, application, end=until)
    return {
        "application": application,
        "call": call,
        "now": call.time(at),
        "until": until,
        "shut": shut,
        "may_write": not shut,
        "correcting": application.shown_status == "returned",
        "back_to_check": request.GET.get("back") == CHECK,
    }


def shut_reason(
    request: HttpRequest, application: Application, *, end: datetime | None = None
) -> str:
    """Why this person cannot write now; empty when they can. ``end``: where it was just read."""
    if request.acting.role not in roles.FILING:  # type: ignore[attr-defined]
        return "您的角色是“查看”，内容只能查看。需要填写请联系本单位管理员。"
    try:
        at: datetime = request.arrived_at  # type: ignore[attr-defined]
        services.must_be_writable(application, at=at, end=end)
    except Refusal as refusal:
        return str(refusal)
    return ""


def lines(application: Application, parts: list[Part]) -> list[Line]:
    """The parts with their links and their last save."""
    rows = {row.key: row for row in application.sections.select_related("saved_by").order_by("pk")}
    found = []
    for part in parts:
        row = rows.get(part.key)
        saved = ""
        if row is not None and row.saved_at:
            who = row.saved_by.name if row.saved_by else ""
            at = application.call.time(row.saved_at)
            saved = f"{who} {words(at)} 保存 · 第 {row.version} 次"
        found.append(Line(part, part_url(application, part.key), saved))
    return found


def words(at: datetime) -> str:
    local = at.astimezone(CHINA)
    return f"{local.month}月{local.day}日 {local:%H:%M:%S}"


def part_url(application: Application, key: str) -> str:
    pages = {
        readiness.FILES: "applications:files",
        readiness.BASICS: "applications:basics",
        readiness.DECLARATION: "applications:check",
    }
    if key in pages:
        return reverse(pages[key], args=[application.public_id])
    return reverse("applications:section", args=[application.public_id, key])


def linked(
    application: Application, problems: list[Problem], parts: list[Part], *, back: str = ""
) -> list[tuple[str, str]]:
    """Each problem with the address of its input, in words that begin with its part."""
    query = f"check=1&back={back}" if back else "check=1"
    numbers = {part.key: f"{cn_number(part.number)}、" for part in parts}
    return [
        (
            f"{part_url(application, problem.section)}?{query}#{problem.anchor}",
            f"{numbers.get(problem.section, '')}{problem}",
        )
        for problem in problems
    ]


def clashes(
    request: HttpRequest, application: Application, material: Material
) -> list[tuple[str, Clash]]:
    """What other filings stand in the way, each with where it can be mended; none when shut."""
    if shut_reason(request, application):
        return []
    found = [one for one in exclusivity.clashes_of_draft(application, material) if one.hard]
    return [(_mend(application, clash), clash) for clash in found]


def _mend(application: Application, clash: Clash) -> str:
    party = clash.party
    if party is not None and party.section:
        return f"{part_url(application, party.section)}#id_{party.input}"
    if clash.code == "limit-reached":
        return reverse("applications:index")
    return part_url(application, readiness.BASICS)


def get_version(application: Application, number: int) -> Version:
    found = (
        application.versions.select_related("form__pdf", "receipt__pdf").filter(number=number)
    ).first()
    if found is None:
        raise Http404("没有这个版本。")
    return found


def material_and_parts(application: Application) -> tuple[Any, list[Part]]:
    material = queries.material(application)
    returned = application.returned_fields if application.shown_status == "returned" else []
    return material, readiness.parts(material, returned=returned)


def timeline(request: HttpRequest, application: Application) -> list[dict[str, str]]:
    """The way of a filing: what is done, where it stands, what follows."""
    known = access.status_for(request.acting, application)  # type: ignore[attr-defined]
    return steps(application, known)


CHECK = "check"
"""Value of ``back`` in an address: the person came from 提交前核对 and goes back there."""


def after(request: HttpRequest, application: Application, otherwise: str) -> str:
    """Where a save leads: back to 提交前核对 for those who came from there."""
    if request.GET.get("back") == CHECK:
        return reverse("applications:check", args=[application.public_id])
    return otherwise
