"""What must be true of stored files and documents at any moment, read from the data (R5, R6)."""

from collections.abc import Iterator

from documents import rendering, services
from documents.errors import DamagedFile
from documents.fingerprints import fingerprint
from documents.kinds import KINDS
from documents.models import Blob, Document


def problems(*, redraw: int = 0) -> Iterator[str]:
    """One sentence per fault; nothing when all is well. Reads every stored byte.

    ``redraw``: so many of the newest PDFs are drawn again and compared byte by byte, where
    templates and faces are still those that drew them.
    """
    for blob in Blob.objects.iterator(200):
        try:
            if len(services.read(blob)) != blob.size:
                yield f"R5 blob {blob.sha256}: the size is not the one recorded"
        except DamagedFile as error:
            yield f"R5 {error}"
    for document in Document.objects.defer("last_error").iterator(200):
        if fingerprint(document.snapshot) != document.fingerprint:
            yield f"R5 document {document.pk}: the snapshot does not have its fingerprint"
    ready = Document.objects.filter(state=Document.State.READY).select_related("pdf")
    for document in ready.order_by("-pk")[:redraw]:
        template = KINDS[document.kind].template
        same = document.template_version == rendering.template_version(template)
        if same and document.pdf and services.draw(document) != services.read(document.pdf):
            yield f"R5 document {document.pk}: drawn again, it is not the stored file"
