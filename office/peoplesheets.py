"""Workbooks that hold many people's data: the 联系表 of a call's filings, the ministry's experts.

Each is written only under an approved export (``office.exporting``), row by row: nothing is held
but the workbook. A long one is a package that a worker builds.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet
from django.urls import reverse

from applications.models import Version
from calls.models import Call
from core import labels
from core.labels import Label
from documents import workbook
from documents.models import Package
from documents.packages.registry import Builder
from documents.packages.work import Work
from office import filters, packing
from office.models import ExportRequest
from recommenders import sheets
from reviews import poolfile
from reviews.models import Expert

AT_ONCE = 500
"""Rows that go out within the request: about a millisecond of work each."""
CHUNK = 500
COLUMNS = (
    ("编号", 16),
    ("项目名称", 36),
    ("申报单位", 32),
    ("统一社会信用代码", 22),
    ("地区", 20),
    ("方向", 24),
    ("推荐单位", 28),
    ("状态", 12),
    ("联系人", 12),
    ("电话", 18),
)
Step = Callable[[], object]


def _rows(call: Call, chosen: Mapping[str, Any], step: Step) -> Iterator[list[str]]:
    """One filing a row, by number, from the version in force; two statements a chunk."""
    found = packing.filings_of(call, chosen).order_by("number", "pk")
    keys = list(found.values_list("pk", flat=True))
    for start in range(0, len(keys), CHUNK):
        chunk = keys[start : start + CHUNK]
        held = found.filter(pk__in=chunk).select_related("organisation", "recommender", "direction")
        versions = {
            one.application_id: one
            for one in Version.objects.filter(
                application__in=chunk, number=F("application__version_number")
            )
        }
        for one in held:
            line = sheets.row_of(0, one, versions[one.pk], note="")
            step()
            yield [
                line["number"],
                line["title"],
                line["organisation"],
                line["code"],
                filters.region_name(one.organisation.region),
                line["direction"],
                one.recommender.name if one.recommender else "",
                one.get_status_display(),
                line["contact"],
                line["phone"],
            ]


def contacts(
    call: Call, chosen: Mapping[str, Any], *, foot: list[str], step: Step = lambda: None
) -> bytes:
    """Who to speak to about each filing, with telephone numbers in full."""
    rows = _rows(call, chosen, step)
    return workbook.workbook(f"{call.title}申报联系表", COLUMNS, rows, foot=foot)


def pool() -> QuerySet[Expert]:
    """The ministry's own pool; recommenders' pools are theirs."""
    return Expert.objects.filter(pool__kind="pool", pool__parent=None).order_by("pk")


def experts(*, foot: list[str], step: Step = lambda: None) -> bytes:
    rows = []
    for one in pool().iterator(CHUNK):
        rows.append(poolfile.row_of(one, phone=one.phone))
        step()
    return poolfile.write(rows, note="\n".join(foot))


def foot_of(*, name: str, unit: str, at: datetime, reason: str) -> list[str]:
    said = workbook.taken(name=name, unit=unit, at=at, shown=f"用途：{reason}")
    return [*said, labels.line(Label.PERSONAL)]


def _foot(package: Package, asked: ExportRequest, work: Work) -> list[str]:
    return foot_of(
        name=package.requested_by.name,
        unit=package.organisation.name,
        at=work.at,
        reason=asked.reason,
    )


def _build_contacts(package: Package, work: Work) -> None:
    asked = packing.approval_of(package, ExportRequest.Kind.CONTACTS, at=work.at)
    assert asked.call is not None
    work.expect_rows(packing.filings_of(asked.call, asked.options).count())
    foot = _foot(package, asked, work)
    work.file.write(contacts(asked.call, asked.options, foot=foot, step=work.step))


def _build_experts(package: Package, work: Work) -> None:
    asked = packing.approval_of(package, ExportRequest.Kind.EXPERTS, at=work.at)
    work.expect_rows(pool().count())
    work.file.write(experts(foot=_foot(package, asked, work), step=work.step))


def origin(package: Package) -> str:
    return reverse("office:exports")


CONTACTS = Builder(
    "call-contacts",
    "申报联系表",
    _build_contacts,
    packing.allowed,
    origin,
    suffix=".xlsx",
    media_type=workbook.MEDIA_TYPE,
    counted="行",
)
EXPERTS = Builder(
    "pool-experts",
    "评审专家名单",
    _build_experts,
    packing.allowed,
    origin,
    suffix=".xlsx",
    media_type=workbook.MEDIA_TYPE,
    counted="行",
)
