"""Submitted filings as files of a package: the 申报书, its evidence, and an index with hashes.

What goes in is frozen: a version's paper and the files that version names.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.template.loader import render_to_string

from applications.models import Version
from documents.models import Blob, Document
from documents.packages.work import Archive, NotYet, Work, safe_name
from documents.workbook import workbook

COLUMNS = (
    ("序号", 6),
    ("申报编号", 18),
    ("项目名称", 36),
    ("申报单位", 32),
    ("推荐单位", 26),
    ("版本", 6),
    ("内容指纹", 68),
    ("文件", 60),
    ("页数", 6),
    ("字节数", 12),
    ("文件 SHA-256", 68),
)


@dataclass(frozen=True, slots=True)
class File:
    """A file of the package; ``sha256`` empty: it could not be put in, ``name`` says why."""

    name: str
    pages: int = 0
    size: int = 0
    sha256: str = ""


@dataclass(slots=True)
class Entry:
    """One filing: where it stands, which version, and the files that were written for it."""

    rank: int
    number: str
    title: str
    organisation: str
    recommender: str
    version: int
    fingerprint: str
    files: list[File] = field(default_factory=list)


def select(found: Iterable[Version]) -> list[Version]:
    """The versions with what packing reads, in the order given."""
    wanted = [version.pk for version in found]
    read = {
        version.pk: version
        for version in Version.objects.filter(pk__in=wanted).select_related(
            "application__organisation", "application__recommender", "form__pdf"
        )
    }
    return [read[pk] for pk in wanted]


def pack(
    work: Work,
    archive: Archive,
    versions: Sequence[Version],
    *,
    evidence: bool,
    heading: str,
    others: Sequence[tuple[str, Document | None]] = (),
    extra: Sequence[tuple[str, Blob]] = (),
    missing: Sequence[str] = (),
) -> list[Entry]:
    """Write the papers of ``others``, the files of ``extra``, each filing's form and its evidence,
    and the index.

    ``missing`` are words for what cannot be had at all. Forms still being drawn are waited for,
    then told of. Raises ``Refusal`` when it is too much for one package.
    """
    papers = [version.form for version in versions] + [paper for _, paper in others]
    _wait_for(work, [paper for paper in papers if paper is not None])
    blobs = _evidence(versions) if evidence else {}
    work.expect(
        len(others)
        + len(extra)
        + len(versions)
        + sum(len(_named(one)) for one in versions if evidence)
        + 2,
        size=sum(blob.size for blob in blobs.values())
        + sum(blob.size for _, blob in extra)
        + sum(paper.pdf.size for paper in papers if paper is not None and paper.pdf is not None),
    )
    said = list(missing)
    first = [_paper(archive, paper, name, said) for name, paper in others]
    work.step(len(others))
    for name, blob in extra:
        first.append(File(archive.add_blob(name, blob), 0, blob.size, blob.sha256))
        work.step()
    entries = [_entry(rank, version) for rank, version in enumerate(versions, start=1)]
    for entry, version in zip(entries, versions, strict=True):
        name = safe_name(
            f"{entry.rank:02d}", entry.number, entry.organisation, entry.title, suffix=".pdf"
        )
        entry.files.append(_paper(archive, version.form, name, said))
        work.step()
        if evidence:
            _put_evidence(work, archive, entry, version, blobs, said)
    _index(work, archive, heading, first, entries, said)
    for words in said[:20]:
        work.tell(words)
    if len(said) > 20:
        work.tell(f"还有 {len(said) - 20} 处，见压缩包内的 index.html。")
    return entries


def _wait_for(work: Work, papers: Sequence[Document]) -> None:
    waiting = [
        paper
        for paper in papers
        if not paper.is_ready and paper.state != Document.State.FAILED and not paper.voided_at
    ]
    if waiting and work.may_wait:
        raise NotYet(f"还有 {len(waiting)} 份文件正在生成，生成后自动继续打包。")


def _entry(rank: int, version: Version) -> Entry:
    application = version.application
    return Entry(
        rank,
        application.number,
        version.snapshot["title"],
        version.snapshot["organisation"]["name"],
        application.recommender.name if application.recommender else "",
        version.number,
        version.fingerprint,
    )


def _paper(archive: Archive, paper: Document | None, name: str, said: list[str]) -> File:
    if paper is None or paper.pdf is None:
        said.append(f"没有装入：{name.removesuffix('.pdf')}（PDF 尚未生成）。")
        return File(f"（尚未生成）{name}")
    written = archive.add_blob(name, paper.pdf)
    return File(written, paper.pages, paper.pdf.size, paper.pdf.sha256)


def _named(version: Version) -> list[dict[str, Any]]:
    return list(version.snapshot.get("attachments") or ())


def _evidence(versions: Sequence[Version]) -> dict[str, Blob]:
    wanted = {file["sha256"] for version in versions for file in _named(version)}
    return {blob.sha256: blob for blob in Blob.objects.filter(sha256__in=wanted)}


def _put_evidence(
    work: Work,
    archive: Archive,
    entry: Entry,
    version: Version,
    blobs: dict[str, Blob],
    said: list[str],
) -> None:
    folder = "证明材料/" + safe_name(f"{entry.rank:02d}", entry.number)
    for position, file in enumerate(_named(version), start=1):
        stem, _, suffix = file["name"].rpartition(".")
        suffix = "".join(c for c in suffix.lower() if c.isascii() and c.isalnum())[:8]
        name = safe_name(f"{position:02d}", file["kind"], stem, suffix=f".{suffix or 'bin'}")
        blob = blobs.get(file["sha256"])
        if blob is None:
            said.append(f"没有装入：{entry.number} 的证明材料 {file['name']}（没有存件）。")
        else:
            written = archive.add_blob(f"{folder}/{name}", blob)
            entry.files.append(File(written, file["pages"], blob.size, blob.sha256))
        work.step()


def _index(
    work: Work,
    archive: Archive,
    heading: str,
    first: Sequence[File],
    entries: Sequence[Entry],
    said: Sequence[str],
) -> None:
    """index.html and index.xlsx: every file with its hash, and what is missing."""
    rows: list[list[str | int]] = [
        ["", "", "", "", "", "", "", one.name, one.pages, one.size, one.sha256] for one in first
    ]
    for entry in entries:
        rows += [
            [
                entry.rank,
                entry.number,
                entry.title,
                entry.organisation,
                entry.recommender,
                entry.version,
                entry.fingerprint,
                one.name,
                one.pages,
                one.size,
                one.sha256,
            ]
            for one in entry.files
        ]
    page = render_to_string(
        "documents/package_index.html",
        {"heading": heading, "at": work.at, "first": first, "entries": entries, "said": said},
    )
    archive.add("index.html", page.encode(), squeeze=True)
    work.step()
    archive.add("index.xlsx", workbook(heading, COLUMNS, rows))
    work.step()
