"""The result package of a closed round: score sheets, the record as a workbook, hashes."""

import hashlib

from django.urls import reverse

from accounts import roles
from accounts.models import Membership
from documents import services as documents
from documents.models import Package
from documents.packages.registry import Builder
from documents.packages.work import Archive, NotYet, Work, safe_name
from documents.workbook import of_pages
from reviews import pages, record
from reviews.models import Round

KIND = "review-record"


def _round(package: Package) -> Round:
    pk = int(package.subject.rpartition(":")[2])
    return Round.objects.select_related("call", "organisation", "proposed_by", "approved_by").get(
        pk=pk
    )


def build(package: Package, work: Work) -> None:
    """Score sheets that are still being drawn are waited for; one that failed is told."""
    round = _round(package)
    group = _group(package, round)
    sheets = [
        one
        for one in documents.of(round, "score_sheet").filter(voided_at=None).order_by("number")
        if group is None or one.snapshot["group"] == group.title
    ]
    if work.may_wait and any(not one.is_ready for one in sheets):
        raise NotYet("评分汇总表正在生成")
    work.expect(len(sheets) + 2)
    hashes: list[str] = []

    def put(name: str, data: bytes, *, squeeze: bool = False) -> None:
        written = archive.add(name, data, squeeze=squeeze)
        hashes.append(f"{hashlib.sha256(data).hexdigest()}  {written}")
        work.step()

    with Archive(work) as archive:
        for one in sheets:
            if one.pdf is None:
                work.tell(f"“{one.title}”没有生成，包内没有这一份。")
                work.step()
                continue
            put(safe_name(one.number, one.title, suffix=".pdf"), documents.read(one.pdf))
        put("评审记录.xlsx", of_pages(record.record(round, group)))
        listed = "\n".join([*hashes, ""]).encode()
        archive.add("SHA256SUMS.txt", listed, squeeze=True)
        work.step()


def _group(package: Package, round: Round) -> pages.Group | None:
    """The direction that the package is of; None for all."""
    key = package.options.get("direction")
    return next((one for one in pages.groups(round) if one.key == key), None)


def allowed(package: Package, held: Membership) -> bool:
    """The round's organiser: the office for its own rounds, a unit for those it runs. The auditor
    reads all; experts are under their numbers.
    """
    if held.role == roles.Role.AUDITOR:
        return True
    organiser = _round(package).organisation_id
    if organiser is None:
        return held.role in roles.OFFICE
    return held.role in roles.RECOMMENDER and held.organisation_id == organiser


def origin(package: Package) -> str:
    return reverse("reviews:ranking", args=[_round(package).public_id])


REVIEW_RECORD = Builder(KIND, "评审结果包", build, allowed, origin)
