"""The sealed report comes back: its pages are read, compared, taken or refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from documents import matching
from documents import services as documents
from documents.matching import Paper
from documents.scanfiles import Uploaded, places
from testing.models import Result, ScanPart, SealedReport
from testing.services import ground, reporting
from testing.states import Reported

REPORT = Paper(
    name="测评报告",
    whose="本项目现行的测评报告",
    changed="报告在打印后改过",
    not_yet="还不能收下",
    agrees="盖章件与系统中的测评报告逐页一致，已送主管部门发布。",
)


def receive(
    result: Result, files: Sequence[Uploaded], *, actor: Actor, at: datetime
) -> SealedReport:
    """Keep the files as they came and compare every page with the report in force.

    One that does not match is kept as refused with the difference page by page; one that does
    seals the result. Raises ``Refusal``: ``no-file`` (422), ``not-now``, ``report-not-ready``.
    """
    if not files:
        raise Refusal("no-file", "请选择盖章后的测评报告扫描件。", status=422)
    blobs = [
        documents.store(one.data, name=one.name, media_type=one.media_type, at=at) for one in files
    ]
    with transaction.atomic():
        result = ground.lock_result(result)
        ground.must_be_agency(actor, result.commission)
        if result.state != Reported.APPROVED or result.report is None:
            raise Refusal(
                "not-now",
                f"测评结果现在是“{result.get_state_display()}”，没有等待盖章的报告。",
            )
        if not result.report.is_ready:
            raise Refusal("report-not-ready", "测评报告还在生成，请稍候片刻再上传。")
        found = matching.match(
            [page for one in files for page in one.codes],
            code=result.report.code,
            pages=result.report.pages,
            older=older_codes(result),
            paper=REPORT,
        )
        matched = found.verdict == matching.MATCHED
        scan = SealedReport.objects.create(
            result=result,
            document=result.report,
            state=SealedReport.State.MATCHED if matched else SealedReport.State.REFUSED,
            reading={
                **found.as_dict(),
                "red": [bool(seen) for one in files for seen in one.red],
                "places": places(files),
            },
            uploaded_by_id=actor.person,
            uploaded_at=at,
        )
        ScanPart.objects.bulk_create(
            [
                ScanPart(
                    scan=scan, position=n, blob=blob, name=one.name[:255], pages=len(one.codes)
                )
                for n, (one, blob) in enumerate(zip(files, blobs, strict=True), 1)
            ]
        )
        audit.record(
            actor=actor,
            action="testing.receive_report",
            subject=result,
            at=at,
            scan=scan.pk,
            verdict=found.verdict,
            files=[blob.sha256 for blob in blobs],
        )
        if matched:
            reporting.seal(result, actor=actor, at=at)
        return scan


def older_codes(result: Result) -> dict[str, int]:
    """Verification codes of the void reports of this result, with their versions."""
    older = documents.of(result, reporting.KIND).exclude(voided_at=None)
    return dict(older.values_list("code", "version"))
