"""Every valid certificate of a call as one file."""

from datetime import datetime

from django.urls import reverse

from accounts import roles
from accounts.models import Membership
from calls.models import Call
from core.errors import Refusal
from documents.models import Document, Package
from documents.packages.registry import Builder
from documents.packages.work import Archive, NotYet, Work, safe_name
from documents.workbook import workbook
from honours.models import Certificate

KIND = "call-certificates"
COLUMNS = (
    ("证书编号", 22),
    ("单位", 36),
    ("项目名称", 40),
    ("方向", 28),
    ("核验码", 16),
    ("发证时间", 22),
    ("文件", 60),
    ("文件 SHA-256", 68),
)


def _call(package: Package) -> Call:
    return Call.objects.get(pk=int(package.subject.rpartition(":")[2]))


def build(package: Package, work: Work) -> None:
    found = list(
        Certificate.objects.filter(
            application__call=_call(package), state=Certificate.State.VALID
        ).select_related("application__organisation", "application__direction", "document__pdf")
    )
    if not found:
        raise Refusal("nothing-to-pack", "本批次还没有有效的证书。")
    waiting = [
        one
        for one in found
        if not one.document.is_ready and one.document.state != Document.State.FAILED
    ]
    if waiting and work.may_wait:
        raise NotYet(f"还有 {len(waiting)} 份证书正在生成，生成后自动继续打包。")
    work.expect(
        len(found) + 1, size=sum(one.document.pdf.size for one in found if one.document.pdf)
    )
    rows: list[list[str | datetime]] = []
    with Archive(work) as archive:
        for one in found:
            application, paper = one.application, one.document
            name = ""
            if paper.pdf is None:
                work.tell(f"没有装入：{one.number}（PDF 尚未生成）。")
            else:
                name = archive.add_blob(
                    safe_name(one.number, application.organisation.name, suffix=".pdf"), paper.pdf
                )
            rows.append(
                [
                    one.number,
                    application.organisation.name,
                    application.title,
                    application.direction.title if application.direction else "",
                    paper.grouped_code,
                    one.issued_at,
                    name or "尚未生成",
                    paper.file_sha256,
                ]
            )
            work.step()
        archive.add("证书清单.xlsx", workbook(package.title, COLUMNS, rows))
        work.step()


def allowed(package: Package, held: Membership) -> bool:
    return held.role in roles.OFFICE


def origin(package: Package) -> str:
    return reverse("honours:certificates", args=[_call(package).code])


CERTIFICATES = Builder(KIND, "证书", build, allowed, origin)
