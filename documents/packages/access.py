"""A package is its asker's own, for as long as they may have what is in it."""

from typing import Any

from django.http import Http404

from accounts.policy import memberships_of
from documents.models import Package
from documents.packages import registry


def mine(request: Any, *, most: int = 50) -> list[Package]:
    """The person's own packages, newest first, that they may still have."""
    found = Package.objects.filter(requested_by=request.user.pk).select_related("organisation")
    asked: dict[tuple[str, str, str], bool] = {}
    shown = []
    for one in found[:most]:
        about = (one.kind, one.subject, one.choice)  # the choice names the unit too
        if about not in asked:
            asked[about] = _allowed(request, one)
        if asked[about]:
            shown.append(one)
    return shown


def get(request: Any, public_id: str) -> Package:
    """One's own package; asked again at each download, so that a lost role closes it at once."""
    found = (
        Package.objects.filter(public_id=public_id, requested_by=request.user.pk)
        .select_related("organisation")
        .first()
    )
    if found is None or not _allowed(request, found):
        raise Http404("没有这个打包。")
    return found


def _allowed(request: Any, package: Package) -> bool:
    """Whether a membership in force, in the unit it was asked for, may have it. A kind that no
    app knows any more belongs to nobody."""
    if package.kind not in registry.kinds():
        return False
    builder = registry.builder(package.kind)
    return any(
        builder.allowed(package, held)
        for held in memberships_of(request)
        if held.organisation_id == package.organisation_id
    )
