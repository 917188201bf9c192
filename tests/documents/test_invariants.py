"""The reader of faults finds each fault, and nothing where there is none."""

import pytest

from accounts.models import Organisation
from documents import invariants, services
from documents.models import Document
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
    assert list(invariants.problems(redraw=5)) == []


def test_changed_bytes_are_found(receipt, settings):
    path = settings.MEDIA_ROOT / receipt.pdf.path
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert "is not what was stored" in next(invariants.problems())


def test_a_changed_snapshot_is_found(receipt):
    Document.objects.filter(pk=receipt.pk).update(snapshot=samples.receipt() | {"title": "另一个"})
    found = list(invariants.problems(redraw=1))
    assert any("fingerprint" in one for one in found)
    assert any("drawn again" in one for one in found)
