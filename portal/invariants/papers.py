"""Documents, stored bytes and the outbox."""

from collections import defaultdict
from collections.abc import Iterator

from django.db.models import Count, F

from accounts.models import Membership
from accounts.roles import FILING
from applications.letters import TO_APPLICANT
from applications.models import Application
from audit.models import Entry
from documents import rendering
from documents import services as documents
from documents.errors import DamagedFile
from documents.fingerprints import fingerprint
from documents.kinds import KINDS
from documents.models import Blob, Document
from notifications.models import Message
from portal.invariants.base import check

Found = Iterator[tuple[str, str]]
DRAWN_AGAIN = 3


@check("R5")
def documents_are_what_their_fingerprint_says() -> Found:
    """R5: every document's snapshot has its fingerprint; a ready one points at its own bytes."""
    for document in Document.objects.select_related("pdf").order_by("pk").iterator(200):
        name = f"documents.document:{document.pk}"
        if fingerprint(document.snapshot) != document.fingerprint:
            yield name, "内容快照与指纹不符"
        if document.is_ready and (
            document.pdf is None or document.file_sha256 != document.pdf.sha256
        ):
            yield name, "已生成而没有对应的文件"
        if not document.is_ready and document.pdf_id:
            yield name, "没有标为已生成，却已有文件"


@check("R5")
def one_document_for_one_content() -> Found:
    """R5: one valid document for one kind, subject and content."""
    for row in (
        Document.objects.filter(voided_at__isnull=True)
        .values("kind", "subject", "fingerprint")
        .annotate(n=Count("pk"))
        .filter(n__gt=1)
        .order_by("kind", "subject")
    ):
        yield row["subject"], f"同一内容的{row['kind']}有 {row['n']} 份"


@check("R5")
def stored_bytes_are_whole() -> Found:
    """R5: what is stored has the hash and the length under which it is kept. Reads every file."""
    for blob in Blob.objects.order_by("pk").iterator(500):
        try:
            data = documents.read(blob)
        except DamagedFile:
            yield f"documents.blob:{blob.pk}", "文件缺失或被改动"
        else:
            if len(data) != blob.size:
                yield f"documents.blob:{blob.pk}", "文件长度与记录不符"


@check("R5")
def the_newest_papers_are_drawn_again_byte_by_byte() -> Found:
    """R5: drawn again from its snapshot, a paper is the stored file, if its template is."""
    ready = Document.objects.filter(state=Document.State.READY).select_related("pdf")
    for document in ready.order_by("-pk")[:DRAWN_AGAIN]:
        template = KINDS[document.kind].template
        if document.template_version != rendering.template_version(template):
            continue
        try:
            stored = documents.read(document.pdf) if document.pdf else b""
        except DamagedFile:
            continue  # stored_bytes_are_whole names it
        if documents.draw(document) != stored:
            yield f"documents.document:{document.pk}", "重新生成的文件与存件不同"


@check("R9")
def one_letter_for_one_occasion() -> Found:
    """R2, R9: no occasion wrote two letters to one person."""
    for row in Message.objects.values("key").annotate(n=Count("pk")).filter(n__gt=1):
        yield f"notifications.message {row['key']}", f"同一事由有 {row['n']} 封信"
    for pk in Message.objects.filter(state=Message.State.SENT, sent_at=None).values_list(
        "pk", flat=True
    ):
        yield f"notifications.message:{pk}", "已发送而没有发送时间"


@check("R9")
def every_move_told_its_applicant() -> Found:
    """R9: the letter of a move was written with it, for each unit that had somebody to tell."""
    written: dict[str, int] = defaultdict(int)
    for key in Message.objects.filter(key__startswith="application.").values_list("key", flat=True):
        written[key.rsplit(":", 1)[0]] += 1
    actions = [f"applications.{move}" for move in TO_APPLICANT]
    silent = [
        entry
        for entry in Entry.objects.filter(action__in=actions).only("pk", "action", "subject", "at")
        if not written[f"application.{entry.action.partition('.')[2]}:{entry.pk}"]
    ]
    units = dict(Application.objects.values_list("pk", "organisation")) if silent else {}
    for entry in silent:
        unit = units.get(int(entry.subject.rpartition(":")[2]))
        people = Membership.objects.active(entry.at).filter(organisation=unit, role__in=FILING)
        if people.exists():
            yield entry.subject, f"{entry.action}（审计 {entry.pk}）没有写信告知申报单位"


@check("R9")
def replaced_papers_are_void() -> Found:
    """R5, R9: a paper that names its replacement is void itself."""
    wrong = Document.objects.filter(replaced_by__isnull=False, voided_at__isnull=True)
    for pk in (wrong | Document.objects.filter(replaced_by=F("pk"))).values_list("pk", flat=True):
        yield f"documents.document:{pk}", "已被替代而没有作废"
