"""提交前核对, submitting, and the receipt."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.crypto import get_random_string
from django.views.decorators.http import require_POST, require_safe

from accounts import roles
from accounts.models import Membership
from accounts.policy import policy
from applications import queries, readiness, services, snapshot
from applications.content import answers as kept
from applications.content import indicators, wording
from applications.models import Application
from applications.views import common
from audit.services import Actor
from calls.comparison import Standing
from core.errors import Refusal
from documents.fingerprints import fingerprint

UNTICKED = "declaration-unticked"
SHOWN_ON_THE_PAGE = (
    "incomplete",
    "changed-since-shown",
    "limit-reached",
    "same-direction",
    "same-project",
    "won-before",
)
"""Refusals that come back with the check page, because it says what to do about them."""


@require_safe
@policy(*roles.APPLICANT)
def check(request: HttpRequest, public_id: str) -> HttpResponse:
    """Everything once more before it is submitted, each with its way back."""
    return _page(request, common.own(request, public_id))


def _page(
    request: HttpRequest,
    application: Application,
    *,
    refusal: str = "",
    unticked: bool = False,
    status: int = 200,
) -> HttpResponse:
    material = queries.material(application)
    problems = readiness.problems(material)
    parts = readiness.parts(material)
    acting: Membership = request.acting  # type: ignore[attr-defined]
    sections = [
        {
            "key": section.key,
            "title": section.title,
            "url": common.part_url(application, section.key),
            "rows": _rows(section, material),
        }
        for section in material.programme.sections
        if readiness.is_asked(section, material)
    ]
    below = [
        (line, row, indicators.compared(row))
        for line, _, row in indicators.positions(material.rows)
        if indicators.compared(row).standing == Standing.UNDER
    ]
    return render(
        request,
        "applications/check.html",
        {
            **common.frame(request, application),
            "sections": sections,
            "rows": [
                {
                    "row": row,
                    "reference": indicators.reference(row) or "自定义",
                    "current": indicators.shown(row, "current"),
                    "target": indicators.shown(row, "target"),
                    "compared": indicators.compared(row),
                    "evidence": indicators.evidence(row),
                }
                for row in material.rows
                if indicators.is_used(row)
            ],
            "ledger_url": _ledger_url(application),
            "files": material.files,
            "kinds": {kind.key: kind.title for kind in material.programme.attachments},
            "blockers": common.linked(application, problems, parts, back=common.CHECK),
            "clashes": common.clashes(request, application, material),
            "below": below,
            "may_submit": acting.may_submit and acting.role in roles.FILING,
            "steps": common.timeline(request, application),
            "key": get_random_string(32),
            "seen": fingerprint(snapshot.build(material)),
            "declaration": material.programme.declaration,
            "refusal": refusal,
            "unticked": unticked,
            "has_errors": bool(refusal) or unticked,
        },
        status=status,
    )


def _rows(section: Any, material: Any) -> list[tuple[str, str]]:
    data = material.sections.get(section.key, {})
    return [
        line
        for field in kept.shown(section, material.sections)
        for line in wording.lines(field, data)
    ]


def _ledger_url(application: Application) -> str:
    from applications.drafts import ledger_field

    for section in application.call.programme.sections:
        if ledger_field(section):
            return common.part_url(application, section.key)
    return ""


@require_POST
@policy(*roles.FILING)
def submit(request: HttpRequest, public_id: str) -> HttpResponse:
    """Submit what was shown. The same key, however often it comes, is one submission."""
    key = request.POST.get("key", "")[:64]
    try:
        with transaction.atomic():
            application = common.hold_own(request, public_id)
            if not key:
                raise Refusal("no-key", "请从核对页提交。", status=422)
            if application.call.programme.declaration and request.POST.get("agree") != "1":
                raise Refusal(UNTICKED, "请先勾选承诺书。", status=422)
            version = services.submit_held(
                application,
                key=key,
                seen=request.POST.get("seen", ""),
                actor=Actor.of(request),
                at=request.arrived_at,  # type: ignore[attr-defined]
            )
    except Refusal as refusal:
        if refusal.code == UNTICKED:
            return _page(request, application, unticked=True, status=422)
        if refusal.code not in SHOWN_ON_THE_PAGE:
            raise
        return _page(request, application, refusal=str(refusal), status=refusal.status)
    return redirect("applications:receipt", public_id, version.number)


@require_safe
@policy(*roles.APPLICANT)
def receipt(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    """Number, server time, version and fingerprint. Reloading it submits nothing."""
    application = common.own(request, public_id)
    version = common.get_version(application, number)
    files = version.snapshot["attachments"]
    return render(
        request,
        "applications/receipt.html",
        {
            **common.frame(request, application),
            "version": version,
            "frozen": version.snapshot,
            "files": len(files),
            "pages": sum(file["pages"] for file in files),
            "next": snapshot.next_steps(
                application.call,
                corrected=application.corrections.filter(to_version=number).exists(),
            ),
            "steps": common.timeline(request, application),
            "newest": version.number == application.version_number,
        },
    )
