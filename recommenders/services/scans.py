"""The sealed sheet comes back: read page by page, compared, refused or taken."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from core.failpoints import failpoint
from core.lengths import characters
from documents import services as documents
from documents.matching import Result
from documents.models import Document
from documents.scanfiles import Uploaded, places, read_upload, read_uploads
from recommenders import difference, letters, liststates, matching, queries
from recommenders.models import ListVersion, RankedList, ScanFile, SealedScan
from recommenders.services import ground

__all__ = [
    "Uploaded",
    "confirm_scan_manually",
    "older_codes",
    "read_upload",
    "read_uploads",
    "receive_scan",
    "refuse_manual",
    "second_look",
]


def receive_scan(
    ranked: RankedList, files: Sequence[Uploaded], *, actor: Actor, at: datetime
) -> SealedScan:
    """Keep the files as they came and compare every page with the sheet in force.

    A scan that does not match is kept as refused, with the pages and the row-level difference;
    one that matches seals the list. Raises ``Refusal`` when there is no sheet to compare with:
    ``no-sheet``, ``sheet-not-ready``, ``scan-over``, or nothing was uploaded.
    """
    ground.must_belong(actor, ranked.organisation_id)
    if not files:
        raise Refusal("no-file", "请选择盖章后的汇总表扫描件。", status=422)
    blobs = [
        documents.store(one.data, name=one.name, media_type=one.media_type, at=at) for one in files
    ]
    failpoint("scan.stored")
    with transaction.atomic():
        ranked = ground.lock_list(ranked.call, ranked.organisation_id)
        version, sheet = _sheet_in_force(ranked, at=at)
        read = [page for one in files for page in one.codes]
        result = matching.match(
            read, code=sheet.code, pages=sheet.pages, older=older_codes(version)
        )
        scan = SealedScan.objects.create(
            list_version=version,
            uploaded_by_id=actor.person,
            uploaded_at=at,
            result={
                **result.as_dict(),
                "red": [bool(seen) for one in files for seen in one.red],
                "differences": _differences(version, result),
                "places": places(files),
            },
            state=(
                SealedScan.State.MATCHED
                if result.verdict == matching.MATCHED
                else SealedScan.State.REFUSED
            ),
        )
        ScanFile.objects.bulk_create(
            [
                ScanFile(
                    scan=scan, position=n, blob=blob, name=one.name[:255], pages=len(one.codes)
                )
                for n, (one, blob) in enumerate(zip(files, blobs, strict=True), start=1)
            ]
        )
        audit.record(
            actor=actor,
            action="recommenders.receive_scan",
            subject=ranked,
            at=at,
            scan=scan.pk,
            version=version.number,
            verdict=result.verdict,
            files=[blob.sha256 for blob in blobs],
        )
        failpoint("scan.kept")
        if scan.state == SealedScan.State.MATCHED:
            _seal(ranked)
        return scan


def _sheet_in_force(ranked: RankedList, *, at: datetime) -> tuple[ListVersion, Document]:
    version = queries.version_in_force(ranked)
    if version is None or version.document is None:
        raise Refusal("no-sheet", "名单还没有确认，没有可以比对的汇总表。请先确认名单。")
    if ranked.state == liststates.DELIVERED:
        raise Refusal("delivered", "名单已经报送，不需要再上传扫描件。")
    until = ranked.call.scan_until
    if until is not None and ranked.call.time(at) >= until:
        raise Refusal(
            "scan-over",
            "扫描件上传时间已过。确需补传的，请与主管部门联系。",
            rule=ranked.call.programme.notice,
        )
    if not version.document.is_ready:
        raise Refusal("sheet-not-ready", "汇总表还在生成，请稍候片刻，下载打印盖章后再上传。")
    return version, version.document


def older_codes(version: ListVersion) -> dict[str, int]:
    """Verification codes of the void sheets of this list, with their version numbers."""
    older = ListVersion.objects.filter(list=version.list_id, document__isnull=False).exclude(
        pk=version.pk
    )
    return dict(older.values_list("document__code", "number"))


def _differences(version: ListVersion, result: Result) -> list[dict[str, Any]]:
    """Row by row, what the newest older version on the paper says and what is in force."""
    if not result.stale_versions:
        return []
    old = ListVersion.objects.filter(list=version.list_id, number=result.stale_versions[-1]).first()
    if old is None:
        return []
    return [
        {**one.as_dict(), "version": old.number}
        for one in difference.between(old.rows, version.rows)
    ]


def _seal(ranked: RankedList) -> None:
    if ranked.state == liststates.SEALED:
        return
    ranked.state = liststates.target(ranked.state, "seal")
    ranked.save(update_fields=["state"])


@transaction.atomic
def confirm_scan_manually(
    scan: SealedScan, *, reason: str, actor: Actor, at: datetime
) -> SealedScan:
    """Say that unreadable pages are the right ones; the office takes a second look.

    Only where every readable page matched and no page is missing.
    """
    if characters(reason) < 10:
        raise Refusal("reason-short", "请写明人工确认的理由（不少于 10 字）。", status=422)
    ranked, scan = _lock(scan)
    ground.must_belong(actor, ranked.organisation_id)
    if not scan.may_be_confirmed_by_hand:
        raise Refusal(
            "not-by-hand",
            "只有二维码无法识别、其余各页都相符且不缺页的扫描件可以人工确认。"
            "旧版、缺页或夹有其他文件的，请重新扫描上传。",
        )
    scan.state = SealedScan.State.MANUAL_PENDING
    scan.manual_reason = reason.strip()[:300]
    scan.manual_by_id, scan.manual_at = actor.user_id, at
    scan.save(update_fields=["state", "manual_reason", "manual_by", "manual_at"])
    audit.record(
        actor=actor,
        action="recommenders.confirm_scan_manually",
        subject=ranked,
        at=at,
        scan=scan.pk,
        reason=scan.manual_reason,
    )
    letters.scan_needs_second_look(scan, at=at)
    return scan


def second_look(scan: SealedScan, *, actor: Actor, at: datetime, note: str = "") -> SealedScan:
    """The office looked at the scan and agrees: the list counts as sealed."""
    return _look(scan, agreed=True, note=note, actor=actor, at=at)


def refuse_manual(scan: SealedScan, *, note: str, actor: Actor, at: datetime) -> SealedScan:
    """The office looked at the scan and does not agree; the unit scans again."""
    if len(note.strip()) < 5:
        raise Refusal("reason-short", "复核不通过的，请写明理由（不少于 5 字）。", status=422)
    return _look(scan, agreed=False, note=note, actor=actor, at=at)


@transaction.atomic
def _look(scan: SealedScan, *, agreed: bool, note: str, actor: Actor, at: datetime) -> SealedScan:
    ground.must_be_office(actor)
    ranked, scan = _lock(scan)
    if scan.state != SealedScan.State.MANUAL_PENDING:
        raise Refusal("not-pending", "这份扫描件没有等待复核，请刷新页面。")
    if scan.manual_by_id == actor.user_id:
        raise Refusal("two-people", "人工确认的人不能自己复核，请由另一人复核。", status=403)
    scan.state = SealedScan.State.MANUAL_CONFIRMED if agreed else SealedScan.State.REFUSED
    scan.second_by_id, scan.second_at, scan.second_note = actor.user_id, at, note.strip()[:300]
    if not agreed:
        scan.result = {**scan.result, "verdict": matching.REFUSED}
    scan.save(update_fields=["state", "second_by", "second_at", "second_note", "result"])
    if agreed:
        _seal(ranked)
    audit.record(
        actor=actor,
        action="recommenders.second_look",
        subject=ranked,
        at=at,
        scan=scan.pk,
        agreed=agreed,
        note=scan.second_note,
    )
    letters.scan_looked_at(scan, confirmed=agreed, note=scan.second_note, at=at)
    return scan


def _lock(scan: SealedScan) -> tuple[RankedList, SealedScan]:
    """The scan and its list, the list first; only a scan of the version in force."""
    found = scan.list_version.list
    ranked = ground.lock_list(found.call, found.organisation_id)
    scan = (
        SealedScan.objects.select_for_update(of=("self",))
        .select_related("list_version__list__call", "list_version__list__organisation")
        .get(pk=scan.pk)
    )
    if scan.list_version.voided_at is not None:
        raise Refusal("version-void", "该版名单已经作废，请按最新名单重新打印、盖章、扫描。")
    return ranked, scan
