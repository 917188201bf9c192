"""合订本: the 申报书, then each piece of evidence behind a sheet that names it, as one PDF.

Built in the background as a package. Of a submitted version for whoever may read it, of the
working copy with 草稿 on each page for its own unit. A file that cannot be read is named on its
sheet, and the others are bound all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts import roles
from accounts.models import Membership
from applications import access, queries, snapshot
from applications.models import Application, Version
from core.errors import Refusal
from documents import binding, rendering, services, viruses
from documents.kinds import KINDS
from documents.models import Blob, Package
from documents.packages.registry import Builder
from documents.packages.work import NotYet, Work

KIND = "booklet"
MOST_BYTES = 300 * 1024 * 1024
"""The evidence of one booklet; more goes as a zip."""


def application_of(package: Package) -> Application:
    pk = int(package.subject.rpartition(":")[2])
    return Application.objects.select_related("call", "organisation", "recommender").get(pk=pk)


def version_of(package: Package) -> Version | None:
    """The submitted version it is of; None stands for the working copy."""
    number = package.options.get("version")
    if not number:
        return None
    versions = Version.objects.select_related("form__pdf", "application")
    return versions.get(application=application_of(package), number=number)


def build(package: Package, work: Work) -> None:
    version = version_of(package)
    application = application_of(package)
    frozen = version.snapshot if version else snapshot.build(queries.material(application))
    files = list(frozen["attachments"])
    size = sum(file["size"] for file in files)
    if size > MOST_BYTES:
        raise Refusal(
            "booklet-too-large",
            f"证明材料合计 {size / 1024**2:.0f} MB，超过合订上限 {MOST_BYTES // 1024**2} MB。"
            "请分别下载，或压缩扫描件后重新上传。",
        )
    work.expect(len(files) + 2, size=size)
    form = _form(version, application, frozen, work)
    work.step()
    bound = []
    for place, file in enumerate(files, start=1):
        bound.append(_sheets(place, file, work))
        work.step()
    number, count = (application.number, version.number) if version else ("", 0)
    _bind(package, work, form, bound, frozen["title"], number=number, version=count)
    work.step()


def _form(version: Version | None, application: Application, frozen: Any, work: Work) -> bytes:
    """The 申报书 as it was drawn; of the working copy a draft."""
    if version is None:
        return rendering.render(
            KINDS["application_form"].template,
            snapshot.draft(frozen, demo=application.call.rehearsal),
            code="",
            fingerprint="",
            base_host=settings.JIEBANG_BASE_URL,
            dated=work.at,
            draft=True,
            title=f"草稿：{application.title}",
        )
    form = version.form
    if form is None or form.pdf is None:
        if work.may_wait:
            raise NotYet("申报书正在生成，生成后继续合订。")
        raise Refusal("form-not-ready", "申报书还没有生成，请稍后重新申请合订本。")
    return services.read(form.pdf)


def _sheets(place: int, file: Mapping[str, Any], work: Work) -> dict[str, Any]:
    """One piece of evidence on A4 sheets; where that cannot be, the words for its own sheet."""
    found = {"place": place, "data": b"", "missing": "", **file}
    try:
        blob = Blob.objects.get(sha256=file["sha256"])
        viruses.must_be_clean(blob, file["name"])
        data = services.read(blob)
        found["data"], found["pages"] = binding.sheets(data, file["media_type"], name=file["name"])
    except Refusal as refusal:
        found["missing"] = "本件无法并入，请另行打印原件。"
        work.tell(f"材料{place}“{file['name']}”没有并入：{refusal.message}")
    return found


def _bind(
    package: Package,
    work: Work,
    form: bytes,
    bound: list[dict[str, Any]],
    title: str,
    *,
    number: str,
    version: int,
) -> None:
    inside = sum(one["pages"] for one in bound if one["data"])
    if inside > binding.MOST_PAGES:
        raise Refusal(
            "booklet-too-long",
            f"证明材料共 {inside} 页，超过合订上限 {binding.MOST_PAGES} 页。请分别下载打印。",
        )
    parts = [binding.Part(form, "项目申报书")]
    at = total = rendering.page_count(form) + len(bound)
    total += inside
    at -= len(bound)
    stamps = []
    covers = _dividers(bound, title, number=number, version=version) if bound else []
    for one, cover in zip(bound, covers, strict=True):
        parts.append(binding.Part(cover, f"材料{one['place']} {one['kind']}：{one['name']}"))
        at += 1
        if one["data"]:
            parts.append(binding.Part(one["data"], stamped=True))
            for page in range(1, one["pages"] + 1):
                at += 1
                stamps.append(
                    {"place": one["place"], "page": page, "pages": one["pages"], "at": at}
                )
    drawn = b""
    if stamps:
        drawn = _draw("stamps", {"stamps": stamps, "total": total}, number, version)
    binding.bind(parts, title=package.title, stamps=drawn, out=work.file)


def _dividers(bound: list[dict[str, Any]], title: str, *, number: str, version: int) -> list[bytes]:
    """The sheet before each piece of evidence, one PDF each."""
    names = ("place", "kind", "name", "pages", "sha256", "missing")
    return [
        _draw(
            "dividers",
            {"title": title, "files": [{name: one[name] for name in names}]},
            number,
            version,
        )
        for one in bound
    ]


def _draw(template: str, content: Mapping[str, Any], number: str, version: int) -> bytes:
    return rendering.render(
        f"documents/{template}.html",
        content,
        code="",
        fingerprint="",
        base_host="",
        number=number,
        version=version,
        draft=not number,
        title="合订本",
    )


# Who may have it -------------------------------------------------------------------------------


def allowed(package: Package, held: Membership) -> bool:
    """The unit itself; of a submitted version whoever may see the filing in this role now."""
    application = application_of(package)
    if held.role in roles.APPLICANT:
        return held.organisation_id == application.organisation_id
    if not package.options.get("version"):
        return False
    return access.visible_to(held).filter(pk=application.pk).exists()


def origin(package: Package) -> str:
    application = application_of(package)
    number = package.options.get("version")
    if number:
        return reverse("applications:version", args=[application.public_id, number])
    return reverse("applications:detail", args=[application.public_id])


BOOKLET = Builder(
    KIND, "合订本", build, allowed, origin, suffix=".pdf", media_type="application/pdf"
)
