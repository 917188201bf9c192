"""The archive of a project or a whole call: papers, data, hashes, readable without the portal.

``index.html`` opens from the folder without a script or a network; ``manifest.sha256`` names every
file with its SHA-256, as ``sha256sum -c`` and ``manage.py verify_archive`` read it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse

from accounts import roles
from accounts.models import Membership
from applications.models import Application
from calls.models import Call
from core.errors import Refusal
from documents.kinds import KINDS
from documents.models import Document, Package
from documents.packages.registry import Builder
from documents.packages.work import Archive, NotYet, Work, safe_name
from documents.workbook import Page, of_pages
from honours import dossier
from honours.dossier import Dossier
from honours.models import ArchiveRequest

PROJECT_KIND = "project-archive"
CALL_KIND = "call-archive"
MANIFEST = "manifest.sha256"
INDEX = "index.html"
README = "核验说明.txt"
SCHEMA = "jiebang.archive/1"
WIDE = 40


@dataclass(slots=True)
class File:
    """A file of the archive; ``note`` says what it is, or why it could not be put in."""

    name: str
    sha256: str = ""
    size: int = 0
    note: str = ""


@dataclass(slots=True)
class Folder:
    """One project of the archive as the index shows it."""

    dossier: Dossier
    files: list[File] = field(default_factory=list)


class Writer:
    """An archive that remembers the hash of each member, for the manifest."""

    def __init__(self, work: Work, archive: Archive) -> None:
        self.work, self.archive = work, archive
        self.lines: list[tuple[str, str]] = []

    def add(self, name: str, data: bytes, *, note: str = "", squeeze: bool = True) -> File:
        written = self.archive.add(name, data, squeeze=squeeze)
        digest = hashlib.sha256(data).hexdigest()
        self.lines.append((digest, written))
        return File(written, digest, len(data), note)

    def add_blob(self, name: str, blob: Any, *, note: str = "") -> File:
        written = self.archive.add_blob(name, blob)
        self.lines.append((blob.sha256, written))
        return File(written, blob.sha256, blob.size, note)

    def manifest(self) -> bytes:
        return "".join(f"{digest}  {name}\n" for digest, name in self.lines).encode()


def write(work: Work, dossiers: Sequence[Dossier], *, heading: str, own: bool, flat: bool) -> None:
    """Write the whole archive. Papers still being drawn are waited for, then told of."""
    _wait_for(work, [paper for one in dossiers for paper in one.papers])
    blobs = {blob.sha256: blob.size for one in dossiers for _, blob in one.evidence}
    work.expect(
        len(dossiers) + 3,
        size=sum(blobs.values()) + sum(p.pdf.size for one in dossiers for p in one.papers if p.pdf),
    )
    with Archive(work) as archive:
        writer = Writer(work, archive)
        folders = []
        for one in dossiers:
            folders.append(_folder(writer, one, prefix="" if flat else _folder_name(one)))
            work.step()
        page = render_to_string(
            "honours/archive_index.html",
            {"heading": heading, "at": work.at, "folders": folders, "own": own},
        )
        writer.add("总表.xlsx", _overview(dossiers), squeeze=False)
        writer.add(README, render_to_string("honours/archive_readme.txt").encode())
        work.step()
        writer.add(INDEX, page.encode())
        work.step()
        archive.add(MANIFEST, writer.manifest(), squeeze=True)
        work.step()


def _wait_for(work: Work, papers: Iterable[Document]) -> None:
    waiting = [
        paper
        for paper in papers
        if not paper.is_ready and paper.state != Document.State.FAILED and not paper.voided_at
    ]
    if waiting and work.may_wait:
        raise NotYet(f"还有 {len(waiting)} 份文件正在生成，生成后自动继续打包。")


def _folder_name(one: Dossier) -> str:
    application = one.application
    return f"{safe_name(application.number, application.organisation.name, application.title)}/"


def _folder(writer: Writer, one: Dossier, *, prefix: str) -> Folder:
    folder = Folder(one)
    put = folder.files.append
    for number, paper in enumerate(one.papers, start=1):
        label = KINDS[paper.kind].label if paper.kind in KINDS else paper.kind
        note = f"{label}{'（已作废）' if paper.voided_at else ''}"
        name = safe_name(
            f"{number:02d}", label, paper.number, f"第{paper.version}版", suffix=".pdf"
        )
        if paper.pdf is None:
            writer.work.tell(f"没有装入：{note}（PDF 尚未生成）。")
            put(File(f"（没有装入）{name}", note=f"{note}，PDF 尚未生成"))
            continue
        put(writer.add_blob(f"{prefix}文件/{name}", paper.pdf, note=note))
    for version in one.versions:
        data = {
            "number": version.number,
            "arrived_at": version.arrived_at.isoformat(timespec="seconds"),
            "submitted_by": version.submitted_by_name,
            "fingerprint": version.fingerprint,
            "snapshot": version.snapshot,
        }
        put(
            writer.add(
                f"{prefix}数据/申报第{version.number}版.json",
                _json(data),
                note=f"第 {version.number} 版内容，指纹 {version.fingerprint[:16]}",
            )
        )
    put(writer.add(f"{prefix}数据/项目.json", _json(_record(one)), note="决定、任务与记录"))
    put(writer.add(f"{prefix}数据/项目.xlsx", _sheets(one), note="同上，表格", squeeze=False))
    for number, (name, blob) in enumerate(one.evidence, start=1):
        stem, _, suffix = name.rpartition(".")
        suffix = "".join(c for c in suffix.lower() if c.isascii() and c.isalnum())[:8] or "bin"
        put(
            writer.add_blob(
                f"{prefix}证明材料/{safe_name(f'{number:02d}', stem, suffix=f'.{suffix}')}",
                blob,
                note="证明材料",
            )
        )
    return folder


def _json(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True).encode()


def _record(one: Dossier) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "facts": dict(one.facts),
        "versions": [
            {
                "number": v.number,
                "fingerprint": v.fingerprint,
                "arrived_at": v.arrived_at.isoformat(),
            }
            for v in one.versions
        ],
        "decisions": one.decisions,
        "results": one.results,
        "targets": one.targets,
        "history": one.history,
        "objections": one.objections,
        "trail": one.trail,
    }


TITLES = {
    "decisions": "决定",
    "results": "评审结果",
    "targets": "任务指标",
    "history": "任务记录",
    "objections": "异议处理",
    "trail": "留痕",
}


def _sheets(one: Dossier) -> bytes:
    pages = [Page("基本情况", "", [("项目", 20), ("内容", 60)], [list(row) for row in one.facts])]
    for key, title in TITLES.items():
        rows: list[dict[str, Any]] = getattr(one, key)
        if not rows:
            continue
        heads = list(dict.fromkeys(head for row in rows for head in row))
        pages.append(
            Page(
                title,
                "",
                [(HEADS.get(head, head), 24) for head in heads],
                [[_cell(row.get(head, "")) for head in heads] for row in rows],
            )
        )
    return of_pages(pages)


HEADS = {
    "stage": "事项",
    "outcome": "结论",
    "tier": "等次",
    "list": "所在名单或编号",
    "state": "状态",
    "reason": "理由",
    "proposed_by": "拟定人",
    "approved_by": "批准人",
    "applied_at": "时间",
    "round": "评审",
    "score": "得分",
    "rank": "名次",
    "reviews": "评审数",
    "flags": "提示",
    "name": "指标",
    "unit": "单位",
    "basis": "条件",
    "reference": "参考值",
    "current": "申报时水平",
    "first_target": "申报的目标",
    "target": "目标",
    "method": "测试方法",
    "at": "时间",
    "what": "事项",
    "text": "说明",
    "received_at": "收到时间",
    "finding": "核查情况",
    "answer": "答复",
    "who": "办理人",
    "role": "身份",
    "action": "动作",
    "subject": "对象",
    "data": "内容",
    "seq": "链序",
    "digest": "链值",
}


def _cell(value: Any) -> str:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value)


def _overview(dossiers: Sequence[Dossier]) -> bytes:
    heads = list(dict.fromkeys(head for one in dossiers for head, _ in one.facts))
    return of_pages(
        [
            Page(
                "项目",
                "",
                [(head, 24) for head in heads],
                [[dict(one.facts).get(head, "") for head in heads] for one in dossiers],
            )
        ]
    )


# What can be asked for ---------------------------------------------------------------------------


def _application(package: Package) -> Application:
    return Application.objects.select_related(
        "call", "organisation", "recommender", "direction"
    ).get(pk=int(package.subject.rpartition(":")[2]))


def _build_project(package: Package, work: Work) -> None:
    application = _application(package)
    own = bool(package.options.get("own"))
    found = dossier.gather(application, own=own, evidence=bool(package.options.get("evidence")))
    write(work, [found], heading=package.title, own=own, flat=True)


def _project_allowed(package: Package, held: Membership) -> bool:
    """The office, whole; the unit, its own project as it may have it."""
    if held.role in roles.OFFICE:
        return not package.options.get("own")
    return (
        held.role in roles.APPLICANT
        and bool(package.options.get("own"))
        and _application(package).organisation_id == held.organisation_id
    )


def _project_origin(package: Package) -> str:
    return reverse("applications:detail", args=[_application(package).public_id])


PROJECT = Builder(PROJECT_KIND, "项目归档包", _build_project, _project_allowed, _project_origin)


def _call(package: Package) -> Call:
    return Call.objects.get(pk=int(package.subject.rpartition(":")[2]))


def _build_call(package: Package, work: Work) -> None:
    call = _call(package)
    applications = list(
        Application.objects.filter(call=call, version_number__gt=0)
        .select_related("call", "organisation", "recommender", "direction")
        .order_by("number", "pk")
    )
    if not applications:
        raise Refusal("nothing-to-pack", "本批次没有提交过的申报。")
    evidence = bool(package.options.get("evidence"))
    found = [dossier.gather(one, own=False, evidence=evidence) for one in applications]
    write(work, found, heading=package.title, own=False, flat=False)


def _call_allowed(package: Package, held: Membership) -> bool:
    """The office, by whoever asked for it, once a second person agreed."""
    return (
        held.role in roles.OFFICE
        and ArchiveRequest.objects.filter(
            pk=package.options.get("request"),
            call=_call(package),
            state=ArchiveRequest.State.APPROVED,
        ).exists()
    )


def _call_origin(package: Package) -> str:
    return reverse("honours:archive", args=[_call(package).code])


CALL = Builder(CALL_KIND, "批次归档包", _build_call, _call_allowed, _call_origin)
