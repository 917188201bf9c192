"""A unit's list as one file: its sheet and letter, every 申报书, the evidence if wanted."""

from django.urls import reverse

from accounts import roles
from accounts.models import Membership
from applications import packing
from applications.models import Application, Version
from documents import services as documents
from documents.models import Package
from documents.packages.registry import Builder
from documents.packages.work import Archive, Work
from recommenders import queries
from recommenders.models import RankedList

KIND = "list-forms"


def _list(package: Package) -> RankedList:
    pk = int(package.subject.rpartition(":")[2])
    return RankedList.objects.select_related("call", "organisation").get(pk=pk)


def versions_of(ranked: RankedList) -> list[Version]:
    """The versions a list recommends, in its order: as confirmed, else as it stands now."""
    version = queries.version_in_force(ranked)
    if version is None:
        held = [one.application for one in queries.live(ranked.call_id, ranked.organisation_id)]
        wanted = [(one.public_id, one.version_number) for one in held]
    else:
        wanted = [(row["application"], row["version"]) for row in version.rows]
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
    others = []
    if version is not None:
        others.append(("信息报送汇总表.pdf", version.document))
        letter = documents.of(version, "cover_letter").filter(voided_at__isnull=True).first()
        if letter is not None:
            others.append(("报送函.pdf", letter))
    missing = [] if version else ["名单还没有确认，没有正式的汇总表；项目按现在的顺序排列。"]
    with Archive(work) as archive:
        packing.pack(
            work,
            archive,
            versions_of(ranked),
            evidence=bool(package.options.get("evidence")),
            heading=package.title,
            others=others,
            missing=missing,
        )


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
