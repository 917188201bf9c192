"""The reader of faults finds each fault, and nothing where there is none."""

import pytest

from accounts.models import Organisation
from documents import services
from documents.models import Document
from portal.invariants import papers
from tests.documents import samples

pytestmark = pytest.mark.django_db


@pytest.fixture
def receipt(at):
    unit = Organisation.objects.create(
        kind=Organisation.Kind.PROVINCE, name="示例省工业和信息化厅", region="430000", created_at=at
    )
    document = services.request_document(
        kind="receipt",
        subject=unit,
        snapshot=samples.receipt(),
        title="回执",
        organisation=unit,
        at=at,
    )
    services.render_waiting(at=at)
    document.refresh_from_db()
    return document


def test_a_whole_store_has_no_faults(receipt):
    assert list(papers.stored_bytes_are_whole()) == []
    assert list(papers.documents_are_what_their_fingerprint_says()) == []
    assert list(papers.the_newest_papers_are_drawn_again_byte_by_byte()) == []


def test_changed_bytes_are_found(receipt, settings):
    path = settings.MEDIA_ROOT / receipt.pdf.path
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert any("被改动" in str(one) for one in papers.stored_bytes_are_whole())


def test_a_changed_snapshot_is_found(receipt):
    Document.objects.filter(pk=receipt.pk).update(snapshot=samples.receipt() | {"title": "另一个"})
    assert any("指纹" in str(one) for one in papers.documents_are_what_their_fingerprint_says())
    drawn = papers.the_newest_papers_are_drawn_again_byte_by_byte()
    assert any("与存件不同" in str(one) for one in drawn)
