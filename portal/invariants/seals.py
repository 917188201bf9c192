"""Sealed sheets: what carries an electronic seal, and what a delivered list rests on."""

from collections.abc import Iterator

from calls.programme import DocumentKind
from documents import services as documents
from documents.errors import DamagedFile
from documents.models import Signing
from portal.invariants.base import check
from recommenders import liststates
from recommenders.models import ListVersion, SealedScan

Found = Iterator[tuple[str, str]]
ACCEPTED = (SealedScan.State.MATCHED, SealedScan.State.MANUAL_CONFIRMED)


@check("R10")
def sealed_files_stand_on_their_documents() -> Found:
    """R10: a sealed file is the document's own bytes followed by the seal. Reads those files."""
    ready = Signing.objects.filter(state=Signing.State.READY)
    for one in ready.select_related("document__pdf", "pdf", "key").order_by("pk").iterator(100):
        name = f"documents.signing:{one.pk}"
        if one.key.organisation_id != one.document.organisation_id:
            yield name, "用了其他单位的签章证书"
        if one.pdf is None or one.document.pdf is None:
            yield name, "已签章而没有对应的文件"
            continue
        try:
            whole = documents.read(one.pdf).startswith(documents.read(one.document.pdf))
        except DamagedFile:
            continue  # stored_bytes_are_whole names it
        if not whole:
            yield name, "签章件不是由这份文件签成的"


@check("R10")
def delivered_lists_rest_on_a_seal() -> Found:
    """R10: where a sealed sheet is asked for, a delivered list has its scan, or an electronic
    seal where the call accepts one."""
    versions = (
        ListVersion.objects.filter(voided_at__isnull=True, list__state=liststates.DELIVERED)
        .select_related("list__call", "document__signing")
        .prefetch_related("scans")
        .order_by("pk")
    )
    for version in versions:
        sheet = version.list.call.programme.document(DocumentKind.SHEET)
        if not (sheet and sheet.sealed):
            continue
        if any(scan.state in ACCEPTED for scan in version.scans.all()):
            continue
        signing = getattr(version.document, "signing", None)
        if not (sheet.electronic and signing is not None and signing.is_ready):
            yield f"recommenders.rankedlist:{version.list_id}", "已报送而没有盖章件或电子签章"
