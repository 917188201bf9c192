"""A unit's list as one file: its sheet and letter, every 申报书, the evidence if wanted."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.urls import reverse

from accounts import roles
from accounts.models import Membership
from applications import packing
from applications.models import Application, Version
from documents import services as documents
from documents.models import Blob, Document, Package, Signing
from documents.packages.registry import Builder
from documents.packages.work import Archive, NotYet, Work, safe_name
from recommenders import queries
from recommenders.models import ListVersion, RankedList

KIND = "list-forms"


def _list(package: Package) -> RankedList:
    pk = int(package.subject.rpartition(":")[2])
    return RankedList.objects.select_related("call", "organisation").get(pk=pk)


def versions_of(ranked: RankedList) -> list[Version]:
    """The versions a list recommends, in its order: as confirmed, else as it stands now."""
    version = queries.version_in_force(ranked)
    if version is not None:
        return versions_in(version.rows)
    held = [one.application for one in queries.live(ranked.call_id, ranked.organisation_id)]
    return _versions([(one.public_id, one.version_number) for one in held])


def versions_in(rows: Iterable[Mapping[str, Any]]) -> list[Version]:
    """The versions that frozen rows name, in their order."""
    return _versions([(row["application"], row["version"]) for row in rows])


def _versions(wanted: Sequence[tuple[str, int]]) -> list[Version]:
    found = {
        (one.application.public_id, one.number): one
        for one in Version.objects.filter(
            application__in=Application.objects.filter(public_id__in=[pk for pk, _ in wanted])
        ).select_related("application")
    }
    return packing.select(found[key] for key in wanted)


def build(package: Package, work: Work) -> None:
    ranked = _list(package)
    version = queries.version_in_force(ranked)
    others: list[tuple[str, Document | None]] = []
    extra: list[tuple[str, Blob]] = []
    if version is not None:
        others.append(("信息报送汇总表.pdf", version.document))
        letter = documents.of(version, "cover_letter").filter(voided_at__isnull=True).first()
        if letter is not None:
            others.append(("报送函.pdf", letter))
        extra = _sealed(work, others) + _scans(version)
    missing = [] if version else ["名单还没有确认，没有正式的汇总表；项目按现在的顺序排列。"]
    with Archive(work) as archive:
        packing.pack(
            work,
            archive,
            versions_of(ranked),
            evidence=bool(package.options.get("evidence")),
            heading=package.title,
            others=others,
            extra=extra,
            missing=missing,
        )


def _sealed(work: Work, papers: Sequence[tuple[str, Document | None]]) -> list[tuple[str, Blob]]:
    """The electronically sealed form of these papers, where they have one; waited for."""
    names = {paper.pk: name for name, paper in papers if paper is not None}
    found = list(Signing.objects.filter(document__in=names).select_related("pdf"))
    waiting = [one for one in found if one.state in (Signing.State.WAITING, Signing.State.SIGNING)]
    if waiting and work.may_wait:
        raise NotYet("电子签章正在进行，完成后自动继续打包。")
    return [
        (names[one.document_id].replace(".pdf", "（电子签章）.pdf"), one.pdf)
        for one in found
        if one.pdf is not None
    ]


def _scans(version: ListVersion) -> list[tuple[str, Blob]]:
    """The files of the scan that stands for the sealed sheet, as they came."""
    scan = queries.accepted_scan(version)
    if scan is None:
        return []
    found = []
    for file in scan.files.select_related("blob").order_by("position"):
        stem, _, suffix = file.name.rpartition(".")
        suffix = "".join(c for c in suffix.lower() if c.isascii() and c.isalnum())[:8] or "bin"
        name = safe_name(f"{file.position:02d}", stem, suffix=f".{suffix}")
        found.append((f"盖章扫描件/{name}", file.blob))
    return found


def allowed(package: Package, held: Membership) -> bool:
    """The unit whose list it is, and the office."""
    if held.role in roles.OFFICE:
        return True
    return held.role in roles.RECOMMENDER and _list(package).organisation_id == held.organisation_id


def origin(package: Package) -> str:
    ranked = _list(package)
    if package.organisation_id == ranked.organisation_id:
        return reverse("recommenders:list", args=[ranked.call.code])
    return reverse("recommenders:office_list", args=[ranked.pk])


LIST_FORMS = Builder(KIND, "名单全部申报书", build, allowed, origin)
