"""A package is its asker's own, for as long as they may have what is in it."""

from typing import Any

from django.http import Http404

from accounts.policy import memberships_of
from documents.models import Package
from documents.packages import registry


def mine(request: Any, *, most: int = 50) -> list[Package]:
    """The person's own packages, newest first, that they may still have."""
    found = Package.objects.filter(requested_by=request.user.pk).select_related("organisation")
    return [one for one in found[:most] if _allowed(request, one)]


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
    builder = registry.builder(package.kind)
    return any(
        builder.allowed(package, held)
        for held in memberships_of(request)
        if held.organisation_id == package.organisation_id
    )
