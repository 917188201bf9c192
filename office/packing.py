"""Every 申报书 that a filter of the office's list finds, as one file."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.urls import reverse
from django.utils.http import urlencode

from accounts import roles
from accounts.models import Membership
from applications import packing
from applications.models import Application, Version
from applications.workflow import SEEN_BY_OTHERS
from calls.models import Call
from core.errors import Refusal
from documents.models import Package
from documents.packages.registry import Builder
from documents.packages.work import Archive, Work
from office import filters
from office.models import ExportRequest

KIND = "call-forms"
BUILD_WITHIN = timedelta(hours=24)
"""How long after it was taken an approval still builds its package, failed attempts included."""


def _call(package: Package) -> Call:
    return Call.objects.get(pk=int(package.subject.rpartition(":")[2]))


def filings_of(call: Call, chosen: Mapping[str, Any]) -> Any:
    """The submitted filings of a call that a filter of the office's list finds."""
    seen = Application.objects.filter(call=call, status__in=SEEN_BY_OTHERS, version_number__gt=0)
    return filters.filings(seen, chosen)


def versions_of(call: Call, chosen: Mapping[str, Any]) -> list[Version]:
    """The submitted version in force of each filing found, by number."""
    found = Version.objects.filter(
        application__in=filings_of(call, chosen), number=F("application__version_number")
    )
    return packing.select(found.order_by("application__number"))


def build(package: Package, work: Work) -> None:
    """Only under an approval that was used for it; an old one does not build it again."""
    approval_of(package, ExportRequest.Kind.FORMS, at=work.at)
    found = versions_of(_call(package), package.options)
    if not found:
        raise Refusal("nothing-to-pack", "没有符合条件的申报书。请换一个条件后再打包。")
    with Archive(work) as archive:
        packing.pack(
            work,
            archive,
            found,
            evidence=bool(package.options.get("evidence")),
            heading=package.title,
        )


def approval_of(package: Package, kind: str, *, at: datetime) -> ExportRequest:
    """The export that was taken for this package, while it still builds one. Raises ``Refusal``
    ``not-approved`` (403): an old approval builds nothing."""
    found = (
        ExportRequest.objects.select_related("call")
        .filter(
            pk=package.options.get("export"),
            kind=kind,
            state=ExportRequest.State.TAKEN,
            proposed_by=package.requested_by_id,
            taken_at__gt=at - BUILD_WITHIN,
        )
        .first()
    )
    if found is None:
        raise Refusal(
            "not-approved", "这次打包的批准已经过期，请在“批量导出”重新申请。", status=403
        )
    return found


def allowed(package: Package, held: Membership) -> bool:
    return held.role in roles.OFFICE


def origin(package: Package) -> str:
    chosen = {key: package.options[key] for key in filters.KEYS if package.options.get(key)}
    query = urlencode({"call": _call(package).code, **chosen})
    return f"{reverse('office:applications')}?{query}"


CALL_FORMS = Builder(KIND, "申报书", build, allowed, origin)
